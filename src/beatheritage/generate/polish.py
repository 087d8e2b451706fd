"""Polish: small repairs that make sure of what only shows in the whole map.

A step takes a beatmap and returns one; done twice it changes nothing more. Most have nothing to do
on what the grammar let through, and are here so that no map can leave with such a fault.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from beatheritage.generate.combos import new_combos
from beatheritage.generate.field import on_playfield
from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    HitObject,
    Hold,
    Slider,
    Spinner,
)
from beatheritage.osu.level import Level
from beatheritage.osu.mode import Mode, column_of
from beatheritage.osu.pace import Pace
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing

Step = Callable[[Beatmap], Beatmap]

# From the ranking criteria and osu!'s own checks, ms.
AFTER_CIRCLE = 10.0
AFTER_SLIDER = 20.0
SAME_COLUMN = 30.0
SHORTEST_HOLD = 30.0

SNAPS = (TICKS_PER_BEAT // 12, TICKS_PER_BEAT // 16)  # in ticks
QUARTER = TICKS_PER_BEAT // 4
OFF_TICK = 1.0  # ms from which a slider's end counts as unsnapped


class SpinnerRoom(NamedTuple):
    """What a spinner needs, ms: free before it, its own length, free after it."""

    before: float
    length: float
    after: float


SPINNER_ROOM: dict[Mode, tuple[SpinnerRoom, ...]] = {
    Mode.STD: (
        SpinnerRoom(125, 1000, 1000),
        SpinnerRoom(125, 750, 500),
        SpinnerRoom(125, 600, 250),
        SpinnerRoom(62, 600, 125),
        SpinnerRoom(62, 600, 125),
    ),
    Mode.TAIKO: (SpinnerRoom(160, 500, 160),) * 3 + (SpinnerRoom(80, 500, 80),) * 2,
    Mode.CATCH: (
        SpinnerRoom(250, 500, 250),
        SpinnerRoom(250, 500, 250),
        SpinnerRoom(125, 500, 250),
        SpinnerRoom(125, 500, 125),
        SpinnerRoom(62, 500, 125),
    ),
}
# The shortest hold of mania by level, in ticks.
SHORTEST_HOLD_TICKS = {
    Level.EASY: TICKS_PER_BEAT,
    Level.NORMAL: TICKS_PER_BEAT // 2,
    Level.HARD: TICKS_PER_BEAT // 4,
}
SHORTEST_HOLD_TICKS_ABOVE = TICKS_PER_BEAT // 12


def shortest_hold(level: Level) -> int:
    """How many ticks a hold of the level must last."""
    return SHORTEST_HOLD_TICKS.get(level, SHORTEST_HOLD_TICKS_ABOVE)


def polish(beatmap: Beatmap, steps: Iterable[Step]) -> Beatmap:
    """One step after the other."""
    return reduce(lambda polished, step: step(polished), steps, beatmap)


def usual_steps(level: Level, duration: float) -> tuple[Step, ...]:
    """Every repair, for a map of a level to a song of so many ms."""
    return (
        on_ticks,
        within_song(duration),
        apart,
        long_holds(level),
        on_playfield,
        roomy_spinners(level),
        new_combos(level),
    )


def on_ticks(beatmap: Beatmap) -> Beatmap:
    """Starts on the whole millisecond nearest a tick, ends on ticks, in order of time."""
    timing, pace = Timing(lines=beatmap.red_lines), Pace(beatmap)
    objects = (_snapped(item, timing, pace) for item in beatmap.objects)
    return replace(beatmap, objects=tuple(sorted(objects, key=lambda item: (item.time, item.x))))


def _snapped(item: HitObject, timing: Timing, pace: Pace) -> HitObject:
    tick = snapped_tick(timing, item.time)
    time = _when(timing, tick)
    match item:
        case Slider():
            return _snapped_slider(replace(item, time=time), tick, timing, pace)
        case Spinner() | Hold():
            end = _when(timing, snapped_tick(timing, item.end))
            return replace(item, time=time, end=max(time, end))
        case Circle():
            return replace(item, time=time)


def _snapped_slider(item: Slider, tick: int, timing: Timing, pace: Pace) -> Slider:
    """A slider that starts on a tick, with every repeat and its end on one too."""
    end, last = pace.end(item), int(timing.tick(pace.end(item)))
    if item.slides > 1:  # however long its tempo lasts
        beats = (end - float(timing.tick_time(tick))) / pace.at(item.time).beat_length
        last = tick + round(beats * TICKS_PER_BEAT)
    ticks = snapped_slide(tick, last, item.slides)
    slides = even_slides(tick, ticks, item.slides, timing)
    start, exact = timing.tick_time(np.array([tick, tick + slides * ticks])).tolist()
    if item.length <= 0 or (slides == item.slides and abs(exact - end) < OFF_TICK):
        return item
    stretch = (exact - start) / slides / ((end - item.time) / item.slides)
    return replace(
        item, slides=slides, length=item.length * stretch, edges=item.edges[: slides + 1]
    )


def even_slides(tick: int, slide: int, slides: int, timing: Timing) -> int:
    """How many slides of so many ticks can follow each other: at another tempo, or on another grid,
    the later ones would end off its ticks."""
    times = timing.tick_time(tick + slide * np.arange(slides + 1))
    off = np.abs(np.diff(times) - (times[1] - times[0])) >= OFF_TICK
    return int(off.argmax()) if off.any() else slides


def snapped_tick(timing: Timing, time: float) -> int:
    """The nearest tick on a twelfth or a sixteenth of a beat: people's maps have no others. One
    that a red line cuts off is that line's first."""
    ticks = float(timing.beat(time)) * TICKS_PER_BEAT
    near = min((round(ticks / snap) * snap for snap in SNAPS), key=lambda tick: abs(tick - ticks))
    return int(timing.tick(timing.tick_time(near)))


