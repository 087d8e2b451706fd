"""Bringing times back onto the beat: an ancestor's times are steps of 10 ms, but with each it says
which part of a beat the object stands on."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from math import floor, inf

from beatheritage.osu.beatmap import RedLine
from beatheritage.tokens.steps import Event, Step

SECTION_LENIENCY = 20.0  # ms that a tick may lie outside the section of its red line

_COARSER = {1: (), 4: (2,), 6: (2, 3), 8: (4,), 9: (3,), 10: (2, 5), 12: (4, 6), 14: (2, 7)}
_COARSER |= {15: (3, 5), 16: (8,)}
"""Divisors whose ticks don't count as ticks of a finer one; 1 for those that aren't named."""


def resnapped(events: Sequence[Event], lines: Sequence[RedLine]) -> list[Event]:
    """The events with every time that has a snap moved onto the nearest tick of that snap."""
    moved = list(events)
    snaps = [*events[1:], Event(Step.SNAP)] if events else []
    for index, (event, following) in enumerate(zip(events, snaps, strict=True)):
        if event.kind is Step.TIME and following.kind is Step.SNAP and following.value:
            moved[index] = event._replace(value=snap(event.value, following.value, lines))
    return moved


def snap(time: int, divisor: int, lines: Sequence[RedLine]) -> int:
    """The nearest tick that is one of this divisor and of no coarser one, cut to milliseconds."""
    ticks = sorted(set(_ticks(time, divisor, lines)))
    return min(ticks, key=lambda tick: abs(tick - time), default=time)


def _ticks(time: int, divisor: int, lines: Sequence[RedLine]) -> Iterator[int]:
    """Ticks around a time, of its section and of those beside it."""
    here = max(0, bisect_right(lines, time, key=lambda line: line.time) - 1)
    start = lines[here].time if here else -inf
    end = lines[here + 1].time if here + 1 < len(lines) else inf
    reaches = {
        here: (start - SECTION_LENIENCY, end + SECTION_LENIENCY),
        here - 1: (-inf, start + SECTION_LENIENCY),
        here + 1: (end - SECTION_LENIENCY, inf),
    }
    for index, (first, last) in reaches.items():
        if 0 <= index < len(lines):
            for tick in _ticks_of(lines[index], time, divisor):
                if first <= tick <= last:
                    yield tick


def _ticks_of(line: RedLine, time: int, divisor: int) -> Iterator[int]:
    step = line.beat_length / divisor
    below = floor((time - line.time) / step)
    for number in range(below - 1, below + 3):
        coarser = _COARSER.get(divisor, (1,))
        if not any(number * other % divisor == 0 for other in coarser):
            yield int(line.time + number * step)
