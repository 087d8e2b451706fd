"""A map as the points that osu-diffusion knows: where, when, how far from the last, what it is.

Array suffixes: N points, 2 x and y, C what a point is, V values, W waves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import hypot

import numpy as np

from beatheritage.generate.ancestors.objects import CENTRE
from beatheritage.generate.ancestors.slider import MOST_STRETCH, curve_kind, with_corners
from beatheritage.osu.beatmap import Point
from beatheritage.osu.curve import Path, flatten
from beatheritage.tokens.steps import ANCHORS, Step
from beatheritage.tokens.steps_decode import Group

NUMBER_WIDTH = 128  # of the waves that tell a time or a distance
LONGEST_WAVE = 10_000.0
TIME_SCALE = 0.1  # times are told in steps of 10 ms
KINDS = 16
CONTEXT = 2 * NUMBER_WIDTH + KINDS

_KINDS = {
    Step.CIRCLE: 0,
    Step.SPINNER: 2,
    Step.SPINNER_END: 3,
    Step.SLIDER_HEAD: 4,
    Step.BEZIER_ANCHOR: 6,
    Step.PERFECT_ANCHOR: 7,
    Step.CATMULL_ANCHOR: 8,
    Step.RED_ANCHOR: 9,
    Step.LAST_ANCHOR: 10,
    Step.SLIDER_END: 11,
}
"""What a point is to the model; a circle's and a head's next number is that with a new combo."""

_SPINNERS = (Step.SPINNER, Step.SPINNER_END)
_MANY_SLIDES = 4  # from here on only even and odd ones are told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The numbers of a slider's points: its head, its anchors of such kinds, and its end.

    ``group`` is the number of the head's group, ``span`` ms what one slide lasts, and ``length`` px
    what its path has, None where nobody says it.
    """

    head: int
    inner: tuple[int, ...]
    anchors: tuple[Step, ...]
    end: int
    group: int
    span: float
    length: float | None = None

    def moved(self, by: int) -> "Body":
        """The same among points that are numbered otherwise."""
        inner = tuple(point + by for point in self.inner)
        return replace(self, head=self.head + by, inner=inner, end=self.end + by)

    def path(self, places_N2: np.ndarray) -> Path:
        """The path through the points' places, px, as long as it comes."""
        control = [Point(*place) for place in places_N2[[self.head, *self.inner]].tolist()]
        points = with_corners(self.anchors, control[1:])
        return flatten(control[0], curve_kind(self.anchors[0]), points)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """``groups`` (N,) are the numbers of the groups that the points stand for; ``places`` (N, 2)
    are px; ``context`` (N, C) is what the model is told of each. Those that are ``kept`` (N,) stay
    where they are."""

    groups: tuple[int, ...]
    places: np.ndarray
    context: np.ndarray
    bodies: tuple[Body, ...]
    kept: np.ndarray

    def __len__(self) -> int:
        return len(self.groups)

    def holding(self, lengths: Sequence[float | None]) -> "Points":
        """The same, with the lengths of the bodies' paths."""
        pairs = zip(self.bodies, lengths, strict=True)
        return replace(self, bodies=tuple(replace(body, length=length) for body, length in pairs))


def long_enough(points: Points, places_N2: np.ndarray) -> np.ndarray:
    """The places (px) with every path as long as its slider, or as it was where it was shorter.

    A path that came out short is stretched about its head; where that would take too much, it has
    the shape that it had.
    """
    fitted_N2 = places_N2.copy()
    for body in points.bodies:
        if body.length is None or points.kept[body.head]:
            continue
        wanted = min(body.length, body.path(points.places).natural_length)
        natural = body.path(places_N2).natural_length
        if natural >= wanted:
            continue
        head_2, inner = places_N2[body.head], list(body.inner)
        if natural * MOST_STRETCH >= wanted:
            fitted_N2[inner] = head_2 + (places_N2[inner] - head_2) * (wanted / natural)
        else:
            fitted_N2[inner] = points.places[inner] + head_2 - points.places[body.head]
        fitted_N2[body.end] = body.path(fitted_N2).at(body.length)
    return fitted_N2


