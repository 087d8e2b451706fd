from dataclasses import replace

import numpy as np
import pytest

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.generate.breaks import find_breaks
from beatheritage.generate.loudness import (
    KIAI_VOLUME,
    PLAIN_VOLUME,
    QUIET_VOLUME,
    measure_bars,
    preview_time,
    volume_changes,
)
from beatheritage.tokens.events import Draft

BAR_TICKS = 192
NO_KIAI = Draft(events=())


def with_level(song, start_s, end_s, gain):
    samples = song.samples.copy()
    samples[start_s * SAMPLE_RATE : end_s * SAMPLE_RATE] *= gain
    return replace(song, samples=samples)


def test_bars_of_the_song(song, timing):
    bars = measure_bars(song, timing)
    # From 1,000 ms on, every two seconds, to the end of the minute.
    assert bars.ticks.tolist() == [BAR_TICKS * bar for bar in range(30)]
    # A twentieth of the amplitude is 26 dB less.
    assert bars.loudness_db[10] - bars.loudness_db[0] == pytest.approx(26, abs=0.5)


def test_a_preview_begins_with_the_chorus(song, timing, draft):
    assert preview_time(song, timing, draft) == 31_000


def test_a_preview_without_a_chorus_is_the_loudest_part_midway(song, timing):
    louder = with_level(song, 21, 37, 4)
    assert preview_time(louder, timing, NO_KIAI) == 21_000
    at_the_end = with_level(louder, 43, 59, 20)
    assert preview_time(at_the_end, timing, NO_KIAI) < 60_000 * 0.6


def test_a_preview_of_a_song_of_one_bar(song, timing):
    short = replace(song, samples=song.samples[: 2 * SAMPLE_RATE])
    assert 0 <= preview_time(short, timing, NO_KIAI) <= 2000


def test_volumes(song, timing):
    assert volume_changes(song, timing, NO_KIAI) == (
        (0, QUIET_VOLUME),
        (BAR_TICKS * 4, PLAIN_VOLUME),
    )


def test_kiai_is_loud_and_what_follows_is_as_before(song, timing):
    kiai = Draft(events=(), kiai=((BAR_TICKS * 10, BAR_TICKS * 13),))
    changes = volume_changes(song, timing, kiai)
    assert changes[-2:] == ((BAR_TICKS * 10, KIAI_VOLUME), (BAR_TICKS * 13, PLAIN_VOLUME))


def test_silence_has_a_volume_too(song, timing):
    silent = replace(song, samples=np.zeros_like(song.samples))
    assert volume_changes(silent, timing, NO_KIAI) == ((0, PLAIN_VOLUME),)


@pytest.mark.parametrize(("gap", "breaks"), [(4_999, 0), (5_000, 1), (5_001, 1)])
def test_breaks_need_five_seconds(gap, breaks):
    assert len(find_breaks([1000, 1000 + gap], [1000, 1000 + gap], 5)) == breaks


def test_a_break_leaves_what_the_editor_leaves():
    (rest,) = find_breaks([1000, 2000, 9000], [1500, 2500, 9000], 10)
    assert rest == (2700, 8550)
    assert find_breaks([1000, 9000], [1000, 9000], 5)[0].end == 7800


def test_a_long_object_is_no_rest():
    assert find_breaks([1000, 2000, 9000], [8000, 2000, 9000], 5) == ()
    assert find_breaks([], [], 5) == ()
