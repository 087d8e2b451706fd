"""Where a slider goes: its curve as a line of many points, and places along it.

Follows osu!lazer's ``SliderPath`` in what a list of control points means (segments, fallbacks,
cutting and lengthening), but samples every curve to ``TOLERANCE_PX``, where the game takes a tenth
to a quarter of a pixel. Array suffixes: D is 2, x and y in osu! pixels; N counts points, K weights.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import atan2, ceil, cos, hypot, lgamma, pi, sin, sqrt, tau

import numpy as np

from beatheritage.osu.beatmap import CurveKind, Point, Slider

TOLERANCE_PX = 0.005

_MAX_STEPS = 2048
_MAX_WEIGHTS = 1 << 21
# osu! draws an arc as a Bezier curve where it would take this many points, 0.1 px off the chord.
_ARC_POINTS_END = 1000
_ARC_TOLERANCE_PX = 0.1
# Twice the area of the triangle under which osu! takes three points for a line, square pixels.
_STRAIGHT_AREA = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """``points`` (N, 2) along a curve and their distances ``lengths`` (N,) from its start.

    ``natural_length`` is what the curve has before it is cut or lengthened, in pixels.
    """

    points: np.ndarray
    lengths: np.ndarray
    natural_length: float

    @property
    def length(self) -> float:
        return float(self.lengths[-1])

    @property
    def end(self) -> Point:
        return Point(*self.points[-1].tolist())

    def at(self, distance: float) -> Point:
        """The place so many pixels along; the ends answer for what lies beyond them."""
        return Point(*self.places(np.array([distance]))[0].tolist())

    def places(self, distances: np.ndarray) -> np.ndarray:
        """Places (M, 2) of many distances (M,)."""
        columns = [np.interp(distances, self.lengths, axis) for axis in self.points.T]
        return np.stack(columns, axis=-1)


def slider_path(slider: Slider) -> Path:
    return flatten(Point(slider.x, slider.y), slider.kind, slider.points, slider.length)


def flatten(
    head: Point, kind: CurveKind, points: Sequence[Point], length: float | None = None
) -> Path:
    """The path of a slider.

    ``points`` are the control points after the head; ``length`` cuts the path or draws its end out
    straight, and 0 or None leaves the curve's own.
    """
    control_ND = np.array([head, *points], np.float64)
    pieces = [_sample(*segment) for segment in _segments(kind, control_ND)]
    path_ND = np.concatenate(pieces) if pieces else control_ND[:1]
    steps_N = np.hypot(*np.diff(path_ND, axis=0).T)
    keep_N = np.concatenate([[True], steps_N > 0])
    path_ND = path_ND[keep_N]
    lengths_N = np.concatenate([[0.0], np.cumsum(steps_N[steps_N > 0])])
    natural = float(lengths_N[-1])
    # osu! does not lengthen a slider whose last two control points are one.
    ends_twice = len(control_ND) > 1 and bool((control_ND[-1] == control_ND[-2]).all())
    if length and not (length > natural and ends_twice):
        path_ND, lengths_N = _fit(path_ND, lengths_N, length)
    return Path(points=path_ND, lengths=lengths_N, natural_length=natural)


def as_bezier(head: Point, segments: Sequence[tuple[CurveKind, Sequence[Point]]]) -> list[Point]:
    """Control points after the head of one Bezier curve that goes where many curves would.

    osu!lazer can change the kind of curve on the way, a .osu file for every osu! cannot. Each
    segment's points follow its kind; it begins where the one before it ended. Arcs come out within
    0.01 px of themselves (cubics over a quarter turn), all else exactly.
    """
    start, joined = head, []
    for kind, points in segments:
        control_ND = np.array([start, *points], np.float64)
        for piece_kind, piece_ND in _segments(kind, control_ND):
            for cubic_ND in _bezier_pieces(piece_kind, piece_ND):
                corner = [joined[-1]] if joined else []
                joined += corner + [Point(*place) for place in cubic_ND[1:].tolist()]
        start = points[-1] if points else start
    return joined


def _fit(
    path_ND: np.ndarray, lengths_N: np.ndarray, length: float
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a path to a length, or lengthen it in the direction of its last step."""
    if len(path_ND) < 2:
        return path_ND, lengths_N
    last = min(int(np.searchsorted(lengths_N, length)), len(path_ND) - 1)
    start_D, step_D = path_ND[last - 1], path_ND[last] - path_ND[last - 1]
    share = (length - lengths_N[last - 1]) / (lengths_N[last] - lengths_N[last - 1])
    end_D = start_D + share * step_D
    return np.vstack([path_ND[:last], end_D]), np.append(lengths_N[:last], length)


