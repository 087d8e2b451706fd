"""A codebook of slider shapes, learned from the forms of people's sliders.

The forms are clustered, and to the mean of each cluster the simplest curve is fitted that follows
it: an arc, two straight lines, or a Bezier curve of as few points as will do.
"""

from math import comb

import numpy as np

from beatheritage.osu.beatmap import CurveKind, Point
from beatheritage.tokens.shapes import (
    SHAPE_POINTS,
    Codebook,
    Shape,
    is_straight,
    outline,
    rotate,
    take_apart,
)

ROUNDS = 25
CLOSE_ENOUGH = 0.012  # root mean square distance from the cluster's mean, in lengths
BEZIER_DEGREES = (2, 3, 4, 5, 6)


def learn_codebook(forms: np.ndarray, count: int, rng: np.random.Generator) -> Codebook:
    """Cluster forms (M, SHAPE_POINTS, 2) into ``count`` shapes, the straight line first."""
    bent = forms[[not is_straight(form) for form in forms]].reshape(-1, 2 * SHAPE_POINTS)
    means = _cluster(bent, count - 1, rng).reshape(-1, SHAPE_POINTS, 2)
    line = Shape(kind=CurveKind.LINEAR, points=(Point(1.0, 0.0),))
    return Codebook(shapes=(line, *(fit_shape(mean) for mean in means)))


def nearest_shapes(forms: np.ndarray, codebook: Codebook) -> np.ndarray:
    """Which shape each form (M, SHAPE_POINTS, 2) is, (M,) int64."""
    flat = forms.reshape(-1, 2 * SHAPE_POINTS)
    known = codebook.polylines.reshape(-1, 2 * SHAPE_POINTS)
    return _squared(flat, known).argmin(axis=1)


def fit_shape(mean: np.ndarray) -> Shape:
    """The simplest curve that follows a mean form, brought to length 1 and to look along +x."""
    candidates = [_arc(mean), _corner(mean), *(_bezier(mean, n) for n in BEZIER_DEGREES)]
    errors = [np.sqrt(((outline(shape) - mean) ** 2).sum(-1).mean()) for shape in candidates]
    close = [shape for shape, error in zip(candidates, errors, strict=True) if error < CLOSE_ENOUGH]
    return _normal(close[0] if close else candidates[int(np.argmin(errors))])


def _cluster(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Means (count, dimensions) by Lloyd's algorithm, begun at points far from one another."""
    means = points[rng.integers(len(points), size=1)]
    nearest = _squared(points, means)[:, 0]
    for _ in range(count - 1):
        chosen = points[rng.choice(len(points), p=nearest / nearest.sum())]
        means = np.concatenate([means, chosen[None]])
        nearest = np.minimum(nearest, _squared(points, chosen[None])[:, 0])
    for _ in range(ROUNDS):
        owner = _squared(points, means).argmin(axis=1)
        sizes = np.bincount(owner, minlength=count)
        sums = np.zeros_like(means)
        np.add.at(sums, owner, points)
        means = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], means)
    return means


def _squared(points: np.ndarray, means: np.ndarray) -> np.ndarray:
    crossed = points @ means.T
    squared = (points**2).sum(1)[:, None] - 2 * crossed + (means**2).sum(1)[None]
    return np.maximum(squared, 0)


def _arc(mean: np.ndarray) -> Shape:
    return Shape(kind=CurveKind.PERFECT, points=(Point(*mean[len(mean) // 2]), Point(*mean[-1])))


def _corner(mean: np.ndarray) -> Shape:
    chord = mean[-1] / max(np.hypot(*mean[-1]), 1e-6)
    off = np.abs(mean @ np.array([-chord[1], chord[0]]))
    corner = Point(*mean[int(off[1:-1].argmax()) + 1])
    return Shape(kind=CurveKind.BEZIER, points=(corner, corner, Point(*mean[-1])))


def _bezier(mean: np.ndarray, degree: int) -> Shape:
    """Least squares with both ends held; points are taken to lie at equal parameters."""
    parameter = np.linspace(0, 1, len(mean))
    basis = np.stack(
        [
            comb(degree, k) * parameter**k * (1 - parameter) ** (degree - k)
            for k in range(degree + 1)
        ],
        axis=1,
    )
    rest = mean - basis[:, :1] * mean[0] - basis[:, -1:] * mean[-1]
    inner = np.linalg.lstsq(basis[:, 1:-1], rest, rcond=1e-3)[0]
    points = tuple(Point(*row) for row in [*inner, mean[-1]])
    return Shape(kind=CurveKind.BEZIER, points=points)


def _normal(shape: Shape) -> Shape:
    body = outline(shape)
    length = np.hypot(*np.diff(body, axis=0).T).sum()
    lie = take_apart(body, length)
    points = rotate(np.asarray(shape.points) / length, lie.direction * (1, -1))
    points = points * (1, -1) if lie.mirrored else points
    return Shape(kind=shape.kind, points=tuple(Point(float(x), float(y)) for x, y in points))
