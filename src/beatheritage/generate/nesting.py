"""Keeping a difficulty to the rhythm and the sounds of the next harder one of its set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import repeat

import numpy as np

from beatheritage.osu.beatmap import Beatmap, EdgeSound, HitObject, HitSound, Slider
from beatheritage.tokens.draft import Clock, draft_of
from beatheritage.tokens.events import Draft, Event, Kind

# Added to the log-odds of an onset where the harder difficulty has one, where a slider of it
# repeats or ends, and where it has nothing.
ON_ONSET, ON_EDGE, ON_NOTHING = 0.5, -4.0, -40.0


@dataclass(frozen=True, kw_only=True)
class Above:
    """The next harder difficulty of a set, seen from the one below, and what is ``harder`` yet.

    ``sounding`` says whether sounds carry over: in taiko they are colours, in mania there are none.
    """

    draft: Draft
    sounding: bool
    harder: "Above | None" = None

    @cached_property
    def onsets(self) -> frozenset[int]:
        """Ticks at which an object starts."""
        return frozenset(event.tick for event in self.draft.events)

    @cached_property
    def sounds(self) -> Mapping[int, HitSound]:
        """What sounds at every tick where something starts, repeats or ends: as the hardest
        difficulty has it that has something there."""
        own = sounds_of(self.draft)
        return {**own, **self.harder.sounds} if self.harder else own

    def odds(self, first: int, count: int) -> np.ndarray:
        """What to add to the log-odds of an onset at each of ``count`` ticks, float (count,)."""
        added = np.full(count, ON_NOTHING)
        for ticks, odds in ((sounds_of(self.draft), ON_EDGE), (self.onsets, ON_ONSET)):
            places = np.fromiter(ticks, np.int64, len(ticks)) - first
            added[places[(places >= 0) & (places < count)]] = odds
        return added


def edges(event: Event) -> Iterator[tuple[int, HitSound]]:
    """The ticks at which an object starts, repeats and ends, and what sounds there.

    A spinner's and a hold's start is silent, or its end: one sound is all that they have.
    """
    if event.kind is not Kind.SLIDER:
        yield (event.end if event.kind is Kind.SPINNER else event.tick), event.sound
        return
    slide = (event.end - event.tick) / event.slides
    for number, edge in zip(range(event.slides + 1), _edge_sounds(event), strict=False):
        yield event.tick + round(number * slide), edge.sound


def _edge_sounds(event: Event) -> Iterator[EdgeSound]:
    """The sounds of a slider's edges, for ever: those not named sound like the slider itself."""
    yield from event.edges
    yield from repeat(EdgeSound(event.sound))


def sounds_of(draft: Draft) -> dict[int, HitSound]:
    """What sounds at every tick where an object starts, repeats or ends."""
    return {tick: sound for event in draft.events for tick, sound in edges(event)}


def like_above(draft: Draft, above: Above | None) -> Draft:
    """The draft with the sounds of the harder difficulties, wherever they have something."""
    if above is None or not above.sounding:
        return draft
    return replace(draft, events=tuple(_like(event, above.sounds) for event in draft.events))


def _like(event: Event, sounds: Mapping[int, HitSound]) -> Event:
    heard = [sounds.get(tick, sound) for tick, sound in edges(event)]
    if event.kind is not Kind.SLIDER:
        return replace(event, sound=heard[0])
    named = zip(heard, _edge_sounds(event), strict=False)
    return replace(
        event,
        sound=heard[0],
        edges=tuple(edge._replace(sound=sound) for sound, edge in named),
    )


def with_sounds(beatmap: Beatmap, clock: Clock, sounds: Mapping[int, HitSound]) -> Beatmap:
    """The map with what is to sound at some ticks, wherever it has something there."""
    events = draft_of(beatmap, clock).events
    pairs = zip(beatmap.objects, events, strict=True)
    objects = (_sounding(item, event, _like(event, sounds)) for item, event in pairs)
    return replace(beatmap, objects=tuple(objects))


def _sounding(item: HitObject, before: Event, after: Event) -> HitObject:
    if after == before:
        return item
    if isinstance(item, Slider):
        return replace(item, sound=after.sound, edges=after.edges)
    return replace(item, sound=after.sound)


def nested_share(draft: Draft, above: Draft) -> float:
    """The share of a difficulty's onsets at which the harder one has an onset; 1 without any."""
    own, other = ({event.tick for event in each.events} for each in (draft, above))
    return len(own & other) / len(own) if own else 1.0
