"""Placing: a draft's events become hit objects with coordinates and slider shapes.

std is placed by the learned placer, catch by the same and then brought within the catcher's reach;
taiko and mania have places of their own.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from beatheritage.engine.placer_onnx import PlacerEngine
from beatheritage.generate.place_catch import reach_stars, within_reach
from beatheritage.generate.place_lanes import place_mania, place_taiko
from beatheritage.generate.place_moves import Look, Placed, walk
from beatheritage.generate.place_scale import scaled
from beatheritage.osu.beatmap import Circle, HitObject, Slider, Spinner
from beatheritage.osu.curve import slider_path
from beatheritage.osu.limits import velocity_range
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.tokens.events import Draft, Event, Kind
from beatheritage.tokens.moves import CENTRE, CIRCLE, SLIDER, SPINNER, Rhythm, Style
from beatheritage.tokens.shapes import resample

KINDS = {Kind.CIRCLE: CIRCLE, Kind.SLIDER: SLIDER, Kind.SPINNER: SPINNER, Kind.HOLD: SLIDER}
VELOCITY_DIGITS = 2  # as the file will hold them
LEAST_LENGTH_PX = 0.01
# How often in a row an object may stand where the last one did: what 19 in 20 of people's std maps
# keep to, and 9 in 10 of their catch maps.
MOST_STAYS = {Mode.STD: 5, Mode.CATCH: 2}
# Sliders of catch are seen from above: people draw most as lines.
STRAIGHTNESS = {Mode.STD: 0.0, Mode.CATCH: 2.5}
# What to ask of the std placer for so many stars in catch, by trial on people's catch maps.
CATCH_STARS, STD_STARS = (0.0, 1.0, 1.8, 3.3, 5.0, 8.0), (1.0, 2.1, 3.7, 5.2, 6.5, 9.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOptions:
    """How to place. ``spacing`` runs from 0, stacked, to 1, wide; None leaves it to the model."""

    mode: Mode = Mode.STD
    stars: float = 4.5
    circle_size: float = 4.0
    slider_multiplier: float = 1.4
    spacing: float | None = None
    keys: int = 4
    top_p: float = 0.98
    temperature: float = 1.0


class Before(NamedTuple):
    """Objects that stand before those to place, and their events; the last few dozen will do."""

    events: tuple[Event, ...] = ()
    objects: tuple[HitObject, ...] = ()


NOTHING = Before()
SEEN_OBJECTS = 32  # of what stands before, as many as are looked at


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walked:
    """Events, where the placer went for each, and how many of the first stood there before."""

    events: tuple[Event, ...]
    rhythm: Rhythm
    placed: Sequence[Placed]
    standing: int = 0


def place(
    draft: Draft,
    timing: Timing,
    look: PlaceOptions,
    engine: PlacerEngine,
    rng: np.random.Generator,
    before: Before = NOTHING,
) -> tuple[HitObject, ...]:
    """Hit objects for the draft's events, in their order, with times in whole milliseconds.

    With something ``before`` them they go on from there.
    """
    return settle(roam(draft, timing, look, engine, rng, before), look)


def roam(
    draft: Draft,
    timing: Timing,
    look: PlaceOptions,
    engine: PlacerEngine,
    rng: np.random.Generator,
    before: Before = NOTHING,
) -> Walked:
    """Where the placer goes for a draft's events; in taiko and mania there is nowhere to go."""
    if look.mode in (Mode.TAIKO, Mode.MANIA):
        rhythm = draft_rhythm(draft, timing, look)
        return Walked(events=draft.events, rhythm=rhythm, placed=())
    events = (*before.events, *draft.events)
    rhythm = draft_rhythm(Draft(events=events), timing, look)
    stars = std_stars(look.stars) if look.mode is Mode.CATCH else look.stars
    style = Style(stars, look.circle_size, look.spacing)
    stays = MOST_STAYS[look.mode]
    boldness = Look(
        top_p=look.top_p,
        temperature=look.temperature,
        straightness=STRAIGHTNESS[look.mode],
        most_stays=stays,
    )
    placed = walk(rhythm, style, boldness, engine, rng, standing(before.objects))
    return Walked(events=events, rhythm=rhythm, placed=placed, standing=len(before.objects))


def kept(walked: Walked, draft: Draft, timing: Timing, look: PlaceOptions) -> Walked:
    """The walk for a draft of which most was walked: what was, stays; what is new comes half way
    between the two beside it."""
    if look.mode in (Mode.TAIKO, Mode.MANIA):
        return replace(walked, events=draft.events, rhythm=draft_rhythm(draft, timing, look))
    known = {event.tick: item for event, item in zip(walked.events, walked.placed, strict=True)}
    ticks = [event.tick for event in walked.events]
    placed: list[Placed] = []
    for event in draft.events:
        item = known.get(event.tick)
        if item is None:
            ahead = known[ticks[min(bisect_left(ticks, event.tick), len(ticks) - 1)]].head
            start = placed[-1].end if placed else ahead
            between = np.rint((start + ahead) / 2)
            facing = placed[-1].facing if placed else np.array([1.0, 0.0])
            item = Placed(head=between, end=between, facing=facing)
        placed.append(item)
    rhythm = draft_rhythm(draft, timing, look)
    return Walked(events=draft.events, rhythm=rhythm, placed=placed)


