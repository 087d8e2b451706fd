"""Faults that no map may have, in any mode: counted on what we write, and on people's for scale.

Stricter than the review rules on purpose: each is a thing that generation rules out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from enum import Enum
from typing import NamedTuple

import numpy as np

from beatheritage.osu.beatmap import (
    PLAYFIELD_HEIGHT_PX,
    PLAYFIELD_WIDTH_PX,
    Beatmap,
    HitObject,
    Slider,
)
from beatheritage.osu.curve import slider_path
from beatheritage.osu.limits import Range
from beatheritage.osu.mode import MODES, Mode, circle_radius_px, column_of
from beatheritage.osu.pace import Pace
from beatheritage.timing.grid import Timing

# osu!lazer's CheckUnsnappedObjects: 2 ms is a problem. Of its divisors the others are in these.
UNSNAPPED_MS = 2.0
DIVISORS = (12, 16)
# osu!lazer's CheckOffscreenObjects: what circles of a body may cover on a 4:3 screen, every 5 px.
SCREEN_X, SCREEN_Y = Range(-67, 579), Range(-60, 428)
BODY_STEP_PX = 5
FIELD_X, FIELD_Y = Range(0, PLAYFIELD_WIDTH_PX), Range(0, PLAYFIELD_HEIGHT_PX)


class FaultKind(Enum):
    EMPTY = "no objects"
    NO_TIMING = "no red line"
    EARLY = "at or before 0 ms"
    OFF_TICK = "off a tick"
    SAME_TICK = "two at one tick"
    OUTSIDE = "outside the playfield"


class Fault(NamedTuple):
    """``time`` is where in the map, ms."""

    kind: FaultKind
    time: float
    detail: str = ""


def faults(beatmap: Beatmap) -> list[Fault]:
    """Everything that must not be in a map, in order of time."""
    if not beatmap.objects:
        return [Fault(FaultKind.EMPTY, 0.0)]
    early = [Fault(FaultKind.EARLY, item.time) for item in beatmap.objects if item.time <= 0]
    found = [*early, *_outside(beatmap)]
    if beatmap.red_lines:
        found += [*_off_tick(beatmap), *_same_tick(beatmap)]
    else:
        found.append(Fault(FaultKind.NO_TIMING, 0.0))
    return sorted(found, key=lambda fault: fault.time)


def off_tick_ms(times: np.ndarray, timing: Timing) -> np.ndarray:
    """How far times (N,) are from the nearest tick of the red line in force at each."""
    line = timing.line_index(times)
    starts = np.array([one.time for one in timing.lines])[line]
    lengths = np.array([one.beat_length for one in timing.lines])[line]
    beats = (times - starts) / lengths
    apart = [np.abs(beats * one - np.rint(beats * one)) / one for one in DIVISORS]
    return np.min(apart, axis=0) * lengths


def _off_tick(beatmap: Beatmap) -> Iterator[Fault]:
    pace, timing = Pace(beatmap), Timing(lines=beatmap.red_lines)
    for item in beatmap.objects:
        times = np.array(_moments(item, pace))
        for time, apart in zip(times, off_tick_ms(times, timing), strict=True):
            if apart >= UNSNAPPED_MS:
                what = type(item).__name__.lower()
                yield Fault(FaultKind.OFF_TICK, float(time), f"{what}, by {apart:.1f} ms")


def _moments(item: HitObject, pace: Pace) -> list[float]:
    """When an object starts, repeats and ends."""
    end = pace.end(item)
    if end == item.time:
        return [item.time]
    slides = item.slides if isinstance(item, Slider) else 1
    return [item.time + (end - item.time) * index / slides for index in range(slides + 1)]


def _same_tick(beatmap: Beatmap) -> Iterator[Fault]:
    """Objects that start no later than the tick where another ends (mania: of their column)."""
    pace, timing = Pace(beatmap), Timing(lines=beatmap.red_lines)
    until: dict[int, int] = defaultdict(lambda: -(1 << 62))
    lane = _lane(beatmap)
    for item in beatmap.objects:
        start, end = timing.tick(np.array([item.time, pace.end(item)]))
        if start <= until[lane(item)]:
            yield Fault(FaultKind.SAME_TICK, item.time)
        until[lane(item)] = max(until[lane(item)], end)


def _lane(beatmap: Beatmap) -> Callable[[HitObject], int]:
    """What an object shares with those that it must not meet."""
    keys = max(1, round(beatmap.difficulty.circle_size))
    if beatmap.mode is Mode.MANIA:
        return lambda item: column_of(item.x, keys)
    return lambda item: 0


def _outside(beatmap: Beatmap) -> Iterator[Fault]:
    """Heads, ends and bodies, in the coordinates that mean something in the mode."""
    place = MODES[beatmap.mode].place
    if place == "none":
        return
    flat = place != "xy"
    radius = 0.0 if flat else circle_radius_px(beatmap.difficulty.circle_size)
    for item in beatmap.objects:
        body = _body(item)
        ends = body[[0, -1]]
        if not _within(ends, FIELD_X, FIELD_Y, 0.0, flat):
            yield Fault(FaultKind.OUTSIDE, item.time, "head or end")
        elif not _within(body, SCREEN_X, SCREEN_Y, radius, flat):
            yield Fault(FaultKind.OUTSIDE, item.time, "body")


def _body(item: HitObject) -> np.ndarray:
    """Places along an object (N, 2), the head first and the end last."""
    if not isinstance(item, Slider):
        return np.array([[item.x, item.y]], np.float64)
    path = slider_path(item)
    steps = max(2, int(path.length / BODY_STEP_PX) + 1)
    return path.places(np.linspace(0, path.length, steps))


def _within(places: np.ndarray, x: Range, y: Range, margin: float, flat: bool) -> bool:
    inside = (places[:, 0] >= x.low + margin) & (places[:, 0] <= x.high - margin)
    if not flat:
        inside &= (places[:, 1] >= y.low + margin) & (places[:, 1] <= y.high - margin)
    return bool(inside.all())
