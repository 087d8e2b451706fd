"""Bodies stay inside the field, keep their length, and are left where they end."""

import json

import numpy as np
import pytest

from beatheritage.generate.place_bodies import Bodies, Wanted, any_body, bodies_of, finish
from beatheritage.osu.beatmap import CurveKind, Point
from beatheritage.osu.curve import flatten
from beatheritage.tokens.moves import ORIENTATIONS


@pytest.fixture
def bodies(tiny_placer) -> Bodies:
    return bodies_of(json.dumps(tiny_placer[1].to_json()))


def wanted(x: float, y: float, length: float, slides: int = 1) -> Wanted:
    return Wanted(head=np.array([x, y]), facing=np.array([0.6, 0.8]), length=length, slides=slides)


def test_what_fits_is_what_stays_inside(bodies):
    corner = bodies.fitting(0, wanted(0, 0, 200))
    assert 0.15 < corner[:ORIENTATIONS].mean() < 0.35  # a quarter of all directions
    assert not corner[ORIENTATIONS:].any()  # a line has no mirror image
    assert bodies.fitting(1, wanted(256, 192, 100)).all()
    assert not bodies.fitting(0, wanted(256, 192, 600)).any()


@pytest.mark.parametrize("length", [0.5, 3.0, 40.0, 171.5])
@pytest.mark.parametrize("shape", [0, 1, 2])
def test_bodies_keep_their_length(bodies, shape, length):
    want = wanted(250, 190, length)
    for lie in np.flatnonzero(bodies.fitting(shape, want)):
        mirrored, spoke = divmod(int(lie), ORIENTATIONS)
        body = bodies.made(shape, spoke, bool(mirrored), want)
        assert body is not None
        path = flatten(Point(250, 190), body.kind, body.points, length)
        assert path.length == pytest.approx(length)
        assert body.end == pytest.approx(path.end)
        assert np.hypot(*body.leaving) == pytest.approx(1)


def test_even_slides_end_at_the_head(bodies):
    once, twice = (bodies.made(0, 0, False, wanted(100, 100, 80, slides)) for slides in (1, 2))
    assert once is not None
    assert twice is not None
    assert once.end == pytest.approx([148, 164])
    assert twice.end == pytest.approx([100, 100])
    assert twice.leaving == pytest.approx(-once.leaving)


def test_a_path_that_leaves_the_field_is_refused():
    want = wanted(500, 100, 40)
    assert finish(CurveKind.LINEAR, (Point(540, 100),), want) is None
    assert finish(CurveKind.LINEAR, (Point(460, 100),), want) is not None
    touching = wanted(472, 100, 40)
    assert finish(CurveKind.LINEAR, (Point(512, 100),), touching) is not None


@pytest.mark.parametrize("length", [700.0, 3000.0, 60_000.0])
@pytest.mark.parametrize("place", [(0, 0), (512, 384), (256, 0), (13, 380)])
def test_any_length_fits_somehow(bodies, length, place):
    body = any_body(bodies, wanted(*place, length))
    path = flatten(Point(*place), body.kind, body.points, length)
    assert path.length == pytest.approx(length)
    assert ((path.points >= 0) & (path.points <= (512, 384))).all()
