"""What a repair did, in words: a line for each object, timing line and setting it changed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

from beatheritage.generate.repair.finish import Applied
from beatheritage.osu.beatmap import (
    Beatmap,
    HitObject,
    Hold,
    RedLine,
    Slider,
    Spinner,
    TimingPoint,
)
from beatheritage.osu.mode import Mode, column_of

# An object that stands so near in time to where one was is that object, moved.
SAME_OBJECT = 60.0  # ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``time`` (ms) is None for what is about the whole map."""

    rule: str
    time: float | None
    what: str


def changes_of(applied: Iterable[Applied]) -> list[Change]:
    """Every change, in the order of the repairs."""
    return [change for one in applied for change in _changes(one)]


def _changes(one: Applied) -> Iterator[Change]:
    before, after = one.before, one.after
    told = [
        *_objects(before, after),
        *_lines(before.timing_points, after.timing_points),
        *_settings(before, after),
    ]
    for time, what in told:
        yield Change(rule=one.rule, time=time, what=what)


Told = tuple[float | None, str]


def _objects(before: Beatmap, after: Beatmap) -> Iterator[Told]:
    kept = set(map(id, before.objects)) & set(map(id, after.objects))
    new = [item for item in after.objects if id(item) not in kept]
    for item in before.objects:
        if id(item) in kept:
            continue
        near = [one for one in new if abs(one.time - item.time) <= SAME_OBJECT]
        match = min(near, key=lambda one: _unlikeness(item, one), default=None)
        if match is None:
            yield item.time, f"{_kind(item)} left out"
            continue
        new.remove(match)
        what = ", ".join(_differences(item, match, before))
        if what:
            yield item.time, f"{_kind(item)} {what}"


def _kind(item: HitObject) -> str:
    return type(item).__name__.lower()


def _unlikeness(item: HitObject, other: HitObject) -> tuple:
    return abs(other.time - item.time), type(other) is not type(item), abs(other.x - item.x)


def _differences(item: HitObject, now: HitObject, beatmap: Beatmap) -> Iterator[str]:
    if now.time != item.time:
        yield f"moved in time by {now.time - item.time:+g} ms"
    yield from _place(item, now, beatmap)
    if type(item) is not type(now):
        yield f"became a {_kind(now)}"
        return
    if isinstance(item, Slider) and isinstance(now, Slider):
        yield from _body(item, now)
    if isinstance(item, Spinner | Hold) and isinstance(now, Spinner | Hold) and now.end != item.end:
        yield f"ends at {now.end:g} ms instead of {item.end:g}"
    if (item.sound, item.sample) != (now.sound, now.sample):
        yield "sounds otherwise"
    if now.new_combo != item.new_combo:
        yield "starts a combo"


def _place(item: HitObject, now: HitObject, beatmap: Beatmap) -> Iterator[str]:
    dx, dy = now.x - item.x, now.y - item.y
    if beatmap.mode is Mode.MANIA and dx:
        keys = max(1, round(beatmap.difficulty.circle_size))
        yield f"moved to column {column_of(now.x, keys) + 1}"
    elif dx or dy:
        yield f"moved by {dx:+g}, {dy:+g} px"


def _body(item: Slider, now: Slider) -> Iterator[str]:
    if now.slides != item.slides:
        yield f"has {now.slides} slides instead of {item.slides}"
    if now.length != item.length:
        yield f"is {now.length:.0f} px long instead of {item.length:.0f}"
    moved = [(x + now.x - item.x, y + now.y - item.y) for x, y in item.points]
    if moved != list(now.points):
        yield "has another shape"
    if now.edges != item.edges and now.slides == item.slides:
        yield "sounds otherwise"


def _lines(before: Sequence[TimingPoint], after: Sequence[TimingPoint]) -> Iterator[Told]:
    kept = set(map(id, before)) & set(map(id, after))
    for line in before:
        if id(line) not in kept:
            yield line.time, f"{_colour(line)} line changed or left out"
    for line in after:
        if id(line) not in kept:
            yield line.time, f"{_colour(line)} line set"


def _colour(line: TimingPoint) -> str:
    return "red" if isinstance(line, RedLine) else "green"


def _settings(before: Beatmap, after: Beatmap) -> Iterator[Told]:
    for field in fields(before.difficulty):
        old, new = (getattr(one.difficulty, field.name) for one in (before, after))
        if old != new:
            yield None, f"{field.name.replace('_', ' ')} is {new:g} instead of {old:g}"
    if before.combo_colours != after.combo_colours:
        yield None, "combo colours changed"
    for one in before.events.breaks:
        if one not in after.events.breaks:
            yield one.start, "break shortened or left out"
