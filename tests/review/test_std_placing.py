from collections.abc import Callable

import pytest

from beatheritage.osu.beatmap import CurveKind, Point, Slider
from beatheritage.review.issue import Severity
from beatheritage.review.std_placing import (
    abnormal_spacing,
    close_overlap,
    cross_screen_jumps,
    distance_snap,
    hard_rock_stacks,
    offscreen,
    space_variation,
    spaced_streams,
    stack_leniency,
)
from tests.review.charts import chart, circle, line, severities, spinner

MINOR, WARNING, PROBLEM = Severity.MINOR, Severity.WARNING, Severity.PROBLEM
RADIUS = 36.48  # CS 4


def judged(rule: Callable, *objects, **settings) -> list[Severity]:
    return severities(rule(chart(*objects, **settings)))


@pytest.mark.parametrize(
    ("x", "y", "found"),
    [
        (-67 + RADIUS, 192, []),
        (-67.1 + RADIUS, 192, [PROBLEM]),
        (579 - RADIUS, 192, []),
        (579.1 - RADIUS, 192, [PROBLEM]),
        (256, -60 + RADIUS, []),
        (256, -60.1 + RADIUS, [PROBLEM]),
        (256, 428 - RADIUS, []),
        (256, 428.1 - RADIUS, [PROBLEM]),
    ],
)
def test_a_circle_at_the_edge_of_a_4_to_3_screen(x: float, y: float, found: list):
    assert judged(offscreen, circle(0, x, y)) == found


@pytest.mark.parametrize(("top", "found"), [(-23, []), (-24, [WARNING])])
def test_a_body_at_the_edge(top: float, found: list):
    points = (Point(150, top), Point(200, 100))
    body = Slider(time=0, x=100, y=100, kind=CurveKind.LINEAR, points=points, slides=1, length=260)
    assert judged(offscreen, body) == found


@pytest.mark.parametrize(("x", "found"), [(442, []), (443, [PROBLEM])])
def test_a_sliders_end_at_the_edge(x: float, found: list):
    assert judged(offscreen, line(0, 100, x=x)) == found


def test_stacks_can_leave_the_screen():
    stack = [circle(100 * index, y=-20) for index in range(6)]
    assert judged(offscreen, *stack) == [PROBLEM] * 5  # 3.6 px a level, 3.5 to spare


def test_spinners_are_nowhere():
    assert judged(offscreen, spinner(0, 1000)) == []


def spaced(px: float, gap: float = 150) -> list:
    """Five circles 100 px apart, then one ``px`` further."""
    times = [gap * index for index in range(6)]
    places = [(100 * (index % 2), 0) for index in range(5)] + [(0 + px, 0)]
    return [circle(time, x, y) for time, (x, y) in zip(times, places, strict=True)]


@pytest.mark.parametrize(
    ("px", "found"),
    [
        (199, []),
        (200, [MINOR]),
        (399, [MINOR]),
        (400, [WARNING]),
        (1499, [WARNING]),
        (1500, [PROBLEM]),
    ],
)
def test_abnormal_spacing(px: float, found: list):
    assert judged(abnormal_spacing, *spaced(px), stack_leniency=0) == found


@pytest.mark.parametrize(("gap", "found"), [(180, [WARNING]), (181, [])])
def test_only_fast_gaps_are_abnormal(gap: float, found: list):
    assert judged(abnormal_spacing, *spaced(500, gap)) == found


@pytest.mark.parametrize(
    ("px", "found"),
    # 100 px are usual: 10 px and 15 % of the new distance may be off, past 20 px and 30 % is worse.
    [
        (129, []),
        (130, [WARNING]),
        (171, [WARNING]),
        (172, [PROBLEM]),
        (79, []),
        (78, [WARNING]),
        (62, [WARNING]),
        (61, [PROBLEM]),
    ],
)
def test_spacing_unlike_before(px: float, found: list):
    objects = [circle(0, 0, 0), circle(300, 100, 0), circle(600, 100 + px, 0)]
    assert judged(space_variation, *objects) == found
    assert judged(space_variation, *objects, name="Hard") == []