def snapped_slide(tick: int, end: int, slides: int) -> int:
    """How many ticks a slide of a slider lasts, such that every repeat is on a snap too."""

    def fits(slide: int) -> bool:
        edges = range(tick, tick + slides * slide + 1, slide)
        return all(any(edge % snap == 0 for snap in SNAPS) for edge in edges)

    wanted = max(1, round((end - tick) / slides))
    near = sorted(range(1, wanted + TICKS_PER_BEAT), key=lambda slide: abs(slide - wanted))
    return next(slide for slide in near if fits(slide))


def within_song(duration: float) -> Step:
    """Nothing at or before 0 ms, nothing that lasts beyond the audio."""

    def step(beatmap: Beatmap) -> Beatmap:
        pace = Pace(beatmap)
        kept = (item for item in beatmap.objects if item.time > 0 and pace.end(item) <= duration)
        return replace(beatmap, objects=tuple(kept))

    return step


def long_holds(level: Level) -> Step:
    """Holds too short for their level become notes."""
    shortest = shortest_hold(level)

    def step(beatmap: Beatmap) -> Beatmap:
        timing = Timing(lines=beatmap.red_lines)

        def checked(item: HitObject) -> HitObject:
            if not isinstance(item, Hold):
                return item
            ticks = int(timing.tick(item.end) - timing.tick(item.time))
            long = ticks >= shortest and item.end - item.time >= SHORTEST_HOLD
            return item if long else as_circle(item)

        return replace(beatmap, objects=tuple(map(checked, beatmap.objects)))

    return step


def apart(beatmap: Beatmap) -> Beatmap:
    """No two objects at one time, none before the last has ended: in mania by column.

    What reaches too far is shortened; what would begin inside another is left out.
    """
    lanes: dict[float, list[HitObject]] = {}
    keys = round(beatmap.difficulty.circle_size)
    for item in beatmap.objects:
        lane = column_of(item.x, keys) if beatmap.mode is Mode.MANIA else 0
        lanes.setdefault(lane, []).append(item)
    timing, pace = Timing(lines=beatmap.red_lines), Pace(beatmap)
    closest = SAME_COLUMN if beatmap.mode is Mode.MANIA else AFTER_CIRCLE
    kept = [item for lane in lanes.values() for item in _lane_apart(lane, closest, timing, pace)]
    return replace(beatmap, objects=tuple(sorted(kept, key=lambda item: (item.time, item.x))))


