"""Repairs of std's objects that a screen does not show whole."""

import numpy as np

from beatheritage.generate.field import SCREEN
from beatheritage.generate.repair.edits import edited, named, subject_of
from beatheritage.generate.repair.places import shifted
from beatheritage.osu.beatmap import Beatmap, HitObject
from beatheritage.osu.mode import circle_radius_px
from beatheritage.review.stacking import SAME_PLACE_PX, Laid, lay
from beatheritage.review.std_placing import offscreen


def on_screen(beatmap: Beatmap) -> Beatmap:
    """What is partly off a 4:3 screen moves onto it, with the stack that it is part of."""
    subject = subject_of(beatmap)
    laid = lay(subject)
    radius = circle_radius_px(beatmap.difficulty.circle_size)
    moves: dict[int, np.ndarray] = {}
    for index in named(beatmap, offscreen):
        move = _onto(laid[index], radius)
        for member in _stack(laid, index):
            known = moves.get(member, np.zeros(2))
            moves[member] = np.where(np.abs(move) > np.abs(known), move, known)
    changes: dict[int, HitObject | None] = {
        index: shifted(beatmap.objects[index], *move.tolist())
        for index, move in moves.items()
        if move.any()
    }
    return edited(beatmap, changes)


def _onto(one: Laid, radius: float) -> np.ndarray:
    """The least move (2,), in whole px, that shows an object whole if there is one."""
    places = np.array([one.head, one.slide_end, *one.bounds])
    screen = np.array(SCREEN) + np.array([radius, -radius])
    below, above = screen[:, 0] - places.min(0), places.max(0) - screen[:, 1]
    return np.where(below > 0, np.ceil(below), -np.ceil(np.maximum(above, 0)))


def _stack(laid: tuple[Laid, ...], index: int) -> list[int]:
    """The objects in a row that lie on one place with this one."""
    members = [index]
    for step in (-1, 1):
        at = index + step
        while 0 <= at < len(laid) and _on_one_place(laid[at], laid[at - step]):
            members.append(at)
            at += step
    return members


def _on_one_place(one: Laid, other: Laid) -> bool:
    if one.is_spinner or other.is_spinner:
        return False
    dx, dy = one.item.x - other.item.x, one.item.y - other.item.y
    return dx * dx + dy * dy < SAME_PLACE_PX * SAME_PLACE_PX
