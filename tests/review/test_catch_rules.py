from collections.abc import Callable

import pytest

from beatheritage.osu.beatmap import Circle, GreenLine, Slider
from beatheritage.osu.mode import Mode
from beatheritage.review.catch import (
    density,
    has_spinner,
    max_combo,
    spinner_gap,
    unusual_difficulty,
)
from beatheritage.review.catch_movement import (
    border_dash,
    consecutive_dash,
    consecutive_hyperdash,
    dash_snap,
    edge_dash,
    fruits_outside,
    has_dash,
    has_hyperdash,
    higher_antiflow,
    hyperdash_slider,
    hyperdash_snap,
    mixed_snaps,
    uncatchable,
)
from beatheritage.review.catcher import FRAME_GRACE
from beatheritage.review.issue import Severity
from tests.review.charts import LEVELS, RED, chart, circle, line, severities, spinner

MINOR, WARNING, PROBLEM = Severity.MINOR, Severity.WARNING, Severity.PROBLEM
CUP, SALAD, PLATTER, RAIN, OVERDOSE = LEVELS[Mode.CATCH]
HALF = 106.75 / 2  # of the catcher at CS 5


def judged(rule: Callable, *objects, **settings) -> list[Severity]:
    settings = {"circle_size": 5} | settings
    return severities(rule(chart(*objects, mode=Mode.CATCH, **settings)))


def to_and_fro(gaps: list[float], px: list[float]) -> list[Circle]:
    """Fruits right and left, so far and after so long; each turn has the whole plate."""
    time, x, placed = 0.0, 50.0, [circle(0, 50)]
    for index, (gap, far) in enumerate(zip(gaps, px, strict=True)):
        time += gap
        x += far if index % 2 == 0 else -far
        placed.append(circle(time, x))
    return placed


def walk(gap: float) -> float:
    return gap / 2


def dash(gap: float) -> float:
    """Too far to walk, with px to spare to a hyperdash."""
    return 0.75 * gap + HALF


def hyper(gap: float) -> float:
    return gap + HALF


@pytest.mark.parametrize(
    ("short", "found"), [(FRAME_GRACE / 2 + 0.1, []), (FRAME_GRACE / 2 - 0.1, [PROBLEM])]
)
def test_a_cup_is_walked(short: float, found: list):
    # Half a px a ms, and half of the plate.
    way = to_and_fro([200], [100 + HALF - short])
    assert judged(has_dash, *way, name=CUP) == found
    assert judged(has_dash, *way, name=SALAD) == []


@pytest.mark.parametrize(
    ("name", "found"), [(CUP, [PROBLEM]), (SALAD, [PROBLEM]), (PLATTER, []), (RAIN, [])]
)
def test_hyperdashes_of_low_difficulties(name: str, found: list):
    assert judged(has_hyperdash, *to_and_fro([300], [hyper(300)]), name=name) == found
    assert judged(has_hyperdash, *to_and_fro([300], [dash(300)]), name=name) == []


# 450 px a beat of 300 ms.
FAST = (RED, GreenLine(time=0, velocity=1.5))


def fast_slider() -> Slider:
    """One drop in the middle of a beat."""
    return line(0, 450, x=0)


@pytest.mark.parametrize(("name", "found"), [(PLATTER, [PROBLEM]), (RAIN, [])])
def test_hyperdashes_on_drops(name: str, found: list):
    settings = {"slider_multiplier": 3, "slider_tick_rate": 2, "timing": FAST, "name": name}
    assert judged(has_hyperdash, fast_slider(), **settings)[:1] == found
    rain = [WARNING] if name == RAIN else []
    assert judged(hyperdash_slider, fast_slider(), **settings)[:1] == rain


@pytest.mark.parametrize(
    ("name", "gap", "found"),
    [
        (SALAD, 125, []),
        (SALAD, 124, [PROBLEM]),
        (PLATTER, 62, []),
        (PLATTER, 61, [PROBLEM]),
        (RAIN, 61, [PROBLEM]),
        (OVERDOSE, 40, []),
    ],
)
def test_the_shortest_dash(name: str, gap: float, found: list):
    assert judged(dash_snap, *to_and_fro([gap], [dash(gap)]), name=name) == found
    assert judged(dash_snap, *to_and_fro([gap], [walk(gap)]), name=name) == []


@pytest.mark.parametrize(
    ("name", "gap", "found"),
    [
        (PLATTER, 125, []),
        (PLATTER, 124, [PROBLEM]),
        (RAIN, 62, []),
        (RAIN, 61, [PROBLEM]),
        (OVERDOSE, 40, []),
    ],
)
def test_the_shortest_hyperdash(name: str, gap: float, found: list):
    assert judged(hyperdash_snap, *to_and_fro([gap], [hyper(gap)]), name=name) == found


