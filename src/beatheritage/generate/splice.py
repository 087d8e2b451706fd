"""A range of a map written anew, and every other byte of its file left as it was."""

import codecs
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import NamedTuple

from beatheritage.errors import InputError
from beatheritage.generate.polish import (
    AFTER_CIRCLE,
    AFTER_SLIDER,
    SAME_COLUMN,
    ended_by,
)
from beatheritage.osu.beatmap import Beatmap, Circle, GreenLine, HitObject, RedLine, Slider
from beatheritage.osu.limits import velocity_range
from beatheritage.osu.mode import Mode, column_of
from beatheritage.osu.pace import GRACE, Pace, State
from beatheritage.osu.parse import early_offset, parse
from beatheritage.osu.parse_objects import read_object
from beatheritage.osu.parse_timing import TimingDefaults, read_timing_points
from beatheritage.osu.write import write
from beatheritage.timing.grid import Timing

LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)")
_LAST_END = re.compile(r"(?:\r\n|\n|\r)\Z")
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Span(NamedTuple):
    """Milliseconds, the start included and the end not."""

    start: float
    end: float

    def __contains__(self, time: object) -> bool:
        return isinstance(time, int | float) and self.start <= time < self.end


class Replaced(NamedTuple):
    """What a line of a section is: its time, and whether it goes. None for lines without a time."""

    time: float | None
    goes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """New lines, by time, for a section, and what to make of each line that is there."""

    section: str
    judge: Callable[[str], Replaced]
    lines: tuple[tuple[float, str], ...]


def splice(original: bytes, fresh: Beatmap, start: float, end: float) -> bytes:
    """The file with the objects of ``start`` to ``end`` (ms, the end not included) from ``fresh``.

    Red lines, kiai, volumes and samples stay the original's. In std and catch, slider velocities in
    the range are the fresh map's, and the original's again from ``end`` on; taiko and mania, where
    they scroll the notes, keep their own. An object that began before the range stays; fresh ones
    make room for it, for breaks, and for what comes after. InputError for a file without objects or
    timing points.
    """
    span, old = Span(start, end), parse(original).beatmap
    if not old.red_lines:
        raise InputError("there is no timing to write objects on", mend="time the map first")
    objects = fitting_objects(old, fresh, span)
    codec = codec_of(original)
    text = original.decode(codec)
    # A last line without an end gets one while others are put around it.
    open_end = "" if text.endswith(("\r", "\n")) else "\n"
    lines = LINE.findall(text + open_end)
    for edit in (_objects_edit(old, objects, span), _lines_edit(old, fresh, span)):
        lines = _edited(lines, edit)
    spliced = "".join(lines)
    return (_LAST_END.sub("", spliced) if open_end else spliced).encode(codec)


def codec_of(original: bytes) -> str:
    """What turns a file into text and every byte of it back."""
    return _UTF_16.get(original[:2], "latin-1")


def fitting_objects(old: Beatmap, fresh: Beatmap, span: Span) -> tuple[HitObject, ...]:
    """The fresh objects of the range, with room left for the old ones around it."""
    keys = round(old.difficulty.circle_size)

    def lane(item: HitObject) -> int:
        return column_of(item.x, keys) if old.mode is Mode.MANIA else 0

    pace, fresh_pace = Pace(old), Pace(fresh)
    free_from: dict[int, float] = {}
    taken_from: dict[int, float] = {}
    for item in old.objects:
        if item.time < span.start:
            until = pace.end(item) + _gap(item, old.mode)
            free_from[lane(item)] = max(until, free_from.get(lane(item), until))
        elif item.time >= span.end:
            taken_from.setdefault(lane(item), item.time)
    timing = Timing(lines=old.red_lines)
    fitting = []
    for item in fresh.objects:
        rests = any(rest.start < item.time < rest.end for rest in old.events.breaks)
        if item.time not in span or rests or item.time < free_from.get(lane(item), item.time):
            continue
        latest = taken_from.get(lane(item), float("inf")) - _gap(item, old.mode)
        if fresh_pace.end(item) > latest:
            shorter = None if item.time > latest else ended_by(item, latest, timing, fresh_pace)
            if shorter is None:
                continue
            item = shorter
        fitting.append(_lasting_as_before(item, pace, fresh_pace, old.mode))
    return tuple(fitting)


def _gap(item: HitObject, mode: Mode) -> float:
    if mode is Mode.MANIA:
        return SAME_COLUMN
    return AFTER_CIRCLE if isinstance(item, Circle) else AFTER_SLIDER


def _lasting_as_before(item: HitObject, pace: Pace, fresh_pace: Pace, mode: Mode) -> HitObject:
    """A drumroll as long in time under the original's velocities; in other modes the object."""
    if mode is not Mode.TAIKO or not isinstance(item, Slider):
        return item
    duration = fresh_pace.slide_length(item.time, item.length)
    return replace(item, length=duration / pace.slide_length(item.time, 1.0))


