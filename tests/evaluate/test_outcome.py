from dataclasses import replace

import pytest
from tests.evaluate.results import human_map

from beatheritage.evaluate.outcome import Ask, compare, habits, hits, measure, score, style_of
from beatheritage.osu.beatmap import Beatmap, Circle, Spinner
from beatheritage.osu.level import Level
from beatheritage.osu.mode import Mode
from beatheritage.osu.write import write

TRUTH = human_map()


def later(beatmap: Beatmap, by: float) -> Beatmap:
    return replace(
        beatmap, objects=tuple(replace(one, time=one.time + by) for one in beatmap.objects)
    )


def test_the_same_map_scores_one():
    rhythm = compare(TRUTH, TRUTH)
    assert (rhythm.usual.f1, rhythm.narrow.f1, rhythm.moved.f1) == (1, 1, 1)


@pytest.mark.parametrize(
    ("late", "usual", "narrow"), [(10, 1, 1), (11, 1, 0), (20, 1, 0), (21, 0, 0)]
)
def test_both_tolerances(late: float, usual: float, narrow: float):
    rhythm = compare(later(TRUTH, late), TRUTH)
    assert (rhythm.usual.f1, rhythm.narrow.f1) == (usual, narrow)


def test_hits_by_what_is_counted():
    shorter = replace(TRUTH, objects=TRUTH.objects[:8])
    late = replace(shorter, objects=(*later(shorter, 15).objects,))
    assert hits(shorter, TRUTH)["starts ±20 ms"] == pytest.approx((1, 0.5, 2 / 3))
    assert hits(late, TRUTH)["starts ±10 ms"] == (0, 0, 0)
    ended = replace(TRUTH, objects=(*TRUTH.objects[:15], Spinner(time=7000, end=9000)))
    assert hits(ended, TRUTH)["starts ±20 ms"] == (1, 1, 1)
    assert hits(ended, TRUTH)["starts, repeats, ends ±20 ms"] == pytest.approx(
        (16 / 17, 1, 32 / 33)
    )


def test_a_chart_is_moved_onto_its_sound():
    rhythm = compare(later(TRUTH, 32), TRUTH, shift_ms=32)
    assert (rhythm.usual.f1, rhythm.moved.f1) == (0, 1)


def test_what_is_measured_of_a_map():
    found = measure(write(TRUTH))
    assert found["objects"] == found["objects_read"] == 16
    assert found["faults"] == {}
    faulty = replace(TRUTH, objects=(Circle(time=1005, x=600, y=0), *TRUTH.objects[1:]))
    assert measure(write(faulty))["faults"] == {"off_tick": 1, "outside": 1}


def test_an_empty_map_is_a_fault():
    found = measure(write(replace(TRUTH, objects=())))
    assert found["faults"] == {"empty": 1}
    assert (found["objects"], found["stars"], found["made"]) == (0, 0, None)


def test_without_a_truth_nothing_is_scored():
    ask = Ask(group="stars", chart="3 stars", mode=Mode.STD, stars=3)
    assert score(write(TRUTH), ask) == {}
    assert score(write(TRUTH), replace(ask, truth=TRUTH))["f1"] == 1


def test_habits():
    objects = (
        Circle(time=1000, x=0, y=0),
        Circle(time=1500, x=30, y=40),
        Circle(time=2000, x=30, y=40),
        Spinner(time=3000, end=3500, x=256, y=192),
    )
    found = habits(Beatmap(objects=objects))
    assert found is not None
    assert found.density == pytest.approx(1.5)
    assert found.lasting == 0.25
    assert found.spacing == pytest.approx(50)
    assert habits(Beatmap(objects=objects[:1])) is None


def test_what_the_rules_say_of_a_map():
    late = replace(TRUTH, objects=(*TRUTH.objects, Circle(time=9003, x=0, y=0)))
    assert measure(write(late))["problems"] == {"Unsnaps": 1, **problems_of(TRUTH)}
    assert measure(write(TRUTH))["level"] == Level.HARD


def problems_of(beatmap: Beatmap) -> dict[str, int]:
    found = measure(write(beatmap))["problems"]
    assert isinstance(found, dict)
    return found


def test_style_is_measured_as_it_is_asked_for():
    style = style_of(TRUTH)
    assert style["density"] == pytest.approx(16 / 60)  # of the quarters from first to last
    assert (style["slider_share"], style["stream_share"], style["spacing"]) == (0, 0, 0)
    assert style_of(replace(TRUTH, objects=())) == {}
    assert style_of(replace(TRUTH, timing_points=())) == {}
