from dataclasses import replace

import pytest
from tests.evaluate.results import human_map, subject

from beatheritage.evaluate.sets import SETS, judge_set, nested_share, set_asks
from beatheritage.osu.beatmap import Circle
from beatheritage.osu.mode import Mode

MAP = human_map()


def at(*times: float):
    return replace(MAP, objects=tuple(Circle(time=time, x=100, y=100) for time in times))


@pytest.mark.parametrize(("late", "share"), [(0, 1.0), (2, 1.0), (2.5, 0.5)])
def test_onsets_that_stand_in_the_harder_map(late, share):
    assert nested_share(at(1000, 1400), at(1000, 1200, 1400 + late, 1600)) == share


def test_maps_without_onsets():
    assert nested_share(at(), at(1000)) == 1
    assert nested_share(at(1000), at()) == 0


def test_a_set_is_judged_as_for_submission():
    other = replace(MAP, timing_points=(replace(MAP.red_lines[0], time=990),))
    found = judge_set([MAP, other])
    assert found["nested"] == (1.0,)
    assert found["set_problems"]["InconsistentLines"] == 2
    assert "LowestDiff" not in found["problems"]


def test_modes_in_turn_and_some_of_each_are_timed():
    songs = [subject(f"osu_{index:02}") for index in range(SETS)]
    asks = [ask for one in set_asks(songs).values() for ask in one]
    assert len(asks) == SETS
    assert {ask.mode for ask in asks} == {ask.mode for ask in asks if ask.timed} == set(Mode)
    assert sum(ask.timed for ask in asks) == 4
