"""Sliders that go back where the song strikes while they last.

The mapper says how long a slider's slide is before it says how many there are, and one is then
nearly always the likeliest. Drawn more freely, repeats hide onsets that people strike. So a slider
ends where the mapper has it end, and goes back where most is heard on its way, as often as people's
do.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from beatheritage.osu.level import Level
from beatheritage.tokens.events import Event, Kind
from beatheritage.tokens.vocabulary import LENGTH_TICKS

REPEATING = 0.17
"""The share of people's sliders that repeat: 0.14 on the songs to tune on, to 0.23 elsewhere."""

MOST_SLIDES = 3
TWICE_LESS = 1.0  # log-odds that a second repeat has to be likelier by, being rarer
SLIDE_STEPS = (12, 8)  # ticks: a slide lasts some of one of these, of quarters or sixths of a beat
LEAST_SLIDE = 12  # ticks
# ms: what those can follow who play such a level, by the ranking criteria's advice and our own.
SHORTEST = {Level.EASY: 340.0, Level.NORMAL: 170.0, Level.HARD: 100.0}
SHORTEST_ABOVE = 60.0


class OnsetOdds(NamedTuple):
    """The encoder's log-odds of an onset at each tick from ``first`` on, and a tick's length."""

    odds: np.ndarray
    first: int
    tick_ms: float


class Turn(NamedTuple):
    """What a slider could become: how well that is heard, which one it is, and its slides."""

    score: float
    place: int
    slides: int


def repeating(events: Sequence[Event], heard: OnsetOdds, level: Level) -> tuple[Event, ...]:
    """The events with as many repeating sliders as people's; nothing starts or ends elsewhere."""
    sliders = [place for place, event in enumerate(events) if event.kind is Kind.SLIDER]
    standing = sum(events[place].slides > 1 for place in sliders)
    wanted = round(REPEATING * len(sliders)) - standing
    turns = (turn for place in sliders for turn in _turns(events[place], place, heard, level))
    best = {turn.place: turn for turn in sorted(turns)}
    chosen = sorted(best.values(), reverse=True)[: max(wanted, 0)]
    changed = list(events)
    for turn in chosen:
        changed[turn.place] = _turned(events[turn.place], turn.slides)
    return tuple(changed)


def _turns(event: Event, place: int, heard: OnsetOdds, level: Level) -> list[Turn]:
    """The ways in which a slider of one slide could repeat within the time that it has."""
    lasts = event.end - event.tick
    found = []
    for slides in range(2, MOST_SLIDES + 1) if event.slides == 1 else ():
        slide = lasts // slides
        if slide * slides != lasts or not _is_slide(slide, heard.tick_ms, level):
            continue
        on_way = event.tick - heard.first + slide * np.arange(1, slides)
        score = float(heard.odds[on_way].min()) - TWICE_LESS * (slides - 2)
        found.append(Turn(score, place, slides))
    return found


def _is_slide(ticks: int, tick_ms: float, level: Level) -> bool:
    """Whether a slide may last so long."""
    in_steps = ticks in LENGTH_TICKS and any(ticks % step == 0 for step in SLIDE_STEPS)
    shortest = SHORTEST.get(level, SHORTEST_ABOVE)
    return in_steps and ticks >= LEAST_SLIDE and ticks * tick_ms >= shortest


def _turned(event: Event, slides: int) -> Event:
    """Each way back sounds like the start, as in all that the mapper writes."""
    return replace(event, slides=slides, edges=(*event.edges[:1] * slides, *event.edges[1:]))
