"""Attacks peak where sounds begin, whatever the sound and whatever it was encoded by."""

import io

import numpy as np
import pytest
import soundfile
import soxr

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.timing.novelty import ATTACK_MS, LATENCY_MS, attacks
from beatheritage.timing.rank import fold

KINDS = ["sine", "beep", "noise", "kick", "impulse"]
BEAT_LENGTH, FIRST = 487.3, 500.0


def misplaced(samples: np.ndarray) -> float:
    """How late, in ms, the attacks of clicks peak."""
    profile = fold(attacks(samples), BEAT_LENGTH)
    peak = np.argmax(profile) * BEAT_LENGTH / len(profile) - LATENCY_MS
    return float((peak - FIRST + BEAT_LENGTH / 2) % BEAT_LENGTH - BEAT_LENGTH / 2)


@pytest.mark.parametrize("kind", KINDS)
def test_attacks_peak_within_a_millisecond_of_the_sound(kind, clicks):
    assert abs(misplaced(clicks(kind, 60_000 / BEAT_LENGTH, FIRST))) <= 1.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("codec", ["VORBIS", "OPUS"])
def test_what_a_codec_smears_ahead_of_a_sound_is_not_its_beginning(kind, codec, clicks):
    rate = 48_000
    samples = clicks(kind, 60_000 / BEAT_LENGTH, FIRST, seconds=12, rate=rate)
    file = io.BytesIO()
    soundfile.write(file, samples[: 12 * rate], rate, format="OGG", subtype=codec)
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    assert abs(misplaced(soxr.resample(decoded, rate, SAMPLE_RATE))) <= 1.0


def test_one_frame_a_millisecond(clicks):
    samples = clicks("sine", 120, 500, seconds=6)
    assert len(attacks(samples)) == pytest.approx(len(samples) / 16 / ATTACK_MS, abs=1)


def test_gain_changes_nothing(clicks):
    samples = clicks("noise", 120, 500, seconds=6)
    assert np.allclose(attacks(samples), attacks(samples * 0.1), atol=1e-3)
