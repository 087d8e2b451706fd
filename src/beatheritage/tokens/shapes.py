"""The shapes that sliders take, as a codebook: each of length 1, its head at 0, looking along +x.

A shape looks from its head to the middle of its body, which is sure even where it ends at its head.
Of two mirrored shapes only the one that bends towards +y is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from beatheritage.osu.beatmap import CurveKind, Point
from beatheritage.osu.curve import flatten

SHAPE_POINTS = 17
STRAIGHT = 0.004  # the mean distance from a line, in lengths, up to which a slider counts as one
STRAIGHT_SHAPE = 0  # the codebook's first shape is the line


class Lie(NamedTuple):
    """A slider's body taken apart: its bare form, and how that lies on the field.

    ``form`` (SHAPE_POINTS, 2) in lengths; ``direction`` is a unit vector (2,).
    """

    form: np.ndarray
    direction: np.ndarray
    mirrored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Control points after the head, in lengths."""

    kind: CurveKind
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Codebook:
    """The shapes that a placer knows; the first is the straight line."""

    shapes: tuple[Shape, ...]

    @cached_property
    def polylines(self) -> np.ndarray:
        """(shapes, SHAPE_POINTS, 2) float32."""
        return np.stack([outline(shape) for shape in self.shapes]).astype(np.float32)

    def to_json(self) -> list[list[object]]:
        return [
            [shape.kind.value, *[round(value, 5) for point in shape.points for value in point]]
            for shape in self.shapes
        ]

    @classmethod
    def from_json(cls, rows: Sequence[Sequence[object]]) -> "Codebook":
        shapes = []
        for kind, *numbers in rows:
            values = [float(str(value)) for value in numbers]
            points = tuple(Point(x, y) for x, y in zip(values[::2], values[1::2], strict=True))
            shapes.append(Shape(kind=CurveKind(kind), points=points))
        return cls(shapes=tuple(shapes))


def resample(path: np.ndarray, count: int = SHAPE_POINTS) -> np.ndarray:
    """Points (count, 2) at equal steps along a path (M, 2)."""
    steps = np.hypot(*np.diff(path, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0, along[-1], count)
    return np.stack([np.interp(wanted, along, path[:, axis]) for axis in (0, 1)], axis=1)


def take_apart(points: np.ndarray, length: float) -> Lie:
    """Bring a body (SHAPE_POINTS, 2) px to the codebook's form."""
    form = (points - points[0]) / length
    direction = _direction(form)
    form = rotate(form, direction * (1, -1))
    mirrored = bool(_bend(form) < 0)
    return Lie(form * (1, -1) if mirrored else form, direction, mirrored)


def lay(points: np.ndarray, direction: np.ndarray, mirrored: bool) -> np.ndarray:
    """The way back, short of length and head: turn (and mirror) points (..., 2)."""
    return rotate(points * (1, -1) if mirrored else points, direction)


def rotate(points: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Turn points (..., 2) by the angle of a unit vector."""
    cos, sin = direction
    return points @ np.array([[cos, sin], [-sin, cos]])


def is_straight(form: np.ndarray) -> bool:
    return bool(np.abs(form[:, 1]).mean() < STRAIGHT)


def outline(shape: Shape, scale: float = 1000.0) -> np.ndarray:
    """The shape's body as points (SHAPE_POINTS, 2) in lengths."""
    points = tuple(Point(x * scale, y * scale) for x, y in shape.points)
    return resample(flatten(Point(0, 0), shape.kind, points).points) / scale


def _direction(form: np.ndarray) -> np.ndarray:
    middle = form.mean(axis=0)
    size = np.hypot(*middle)
    return middle / size if size > 1e-6 else np.array([1.0, 0.0])


def _bend(form: np.ndarray) -> float:
    """Twice the signed area between the body and its chord, positive when it bends towards +y."""
    x, y = form[:, 0], form[:, 1]
    return float(np.sum(x[1:] * y[:-1] - x[:-1] * y[1:]))