def _segments(kind: CurveKind, control_ND: np.ndarray) -> Iterator[tuple[CurveKind, np.ndarray]]:
    """The curves that the control points say, each with the kind that osu! makes of it."""
    if kind is CurveKind.PERFECT:
        kind = _perfect_kind(control_ND)
    if kind is not CurveKind.BEZIER:
        yield kind, control_ND
        return
    # A doubled point is a corner; at the very end it is just a point.
    same = (control_ND[1:] == control_ND[:-1]).all(axis=1)
    same[-1:] = False
    start = 0
    for corner in np.flatnonzero(same).tolist():
        if corner > start:
            yield kind, control_ND[start : corner + 1]
        start = corner + 1
    yield kind, control_ND[start:]


def _perfect_kind(control_ND: np.ndarray) -> CurveKind:
    """An arc goes through three points; of others osu! makes a Bezier curve or a line."""
    if len(control_ND) != 3:
        return CurveKind.BEZIER
    arc = _arc(control_ND)
    if arc is None:
        return CurveKind.LINEAR
    chord = 1 - _ARC_TOLERANCE_PX / arc.radius
    points = abs(arc.sweep) / (2 * np.arccos(chord)) if 0 <= chord < 1 else 0.0
    return CurveKind.BEZIER if points >= _ARC_POINTS_END else CurveKind.PERFECT


def _sample(kind: CurveKind, control_ND: np.ndarray) -> np.ndarray:
    match kind:
        case CurveKind.PERFECT:
            return _sample_arc(control_ND)
        case CurveKind.CATMULL:
            cubics = [_sample_bezier(piece_ND) for piece_ND in _catmull_pieces(control_ND)]
            return np.concatenate([control_ND[:1], *cubics])
        case CurveKind.BEZIER if len(control_ND) > 2:
            return _sample_bezier(control_ND)
        case _:
            return control_ND


