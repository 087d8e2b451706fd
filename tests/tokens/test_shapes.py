"""A slider's body taken apart and laid again is the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatheritage.osu.beatmap import CurveKind, Point
from beatheritage.tokens.shapes import (
    SHAPE_POINTS,
    Codebook,
    Shape,
    is_straight,
    lay,
    outline,
    resample,
    take_apart,
)

LINE = Shape(kind=CurveKind.LINEAR, points=(Point(1.0, 0.0),))
ARC = Shape(kind=CurveKind.PERFECT, points=(Point(0.4, 0.2), Point(0.8, 0.1)))


@given(
    angle=st.floats(0, 6.28),
    length=st.floats(5, 600),
    mirrored=st.booleans(),
    x=st.floats(0, 512),
)
def test_take_apart_and_lay_are_inverse(angle, length, mirrored, x):
    form = outline(ARC)
    direction = np.array([np.cos(angle), np.sin(angle)])
    body = np.array([x, 50.0]) + length * lay(form, direction, mirrored)
    lie = take_apart(body, length)
    again = body[0] + length * lay(lie.form, lie.direction, lie.mirrored)
    assert np.abs(again - body).max() < 1e-6


def test_mirror_images_have_one_form():
    form = outline(ARC)
    first, second = take_apart(form, 1.0), take_apart(form * (1, -1), 1.0)
    assert np.allclose(first.form, second.form)
    assert first.mirrored != second.mirrored


def test_a_body_that_ends_at_its_head_still_looks_somewhere():
    angles = np.linspace(0, 2 * np.pi, SHAPE_POINTS)
    circle = np.stack([np.sin(angles), 1 - np.cos(angles)], axis=1) * 40
    assert np.allclose(take_apart(circle, 250.0).direction, [0, 1], atol=0.1)
    still = np.full((SHAPE_POINTS, 2), 9.0)
    assert np.isfinite(take_apart(still, 1.0).direction).all()


def test_resampling_steps_evenly():
    path = np.array([[0.0, 0], [1, 0], [1, 9]])
    steps = np.hypot(*np.diff(resample(path, 11), axis=0).T)
    assert steps == pytest.approx(np.ones(10))


def test_codebook_survives_json():
    book = Codebook(shapes=(LINE, ARC))
    assert Codebook.from_json(book.to_json()) == book
    assert is_straight(book.polylines[0])
    assert not is_straight(book.polylines[1])
