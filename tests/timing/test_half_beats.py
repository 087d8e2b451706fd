"""Red lines that start before the beat in front of them is over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatheritage.osu.beatmap import RedLine
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing

BEAT_MS = 480.0
TICK_MS = BEAT_MS / TICKS_PER_BEAT
steps = st.tuples(st.floats(20, 3000), st.floats(150, 900))


def timing_of(*changes: tuple[float, float]) -> Timing:
    """Red lines by how long after the one before they start, and their beat's length."""
    starts = np.cumsum([start for start, _ in changes])
    lines = zip(starts.tolist(), changes, strict=True)
    return Timing(lines=tuple(RedLine(time=time, beat_length=beat) for time, (_, beat) in lines))


@given(changes=st.lists(steps, min_size=1, max_size=6))
def test_time_never_runs_backwards(changes):
    timing = timing_of(*changes)
    last = int(timing.first_beats[-1]) + 4
    times = timing.tick_time(np.arange(-TICKS_PER_BEAT, last * TICKS_PER_BEAT))
    assert (np.diff(times) >= 0).all()


@given(changes=st.lists(steps, min_size=1, max_size=6))
def test_ticks_that_are_there_lie_apart(changes):
    timing = timing_of(*changes)
    ticks = np.arange(-TICKS_PER_BEAT, (int(timing.first_beats[-1]) + 4) * TICKS_PER_BEAT)
    times = timing.tick_time(ticks[timing.has_ticks(ticks)])
    shortest = min(beat for _, beat in changes) / TICKS_PER_BEAT
    assert (np.diff(times) >= shortest - 0.51).all()


@pytest.mark.parametrize(("early", "missing"), [(0.0, 0), (0.4, 0), (0.6, 1), (TICK_MS + 0.6, 2)])
def test_the_ticks_that_a_line_cuts_off_are_missing(early, missing):
    timing = timing_of((100, BEAT_MS), (2 * BEAT_MS - early, BEAT_MS))
    there = timing.has_ticks(np.arange(4 * TICKS_PER_BEAT))
    assert np.count_nonzero(~there) == missing
    assert there[: 2 * TICKS_PER_BEAT - missing].all()


def test_half_a_beat_is_half_there():
    timing = timing_of((100, BEAT_MS), (1.5 * BEAT_MS, BEAT_MS))
    there = timing.has_ticks(np.arange(3 * TICKS_PER_BEAT))
    assert there.tolist() == [True] * 72 + [False] * 24 + [True] * 48
    assert timing.tick_time(np.arange(72, 97)).tolist() == [100 + 1.5 * BEAT_MS] * 25
