from dataclasses import replace

import pytest

from beatheritage.evaluate.validity import FaultKind, faults
from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    CurveKind,
    Difficulty,
    General,
    GreenLine,
    HitObject,
    Hold,
    Point,
    RedLine,
    Slider,
    Spinner,
)
from beatheritage.osu.mode import Mode

RED = RedLine(time=1000, beat_length=480)  # a tick of 1/48 is 10 ms, 1/12 is 40, 1/16 is 30


def chart(*objects: HitObject, mode: Mode = Mode.STD, circle_size: float = 4) -> Beatmap:
    return Beatmap(
        general=General(mode=mode),
        difficulty=Difficulty(circle_size=circle_size, slider_multiplier=1.4),
        timing_points=(RED,),
        objects=objects,
    )


def circle(time: float, x: float = 256, y: float = 192) -> Circle:
    return Circle(time=time, x=x, y=y)


def slider(time: float, length: float, slides: int = 1, x: float = 100, y: float = 192) -> Slider:
    points = (Point(x + length, y),)
    return Slider(
        time=time, x=x, y=y, kind=CurveKind.LINEAR, points=points, slides=slides, length=length
    )


def kinds(beatmap: Beatmap) -> list[FaultKind]:
    return [fault.kind for fault in faults(beatmap)]


def test_an_empty_map_is_a_fault():
    assert kinds(chart()) == [FaultKind.EMPTY]


def test_a_map_without_timing_is_a_fault():
    assert kinds(replace(chart(circle(1000)), timing_points=())) == [FaultKind.NO_TIMING]


@pytest.mark.parametrize(
    ("time", "fault"), [(1001.9, False), (1002, True), (998.1, False), (998, True)]
)
def test_two_milliseconds_off_a_tick(time: float, fault: bool):
    assert (FaultKind.OFF_TICK in kinds(chart(circle(time)))) == fault


@pytest.mark.parametrize("divisor", [1, 2, 3, 4, 6, 8, 12, 16])
def test_every_divisor_of_the_editor_is_a_tick(divisor: int):
    assert kinds(chart(circle(1000 + 480 / divisor))) == []


def test_a_fifth_is_no_tick():
    assert kinds(chart(circle(1000 + 480 / 5))) == [FaultKind.OFF_TICK]


def test_the_line_in_force_decides():
    later = RedLine(time=2010, beat_length=480)  # 10 ms off the first line's 1/48
    beatmap = replace(chart(circle(1960), circle(2010)), timing_points=(RED, later))
    assert kinds(beatmap) == []
    assert kinds(replace(beatmap, timing_points=(RED,))) == [FaultKind.OFF_TICK]


@pytest.mark.parametrize(("length", "count"), [(140, 0), (140.5, 0), (140.6, 1)])
def test_a_slider_ends_on_a_tick(length: float, count: int):
    # 140 px are a beat of 480 ms: 0.583 px more are 2 ms.
    found = kinds(chart(slider(1000, length)))
    assert found == [FaultKind.OFF_TICK] * count


def test_repeats_of_a_slider_are_on_ticks():
    assert kinds(chart(slider(1000, 140 / 5, slides=5))) == [FaultKind.OFF_TICK] * 4


def test_the_velocity_at_a_slider_decides_its_end():
    doubled = replace(
        chart(slider(1000, 140 / 5 * 4)), timing_points=(RED, GreenLine(time=1000, velocity=1.6))
    )
    assert kinds(doubled) == []  # half a beat; without the green line four fifths
    assert kinds(chart(slider(1000, 140 / 5 * 4))) == [FaultKind.OFF_TICK]


def test_ends_of_spinners_and_holds_are_on_ticks():
    assert kinds(chart(Spinner(time=1000, end=1485))) == [FaultKind.OFF_TICK]
    hold = Hold(time=1000, end=1485, x=64)
    assert kinds(chart(hold, mode=Mode.MANIA)) == [FaultKind.OFF_TICK]


def test_two_objects_on_one_tick():
    assert kinds(chart(circle(1000), circle(1001))) == [FaultKind.SAME_TICK]
    assert kinds(chart(circle(1000), circle(1030))) == []


def test_an_object_where_another_ends():
    assert kinds(chart(slider(1000, 140), circle(1480))) == [FaultKind.SAME_TICK]
    assert kinds(chart(slider(1000, 140), circle(1480 + 30))) == []


def test_columns_of_mania_are_apart():
    chord = (circle(1000, x=64), circle(1000, x=192))
    assert kinds(chart(*chord, mode=Mode.MANIA)) == []
    twice = (circle(1000, x=64), circle(1000, x=100))
    assert kinds(chart(*twice, mode=Mode.MANIA)) == [FaultKind.SAME_TICK]


@pytest.mark.parametrize(
    ("x", "y", "fault"),
    [
        (0, 0, False),
        (512, 384, False),
        (-1, 0, True),
        (513, 0, True),
        (0, -1, True),
        (0, 385, True),
    ],
)
def test_heads_stay_in_the_playfield(x: float, y: float, fault: bool):
    assert (FaultKind.OUTSIDE in kinds(chart(circle(1000, x, y)))) == fault


@pytest.mark.parametrize(("x", "fault"), [(512 - 140, False), (512 - 139, True)])
def test_ends_of_sliders_stay_in_the_playfield(x: float, fault: bool):
    assert (FaultKind.OUTSIDE in kinds(chart(slider(1000, 140, x=x)))) == fault


@pytest.mark.parametrize(("height", "fault"), [(20, False), (30, True)])
def test_bodies_stay_on_the_screen(height: float, fault: bool):
    # Circle size 4: 36.5 px of radius over y = -20 still fit above the screen's -60, over -30 not.
    points = (Point(150, -height), Point(150, -height), Point(200, 0))
    body = replace(slider(1000, 140, x=100, y=0), kind=CurveKind.LINEAR, points=points)
    found = [fault.detail for fault in faults(chart(body)) if fault.kind is FaultKind.OUTSIDE]
    assert found == ["body"] * fault


def test_only_x_counts_for_fruits_and_no_place_for_drums():
    low = circle(1000, 256, 900)
    assert kinds(chart(low, mode=Mode.CATCH)) == []
    assert kinds(chart(circle(1000, 600, 0), mode=Mode.CATCH)) == [FaultKind.OUTSIDE]
    assert kinds(chart(circle(1000, 600, 900), mode=Mode.TAIKO)) == []


@pytest.mark.parametrize(("start", "fault"), [(-40, True), (0, True), (40, False)])
def test_nothing_at_or_before_zero(start: float, fault: bool):
    beatmap = replace(chart(circle(start)), timing_points=(RedLine(time=0, beat_length=480),))
    assert (FaultKind.EARLY in kinds(beatmap)) == fault


def test_faults_come_in_order_of_time():
    found = faults(chart(circle(-5), circle(1005), circle(1013, x=600)))
    assert [fault.time for fault in found] == sorted(fault.time for fault in found)
    assert len(found) >= 4
