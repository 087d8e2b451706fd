from dataclasses import replace

import pytest
from tests.evaluate.results import OUTCOME

from beatheritage.evaluate.asks import ASKED
from beatheritage.evaluate.judged import Judged
from beatheritage.evaluate.rules import (
    LEAST_MAPS,
    problems_table,
    rule_lines,
    rules_table,
    set_lines,
    sets_table,
)
from beatheritage.evaluate.sets import SetOutcome

MAP = replace(OUTCOME, group=ASKED, level=2, warnings=3)
OURS = [MAP] * LEAST_MAPS
SET = SetOutcome(song="osu_a", mode="std", stars=(1.8, 2.3, 3.5), nested=(0.95, 0.9))


def people(*warnings: int, level: int = 2):
    return [Judged(mode="std", level=level, warnings=count) for count in warnings]


def test_maps_with_problems_are_counted_once():
    faulty = replace(MAP, problems={"Unsnaps": 3, "Concurrent": 1})
    other = replace(faulty, group="std")
    line = rule_lines([MAP, faulty, other], ())[0]
    assert line.figure is not None
    assert (line.figure.value, line.figure.count, line.reached) == (1, 2, False)
    assert rule_lines([MAP], ())[0].reached is True
    assert problems_table([MAP, faulty], []).rows == (
        ("maps", "std", "Concurrent", "1", "1"),
        ("maps", "std", "Unsnaps", "1", "3"),
    )


@pytest.mark.parametrize(("theirs", "reached"), [(2, False), (3, True), (4, True)])
def test_warnings_beside_people_s(theirs, reached):
    control = people(*[theirs] * LEAST_MAPS)
    assert rule_lines(OURS, control)[1].reached is reached
    assert rules_table(OURS, control).rows == (("std", "Hard", "5 / 5", "3", f"{theirs}"),)


def test_levels_of_few_maps_are_left_out():
    assert rule_lines(OURS, people(*[0] * LEAST_MAPS))[1].figure is not None
    assert rule_lines(OURS, people(*[0] * (LEAST_MAPS - 1)))[1].figure is None
    assert rule_lines(OURS[1:], people(*[0] * LEAST_MAPS))[1].figure is None
    assert rule_lines(OURS, people(*[0] * LEAST_MAPS, level=3))[1].figure is None


def test_sets():
    timed = replace(SET, song="osu_b", first_s=10.0, second_s=6.0)
    faulty = replace(SET, song="osu_c", set_problems={"Spread": 1}, nested=(0.8,))
    lost = SetOutcome(song="osu_d", mode="std", error="no tempo")
    problems, nested, cost = set_lines([SET, timed, faulty, lost])
    assert problems.figure is not None
    assert (problems.figure.value, problems.figure.count) == (1, 3)
    assert nested.figure is not None
    assert (nested.figure.value, nested.reached) == (0.8, False)
    assert cost.figure is not None
    assert (cost.figure.value, cost.reached) == (0.6, True)
    assert [line.reached for line in set_lines([SET])] == [True, True, None]
    (row,) = sets_table([SET, faulty, lost]).rows
    assert row == ("std", "2", "6", "80 %, 90 %", "0", "1")
    assert problems_table([], [faulty]).rows == (("sets", "std", "Spread", "1", "1"),)


def test_nothing_measured():
    assert all(line.figure is None for line in (*rule_lines([], ()), *set_lines([])))