def fitting_lines(old: Beatmap, fresh: Beatmap, span: Span) -> tuple[GreenLine, ...]:
    """The green lines of the range and the one at its end, none of them without an effect."""
    pace, fresh_pace = Pace(old), Pace(fresh)
    reds = {line.time: line for line in old.red_lines}
    ratio = fresh.difficulty.slider_multiplier / old.difficulty.slider_multiplier
    moments = {point.time for point in (*old.timing_points, *fresh.timing_points)}
    inside = {time for time in (*moments, span.start) if time in span and time >= min(reds)}
    current = _exactly(pace, span.start - 1e-6)
    greens: list[GreenLine] = []
    for time in sorted(inside):
        if time in reds:
            current = _state_of(reds[time])
        velocity = _exactly(fresh_pace, time).velocity * ratio
        wanted = _exactly(pace, time)._replace(velocity=velocity_range(old.mode).clamp(velocity))
        if _audible(wanted) != _audible(current):
            greens.append(_green(time, wanted))
            current = wanted
    after = _exactly(pace, span.end)
    is_set = any(point.time == span.end for point in old.timing_points)
    if not is_set and span.end >= min(reds) and _audible(after) != _audible(current):
        greens.append(_green(span.end, after))
    return tuple(greens)


def _exactly(pace: Pace, time: float) -> State:
    """The state at a time, lines that begin half a millisecond later not included."""
    return pace.at(time - GRACE)


def _audible(state: State) -> tuple:
    """What a green line sets."""
    return state.velocity, state.volume, state.kiai, state.sample_set, state.sample_index


def _state_of(line: RedLine) -> State:
    return State(
        beat_length=line.beat_length,
        meter=line.meter,
        volume=line.volume,
        kiai=line.kiai,
        sample_set=line.sample_set,
        sample_index=line.sample_index,
    )


def _green(time: float, state: State) -> GreenLine:
    return GreenLine(
        time=time,
        velocity=state.velocity,
        meter=state.meter,
        sample_set=state.sample_set,
        sample_index=state.sample_index,
        volume=state.volume,
        kiai=state.kiai,
    )


def _objects_edit(old: Beatmap, objects: tuple[HitObject, ...], span: Span) -> Edit:
    offset = early_offset(old.format_version)

    def judge(line: str) -> Replaced:
        try:
            time = read_object(line.strip(), offset).time
        except ValueError:
            return Replaced(None, False)
        return Replaced(time, time in span)

    moved = tuple(replace(item, time=item.time - offset) for item in objects)
    # Coordinates are whole pixels: a map of format version 14 has no others.
    texts = _section_lines(write(Beatmap(general=old.general, objects=moved)), "HitObjects")
    times = (item.time for item in objects)
    return Edit(section="HitObjects", judge=judge, lines=tuple(zip(times, texts, strict=True)))


def _lines_edit(old: Beatmap, fresh: Beatmap, span: Span) -> Edit:
    offset = early_offset(old.format_version)
    defaults = TimingDefaults(offset=offset, mode=old.mode, sample_set=0, volume=100)
    keeps_all = old.mode in (Mode.TAIKO, Mode.MANIA)

    def judge(line: str) -> Replaced:
        try:
            points = read_timing_points(line.strip(), defaults)
        except ValueError:
            return Replaced(None, False)
        is_green = not any(isinstance(point, RedLine) for point in points)
        return Replaced(points[0].time, is_green and not keeps_all and points[0].time in span)

    greens = () if keeps_all else fitting_lines(old, fresh, span)
    moved = tuple(replace(line, time=line.time - offset) for line in greens)
    text = write(Beatmap(general=old.general, timing_points=moved))
    pairs = zip((line.time for line in greens), _section_lines(text, "TimingPoints"), strict=True)
    return Edit(section="TimingPoints", judge=judge, lines=tuple(pairs))


def _section_lines(text: str, section: str) -> list[str]:
    """The lines of a section as our own writer leaves them."""
    _, _, rest = text.partition(f"[{section}]\r\n")
    return list(takewhile(bool, rest.split("\r\n")))


def _edited(lines: Sequence[str], edit: Edit) -> list[str]:
    """The file's lines with one section rewritten; new lines end as its header does."""
    bare = [line.strip("\ufeff \t\r\n") for line in lines]
    if f"[{edit.section}]" not in bare:
        raise InputError(f"there is no section [{edit.section}]")
    first = bare.index(f"[{edit.section}]") + 1
    names = (i for i in range(first, len(bare)) if bare[i][:1] == "[" and bare[i][-1:] == "]")
    last = next(names, len(lines))
    header = lines[first - 1]
    judged = [(line, edit.judge(line)) for line in lines[first:last]]
    kept = [(line, judgement.time) for line, judgement in judged if not judgement.goes]
    body = _merged(kept, edit.lines, newline=header[len(header.rstrip("\r\n")) :])
    return [*lines[:first], *body, *lines[last:]]


def _merged(
    kept: Sequence[tuple[str, float | None]], new: Sequence[tuple[float, str]], newline: str
) -> list[str]:
    """Old and new lines by time; a new one stands after the old ones of its time, and before what
    follows the last line that has a time."""
    timed = [index for index, (_, time) in enumerate(kept) if time is not None]
    tail = timed[-1] + 1 if timed else 0
    waiting = deque((time, text + newline) for time, text in new)
    merged: list[str] = []
    for line, time in kept[:tail]:
        while time is not None and waiting and waiting[0][0] < time:
            merged.append(waiting.popleft()[1])
        merged.append(line)
    merged += [text for _, text in waiting]
    return merged + [line for line, _ in kept[tail:]]
