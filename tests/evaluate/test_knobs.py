from dataclasses import replace

import numpy as np
import pytest
from tests.evaluate.results import OUTCOME

from beatheritage.evaluate.asks import HOLDS, KNOB_VALUES, KNOBS, knob_words
from beatheritage.evaluate.knobs import (
    answers,
    effect_size,
    hold_lines,
    hold_table,
    knob_lines,
    knob_table,
)


def holds(share: float, got: float):
    chart = knob_words("hold_share", share)
    return replace(OUTCOME, group=HOLDS, mode="mania", chart=chart, style={"hold_share": got})


def turned(song: str, *got: float):
    return [
        replace(
            OUTCOME,
            song=song,
            group=KNOBS,
            chart=knob_words("density", value),
            style={"density": one},
        )
        for value, one in zip(KNOB_VALUES["density"], got, strict=False)
    ]


@pytest.mark.parametrize(("got", "reached"), [(0.171, True), (0.17, True), (0.231, False)])
def test_hold_shares_in_points(got, reached):
    line = next(line for line in hold_lines([holds(0.2, got)]) if "20 %" in line.what)
    assert line.reached is reached
    assert [line.figure is None for line in hold_lines([holds(0.2, got)])].count(False) == 1


def test_the_table_of_holds():
    rows = hold_table([holds(0.4, 0.42), replace(holds(0.4, 0.37), song="osu_b")]).rows
    assert rows == (("40 %", "39.5", "2.5", "3.0", "2"),)


@pytest.mark.parametrize(
    ("got", "share"), [((0.1, 0.2, 0.3), 1.0), ((0.1, 0.1, 0.3), 0.0), ((0.1, 0.4, 0.3), 0.0)]
)
def test_low_middle_high_come_in_order(got, share):
    line = knob_lines(turned("osu_a", *got))[0]
    assert line.figure is not None
    assert line.figure.value == share


def test_songs_without_all_three_are_left_out():
    found = [*turned("osu_a", 0.1, 0.2, 0.3), *turned("osu_b", 0.1, 0.2)]
    assert answers(found, "density") == {"osu_a": (0.1, 0.2, 0.3)}
    assert answers(found, "spacing") == {}


def test_effects():
    assert effect_size(np.array([[0.0, 1, 2], [2.0, 3, 4]])) == pytest.approx(2.0)
    assert effect_size(np.array([[1.0, 2, 3]])) == float("inf")
    (row,) = knob_table([*turned("osu_a", 0.1, 0.2, 0.3), *turned("osu_b", 0.3, 0.2, 0.5)]).rows
    assert row[0] == "density"
    assert row[2] == "0.20, 0.20, 0.40"
    assert row[4:] == ("50 %", "2")