def _sample_bezier(control_ND: np.ndarray) -> np.ndarray:
    degree = len(control_ND) - 1
    bends_N = np.hypot(*np.diff(control_ND, 2, axis=0).T)
    # A chord over 1/n of the curve is off by at most max|B''| / 8n^2.
    wanted = sqrt(degree * (degree - 1) * float(bends_N.max(initial=0)) / (8 * TOLERANCE_PX))
    room = max(8, _MAX_WEIGHTS // (degree + 1))
    # Powers of two, so that few tables of weights are ever made.
    steps = min(1 << max(2, ceil(wanted).bit_length()), _MAX_STEPS, room)
    path_ND = _bernstein(degree, steps) @ control_ND
    path_ND[0], path_ND[-1] = control_ND[0], control_ND[-1]
    return path_ND


@lru_cache(maxsize=64)
def _bernstein(degree: int, steps: int) -> np.ndarray:
    """Weights (steps + 1, degree + 1) of the control points at even parameters of 0 to 1."""
    t_N1 = np.linspace(0, 1, steps + 1)[1:-1, None]
    k_K = np.arange(degree + 1)
    choose_K = np.array([lgamma(degree + 1) - lgamma(k + 1) - lgamma(degree - k + 1) for k in k_K])
    inner_NK = np.exp(choose_K + k_K * np.log(t_N1) + (degree - k_K) * np.log1p(-t_N1))
    inner_NK /= inner_NK.sum(axis=1, keepdims=True)
    ends_2K = np.zeros((2, degree + 1))
    ends_2K[0, 0] = ends_2K[1, -1] = 1
    return np.concatenate([ends_2K[:1], inner_NK, ends_2K[1:]])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arc:
    """Part of a circle; ``sweep`` is signed, radians."""

    centre: Point
    radius: float
    start: float
    sweep: float

    def place(self, angle: float, radius: float | None = None) -> Point:
        radius = self.radius if radius is None else radius
        return Point(self.centre.x + radius * cos(angle), self.centre.y + radius * sin(angle))


def _arc(control_ND: np.ndarray) -> _Arc | None:
    """The arc through three points in their order; None where they lie on a line."""
    (ax, ay), (bx, by), (cx, cy) = control_ND.tolist()
    area = (by - ay) * (cx - ax) - (bx - ax) * (cy - ay)
    if abs(area) <= _STRAIGHT_AREA:
        return None
    bx, by, cx, cy = bx - ax, by - ay, cx - ax, cy - ay
    b_square, c_square = bx * bx + by * by, cx * cx + cy * cy
    x = (cy * b_square - by * c_square) / (-2 * area)
    y = (bx * c_square - cx * b_square) / (-2 * area)
    start, end = atan2(-y, -x), atan2(cy - y, cx - x)
    # The middle point is left of the way from start to end on one side of the circle only.
    sweep = (end - start) % tau if area < 0 else -((start - end) % tau)
    return _Arc(centre=Point(ax + x, ay + y), radius=hypot(x, y), start=start, sweep=sweep)


def _sample_arc(control_ND: np.ndarray) -> np.ndarray:
    arc = _arc(control_ND)
    assert arc is not None, "a straight arc is a line"
    angle = 2 * np.arccos(max(0.0, 1 - TOLERANCE_PX / arc.radius))
    angles_N = arc.start + np.linspace(0, arc.sweep, max(2, ceil(abs(arc.sweep) / angle)) + 1)
    around_ND = np.stack([np.cos(angles_N), np.sin(angles_N)], axis=-1)
    path_ND = np.array(arc.centre) + arc.radius * around_ND
    path_ND[0], path_ND[-1] = control_ND[0], control_ND[-1]
    return path_ND


def _catmull_pieces(control_ND: np.ndarray) -> Iterator[np.ndarray]:
    """The cubic Bezier curves that a Catmull-Rom spline is made of; osu! mirrors past its end."""
    count = len(control_ND)
    for index in range(count - 1):
        here_D, next_D = control_ND[index], control_ND[index + 1]
        before_D = control_ND[index - 1] if index else here_D
        after_D = control_ND[index + 2] if index + 2 < count else 2 * next_D - here_D
        leave_D, arrive_D = (next_D - before_D) / 6, (after_D - here_D) / 6
        yield np.stack([here_D, here_D + leave_D, next_D - arrive_D, next_D])


def _bezier_pieces(kind: CurveKind, control_ND: np.ndarray) -> Iterator[np.ndarray]:
    """One curve as Bezier curves."""
    match kind:
        case CurveKind.LINEAR:
            yield from (control_ND[index : index + 2] for index in range(len(control_ND) - 1))
        case CurveKind.CATMULL:
            yield from _catmull_pieces(control_ND)
        case CurveKind.PERFECT:
            yield from _arc_pieces(control_ND)
        case _:
            if len(control_ND) > 1:
                yield control_ND


def _arc_pieces(control_ND: np.ndarray) -> Iterator[np.ndarray]:
    arc = _arc(control_ND)
    assert arc is not None, "a straight arc is a line"
    count = max(1, ceil(abs(arc.sweep) / (pi / 4)))
    angle = arc.sweep / count
    # The well-known cubic for an arc: handles of 4/3 tan(angle / 4) radii along the tangents.
    handle = 4 / 3 * np.tan(angle / 4) * arc.radius
    for index in range(count):
        start, end = arc.start + index * angle, arc.start + (index + 1) * angle
        (x0, y0), (x3, y3) = arc.place(start), arc.place(end)
        leave = (x0 - handle * sin(start), y0 + handle * cos(start))
        arrive = (x3 + handle * sin(end), y3 - handle * cos(end))
        yield np.array([(x0, y0), leave, arrive, (x3, y3)])
