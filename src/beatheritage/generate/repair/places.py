"""Where std's objects lie, while they are being moved: whole, and on the playfield."""

from dataclasses import replace

import numpy as np

from beatheritage.generate.field import FIELD, SCREEN
from beatheritage.osu.beatmap import HitObject, Point, Slider, Spinner
from beatheritage.osu.mode import circle_radius_px
from beatheritage.review.subject import MapSubject

# From the way an object lies, the ways in which it is tried elsewhere.
SPOKES = 48


class Places:
    """Heads and tails of a map's objects, float (objects, 2), and the room that each takes."""

    def __init__(self, subject: MapSubject) -> None:
        self.subject = subject
        self.moves = np.zeros((len(subject.objects), 2))
        self.heads = np.array([(item.x, item.y) for item in subject.objects], np.float64)
        self.heads = self.heads.reshape(-1, 2)
        self.tails = self.heads.copy()
        self._ends = self.heads.copy()
        self._low, self._high = self.heads.copy(), self.heads.copy()
        for index, path in subject.paths.items():
            item = subject.objects[index]
            end = path.points[-1]
            self._ends[index] = end
            if isinstance(item, Slider) and item.slides % 2:
                self.tails[index] = end
            self._low[index], self._high[index] = path.points.min(0), path.points.max(0)
        radius = circle_radius_px(subject.beatmap.difficulty.circle_size)
        field, screen = np.array(FIELD), np.array(SCREEN)
        self._field = field
        self._screen = screen + np.array([radius, -radius])

    def is_spinner(self, index: int) -> bool:
        return isinstance(self.subject.objects[index], Spinner)

    def inside(self, index: int, moves: np.ndarray) -> np.ndarray:
        """Which of moves (M, 2) leave an object on the field, its body on the screen: bool (M,)."""
        fits = np.ones(len(moves), bool)
        for place in (self.heads[index], self._ends[index]):
            moved = place + moves
            fits &= ((moved >= self._field[:, 0]) & (moved <= self._field[:, 1])).all(1)
        if isinstance(self.subject.objects[index], Slider):
            fits &= (self._low[index] + moves >= self._screen[:, 0]).all(1)
            fits &= (self._high[index] + moves <= self._screen[:, 1]).all(1)
        return fits

    def move(self, index: int, by: np.ndarray) -> None:
        """Move an object by whole pixels."""
        for places in (self.heads, self.tails, self._ends, self._low, self._high, self.moves):
            places[index] += by

    def moved(self) -> dict[int, HitObject | None]:
        """Every object that is elsewhere now."""
        objects = self.subject.objects
        return {
            int(index): shifted(objects[index], *self.moves[index].tolist())
            for index in np.flatnonzero(self.moves.any(axis=1))
        }


def shifted(item: HitObject, dx: float, dy: float) -> HitObject:
    """The object, all of it, so many pixels further."""
    if isinstance(item, Slider):
        points = tuple(Point(point.x + dx, point.y + dy) for point in item.points)
        return replace(item, x=item.x + dx, y=item.y + dy, points=points)
    return replace(item, x=item.x + dx, y=item.y + dy)


def around(centre: np.ndarray, radius: float, facing: float) -> np.ndarray:
    """Whole-pixel places (SPOKES, 2) on a circle, the one at angle ``facing`` first."""
    angles = facing + np.arange(SPOKES) * 2 * np.pi / SPOKES
    return np.rint(centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1))