@pytest.mark.parametrize(("left", "edge"), [(4.9, True), (5.1, False)])
def test_an_edge_dash(left: float, edge: bool):
    way = to_and_fro([200, 300], [200 - FRAME_GRACE + HALF - left, walk(300)])
    for name in (CUP, SALAD, PLATTER):
        assert judged(edge_dash, *way, name=name) == [PROBLEM] * edge
    for name in (RAIN, OVERDOSE):
        assert judged(edge_dash, *way, name=name) == []


@pytest.mark.parametrize(
    ("first", "rain", "overdose"),
    [(dash, [WARNING], []), (hyper, [WARNING], [MINOR]), (walk, [], [])],
)
def test_an_edge_dash_among_others(first: Callable, rain: list, overdose: list):
    way = to_and_fro([200, 200], [first(200), 200 - FRAME_GRACE + HALF - 2])
    assert judged(edge_dash, *way, name=RAIN) == rain
    assert judged(edge_dash, *way, name=OVERDOSE) == overdose


@pytest.mark.parametrize(
    ("name", "gap", "count", "found"),
    [
        (SALAD, 250, 2, []),
        (SALAD, 250, 3, [PROBLEM]),
        (PLATTER, 125, 4, []),
        (PLATTER, 125, 5, [PROBLEM]),
        (RAIN, 125, 9, []),
    ],
)
def test_dashes_in_a_row(name: str, gap: float, count: int, found: list):
    way = to_and_fro([gap] * count, [dash(gap)] * count)
    assert judged(consecutive_dash, *way, name=name) == found


def test_a_walk_follows_a_salads_fast_dash():
    walked = to_and_fro([200, 300], [dash(200), walk(300)])
    dashed = to_and_fro([200, 300], [dash(200), dash(300)])
    assert judged(consecutive_dash, *walked, name=SALAD) == []
    assert judged(consecutive_dash, *dashed, name=SALAD) == [PROBLEM]


def test_a_platters_fast_dashes_go_one_way():
    one_way = [circle(0, 0), circle(100, 110), circle(200, 205)]
    back = [circle(0, 0), circle(100, 128), circle(200, 0)]
    three = [circle(0, 0), circle(100, 110), circle(200, 205), circle(300, 300)]
    assert judged(consecutive_dash, *one_way, name=PLATTER) == []
    assert judged(consecutive_dash, *back, name=PLATTER) == [PROBLEM]
    assert judged(consecutive_dash, *three, name=PLATTER) == [PROBLEM]


@pytest.mark.parametrize(
    ("name", "gap", "count", "found"),
    [
        (PLATTER, 250, 2, []),
        (PLATTER, 250, 3, [PROBLEM]),
        (PLATTER, 249, 1, []),
        (PLATTER, 249, 2, [PROBLEM]),
        (RAIN, 125, 4, []),
        (RAIN, 125, 5, [PROBLEM]),
        (RAIN, 124, 1, []),
        (RAIN, 124, 2, [PROBLEM]),
        (OVERDOSE, 100, 9, []),
    ],
)
def test_hyperdashes_in_a_row(name: str, gap: float, count: int, found: list):
    way = to_and_fro([gap] * count, [hyper(gap)] * count)
    assert judged(consecutive_hyperdash, *way, name=name) == found


def test_a_platters_fast_hyperdash_stands_alone():
    way = to_and_fro([200, 300], [hyper(200), dash(300)])
    assert judged(consecutive_hyperdash, *way, name=PLATTER) == [PROBLEM]
    assert judged(consecutive_hyperdash, *way, name=RAIN) == []
    slow = to_and_fro([250, 300], [hyper(250), dash(300)])
    assert judged(consecutive_hyperdash, *slow, name=PLATTER) == []


@pytest.mark.parametrize(("slides", "found"), [(2, []), (3, [PROBLEM])])
def test_hyperdashes_within_a_rains_slider(slides: int, found: list):
    there = line(0, 225, x=0, slides=slides)  # 150 ms a slide
    settings = {"slider_multiplier": 3, "timing": FAST, "name": RAIN}
    assert judged(consecutive_hyperdash, there, **settings) == found


@pytest.mark.parametrize(
    ("gaps", "platter", "rain"),
    [((250, 250), [], []), ((250, 300), [PROBLEM], [WARNING]), ((250, 255), [], [])],
)
def test_hyperdashes_of_different_snaps(gaps: tuple, platter: list, rain: list):
    way = to_and_fro(list(gaps), [hyper(gap) for gap in gaps])
    assert judged(mixed_snaps, *way, name=PLATTER) == platter
    assert judged(mixed_snaps, *way, name=RAIN) == rain