@pytest.mark.parametrize(("gap", "found"), [(600, [PROBLEM]), (601, [])])
def test_spacing_over_long_gaps_is_free(gap: float, found: list):
    objects = [circle(0, 0, 0), circle(gap, 100, 0), circle(2 * gap, 400, 0)]
    assert judged(space_variation, *objects) == found


@pytest.mark.parametrize(
    ("gap", "found"),
    [(149, [PROBLEM]), (150, [WARNING]), (187, [WARNING]), (188, [])],
)
def test_close_objects_overlap(gap: float, found: list):
    assert judged(close_overlap, circle(0, 100), circle(gap, 200)) == found
    assert judged(close_overlap, circle(0, 100), circle(gap, 200), name="Hard") == []
    assert judged(close_overlap, circle(0, 100), circle(gap, 150)) == []


@pytest.mark.parametrize(("gap", "found"), [(250, []), (251, [WARNING]), (1200, [])])
def test_distant_objects_of_an_easy_do_not_overlap(gap: float, found: list):
    pair = (circle(0, 100), circle(gap, 150))
    assert judged(close_overlap, *pair, approach_rate=5) == found
    assert judged(close_overlap, *pair, approach_rate=5, name="Normal") == []


@pytest.mark.parametrize(
    ("name", "gap", "found"),
    [
        ("Easy", 375, [PROBLEM]),
        ("Easy", 376, []),
        ("Normal", 375, [PROBLEM]),
        ("Hard", 187, [PROBLEM]),
        ("Hard", 188, []),
        ("Insane", 93, [WARNING]),
        ("Insane", 94, []),
        ("Expert", 90, []),
    ],
)
def test_objects_right_on_one_another(name: str, gap: float, found: list):
    # No leniency: what is stacked in the file lies right on one another.
    pair = (circle(0), circle(gap))
    assert judged(stack_leniency, *pair, name=name, stack_leniency=0) == found
    assert judged(stack_leniency, *pair, name=name, stack_leniency=1) == []


@pytest.mark.parametrize(("off", "found"), [(0.4, [PROBLEM]), (2.5, [WARNING]), (2.7, [])])
def test_a_failed_stack(off: float, found: list):
    # A fourteenth of the radius is 2.6 px.
    pair = (circle(0), circle(300, x=256 + off))
    assert judged(stack_leniency, *pair, stack_leniency=0) == found


def test_a_stack_that_hard_rock_undoes():
    # AR 7 looks back 630 ms, AR 9.8 336.
    assert judged(hard_rock_stacks, circle(0), circle(350), approach_rate=7) == [MINOR]
    assert judged(hard_rock_stacks, circle(0), circle(330), approach_rate=7) == []


@pytest.mark.parametrize(
    ("name", "px", "found"),
    [
        ("Easy", 120, []),
        ("Easy", 121, [MINOR]),
        ("Easy", 79, [MINOR]),
        ("Easy", 80, []),
        ("Normal", 130, []),
        ("Normal", 131, [MINOR]),
        ("Hard", 131, []),
    ],
)
def test_distance_snap(name: str, px: float, found: list):
    # A slider moves 100 px a beat.
    objects = [circle(300 * index, px * (index % 2)) for index in range(5)]
    assert judged(distance_snap, *objects, name=name, stack_leniency=0) == found


@pytest.mark.parametrize(
    ("px", "gap", "found"), [(400, 150, [MINOR]), (399, 150, []), (400, 160, [])]
)
def test_jumps_across_the_screen(px: float, gap: float, found: list):
    pair = (circle(0, 0), circle(gap, px))
    assert judged(cross_screen_jumps, *pair, name="Insane") == found
    assert judged(cross_screen_jumps, *pair, name="Expert") == []


@pytest.mark.parametrize(("count", "px", "found"), [(5, 74, [MINOR]), (4, 74, []), (5, 72, [])])
def test_spaced_streams(count: int, px: float, found: list):
    objects = [circle(75 * index, px * index) for index in range(count)]
    assert judged(spaced_streams, *objects, name="Insane") == found
