from collections.abc import Callable

import pytest

from beatheritage.osu.beatmap import CurveKind, GreenLine, Point, Slider
from beatheritage.review.issue import Severity
from beatheritage.review.std_sliders import (
    ambiguity,
    burai,
    covered_bodies,
    fast_sliders,
    multiple_reverses,
    obscured_reverse,
    short_sliders,
    slider_only_sections,
)
from tests.review.charts import RED, chart, circle, line, severities

MINOR, WARNING, PROBLEM = Severity.MINOR, Severity.WARNING, Severity.PROBLEM


def judged(rule: Callable, *objects, **settings) -> list[Severity]:
    return severities(rule(chart(*objects, **settings)))


def bent(*points: tuple[float, float], length: float, kind: CurveKind = CurveKind.LINEAR) -> Slider:
    (x, y), *rest = points
    return Slider(
        time=0, x=x, y=y, kind=kind, points=tuple(Point(*p) for p in rest), slides=1, length=length
    )


@pytest.mark.parametrize(("off", "found"), [(5, [WARNING]), (6, [])])
def test_a_slider_that_starts_where_it_ends(off: float, found: list):
    length = 100 + 100 + (100**2 + (100 - off) ** 2) ** 0.5
    triangle = bent((0, 0), (0, 100), (100, 100), (off, 0), length=length)
    assert judged(ambiguity, triangle) == found


def test_a_corner_on_an_end_is_ambiguous():
    there_and_on = bent((0, 0), (100, 0), (3, 0), (3, 150), length=347)
    assert judged(ambiguity, there_and_on) == [WARNING]


def test_an_expert_may_hide_what_the_head_reaches():
    small = bent((0, 0), (0, 40), (40, 40), (4, 0), length=40 + 40 + 53.8)
    assert judged(ambiguity, small, name="Insane") == [WARNING]
    assert judged(ambiguity, small, name="Expert") == []


@pytest.mark.parametrize(("back", "found"), [(20, []), (40, [WARNING])])
def test_a_slider_that_runs_back_over_itself(back: float, found: list):
    cusp = bent((0, 0), (100, 0), (100 - back, 1), length=99.9 + back)
    assert judged(burai, cusp) == found


def test_a_loop_that_crosses_itself_is_no_burai():
    loop = bent((0, 0), (200, 0), (200, 100), (100, 100), (100, -100), length=600)
    assert judged(burai, loop) == []


@pytest.mark.parametrize(
    ("length", "found"), [(41, [PROBLEM]), (42, [WARNING]), (49, [WARNING]), (50, [])]
)
def test_short_sliders_of_an_easy(length: float, found: list):
    # 3 ms a px: 125 ms are 41.7 px, half a beat 50.
    assert judged(short_sliders, line(0, length)) == found
    assert judged(short_sliders, line(0, length), name="Normal") == []


@pytest.mark.parametrize(
    ("name", "ms", "found"),
    [
        ("Easy", 250, [PROBLEM]),
        ("Easy", 252, [WARNING]),
        ("Easy", 333, [WARNING]),
        ("Easy", 336, []),
        ("Normal", 123, [PROBLEM]),
        ("Normal", 126, [WARNING]),
        ("Normal", 168, []),
        ("Hard", 90, []),
    ],
)
def test_many_reverses_on_short_sliders(name: str, ms: float, found: list):
    assert judged(multiple_reverses, line(0, ms / 3, slides=3), name=name) == found
    assert judged(multiple_reverses, line(0, ms / 3, slides=2), name=name) == []


@pytest.mark.parametrize(("count", "gap", "found"), [(7, 900, [MINOR]), (6, 900, []), (7, 750, [])])
def test_sections_of_sliders_only(count: int, gap: float, found: list):
    # The last slider lasts 300 ms: seven 900 ms apart take 5.7 s, 750 ms apart 4.8 s.
    sliders = [line(gap * index, 100) for index in range(count)]
    assert judged(slider_only_sections, *sliders, circle(9000)) == found
    assert judged(slider_only_sections, *sliders, name="Hard") == []


@pytest.mark.parametrize(("velocity", "found"), [(1.3, []), (1.31, [WARNING])])
def test_fast_sliders_of_an_easy(velocity: float, found: list):
    timing = (RED, GreenLine(time=0, velocity=velocity))
    assert judged(fast_sliders, line(0, 100), timing=timing) == found
    assert judged(fast_sliders, line(0, 100), timing=timing, name="Normal") == []


@pytest.mark.parametrize(
    ("time", "x", "found"), [(1000, 200, [WARNING]), (1000, 210, []), (290, 200, [])]
)
def test_an_arrow_that_another_object_covers(time: float, x: float, found: list):
    # The arrow at x 200 is reached at 1500; four beats before are 300 ms.
    arrow = line(1200, 100, slides=2)
    assert judged(obscured_reverse, circle(time, x), arrow, stack_leniency=0) == found


@pytest.mark.parametrize(("off", "found"), [(5, [WARNING]), (6, [])])
def test_a_body_under_another(off: float, found: list):
    above, below = line(0, 100), line(600, 50, x=120, y=192 + off)
    assert judged(covered_bodies, above, below) == found


@pytest.mark.parametrize(
    ("name", "gap", "found"),
    [
        ("Easy", 1199, [WARNING]),
        ("Easy", 1201, []),
        ("Normal", 901, []),
        ("Hard", 599, [WARNING]),
        ("Hard", 601, []),
        ("Insane", 149, [WARNING]),
        ("Insane", 151, []),
        ("Expert", 100, []),
    ],
)
def test_bodies_need_to_lie_open_for_some_beats(name: str, gap: float, found: list):
    above, below = line(0, 100), line(300 + gap, 50, x=120)
    assert judged(covered_bodies, above, below, name=name) == found