def test_turning_after_a_fast_hyperdash():
    back = to_and_fro([200, 300], [hyper(200), walk(300)])
    on = [circle(0, 0), circle(200, hyper(200)), circle(500, hyper(200) + 20)]
    assert judged(higher_antiflow, *back, name=PLATTER) == [WARNING]
    assert judged(higher_antiflow, *on, name=PLATTER) == []
    assert judged(higher_antiflow, *back, name=RAIN) == []  # 200 ms are usual there
    quick = to_and_fro([100, 200], [hyper(100), dash(200)])
    assert judged(higher_antiflow, *quick, name=RAIN) == [WARNING]


@pytest.mark.parametrize(("x", "found"), [(16, []), (15, [MINOR])])
def test_dashes_to_the_border(x: float, found: list):
    assert judged(border_dash, circle(0, 300), circle(200, x + 110), circle(400, x)) == []
    assert judged(border_dash, circle(0, x + dash(200)), circle(200, x)) == found


@pytest.mark.parametrize(("x", "found"), [(0, []), (-1, [PROBLEM]), (512, []), (513, [PROBLEM])])
def test_fruits_outside(x: float, found: list):
    assert judged(fruits_outside, circle(0, x)) == found


def test_hyperdashes_make_everything_catchable():
    assert judged(uncatchable, *to_and_fro([100] * 4, [400] * 4), name=OVERDOSE) == []


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (CUP, 250, 250),
        (SALAD, 250, 250),
        (PLATTER, 125, 250),
        (RAIN, 125, 125),
        (OVERDOSE, 62, 125),
    ],
)
def test_room_around_spinners(name: str, before: float, after: float):
    def found(early: float, late: float) -> list:
        objects = (circle(1000 - early), spinner(1000, 2000), circle(2000 + late))
        return judged(spinner_gap, *objects, name=name)

    assert found(before, after) == []
    assert found(before - 1, after) == [PROBLEM]
    assert found(before, after - 1) == [PROBLEM]


def test_spinners_may_follow_each_other():
    assert judged(spinner_gap, spinner(0, 500), spinner(510, 1000), name=CUP) == []


def test_a_spinner_tells_players_apart():
    assert judged(has_spinner, circle(0)) == [MINOR]
    assert judged(has_spinner, circle(0), spinner(1000, 2000)) == []


@pytest.mark.parametrize(("name", "most"), [(CUP, 8), (SALAD, 10), (PLATTER, 12), (RAIN, 16)])
def test_combos(name: str, most: int):
    def found(count: int) -> list:
        return judged(max_combo, *[circle(1000 * index) for index in range(count)], name=name)

    assert found(most) == []
    assert found(most + 1) == [MINOR]
    assert found(most * 3 // 2 - 1) == [MINOR]
    assert found(most * 3 // 2) == [WARNING]


def test_a_combos_drops_are_no_fruits_and_new_ones_end_it():
    sliders = [line(2000 * index, 250, x=0) for index in range(4)]  # a head, two drops, an end
    assert judged(max_combo, *sliders, name=CUP) == []
    nine = [circle(1000 * index) for index in range(9)]
    nine[4] = Circle(time=4000, x=256, y=0, new_combo=True)
    assert judged(max_combo, *nine, name=CUP) == []


@pytest.mark.parametrize(
    ("name", "setting", "value", "found"),
    [
        (CUP, "circle_size", 2.5, []),
        (CUP, "circle_size", 2.6, [WARNING]),
        (SALAD, "hp_drain", 4, []),
        (SALAD, "hp_drain", 4.1, [WARNING]),
        (PLATTER, "approach_rate", 8, []),
        (PLATTER, "approach_rate", 8.1, [WARNING] * 2),  # and then OD is not AR
        (OVERDOSE, "circle_size", 3.9, [WARNING]),
    ],
)
def test_settings(name: str, setting: str, value: float, found: list):
    usual = {
        CUP: {"approach_rate": 5, "overall_difficulty": 5, "hp_drain": 2, "circle_size": 2},
        SALAD: {"approach_rate": 6, "overall_difficulty": 6, "hp_drain": 3, "circle_size": 3},
        PLATTER: {"approach_rate": 8, "overall_difficulty": 8, "hp_drain": 4, "circle_size": 3},
        OVERDOSE: {"approach_rate": 9, "overall_difficulty": 9, "hp_drain": 5, "circle_size": 4},
    }[name]
    assert judged(unusual_difficulty, circle(0), name=name, **(usual | {setting: value})) == found


def test_density():
    assert judged(density, *[circle(150 * index) for index in range(5)], name=CUP) == [MINOR]
    assert judged(density, *[circle(300 * index) for index in range(5)], name=CUP) == []
