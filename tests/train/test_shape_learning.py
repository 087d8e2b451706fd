"""Shapes are learned from forms, and stay of length 1."""

import numpy as np
import pytest

from beatheritage.osu.beatmap import CurveKind, Point
from beatheritage.tokens.shapes import Shape, lay, outline, take_apart
from beatheritage.train.shapes import fit_shape, learn_codebook, nearest_shapes


def form_of(kind: CurveKind, *points: tuple[float, float]) -> np.ndarray:
    body = outline(Shape(kind=kind, points=tuple(Point(*point) for point in points)))
    length = np.hypot(*np.diff(body, axis=0).T).sum()
    return take_apart(body, length).form


LINE = form_of(CurveKind.LINEAR, (1.0, 0.0))
ARC = form_of(CurveKind.PERFECT, (0.4, 0.25), (0.8, 0.0))
CORNER = form_of(CurveKind.BEZIER, (0.5, 0.3), (0.5, 0.3), (1.0, 0.0))
WAVE = form_of(CurveKind.BEZIER, (0.3, 0.6), (0.6, -0.4), (0.9, 0.0))


@pytest.mark.parametrize(
    ("form", "kind"),
    [(ARC, CurveKind.PERFECT), (CORNER, CurveKind.BEZIER), (WAVE, CurveKind.BEZIER)],
)
def test_a_form_gets_the_simplest_curve_that_follows_it(form, kind):
    shape = fit_shape(form)
    assert shape.kind is kind
    assert np.abs(outline(shape) - form).max() < 0.03
    assert np.hypot(*np.diff(outline(shape), axis=0).T).sum() == pytest.approx(1, abs=0.01)


def test_a_corner_is_two_lines():
    first, second, _ = fit_shape(CORNER).points
    assert first == second


def test_codebook_finds_the_shapes_that_are_there(rng):
    kinds = [LINE, ARC, CORNER, WAVE]
    forms = np.stack([kinds[i % 4] + rng.normal(0, 1e-3, LINE.shape) for i in range(80)])
    book = learn_codebook(forms, 4, rng)
    found = nearest_shapes(forms, book)
    assert all(len(set(found[i::4])) == 1 for i in range(4))
    assert sorted(set(found)) == [0, 1, 2, 3]
    assert set(found[::4]) == {0}  # the line


def test_no_sliders_are_no_shapes(rng):
    book = learn_codebook(np.stack([LINE, ARC, CORNER]), 3, rng)
    assert nearest_shapes(np.zeros((0, *LINE.shape)), book).shape == (0,)


def test_forms_know_nothing_of_how_they_lay():
    turned = lay(WAVE, np.array([0.6, -0.8]), mirrored=True) * 130 + 77
    assert np.allclose(take_apart(turned, 130).form, WAVE, atol=1e-9)
