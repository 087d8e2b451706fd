"""Hand-made cases: at CS 5 the catcher is 106.75 px wide, of which 85.4 catch."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beatheritage.osu.beatmap import CurveKind, Point, Slider
from beatheritage.osu.mode import Mode
from beatheritage.review.catcher import (
    FRAME_GRACE,
    Fruit,
    Move,
    Part,
    Step,
    catcher_width_px,
    fruits,
    missed,
    steps,
)
from tests.review.charts import chart, circle, line, spinner

HALF = 106.75 / 2
CATCHING = 106.75 * 0.8 / 2


def falling(*places: tuple[float, float]) -> list[Fruit]:
    """Fruits at (time, x)."""
    return [
        Fruit(time=time, x=x, part=Part.FRUIT, index=index)
        for index, (time, x) in enumerate(places)
    ]


def moves(*places: tuple[float, float], circle_size: float = 5) -> list[Move]:
    return [step.move for step in steps(falling(*places), circle_size)]


def caught(subject) -> list[tuple[float, float, Part]]:
    return [(one.time, one.x, one.part) for one in fruits(subject)]


@pytest.mark.parametrize(
    ("circle_size", "width"), [(5, 106.75), (0, 106.75 * 1.7), (10, 106.75 * 0.3)]
)
def test_width(circle_size: float, width: float):
    assert catcher_width_px(circle_size) == pytest.approx(width)


@pytest.mark.parametrize(
    ("px", "move"),
    [
        (0, Move.WALK),
        (100 + HALF - 2.1, Move.WALK),  # 200 ms at half a px, less a quarter of a frame
        (100 + HALF - 2.0, Move.DASH),
        (200 + HALF - 4.2, Move.DASH),
        (200 + HALF - 4.1, Move.HYPER),
    ],
)
def test_how_far_one_gets_in_200_ms(px: float, move: Move):
    assert moves((0, 0), (200, px)) == [move]
    assert moves((0, 512), (200, 512 - px)) == [move]


def test_a_dash_to_the_edge_leaves_no_room_for_the_next_in_its_direction():
    # The first uses up what the plate forgives: the second starts from the plate's near edge.
    first = 200 + HALF - FRAME_GRACE - 1
    there = moves((0, 0), (200, first), (400, first + 200 - FRAME_GRACE + 1.1))
    assert there == [Move.DASH, Move.HYPER]
    just = moves((0, 0), (200, first), (400, first + 200 - FRAME_GRACE + 0.9))
    assert just == [Move.DASH, Move.DASH]


def test_who_turns_has_the_whole_plate():
    first = 200 + HALF - FRAME_GRACE - 1
    back = moves((0, 0), (200, first), (400, first - 200 - HALF + FRAME_GRACE + 1))
    assert back == [Move.DASH, Move.DASH]


def test_a_hyperdash_arrives_with_the_whole_plate():
    way = moves((0, 0), (100, 400), (300, 400 + 200 + HALF - FRAME_GRACE - 1))
    assert way == [Move.HYPER, Move.DASH]


def test_how_many_px_are_left_to_a_hyperdash():
    (step,) = steps(falling((0, 0), (200, 240)), 5)
    assert step.to_hyper == pytest.approx(200 - FRAME_GRACE + HALF - 240)
    assert step.to_dash == pytest.approx((200 - FRAME_GRACE) / 2 + HALF - 240)
    assert (step.gap, step.direction) == (200, 1)


def test_everything_that_hyperdashes_allow_can_be_caught():
    assert not list(missed(steps(falling((0, 0), (50, 500), (100, 0), (150, 500)), 5), 5))


def test_a_dash_leaves_no_walk_of_its_length():
    # 100 ms at a px a ms and half a plate; then as far again, without that half.
    assert moves((0, 0), (100, 110), (200, 205)) == [Move.DASH, Move.DASH]
    assert moves((0, 0), (100, 110), (200, 190)) == [Move.DASH, Move.WALK]


@pytest.mark.parametrize(("px", "late"), [(100 + 2 * CATCHING, 0), (100.1 + 2 * CATCHING, 1)])
def test_what_is_further_than_a_dash_from_edge_to_edge_is_missed(px: float, late: int):
    start, end = falling((0, 0), (100, px))
    without_hyper = Step(start=start, end=end, to_hyper=0, to_dash=-1)
    assert len(list(missed([without_hyper], 5))) == late


def test_a_perfect_player_cannot_be_in_two_places():
    # Each way is possible alone; the second begins where the first allows.
    first, second, third = falling((0, 0), (100, 180), (200, 360))
    both = [
        Step(start=first, end=second, to_hyper=0, to_dash=-1),
        Step(start=second, end=third, to_hyper=0, to_dash=-1),
    ]
    assert not list(missed(both[:1], 5))
    assert not list(missed(both[1:], 5))
    assert list(missed(both, 5)) == both[1:]


def test_drops_of_a_slider():
    # 100 px a beat of 300 ms: ticks each beat at rate 1, none at the very end.
    subject = chart(line(0, 250, x=0), mode=Mode.CATCH)
    assert caught(subject) == [
        (0, 0, Part.SLIDER_HEAD),
        (300, 100, Part.DROP),
        (600, 200, Part.DROP),
        (750, 250, Part.SLIDER_END),
    ]


def test_drops_on_the_way_back():
    subject = chart(line(0, 150, x=0, slides=2), mode=Mode.CATCH)
    assert caught(subject) == [
        (0, 0, Part.SLIDER_HEAD),
        (300, 100, Part.DROP),
        (450, 150, Part.REPEAT),
        (600, 100, Part.DROP),
        (900, 0, Part.SLIDER_END),
    ]


@pytest.mark.parametrize(("length", "count"), [(103.3, 0), (103.5, 1)])
def test_no_drop_in_the_last_ten_ms(length: float, count: int):
    subject = chart(line(0, length, x=0), mode=Mode.CATCH)
    assert sum(part is Part.DROP for _, _, part in caught(subject)) == count


def test_bananas_need_not_be_caught_and_fruits_stay_inside():
    subject = chart(circle(0, x=-20), spinner(500, 900), mode=Mode.CATCH)
    assert caught(subject) == [(0, 0, Part.FRUIT)]


def test_a_slider_to_and_fro_in_place_is_a_walk():
    still = Slider(
        time=0, x=100, y=0, kind=CurveKind.LINEAR, points=(Point(100, 300),), slides=1, length=300
    )
    ways = steps(fruits(chart(still, mode=Mode.CATCH)), 5)
    assert {step.move for step in ways} == {Move.WALK}
    assert all(step.within_slider for step in ways)


def test_a_hyperdash_leaves_a_frame_to_dash_on():
    # 42.7 px of plate, 40 ms and the 16.7 ms saved: 99.4 px beyond the fruit of a hyperdash.
    first, second, near, far = falling((0, 0), (100, 300), (140, 399.3), (140, 399.5))
    fly = Step(start=first, end=second, to_hyper=-1, to_dash=-1)
    assert not list(missed([fly, Step(start=second, end=near, to_hyper=0, to_dash=-1)], 5))
    assert list(missed([fly, Step(start=second, end=far, to_hyper=0, to_dash=-1)], 5))


@settings(deadline=None)
@example([(40.0, 173.0), (40.0, 83.0), (40.0, 0.0)])
@given(st.lists(st.tuples(st.floats(40, 400), st.floats(0, 512)), min_size=2, max_size=12))
def test_hyperdashes_make_maps_without_chords_catchable(pairs: list[tuple[float, float]]):
    times, time = [], 0.0
    for gap, x in pairs:
        time += gap
        times.append((time, x))
    assert not list(missed(steps(falling(*times), 5), 5))
