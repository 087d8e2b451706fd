"""Charts for keys, panels and frets, as osu! mania."""

from collections.abc import Iterable
from typing import NamedTuple

from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    Difficulty,
    General,
    HitObject,
    Hold,
    Metadata,
    RedLine,
)
from beatheritage.osu.mode import Mode, column_x

SHORTEST_HOLD = 20  # ms: below, osu!'s own checks call it a mistake
OVERALL_DIFFICULTY = 8.0  # other games' charts carry none


class Note(NamedTuple):
    """``end`` is past ``time`` for a hold; ``column`` counts from 0."""

    time: float
    end: float
    column: int


def mania_beatmap(
    notes: Iterable[Note], keys: int, lines: tuple[RedLine, ...], metadata: Metadata
) -> Beatmap:
    """Notes (milliseconds, osu!'s convention) and red lines as a mania difficulty."""
    ordered = sorted(notes, key=lambda note: (note.time, note.column))
    return Beatmap(
        general=General(mode=Mode.MANIA),
        metadata=metadata,
        difficulty=Difficulty(circle_size=keys, overall_difficulty=OVERALL_DIFFICULTY),
        timing_points=lines,
        objects=tuple(_object(note, keys) for note in ordered),
    )


def _object(note: Note, keys: int) -> HitObject:
    x = column_x(note.column, keys)
    time, end = round(note.time), round(note.end)
    if end - time < SHORTEST_HOLD:
        return Circle(time=time, x=x, y=192)
    return Hold(time=time, end=end, x=x)
