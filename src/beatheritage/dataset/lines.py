"""Red lines for games that write tempo and bars down in another way."""

from collections.abc import Iterable
from typing import NamedTuple

from beatheritage.osu.beatmap import RedLine

SAME_PLACE = 0.5  # ms: half of what osu! can write for an object
SAME_TEMPO = 1e-6  # relative


class Mark(NamedTuple):
    """A place where the grid may change: a bar's start, or a new tempo or a jump inside a bar."""

    time: float
    beat_length: float
    meter: int
    bar: bool


def red_lines(marks: Iterable[Mark]) -> tuple[RedLine, ...]:
    """As few red lines as put every beat and bar where the marks have it.

    Marks are in order of time. A bar that is no whole number of beats gets a line after it, which
    is how mappers write such bars.
    """
    lines: list[RedLine] = []
    for mark in marks:
        if lines and _says(lines[-1], mark):
            continue
        if lines and mark.time - lines[-1].time < SAME_PLACE:
            lines.pop()  # what lasted no time at all
        line = RedLine(
            time=mark.time,
            beat_length=mark.beat_length,
            meter=mark.meter,
            omit_barline=not mark.bar,
        )
        lines.append(line)
    return tuple(lines)


def _says(line: RedLine, mark: Mark) -> bool:
    """Whether the line already has a bar (or, inside a bar, a beat's grid) where the mark is."""
    if abs(line.beat_length / mark.beat_length - 1) > SAME_TEMPO:
        return False
    if not mark.bar:
        return False
    bar_length = line.meter * line.beat_length
    off = (mark.time - line.time + bar_length / 2) % bar_length - bar_length / 2
    return line.meter == mark.meter and abs(off) < SAME_PLACE
