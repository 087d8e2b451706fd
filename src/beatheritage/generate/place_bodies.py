"""Slider bodies: a shape of the codebook, laid so that it stays inside the field.

A body's length is held by its slider's ``length``, to which osu! cuts the path or draws it out; the
control points here are whole pixels, and the path they make is looked at again before it is taken.
"""

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from beatheritage.osu.beatmap import CurveKind, Point
from beatheritage.osu.curve import flatten
from beatheritage.tokens.moves import FIELD, ORIENTATIONS, spokes
from beatheritage.tokens.shapes import STRAIGHT_SHAPE, Codebook, lay, resample

ATTEMPTS = 8
# The outline has corners where the body is round, and control points are rounded.
ROUNDING_PX = 1.0
ROW_PX, EDGE_PX = 24, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SliderBody:
    """Control points after the head; where the slider ends after its slides, and which way."""

    kind: CurveKind
    points: tuple[Point, ...]
    end: np.ndarray
    leaving: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A slider that stands at ``head`` (whole pixels) and faces the way it was come to."""

    head: np.ndarray
    facing: np.ndarray
    length: float
    slides: int


@dataclass(frozen=True, kw_only=True)
class Bodies:
    """Every way in which each shape of a codebook can lie."""

    codebook: Codebook

    @cached_property
    def outlines(self) -> np.ndarray:
        """(shapes, 2 * ORIENTATIONS, points, 2) in lengths, facing +x; then those mirrored."""
        both = np.stack([self.codebook.polylines, self.codebook.polylines * (1, -1)], axis=1)
        cos, sin = spokes(ORIENTATIONS).T[:, None, None, :, None]
        x, y = both[:, :, None, :, 0], both[:, :, None, :, 1]
        turned = np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1)
        return turned.reshape(len(both), 2 * ORIENTATIONS, -1, 2)

    def fitting(self, shape: int, wanted: Wanted) -> np.ndarray:
        """Which ways to lie keep the whole body inside, bool (2 * ORIENTATIONS,)."""
        cos, sin = wanted.facing
        turn = np.array([[cos, sin], [-sin, cos]])
        bodies = wanted.head + wanted.length * (self.outlines[shape] @ turn)
        inside = (bodies >= -ROUNDING_PX / 2) & (bodies <= np.array(FIELD) + ROUNDING_PX / 2)
        fits = inside.all(axis=(1, 2))
        if shape == STRAIGHT_SHAPE:
            fits[ORIENTATIONS:] = False  # a line has no mirror image
        return fits

    def made(self, shape: int, lie: float, mirrored: bool, wanted: Wanted) -> SliderBody | None:
        """The body that lies at ``lie`` spokes from the facing; None if that leaves the field."""
        angle = np.arctan2(*wanted.facing[::-1]) + lie * 2 * np.pi / ORIENTATIONS
        direction = np.array([np.cos(angle), np.sin(angle)])
        entry = self.codebook.shapes[shape]
        controls = lay(np.asarray(entry.points, np.float64), direction, mirrored)
        exact = wanted.head + wanted.length * controls
        return finish(entry.kind, _whole(exact, wanted.head, direction), wanted)


@lru_cache(maxsize=4)
def bodies_of(rows: str) -> Bodies:
    """The bodies of a codebook in JSON."""
    return Bodies(codebook=Codebook.from_json(json.loads(rows)))


def finish(kind: CurveKind, points: tuple[Point, ...], wanted: Wanted) -> SliderBody | None:
    """Follow the path that osu! will make of the points; None if it leaves the field."""
    path = flatten(Point(*wanted.head.tolist()), kind, points, wanted.length)
    if abs(path.length - wanted.length) > 1e-6:
        return None
    if (path.points < 0).any() or (path.points > FIELD).any():
        return None
    body = resample(path.points)
    back = wanted.slides % 2 == 0
    way = body[0] - body[1] if back else body[-1] - body[-2]
    size = np.hypot(*way)
    leaving = way / size if size > 1e-6 else wanted.facing
    return SliderBody(kind=kind, points=points, end=body[0] if back else body[-1], leaving=leaving)


def any_body(bodies: Bodies, wanted: Wanted) -> SliderBody:
    """The first shape that fits, else rows to and fro, in which any length fits."""
    for shape in range(len(bodies.codebook.shapes)):
        for lie in np.flatnonzero(bodies.fitting(shape, wanted)):
            mirrored, spoke = divmod(int(lie), ORIENTATIONS)
            body = bodies.made(shape, spoke, bool(mirrored), wanted)
            if body is not None:
                return body
    body = finish(CurveKind.LINEAR, _rows(wanted), wanted)
    assert body is not None, "rows stay inside"
    return body


def _whole(exact: np.ndarray, head: np.ndarray, direction: np.ndarray) -> tuple[Point, ...]:
    """Control points in whole pixels. Two that only rounding made one become one, since a doubled
    point is a corner, and a doubled last point holds a path back from its length."""
    points: list[Point] = []
    before_exact, before = head, Point(*head.tolist())
    for place in exact:
        point = Point(*np.rint(place).tolist())
        if point != before or (place == before_exact).all():
            points.append(point)
        before_exact, before = place, point
    if len(points) > 1 and points[-1] == points[-2]:
        points.pop()
    if all(point == Point(*head.tolist()) for point in points):
        # Shorter than a pixel: any direction that can be written will do.
        return (Point(*np.rint(head + 2 * direction).tolist()),)
    return tuple(points)


def _rows(wanted: Wanted) -> tuple[Point, ...]:
    """A path in rows from wall to wall, down and up again, at least as long as wanted."""
    x, y = wanted.head
    down = 1 if y < FIELD[1] / 2 else -1
    points, left = [], wanted.length
    while left > 0:
        target = FIELD[0] - EDGE_PX if x < FIELD[0] / 2 else EDGE_PX
        points.append(Point(float(target), float(y)))
        left -= abs(target - x)
        x = target
        if not 0 <= y + down * ROW_PX <= FIELD[1]:
            down = -down
        y += down * ROW_PX
        points.append(Point(float(x), float(y)))
        left -= ROW_PX
    return tuple(points)
