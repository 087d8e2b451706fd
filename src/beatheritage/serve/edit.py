"""Small changes by hand: move, add, delete one object, on the grid."""

from dataclasses import dataclass, replace
from typing import Literal

from beatheritage.errors import OptionError
from beatheritage.osu.beatmap import Beatmap, Circle, HitObject, Hold, Point, Slider, Spinner
from beatheritage.osu.limits import COORDINATE_PX
from beatheritage.osu.mode import Mode, column_x
from beatheritage.osu.pace import Pace
from beatheritage.timing.grid import Timing

DIVISORS = (1, 2, 3, 4, 6, 8, 12, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``index`` is that of the object to move or delete. ``time`` and ``end`` go to the nearest
    tick of a ``divisor``-th of a beat; in mania ``column`` says what ``x`` does elsewhere."""

    do: Literal["move", "add", "delete"]
    index: int | None = None
    time: float | None = None
    end: float | None = None
    x: float | None = None
    y: float | None = None
    column: int | None = None
    divisor: int = 4


def change(beatmap: Beatmap, wanted: Change) -> Beatmap:
    """The map with one object moved, added or deleted. Raises OptionError."""
    if wanted.divisor not in DIVISORS:
        raise OptionError(f"there is no 1/{wanted.divisor} grid", mend=f"one of {DIVISORS}")
    objects = list(beatmap.objects)
    if wanted.do == "add":
        objects.append(_added(beatmap, wanted))
    else:
        index = wanted.index
        if index is None or not 0 <= index < len(objects):
            raise OptionError("there is no such object", where=str(index))
        item = objects.pop(index)
        if wanted.do == "move":
            objects.append(_moved(item, beatmap, wanted))
    return replace(beatmap, objects=tuple(sorted(objects, key=lambda each: (each.time, each.x))))


def snapped(beatmap: Beatmap, time: float, divisor: int) -> float:
    """The nearest tick, in whole milliseconds as files hold it."""
    if not beatmap.red_lines:
        return float(round(time))
    timing = Timing(lines=beatmap.red_lines)
    beat = round(float(timing.beat(time)) * divisor) / divisor
    return float(round(float(timing.time(beat))))


def _added(beatmap: Beatmap, wanted: Change) -> HitObject:
    if wanted.time is None:
        raise OptionError("a new object needs a time")
    time = snapped(beatmap, wanted.time, wanted.divisor)
    x, y = _place(beatmap, wanted, Point(256, 192))
    if beatmap.mode is Mode.MANIA and wanted.end is not None:
        end = snapped(beatmap, wanted.end, wanted.divisor)
        if end > time:
            return Hold(time=time, end=end, x=x, y=y)
    return Circle(time=time, x=x, y=y)


def _moved(item: HitObject, beatmap: Beatmap, wanted: Change) -> HitObject:
    time = item.time if wanted.time is None else snapped(beatmap, wanted.time, wanted.divisor)
    x, y = _place(beatmap, wanted, Point(item.x, item.y))
    match item:
        case Slider():
            points = tuple(Point(each.x + x - item.x, each.y + y - item.y) for each in item.points)
            return replace(item, time=time, x=x, y=y, points=points)
        case Spinner() | Hold():
            end = Pace(beatmap).end(item) + time - item.time
            if wanted.end is not None:
                end = snapped(beatmap, wanted.end, wanted.divisor)
            if end <= time:
                raise OptionError("an object must end after it starts")
            return replace(item, time=time, end=end, x=x, y=y)
        case Circle():
            return replace(item, time=time, x=x, y=y)


def _place(beatmap: Beatmap, wanted: Change, old: Point) -> Point:
    if beatmap.mode is Mode.MANIA:
        keys = round(beatmap.difficulty.circle_size)
        if wanted.column is None:
            return old
        if not 0 <= wanted.column < keys:
            raise OptionError(f"there are {keys} columns", where=str(wanted.column))
        return Point(column_x(wanted.column, keys), old.y)
    x = old.x if wanted.x is None else round(COORDINATE_PX.clamp(wanted.x))
    y = old.y if wanted.y is None else round(COORDINATE_PX.clamp(wanted.y))
    return Point(x, y)
