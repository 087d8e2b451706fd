"""The demo song is what its constants say, and the file that ships is that song."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from tinytag import TinyTag

from beatheritage.audio.demo import (
    BEAT_SAMPLES,
    BEATS_A_BAR,
    DEMO_ARTIST,
    DEMO_BPM,
    DEMO_OFFSET_MS,
    DEMO_RATE,
    DEMO_TITLE,
    OFFSET_SAMPLES,
    SONG,
    notes,
    render_demo,
)

SHIPPED = Path(__file__).parents[2] / "demo" / "BeatHeritage - First Light.ogg"


@pytest.fixture(scope="module")
def samples():
    return render_demo()


def loudness_db(part):
    return 20 * np.log10(np.sqrt((part**2).mean()))


def test_beats_fall_on_whole_samples():
    assert BEAT_SAMPLES == DEMO_RATE * 60 / DEMO_BPM
    assert OFFSET_SAMPLES == DEMO_RATE * DEMO_OFFSET_MS / 1000


def test_it_is_about_75_seconds_of_stereo(samples):
    assert samples.dtype == np.float32
    assert samples.shape[1] == 2
    assert 70 < len(samples) / DEMO_RATE < 80


def test_the_first_sound_is_the_first_downbeat(samples):
    assert np.flatnonzero(np.abs(samples).max(1))[0] == pytest.approx(OFFSET_SAMPLES, abs=1)


def test_the_same_samples_every_time(samples):
    assert np.array_equal(render_demo(), samples)


def test_it_does_not_clip(samples):
    assert 0.85 < np.abs(samples).max() < 0.95


def test_the_chorus_is_loud_and_the_break_is_quiet(samples):
    levels, bar = {}, 0
    for section in SONG:
        first, last = (
            OFFSET_SAMPLES + count * BEATS_A_BAR * BEAT_SAMPLES
            for count in (bar, bar + section.bars)
        )
        levels[section.name] = loudness_db(samples[first:last])
        bar += section.bars
    assert levels["chorus"] > levels["verse"] > levels["intro"] > levels["break"]
    assert levels["chorus"] - levels["break"] > 9


def test_every_bar_of_every_melody_is_full():
    for section in SONG:
        lines = section.melody.strip().splitlines()
        assert len(lines) in (0, section.bars)
        for line in lines:
            assert sum(float(word) for word in line.split()[1::2]) == BEATS_A_BAR
            assert all(beat < BEATS_A_BAR for beat, _, _ in notes(line))


def test_the_file_that_ships_is_this_song(samples):
    shipped, rate = soundfile.read(SHIPPED, dtype="float32")
    assert (rate, shipped.shape) == (DEMO_RATE, samples.shape)
    middle = slice(30 * rate, 32 * rate)
    assert np.corrcoef(shipped[middle, 0], samples[middle, 0])[0, 1] > 0.98
    assert SHIPPED.stat().st_size < 1_500_000
    tags = TinyTag.get(SHIPPED)
    assert (tags.title, tags.artist) == (DEMO_TITLE, DEMO_ARTIST)
