"""Places further apart, or closer together: what was drawn stays the same drawing."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from beatheritage.generate.place_bodies import SliderBody, Wanted, finish
from beatheritage.generate.place_moves import Placed
from beatheritage.osu.beatmap import Point
from beatheritage.tokens.moves import (
    CENTRE,
    FIELD,
    HISTORY,
    RETURN_TOLERANCE_PX,
    SPINNER,
    Rhythm,
)

# How much of its way a slider goes that cannot go all of it without leaving the field.
SHARES = (1.0, 0.75, 0.5, 0.25)


def scaled(
    placed: Sequence[Placed], rhythm: Rhythm, factor: float | np.ndarray, standing: int = 0
) -> list[Placed]:
    """Everything ``factor`` times as far from the field's middle, and so from each other; one for
    all, or one for each.

    What stood where an earlier object did, or ended, still does. Slider bodies keep their shapes;
    what would leave the field goes as far as it can. The first ``standing`` stay where they are.
    """
    if np.all(factor == 1):
        return list(placed)
    factors = np.broadcast_to(factor, len(placed))
    moved: list[Placed] = []
    for index, item in enumerate(placed):
        if index >= standing and rhythm.kinds[index] != SPINNER:
            item = _moved(item, _goal(placed, moved, index, factors[index]), rhythm, index)
        moved.append(item)
    return moved


def _goal(
    placed: Sequence[Placed], moved: Sequence[Placed], index: int, factor: float
) -> np.ndarray:
    """Where an object's head is to be, in whole pixels."""
    head = placed[index].head
    for earlier in range(index - 1, max(-1, index - 1 - HISTORY), -1):
        old, new = placed[earlier], moved[earlier]
        for was, now in ((old.end, new.end), (old.head, new.head)):
            if np.abs(head - was).max() <= RETURN_TOLERANCE_PX:
                return np.clip(np.rint(now), 0, FIELD)
    return np.clip(np.rint(np.array(CENTRE) + factor * (head - CENTRE)), 0, FIELD)


def _moved(item: Placed, goal: np.ndarray, rhythm: Rhythm, index: int) -> Placed:
    """The object with its head at the goal, or on the way there as far as its body allows."""
    if item.body is None:
        return replace(item, head=goal, end=goal)
    for share in SHARES:
        head = np.rint(item.head + share * (goal - item.head))
        body = _shifted(item, head, rhythm, index)
        if body is not None:
            return replace(item, head=head, end=body.end, body=body)
    return item


def _shifted(item: Placed, head: np.ndarray, rhythm: Rhythm, index: int) -> SliderBody | None:
    """The body with its head elsewhere; None if that leaves the field."""
    assert item.body is not None
    wanted = Wanted(
        head=head,
        facing=item.facing,
        length=float(rhythm.lengths_px[index]),
        slides=int(rhythm.slides[index]),
    )
    x, y = head - item.head
    points = tuple(Point(point.x + x, point.y + y) for point in item.body.points)
    return finish(item.body.kind, points, wanted)
