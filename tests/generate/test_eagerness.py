import numpy as np
import pytest

from beatheritage.generate.eagerness import (
    OFF_STREAMS,
    STREAM_MS,
    STREAM_ODDS,
    eagerness,
    in_streams,
)
from beatheritage.osu.mode import Mode

UNLIKELY = STREAM_ODDS - 5
TICK_MS = 10.0
FAR = int(STREAM_MS / TICK_MS)  # ticks that two onsets of one stream may lie apart


def heard(*ticks: int) -> np.ndarray:
    """Odds of 100 ticks, of which some are likely."""
    odds = np.full(100, UNLIKELY)
    odds[list(ticks)] = STREAM_ODDS + 1
    return odds


@pytest.mark.parametrize(("apart", "inside"), [(1, True), (FAR, True), (FAR + 1, False)])
def test_a_stream_has_onsets_closely_before_and_behind(apart: int, inside: bool) -> None:
    assert in_streams(heard(50 - apart, 50 + apart), TICK_MS)[50] == inside
    assert not in_streams(heard(50 - apart), TICK_MS)[50]
    assert not in_streams(heard(50 + apart), TICK_MS)[50]


def test_what_is_likely_at_the_tick_itself_makes_no_stream() -> None:
    assert not in_streams(heard(50), TICK_MS).any()


@pytest.mark.parametrize(("above", "inside"), [(-0.01, False), (0.0, False), (0.01, True)])
def test_neighbours_count_from_a_threshold_on(above: float, inside: bool) -> None:
    odds = np.full(100, UNLIKELY)
    odds[[48, 52]] = STREAM_ODDS + above
    assert in_streams(odds, TICK_MS)[50] == inside


def test_ticks_longer_than_any_gap_of_a_stream_are_in_none() -> None:
    assert not in_streams(np.full(100, 5.0), STREAM_MS + 1).any()


def test_std_is_held_back_off_streams_alone_and_other_modes_nowhere() -> None:
    odds = heard(48, 52)
    std = eagerness(Mode.STD, odds, TICK_MS)
    assert std[50] == 0
    assert std[0] == OFF_STREAMS[Mode.STD] < 0
    assert not eagerness(Mode.MANIA, odds, TICK_MS).any()
