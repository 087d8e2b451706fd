"""Attacks peak where sounds begin, whatever the sound."""

import numpy as np
import pytest

from beatheritage.timing.novelty import ATTACK_MS, LATENCY_MS, attacks
from beatheritage.timing.rank import fold


@pytest.mark.parametrize("kind", ["sine", "beep", "noise", "kick", "impulse"])
def test_attacks_peak_within_a_millisecond_of_the_sound(kind, clicks):
    beat_length, first = 487.3, 500.0
    profile = fold(attacks(clicks(kind, 60_000 / beat_length, first)), beat_length)
    peak = np.argmax(profile) * beat_length / len(profile) - LATENCY_MS
    off = (peak - first + beat_length / 2) % beat_length - beat_length / 2
    assert abs(off) <= 1.0


def test_one_frame_a_millisecond(clicks):
    samples = clicks("sine", 120, 500, seconds=6)
    assert len(attacks(samples)) == pytest.approx(len(samples) / 16 / ATTACK_MS, abs=1)


def test_gain_changes_nothing(clicks):
    samples = clicks("noise", 120, 500, seconds=6)
    assert np.allclose(attacks(samples), attacks(samples * 0.1), atol=1e-3)
