"""Breaks: where the music rests, the player may."""

from collections.abc import Sequence

from beatheritage.osu.beatmap import Break
from beatheritage.osu.mode import preempt

AFTER_OBJECT = 200.0  # ms that osu!'s editor leaves after an object
BEFORE_OBJECT = 450.0  # and before the next at least
SHORTEST = 650.0
GAP = 5_000.0  # between objects, from which a rest is worth a break


def find_breaks(
    starts: Sequence[float], ends: Sequence[float], approach_rate: float
) -> tuple[Break, ...]:
    """Breaks in the gaps between objects, given when each begins and ends, in order of start.

    A break ends before the next object comes into sight.
    """
    breaks = []
    busy_until = ends[0] if ends else 0.0
    for start, end in zip(starts[1:], ends[1:], strict=True):
        if start - busy_until >= GAP:
            ahead = max(BEFORE_OBJECT, preempt(approach_rate))
            rest = Break(round(busy_until + AFTER_OBJECT), round(start - ahead))
            if rest.end - rest.start >= SHORTEST:
                breaks.append(rest)
        busy_until = max(busy_until, end)
    return tuple(breaks)