def points_of(groups: Sequence[Group], *, as_timed: bool = False) -> Points:
    """The points that groups spell; those of groups that have no place stay with the last.

    The anchors of a slider share its time out evenly, as in training; ``as_timed`` leaves each its
    own time, which is how osu-diffusion was run by its authors.
    """
    walk = _Walk(shares_out=not as_timed)
    for index, group in enumerate(groups):
        walk.take(index, group)
    times_N, distances_N = np.array(walk.times), np.array(walk.distances)
    context_NC = np.zeros((len(walk.groups), CONTEXT), np.float32)
    context_NC[:, :NUMBER_WIDTH] = waves(times_N * TIME_SCALE)
    context_NC[:, NUMBER_WIDTH : 2 * NUMBER_WIDTH] = waves(distances_N)
    context_NC[np.arange(len(walk.kinds)), np.array(walk.kinds, int) + 2 * NUMBER_WIDTH] = 1
    return Points(
        groups=tuple(walk.groups),
        places=np.array(walk.places, np.float64).reshape(-1, 2),
        context=context_NC,
        bodies=tuple(walk.bodies),
        kept=np.zeros(len(walk.groups), bool),
    )


def waves(values_V: np.ndarray) -> np.ndarray:
    """Each value as cosines, then sines, of falling frequency (V, W)."""
    half = NUMBER_WIDTH // 2
    angles = values_V[:, None] * np.exp(-np.arange(half) * np.log(LONGEST_WAVE) / half)
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1)


@dataclass(slots=True)
class _Open:
    """A slider whose end hasn't come: its points, and the groups that they stand for."""

    head: int
    group: int
    start: float
    inner: list[int] = field(default_factory=list)
    anchors: list[Step] = field(default_factory=list)
    turn: float | None = None


@dataclass(slots=True)
class _Walk:
    """Takes groups in their order; one entry a point in each list."""

    shares_out: bool
    groups: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    places: list[Point] = field(default_factory=list)
    distances: list[float] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    last: Point = CENTRE
    slider: _Open | None = None

    def take(self, index: int, group: Group) -> None:
        match group.kind:
            case Step.CIRCLE:
                self._add(index, group, _KINDS[group.kind] + group.new_combo)
            case Step.SPINNER | Step.SPINNER_END:
                self._add(index, group, _KINDS[group.kind])
            case Step.SLIDER_HEAD:
                self.slider = _Open(len(self.groups), index, float(group.time))
                self._add(index, group, _KINDS[group.kind] + group.new_combo)
            case kind if self.slider and (kind in ANCHORS or kind is Step.LAST_ANCHOR):
                self._anchor(index, group, self.slider)
            case Step.SLIDER_END if self.slider:
                self._end(index, group, self.slider)

    def _add(self, index: int, group: Group, kind: int) -> None:
        place = CENTRE if group.kind in _SPINNERS else group.place or self.last
        away = hypot(place.x - self.last.x, place.y - self.last.y)
        self.groups.append(index)
        self.times.append(float(group.time))
        self.places.append(place)
        self.distances.append(away if group.distance is None else group.distance)
        self.kinds.append(kind)
        self.last = place

    def _anchor(self, index: int, group: Group, slider: _Open) -> None:
        is_last = group.kind is Step.LAST_ANCHOR
        # The second last anchor of a version that has two says when, not where.
        if not (is_last and slider.turn is not None):
            slider.inner.append(len(self.groups))
            slider.anchors.append(group.kind)
            self._add(index, group, _KINDS[group.kind])
        if is_last:
            slider.turn = float(group.time)

    def _end(self, index: int, group: Group, slider: _Open) -> None:
        self.slider = None
        span = 0.0 if slider.turn is None else slider.turn - slider.start
        slides = max(1, round((group.time - slider.start) / span)) if span > 0 else 1
        told = slides if slides < _MANY_SLIDES else _MANY_SLIDES + slides % 2
        self._add(index, group, _KINDS[group.kind] + told - 1)
        if span <= 0:
            return
        if self.shares_out:
            for number, point in enumerate(slider.inner, 1):
                self.times[point] = slider.start + int(span * number / len(slider.inner))
        self.bodies.append(
            Body(
                head=slider.head,
                inner=tuple(slider.inner),
                anchors=tuple(slider.anchors),
                end=len(self.groups) - 1,
                group=slider.group,
                span=span,
            )
        )
