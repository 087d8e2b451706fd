"""A beatmap's draft: its rhythm, types, combos, sounds and velocities, on ticks."""

from typing import Protocol

import numpy as np

from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    EdgeSound,
    HitObject,
    HitSound,
    Hold,
    Slider,
    Spinner,
)
from beatheritage.osu.mode import Mode, column_of
from beatheritage.osu.pace import Pace
from beatheritage.tokens.events import Draft, Event, Kind

KINDS: dict[type, Kind] = {
    Circle: Kind.CIRCLE,
    Slider: Kind.SLIDER,
    Spinner: Kind.SPINNER,
    Hold: Kind.HOLD,
}


class Clock(Protocol):
    """Turns milliseconds into nearest ticks."""

    def tick(self, times: np.ndarray | float) -> np.ndarray: ...


def draft_of(beatmap: Beatmap, clock: Clock) -> Draft:
    """What was decided before placing. Objects are moved to their nearest ticks."""
    pace = Pace(beatmap)
    starts = clock.tick(np.array([item.time for item in beatmap.objects]))
    ends = clock.tick(np.array([pace.end(item) for item in beatmap.objects]))
    rows = zip(beatmap.objects, starts.tolist(), ends.tolist(), strict=True)
    events = (_event(item, beatmap, pace, (start, end)) for item, start, end in rows)
    return Draft(events=tuple(events), kiai=_kiai(beatmap, clock))


def _event(item: HitObject, beatmap: Beatmap, pace: Pace, ticks: tuple[int, int]) -> Event:
    keys = round(beatmap.difficulty.circle_size)
    slides, edges, velocity = 1, (), 1.0
    if isinstance(item, Slider):
        slides, velocity = item.slides, pace.at(item.time).velocity
        edges = item.edges or (EdgeSound(item.sound),) * (slides + 1)
    return Event(
        tick=ticks[0],
        kind=KINDS[type(item)],
        end=max(ticks),
        new_combo=item.new_combo,
        sound=edges[0].sound if edges else item.sound & ~HitSound.NORMAL,
        edges=edges,
        slides=slides,
        velocity=velocity,
        column=column_of(item.x, keys) if beatmap.mode is Mode.MANIA else 0,
    )


def _kiai(beatmap: Beatmap, clock: Clock) -> tuple[tuple[int, int], ...]:
    """Spans of ticks; one that is never switched off ends with the last object."""
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for point in beatmap.timing_points:
        tick = int(clock.tick(point.time))
        if point.kiai and start is None:
            start = tick
        elif not point.kiai and start is not None:
            spans.append((start, tick))
            start = None
    if start is not None and beatmap.objects:
        spans.append((start, int(clock.tick(beatmap.objects[-1].time))))
    return tuple((first, last) for first, last in spans if last > first)
