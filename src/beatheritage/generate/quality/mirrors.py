"""Mirroring stretches of a map: every distance stays as it is, and the ways between turn.

A stretch of objects is mirrored about the line from where the object before it ends to where the
one after it starts. Both of these stay, and so does every distance between two objects in a row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from beatheritage.generate.field import FIELD, SCREEN
from beatheritage.generate.repair.edits import edited, subject_of
from beatheritage.osu.beatmap import Beatmap, HitObject, Point, Slider, Spinner
from beatheritage.osu.mode import circle_radius_px
from beatheritage.osu.stars import stars

LENGTHS = (1, 2, 3, 4, 6, 8)
BODY_STEP_PX = 10.0
SHORTEST_AXIS_PX = 2.0
MOST_STARS_CHANGED = 0.018  # of them; whole pixels are to come


class Mirror(NamedTuple):
    """Objects ``first`` to ``last``, and the axis: a place (2,) and a unit way (2,)."""

    first: int
    last: int
    place: np.ndarray
    way: np.ndarray

    def points(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 2) on the other side."""
        away = points - self.place
        return self.place + 2 * (away @ self.way)[:, None] * self.way - away


class Chain:
    """The objects of a map as places that can be mirrored: ``heads`` and ``tails`` (objects, 2)."""

    def __init__(self, beatmap: Beatmap) -> None:
        subject = subject_of(beatmap)
        self.beatmap, self.starts, self.ends = beatmap, subject.starts, subject.ends
        self.is_spinner = np.array([isinstance(item, Spinner) for item in beatmap.objects], bool)
        self._controls = [_controls(item) for item in beatmap.objects]
        self._bodies = [self._controls[index][:1] for index in range(len(beatmap.objects))]
        for index, path in subject.paths.items():
            steps = max(2, int(path.length / BODY_STEP_PX) + 1)
            self._bodies[index] = path.places(np.linspace(0, path.length, steps))
        self._returns = [
            isinstance(item, Slider) and item.slides % 2 == 0 for item in beatmap.objects
        ]
        self._slider = np.array([isinstance(item, Slider) for item in beatmap.objects], bool)
        self._changed: set[int] = set()
        radius = circle_radius_px(beatmap.difficulty.circle_size)
        self._screen = np.array(SCREEN) + np.array([radius, -radius])
        self.heads = np.array([one[0] for one in self._bodies]).reshape(-1, 2)
        self.tails = self.heads.copy()
        for index in range(len(self._bodies)):
            self._settle(index)

    def _settle(self, index: int) -> None:
        body = self._bodies[index]
        self.heads[index] = body[0]
        self.tails[index] = body[0] if self._returns[index] else body[-1]

    def mirrors(self, first: int) -> Iterator[Mirror]:
        """Every mirror of a stretch that starts with an object; none goes over a spinner."""
        for length in LENGTHS:
            last = first + length - 1
            if first < 1 or last + 1 >= len(self.heads):
                return
            if self.is_spinner[first - 1 : last + 2].any():
                return
            way = self.heads[last + 1] - self.tails[first - 1]
            size = float(np.hypot(*way))
            if size >= SHORTEST_AXIS_PX:
                yield Mirror(first, last, self.tails[first - 1].copy(), way / size)

    def fits(self, mirror: Mirror) -> bool:
        """Whether all that is mirrored stays on the field, and bodies on the screen."""
        low, high = np.array(FIELD).T
        for index in range(mirror.first, mirror.last + 1):
            body = mirror.points(self._bodies[index])
            ends = body[[0, -1]]
            if (ends < low).any() or (ends > high).any():
                return False
            if self._slider[index] and not self._on_screen(body):
                return False
        return True

    def _on_screen(self, body: np.ndarray) -> bool:
        low, high = self._screen.T
        return bool((body >= low).all() and (body <= high).all())

    def apply(self, mirror: Mirror) -> None:
        """Mirror; the same again undoes it."""
        for index in range(mirror.first, mirror.last + 1):
            self._bodies[index] = mirror.points(self._bodies[index])
            self._controls[index] = mirror.points(self._controls[index])
            self._changed.add(index)
            self._settle(index)

    def as_beatmap(self) -> Beatmap:
        """The map with whole pixels where something was mirrored."""
        objects = self.beatmap.objects
        changes: dict[int, HitObject | None] = {
            index: _placed(objects[index], np.rint(self._controls[index]).tolist())
            for index in sorted(self._changed)
        }
        return edited(self.beatmap, changes)


def _controls(item: HitObject) -> np.ndarray:
    points = item.points if isinstance(item, Slider) else ()
    return np.array([(item.x, item.y), *points], np.float64)


def _placed(item: HitObject, points: list[list[float]]) -> HitObject:
    (x, y), *rest = points
    moved = replace(item, x=x, y=y)
    if isinstance(moved, Slider):
        return replace(moved, points=tuple(Point(*point) for point in rest))
    return moved


def as_hard(chain: Chain, made: Sequence[Mirror], rating: float) -> Beatmap:
    """The chain's map with as many of the mirrors that were made as leave the stars within 2 %; the
    last are undone first."""
    steps = len(made)
    while steps:
        mirrored = chain.as_beatmap()
        if abs(stars(mirrored) - rating) <= MOST_STARS_CHANGED * rating:
            return mirrored
        kept = steps * 3 // 4
        for mirror in reversed(made[kept:steps]):
            chain.apply(mirror)
        steps = kept
    return chain.beatmap


def spread_out(count: int) -> np.ndarray:
    """Every index once, the first of them all over the map (golden ratio)."""
    return np.argsort(np.arange(count) * 0.6180339887498949 % 1.0, kind="stable")
