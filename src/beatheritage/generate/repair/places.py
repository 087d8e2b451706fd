"""Where std's objects lie, while they are being moved: whole, and on the playfield."""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from beatheritage.generate.field import FIELD, SCREEN
from beatheritage.osu.beatmap import HitObject, Point, Slider, Spinner
from beatheritage.osu.curve import slider_path
from beatheritage.osu.mode import circle_radius_px
from beatheritage.review.subject import MapSubject

# From the way an object lies, the ways in which it is tried elsewhere.
SPOKES = 48

Moved = TypeVar("Moved", bound=HitObject)


class Places:
    """Heads and tails of a map's objects, float (objects, 2), and the room that each takes."""

    def __init__(self, subject: MapSubject) -> None:
        self.subject = subject
        self.items: list[HitObject] = list(subject.objects)
        self.moves = np.zeros((len(self.items), 2))
        self.heads = np.array([(item.x, item.y) for item in self.items], np.float64)
        self.heads = self.heads.reshape(-1, 2)
        self.tails, self._ends = self.heads.copy(), self.heads.copy()
        self._low, self._high = self.heads.copy(), self.heads.copy()
        for index, path in subject.paths.items():
            self._lay(index, path.points)
        radius = circle_radius_px(subject.beatmap.difficulty.circle_size)
        self._field = np.array(FIELD)
        self._screen = np.array(SCREEN) + np.array([radius, -radius])

    def _lay(self, index: int, points: np.ndarray) -> None:
        """Note the room that a slider's path takes."""
        item = self.items[index]
        assert isinstance(item, Slider), "nothing else has a path"
        self.heads[index], self._ends[index] = points[0], points[-1]
        self.tails[index] = points[-1] if item.slides % 2 else points[0]
        self._low[index], self._high[index] = points.min(0), points.max(0)

    def turn(self, index: int, slider: Slider) -> None:
        """Put another slider where one is."""
        self.items[index], self.moves[index] = slider, 0.0
        self._lay(index, slider_path(slider).points)

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
        return {
            index: self.now(index)
            for index in range(len(self.items))
            if not self.is_where_it_was(index)
        }

    def is_where_it_was(self, index: int) -> bool:
        """Whether an object was neither moved nor turned."""
        same = self.items[index] is self.subject.objects[index]
        return same and not self.moves[index].any()

    def now(self, index: int) -> HitObject:
        """The object as it is by now."""
        return shifted(self.items[index], *self.moves[index].tolist())


def shifted(item: Moved, dx: float, dy: float) -> Moved:
    """The object, all of it, so many pixels further."""
    if isinstance(item, Slider):
        points = tuple(Point(point.x + dx, point.y + dy) for point in item.points)
        return replace(item, x=item.x + dx, y=item.y + dy, points=points)
    return replace(item, x=item.x + dx, y=item.y + dy)


def around(centre: np.ndarray, radius: float, facing: float) -> np.ndarray:
    """Whole-pixel places (SPOKES, 2) on a circle, the one at angle ``facing`` first."""
    angles = facing + np.arange(SPOKES) * 2 * np.pi / SPOKES
    return np.rint(centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1))