def settle(
    walked: Walked, look: PlaceOptions, scale: float = 1.0, along: np.ndarray | None = None
) -> tuple[HitObject, ...]:
    """The objects of a walk, its distances times ``scale``, in std also times what ``along`` has
    for each of its events.

    A catcher may have to go as much faster, but no faster than a level allows.
    """
    events, rhythm, count = walked.events, walked.rhythm, walked.standing
    match look.mode:
        case Mode.TAIKO:
            return place_taiko(Draft(events=events), rhythm)
        case Mode.MANIA:
            return place_mania(Draft(events=events), rhythm, look.keys)
        case Mode.CATCH:
            reach = reach_stars(look.stars, scale)
            placed = within_reach(walked.placed, rhythm, reach, count, scale)
        case Mode.STD:
            factor = scale if along is None else scale * along
            placed = scaled(walked.placed, rhythm, factor, count)
    return tuple(
        _object(events[index], rhythm, index, placed[index]) for index in range(count, len(events))
    )


def standing(objects: Sequence[HitObject]) -> list[Placed]:
    """Where objects stand that were placed before, and how each is left."""
    stood: list[Placed] = []
    end, facing = np.array(CENTRE), np.array([1.0, 0.0])
    for item in objects:
        head = np.array(CENTRE) if isinstance(item, Spinner) else np.array([item.x, item.y])
        way, end = head - end, head
        if isinstance(item, Slider):
            body = resample(slider_path(item).points)
            back = item.slides % 2 == 0
            way, end = (body[0] - body[1], head) if back else (body[-1] - body[-2], body[-1])
        size = np.hypot(*way)
        facing = way / size if size > 0.5 else facing
        stood.append(Placed(head=head, end=end, facing=facing))
    return stood


def std_stars(catch_stars: float) -> float:
    """The stars to place a std map with, so that its moves make so many as catch."""
    return float(np.interp(catch_stars, CATCH_STARS, STD_STARS))


def draft_rhythm(draft: Draft, timing: Timing, look: PlaceOptions) -> Rhythm:
    """What a draft says of its objects before they are placed."""
    events = draft.events
    ticks = np.array([event.tick for event in events], np.int64)
    beats = ticks / TICKS_PER_BEAT
    times = timing.tick_time(ticks)
    ends = timing.tick_time(np.array([event.end for event in events], np.int64))
    whole = np.floor(beats).astype(np.int64)
    beat_lengths = np.array([line.beat_length for line in timing.lines])[timing.line_index(times)]
    kinds = np.array([KINDS[event.kind] for event in events], np.int64)
    slides = np.array([max(1, event.slides) for event in events], np.int64)
    lengths = (ends - times) / beat_lengths * _speeds(events, look) / slides
    return Rhythm(
        times=np.round(times),
        ends=np.round(ends),
        beats=beats,
        bar_phases=timing.bar_phase(whole) + (beats - whole),
        beat_lengths=beat_lengths,
        kinds=kinds,
        new_combos=np.array([event.new_combo for event in events], bool),
        lengths_px=np.where(kinds == SLIDER, np.maximum(lengths, LEAST_LENGTH_PX), 0.0),
        slides=np.where(kinds == SLIDER, slides, 0),
    )


def _speeds(events: tuple[Event, ...], look: PlaceOptions) -> np.ndarray:
    """Pixels a beat of each event's slider, at the velocity that the file will hold."""
    allowed = velocity_range(look.mode)
    held = [allowed.clamp(round(event.velocity, VELOCITY_DIGITS)) for event in events]
    return 100 * look.slider_multiplier * np.array(held, np.float64)


def _object(event: Event, rhythm: Rhythm, index: int, placed: Placed) -> HitObject:
    time = float(rhythm.times[index])
    if event.kind is Kind.SPINNER:
        return Spinner(
            time=time,
            end=float(rhythm.ends[index]),
            new_combo=event.new_combo,
            sound=event.sound,
        )
    x, y = (float(value) for value in placed.head)
    if placed.body is None:
        return Circle(time=time, x=x, y=y, new_combo=event.new_combo, sound=event.sound)
    return Slider(
        time=time,
        x=x,
        y=y,
        kind=placed.body.kind,
        points=placed.body.points,
        slides=int(rhythm.slides[index]),
        length=float(rhythm.lengths_px[index]),
        new_combo=event.new_combo,
        sound=event.sound,
        edges=event.edges,
    )
