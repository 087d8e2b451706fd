from dataclasses import replace

import pytest

from beatheritage.osu.beatmap import Colour
from beatheritage.review.issue import Severity
from beatheritage.review.skinning import (
    CATCH_SETS,
    MANIA_SETS,
    STD_SETS,
    TAIKO_SETS,
    catch_skin,
    combo_colours,
    elements,
    mania_skin,
    standard_skin,
    taiko_skin,
)
from beatheritage.review.subject import MapSubject, SetSubject
from tests.review.charts import chart, circle, severities
from tests.review.test_mania_rules import Folder

PROBLEM = Severity.PROBLEM


def brought(*names: str, border: bool = True) -> SetSubject:
    beatmap = chart(circle(0)).beatmap
    colours = (("SliderBorder", "255,255,255"),) if border else ()
    one = MapSubject(beatmap=replace(beatmap, other_colours=colours))
    return SetSubject(maps=(one,), files=Folder(*(f"{name}.png" for name in names)))


@pytest.mark.parametrize(
    ("rule", "sets"),
    [
        (standard_skin, STD_SETS),
        (taiko_skin, TAIKO_SETS),
        (catch_skin, CATCH_SETS),
        (mania_skin, MANIA_SETS),
    ],
)
def test_elements_that_belong_together(rule, sets):
    for names in sets.values():
        assert severities(rule(brought(*names))) == []
        assert severities(rule(brought(*names[1:]))) == [PROBLEM]
        assert severities(rule(brought(names[-1]))) == [PROBLEM]
    assert severities(rule(brought())) == []


def test_own_circles_need_a_border_of_their_own():
    assert severities(standard_skin(brought(*STD_SETS["slider"], border=False))) == [PROBLEM]
    assert severities(standard_skin(brought(*STD_SETS["spinner"], border=False))) == []


def test_names_of_elements():
    named = brought("HitCircle", "sliderb0", "fruit-catcher-idle-0", "default-1@2x", "sb/default-2")
    found = elements(named)
    assert {"hitcircle", "sliderb0", "fruit-catcher-idle", "default-1"} <= found
    assert "default-2" not in found


@pytest.mark.parametrize(
    ("colours", "found"), [("", []), ("a", [PROBLEM]), ("aa", [PROBLEM]), ("ab", [])]
)
def test_combos_have_two_colours(colours: str, found: list):
    chosen = {"a": Colour(255, 0, 0), "b": Colour(0, 0, 255)}
    beatmap = replace(
        chart(circle(0)).beatmap, combo_colours=tuple(chosen[letter] for letter in colours)
    )
    assert severities(combo_colours(MapSubject(beatmap=beatmap))) == found
