"""A finished map with its places further apart, or closer together."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ancestors import small_map

from beatheritage.generate.ancestors.apart import FIELD, moved_apart
from beatheritage.osu.beatmap import Circle, CurveKind, Point, Slider
from beatheritage.osu.curve import slider_path
from beatheritage.osu.stars import stars

OBJECTS = small_map(0).objects


def circle(time, x, y):
    return Circle(time=float(time), x=float(x), y=float(y))


def test_as_far_is_as_it_was():
    assert moved_apart(OBJECTS, 1.0) == OBJECTS


def test_distances_are_scaled():
    moved = moved_apart([circle(0, 200, 192), circle(500, 300, 192)], 1.5)
    assert moved[1].x - moved[0].x == pytest.approx(150, abs=1)


def test_stacks_stay_stacks_and_ends_keep_what_stood_on_them():
    slider = next(item for item in OBJECTS if isinstance(item, Slider))
    end = slider_path(slider).points[-1]
    objects = [slider, circle(5000, *np.rint(end)), circle(6000, *np.rint(end))]
    moved = moved_apart(objects, 0.8)
    assert (moved[1].x, moved[1].y) == (moved[2].x, moved[2].y)
    assert slider_path(moved[0]).points[-1] == pytest.approx((moved[1].x, moved[1].y), abs=1.5)


@given(factor=st.floats(0.5, 2.0), x=st.integers(0, 512), y=st.integers(0, 384))
def test_nothing_leaves_the_field(factor, x, y):
    far = Slider(
        time=0.0,
        x=256.0,
        y=192.0,
        kind=CurveKind.LINEAR,
        points=(Point(float(x), float(y)),),
        slides=1,
        length=max(1.0, float(np.hypot(x - 256, y - 192))),
    )
    for item in moved_apart([circle(0, x, y), far], factor):
        assert 0 <= item.x <= FIELD[0]
        assert 0 <= item.y <= FIELD[1]
    body = np.array(slider_path(moved_apart([far], factor)[0]).points)
    assert (body >= -0.5).all()
    assert (body <= FIELD + 0.5).all()


def test_further_apart_is_harder():
    beatmap = small_map(0)
    jumps = tuple(circle(1000 + 200 * i, 156 + 200 * (i % 2), 192) for i in range(40))
    rated = [
        stars(replace(beatmap, objects=moved_apart(jumps, factor))) for factor in (0.7, 1.0, 1.3)
    ]
    assert rated == sorted(set(rated))
