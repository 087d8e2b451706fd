"""What the absolute rules flag on people's maps, as it was counted and judged."""

from dataclasses import replace

import pytest

from beatheritage.review.control import (
    DRAWN,
    MAPS,
    MOST_WRONG,
    Flag,
    absolute_rules,
    drawn,
    flags_csv,
    looked,
    read_flags,
)
from beatheritage.review.issue import Scope

FLAG = Flag(rule="Unsnaps", mode="std", beatmap_id=1, md5="a", verdict="fault", reason="off")


def test_every_map_of_the_draw_was_judged():
    flags = read_flags()
    waiting = [flag for rule in absolute_rules() for flag in drawn(flags, rule.name)]
    assert waiting
    assert [flag for flag in waiting if not flag.verdict or not flag.reason] == []


def test_few_maps_are_flagged_wrongly():
    assert sum(one.wrong_maps for one in looked(read_flags())) <= MOST_WRONG * sum(MAPS)


def test_only_what_one_map_can_have_is_absolute():
    names = {rule.name for rule in absolute_rules()}
    assert {"Unsnaps", "Concurrent", "Offscreen", "InvisibleSlider", "FirstLine"} <= names
    assert not {"DrainTime", "LowestDiff", "Bitrate", "Preview"} & names
    assert {rule.scope for rule in absolute_rules()} == {Scope.MAP}
    assert {flag.rule for flag in read_flags()} <= names


@pytest.mark.parametrize("count", [DRAWN - 1, DRAWN, DRAWN + 1])
def test_the_draw(count):
    flags = [replace(FLAG, md5=str(index)) for index in range(count)]
    chosen = drawn(flags, "Unsnaps")
    assert len(chosen) == min(count, DRAWN)
    assert drawn(flags[::-1], "Unsnaps") == chosen
    assert drawn(flags, "Concurrent") == ()


def test_what_was_not_looked_at_is_as_often_wrong():
    flags = [FLAG, replace(FLAG, md5="b", verdict="wrong", reason="swing")]
    flags += [replace(FLAG, md5=str(index), verdict="", mode="mania") for index in range(6)]
    (one,) = [one for one in looked(flags) if one.rule == "Unsnaps"]
    assert (one.flagged, one.looked_at, one.wrong) == ((2, 0, 0, 6), 2, 1)
    assert one.wrong_maps == 4
    assert one.seen == "off 1, wrong: swing 1"


def test_the_file_is_as_it_is_written():
    flags = read_flags()

    assert flags_csv(flags) == flags_csv(flags[::-1])
