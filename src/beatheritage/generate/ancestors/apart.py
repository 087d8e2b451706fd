"""Places of a finished map further apart or closer together: the same drawing in another size."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from beatheritage.osu.beatmap import (
    PLAYFIELD_HEIGHT_PX,
    PLAYFIELD_WIDTH_PX,
    Circle,
    HitObject,
    Point,
    Slider,
)
from beatheritage.osu.curve import slider_path

FIELD = np.array([PLAYFIELD_WIDTH_PX, PLAYFIELD_HEIGHT_PX])
REMEMBERED = 32  # objects back, on which another one may stand
SAME_PLACE_PX = 2.0
SHARES = (1.0, 0.75, 0.5, 0.25)  # of its way, for a slider that can't go all of it


def moved_apart(objects: Sequence[HitObject], factor: float) -> tuple[HitObject, ...]:
    """Every head ``factor`` times as far from the field's middle; bodies keep their shapes.

    What stood where an earlier object did, or ended, still does. Nothing leaves the field that was
    inside it.
    """
    if factor == 1:
        return tuple(objects)
    moved: list[HitObject] = []
    ends: list[tuple[np.ndarray, np.ndarray]] = []  # where something was, and where it is now
    for item in objects:
        if isinstance(item, Circle | Slider):
            head = np.array([item.x, item.y])
            near = (now for was, now in islice(reversed(ends), 2 * REMEMBERED) if _same(head, was))
            goal = next(near, np.clip(FIELD / 2 + factor * (head - FIELD / 2), 0, FIELD))
            shift = np.rint(goal - head)
            shift = _shift_inside(item, shift) if isinstance(item, Slider) else shift
            item = _shifted(item, shift)
            ends += [(head, head + shift)]
            if isinstance(item, Slider):
                end = np.array(slider_path(item).points[-1])
                ends += [(end - shift, end)]
        moved.append(item)
    return tuple(moved)


def _same(place: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.abs(place - other).max() <= SAME_PLACE_PX)


def _shift_inside(item: Slider, shift: np.ndarray) -> np.ndarray:
    """As much of a way as leaves the body in the field, or out of it by no more than it is."""
    path = np.array(slider_path(item).points)
    low, high = path.min(axis=0), path.max(axis=0)
    least, most = np.minimum(0, low), np.maximum(FIELD, high)
    for share in SHARES:
        part = np.rint(share * shift)
        if (low + part >= least).all() and (high + part <= most).all():
            return part
    return np.zeros(2)


def _shifted(item: Circle | Slider, shift: np.ndarray) -> Circle | Slider:
    x, y = (float(each) for each in shift)
    if isinstance(item, Circle):
        return replace(item, x=item.x + x, y=item.y + y)
    points = tuple(Point(point.x + x, point.y + y) for point in item.points)
    return replace(item, x=item.x + x, y=item.y + y, points=points)