def _lane_apart(
    lane: Sequence[HitObject], closest: float, timing: Timing, pace: Pace
) -> list[HitObject]:
    """``closest`` is what must lie between two starts, ms."""
    kept: list[HitObject] = []
    for item in lane:
        if kept and item.time - kept[-1].time < closest:
            continue
        latest = item.time - max(closest, 0 if not kept or _is_circle(kept[-1]) else AFTER_SLIDER)
        if kept and not _is_circle(kept[-1]) and pace.end(kept[-1]) > latest:
            shorter = ended_by(kept[-1], latest, timing, pace)
            if shorter is None:
                continue
            kept[-1] = shorter
        kept.append(item)
    return kept


def _is_circle(item: HitObject) -> bool:
    return isinstance(item, Circle)


def ended_by(item: HitObject, latest: float, timing: Timing, pace: Pace) -> HitObject | None:
    """The object, ending on a quarter beat at ``latest`` or before; None where that cannot be.

    A slider gives up repeats first, then length, then being one.
    """
    start = int(timing.tick(item.time))
    end = start + (int(timing.tick(latest)) - start) // QUARTER * QUARTER
    while end > start and _when(timing, end) > latest:
        end -= QUARTER
    match item:
        case Slider():
            slides = int((latest - item.time) // pace.slide_length(item.time, item.length))
            if slides > 0:
                return replace(item, slides=slides, edges=item.edges[: slides + 1])
            if end <= start:
                return as_circle(item)
            lasts = float(timing.tick_time(end) - timing.tick_time(start))
            length = lasts / pace.slide_length(item.time, 1.0)
            return replace(item, slides=1, edges=item.edges[:2], length=length)
        case Spinner():
            return replace(item, end=_when(timing, end)) if end > start else None
        case Hold():
            return replace(item, end=_when(timing, end)) if end > start else as_circle(item)
        case _:
            return item


def roomy_spinners(level: Level) -> Step:
    """Spinners that leave time before and after; one that is too short then is left out."""

    def step(beatmap: Beatmap) -> Beatmap:
        if beatmap.mode is Mode.MANIA:
            return beatmap
        room = room_of(beatmap.mode, level)
        timing, pace = Timing(lines=beatmap.red_lines), Pace(beatmap)
        objects = beatmap.objects
        kept: list[HitObject] = []
        for item, following in zip_longest(objects, objects[1:]):
            if not isinstance(item, Spinner):
                kept.append(item)
                continue
            earliest = pace.end(kept[-1]) + room.before if kept else item.time
            latest = following.time - room.after if following else item.end
            spinner = fitted(item, earliest, latest, timing)
            beat = pace.at(item.time).beat_length
            if spinner.end - spinner.time >= max(room.length, beat - OFF_TICK):
                kept.append(spinner)
        return replace(beatmap, objects=tuple(kept))

    return step


def room_of(mode: Mode, level: Level) -> SpinnerRoom:
    """What a spinner needs in a mode that has them."""
    return SPINNER_ROOM[mode][min(level, Level.EXPERT)]


def fitted(spinner: Spinner, earliest: float, latest: float, timing: Timing) -> Spinner:
    """The spinner within a time, its ends moved by whole quarters of a beat where they must."""
    start, end = int(timing.tick(spinner.time)), int(timing.tick(spinner.end))
    while _when(timing, start) < earliest and start < end:
        start += QUARTER
    while _when(timing, end) > latest and end > start:
        end -= QUARTER
    return replace(
        spinner, time=_when(timing, start), end=max(_when(timing, end), _when(timing, start))
    )


def as_circle(item: HitObject) -> Circle:
    """What is left of an object that has no room to last: its start, as that sounds."""
    sound, sample = item.sound, item.sample
    if isinstance(item, Slider) and item.edges:
        sound, normal_set, addition_set = item.edges[0]
        sample = sample._replace(normal_set=normal_set, addition_set=addition_set)
    return Circle(
        time=item.time,
        x=item.x,
        y=item.y,
        new_combo=item.new_combo,
        combo_skip=item.combo_skip,
        sound=sound,
        sample=sample,
    )


def _when(timing: Timing, tick: int | np.ndarray) -> float:
    return float(round(float(timing.tick_time(tick))))
