"""Patterns that go on too long, parted by leaving out what stands on their weakest beats."""

from collections.abc import Callable, Sequence

import numpy as np

from beatheritage.osu.beatmap import Beatmap
from beatheritage.review.snapping import divisors
from beatheritage.review.subject import MapSubject

MOST_PASSES = 12  # what is left out may bring others within a rule's reach


def weakness(subject: MapSubject) -> np.ndarray:
    """How small a part of a beat each object stands on; off all of them is the weakest."""
    found = divisors(subject.starts, subject.timing)
    return np.where(found == 0, found.max(initial=1) + 1, found)


def parting(weak: Sequence[int], allowed: int) -> list[int]:
    """Which places of a pattern to leave out, such that no more than ``allowed`` are in a row.

    ``weak`` says how weak each is; of two alike the later goes, since fewer go that way.
    """
    gone, first = [], 0
    while len(weak) - first > allowed:
        choice = range(first + min(1, allowed), first + allowed + 1)
        at = max(choice, key=lambda place: (weak[place], place))
        gone.append(at)
        first = at + 1
    return gone


def until_none(beatmap: Beatmap, step: Callable[[Beatmap], Beatmap]) -> Beatmap:
    """The step again and again until it changes nothing."""
    for _ in range(MOST_PASSES):
        mended = step(beatmap)
        if mended == beatmap:
            break
        beatmap = mended
    return beatmap
