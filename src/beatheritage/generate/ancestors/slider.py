"""Sliders from an ancestor's anchors: which curve, how many slides, how long and how fast."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from beatheritage.osu.beatmap import CurveKind, EdgeSound, Point, RedLine, Sample, Slider
from beatheritage.osu.curve import Path, flatten
from beatheritage.tokens.steps import Step
from beatheritage.tokens.steps_decode import Group, Sound

KEPT_VELOCITY, KEPT_ON_NEW_COMBO = 0.15, 0.05
"""How much a slider's velocity may differ from the last one's, as a share, before it changes."""

MOST_STRETCH = 1.5  # how much longer than its anchors' path a slider may be
COARSE_STEPS, FINE_STEPS = 20, 100  # of slider velocity, to one
FINE_BELOW = 0.1
SHORTEST_SHARE = 1e-4  # of a path that a slider may end on

_KINDS = {
    Step.PERFECT_ANCHOR: CurveKind.PERFECT,
    Step.CATMULL_ANCHOR: CurveKind.CATMULL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The groups of one slider. ``turn`` is its last anchor with time and sounds; of several last
    anchors the first says where the path ends."""

    head: Group
    anchors: tuple[Group, ...]
    turn: Group
    end: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """What a slider's length follows from besides itself; ``velocity`` is the last slider's."""

    line: RedLine
    slider_multiplier: float
    velocity: float

    def length(self, velocity: float, span: float) -> float:
        return velocity * span * 100 / self.line.beat_length * self.slider_multiplier

    def velocity_for(self, length: float, span: float) -> float:
        return length / self.length(1.0, span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A slider, the velocity that it needs, and how long one slide of it lasts, ms."""

    slider: Slider
    velocity: float
    span: float


def fit_slider(parts: Parts, places: Sequence[Point], pacing: Pacing) -> Fitted | None:
    """A slider through ``places`` (its head, then its anchors); None where it can't be one: no time
    between its parts, or no path."""
    head, *points = places
    total = parts.end.time - parts.head.time
    span = parts.turn.time - parts.head.time
    if total <= 0 or span <= 0 or not points:
        return None
    slides = max(1, round(total / span))
    span = total / slides
    kind = curve_kind(parts.anchors[0].kind)
    points = with_corners([anchor.kind for anchor in parts.anchors], points)
    path = flatten(head, kind, points)
    found = _velocity(parts, path, pacing, span)
    if found is None:
        return None
    velocity, length = found
    if length > path.natural_length:
        points = _stretched(head, points, length / path.natural_length)
    slider = Slider(
        time=float(parts.head.time),
        x=head.x,
        y=head.y,
        kind=kind,
        points=tuple(Point(float(round(x)), float(round(y))) for x, y in points),
        slides=slides,
        length=length,
        new_combo=parts.head.new_combo,
    )
    return Fitted(slider=_with_sounds(slider, parts), velocity=velocity, span=span)


def _velocity(parts: Parts, path: Path, pacing: Pacing, span: float) -> tuple[float, float] | None:
    """Velocity and length of a slider: those it was given, or what people would choose."""
    if path.natural_length <= 0:
        return None
    if parts.head.speed:
        velocity = parts.head.speed
    else:
        share = share_of(path, parts.end.place) if parts.end.place else 1.0
        if share < SHORTEST_SHARE:
            return None
        needed = pacing.velocity_for(path.natural_length * share, span)
        velocity = likely_velocity(needed, pacing.velocity, parts.head.new_combo)
    length = pacing.length(velocity, span)
    if length > MOST_STRETCH * path.natural_length:
        velocity = pacing.velocity_for(path.natural_length, span)
        velocity = round(velocity * COARSE_STEPS) / COARSE_STEPS or velocity
        length = pacing.length(velocity, span)
    return velocity, length


def likely_velocity(needed: float, last: float, new_combo: bool) -> float:
    """The last slider's velocity where it is near enough, else a round one."""
    if abs(needed - last) / last <= (KEPT_ON_NEW_COMBO if new_combo else KEPT_VELOCITY):
        return last
    coarse = round(needed * COARSE_STEPS) / COARSE_STEPS
    if coarse >= FINE_BELOW:
        return coarse
    return round(needed * FINE_STEPS) / FINE_STEPS or needed


def share_of(path: Path, place: Point) -> float:
    """How far along a path it comes nearest to a place, seen from its end: from there back for as
    long as it comes nearer."""
    shares = np.linspace(1, 0, 1 + 10 * int(np.ceil(path.length)))
    away = np.hypot(*(path.places(shares * path.length) - np.array(place)).T)
    rises = np.flatnonzero(np.diff(away) > 0)
    return float(shares[rises[0] if len(rises) else -1])


def curve_kind(first: Step) -> CurveKind:
    """The curve that a slider's first anchor says."""
    return _KINDS.get(first, CurveKind.BEZIER)


def with_corners(anchors: Sequence[Step], points: Sequence[Point]) -> list[Point]:
    """The points of anchors of such kinds as a slider has them: a corner stands twice."""
    corners = [anchor is Step.RED_ANCHOR for anchor in anchors]
    return [
        point
        for point, is_corner in zip(points, corners, strict=True)
        for _ in range(1 + is_corner)
    ]


def _stretched(head: Point, points: Sequence[Point], scale: float) -> list[Point]:
    return [
        Point(head.x + scale * (point.x - head.x), head.y + scale * (point.y - head.y))
        for point in points
    ]


def node_sounds(parts: Parts, slides: int) -> list[Sound]:
    """What sounds at the head, at each turn and at the end; the last that is known for those that
    weren't written."""
    turns = parts.turn.sounds[1:]
    first = parts.head.sounds[:1] or (Sound(),)
    last = parts.end.sounds[:1] or first
    turns = [*turns, *[turns[-1] if turns else first[0]] * slides][: slides - 1]
    return [*first, *turns, *last]


def _with_sounds(slider: Slider, parts: Parts) -> Slider:
    body = parts.turn.sounds[0] if parts.turn.sounds else Sound()
    edges = tuple(
        EdgeSound(sound.sound, sound.normal_set, sound.addition_set)
        for sound in node_sounds(parts, slider.slides)
    )
    sample = Sample(normal_set=body.normal_set, addition_set=body.addition_set)
    return replace(slider, sound=body.sound, sample=sample, edges=edges)
