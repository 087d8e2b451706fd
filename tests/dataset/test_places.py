"""People's maps are taken apart as a draft would have said them."""

from dataclasses import replace

import numpy as np
import pytest

from beatheritage.dataset.places import LEAST_OBJECTS, read_places, read_rhythm
from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    CurveKind,
    Difficulty,
    GreenLine,
    Point,
    RedLine,
    Slider,
    Spinner,
)
from beatheritage.tokens.moves import CIRCLE, SLIDER, SPINNER

SLIDE = Slider(
    time=2000, x=100, y=100, kind=CurveKind.LINEAR, points=(Point(200, 100),), slides=1, length=70
)


def beatmap(*objects, count: int = LEAST_OBJECTS) -> Beatmap:
    filler = tuple(Circle(time=5000 + 250 * i, x=50 + 10 * i, y=300) for i in range(count))
    return Beatmap(
        difficulty=Difficulty(slider_multiplier=1.4),
        timing_points=(RedLine(time=0, beat_length=500), GreenLine(time=1900, velocity=0.5)),
        objects=(*objects, *filler[: max(0, count - len(objects))]),
    )


@pytest.mark.parametrize(("count", "is_read"), [(LEAST_OBJECTS, True), (LEAST_OBJECTS - 1, False)])
def test_small_maps_are_left_out(count, is_read):
    assert (read_places(beatmap(count=count)) is not None) is is_read


def test_maps_off_the_field_are_left_out():
    lost = [Circle(time=100 * i, x=700, y=10) for i in range(3)]
    assert read_places(beatmap(*lost)) is None


def test_rhythm_knows_when_a_slider_ends():
    rhythm = read_rhythm(beatmap(Circle(time=1000, x=9, y=9), SLIDE, Spinner(time=3000, end=4000)))
    assert rhythm.kinds[:4].tolist() == [CIRCLE, SLIDER, SPINNER, CIRCLE]
    assert rhythm.ends[:3].tolist() == [1000, 2500, 4000]  # 70 px at 70 px a beat
    assert rhythm.beats[:2].tolist() == [2, 4]
    assert rhythm.bar_phases[:2].tolist() == [2, 0]
    assert rhythm.gaps[1:4].tolist() == [1000, 500, 1000]


@pytest.mark.parametrize(
    ("slides", "end", "facing"), [(1, (170, 100), (1, 0)), (2, (100, 100), (-1, 0))]
)
def test_a_slider_is_left_where_its_last_slide_ends(slides, end, facing):
    chart = read_places(beatmap(replace(SLIDE, slides=slides)))
    assert chart is not None
    assert chart.places.ends[0] == pytest.approx(end)
    assert chart.places.exits[0] == pytest.approx(facing)
    assert chart.lies[0] == pytest.approx((1, 0))
    assert not chart.mirrored[0]


def test_a_stacked_circle_keeps_the_direction():
    chart = read_places(beatmap(SLIDE, Circle(time=2600, x=170, y=100)))
    assert chart is not None
    assert chart.places.exits[1] == pytest.approx((1, 0))
    assert np.isfinite(chart.places.exits).all()
