"""Some notes more or fewer, without writing anew: where the song and the strain say so.

Taking out begins with what the song gives the least reason for, where the map is hardest; putting
in with the likeliest ticks that are free, again where it is hardest. Everything else stays as it
is, the share of holds too.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from beatheritage.osu.beatmap import HitSound
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import TICKS_PER_BEAT
from beatheritage.tokens.events import Draft, Event, Kind

STRAIN_WORTH = 2.5  # log-odds that the hardest moment is worth over the easiest
NOISE = -2.0
"""Log-odds of an onset: of ticks that are given less, people's maps have fewer than one in ten.
No search for stars puts notes there."""
CHORD_WORTH = 4.0  # log-odds: a note beside another changes no rhythm
GRIDS = tuple(TICKS_PER_BEAT // part for part in (1, 2, 4, 8))
CLOSEST_SHARE = 10.0  # percent of a map's gaps are shorter than any that is put in


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """What to go by at every tick from ``first`` on: the log-odds of an onset, and how hard the map
    is there, 0 to 1; both (ticks,). Where ``only`` is given, no other tick gets an onset, and else
    none that the song gives hardly a reason for."""

    first: int
    odds: np.ndarray
    strains: np.ndarray
    only: frozenset[int] | None = None

    def odds_at(self, tick: int) -> float:
        return float(self.odds[min(max(tick - self.first, 0), len(self.odds) - 1)])

    def is_reason(self, tick: int) -> bool:
        """Whether something may be put at a tick at all."""
        return self.odds_at(tick) >= NOISE if self.only is None else tick in self.only

    def strain_at(self, tick: int) -> float:
        return float(self.strains[min(max(tick - self.first, 0), len(self.strains) - 1)])


def thinned(draft: Draft, ground: Ground, count: int) -> Draft:
    """The draft without ``count`` of its notes and holds, or without all of them."""
    lowest: dict[int, int] = {}
    for index, event in enumerate(draft.events):
        lowest.setdefault(event.tick, index)

    def gain(index: int) -> float:
        tick = draft.events[index].tick
        spare = CHORD_WORTH if lowest[tick] != index else 0.0
        return spare + STRAIN_WORTH * ground.strain_at(tick) - ground.odds_at(tick)

    circles, holds = (
        sorted(
            (index for index, event in enumerate(draft.events) if event.kind is kind),
            key=lambda index: (-gain(index), index),
        )
        for kind in (Kind.CIRCLE, Kind.HOLD)
    )
    held = round(count * len(holds) / max(1, len(circles) + len(holds)))
    out = {*circles[: count - held], *holds[:held]}
    return replace(draft, events=tuple(_without(draft.events, out)))


def _without(events: Sequence[Event], out: Collection[int]) -> Iterator[Event]:
    """The others, of which the next one takes up a combo that began with one left out."""
    begins = False
    for index, event in enumerate(events):
        begins |= event.new_combo
        if index not in out:
            yield replace(event, new_combo=True) if begins != event.new_combo else event
            begins = False


def filled(draft: Draft, ground: Ground, mode: Mode, keys: int, count: int) -> Draft:
    """The draft with ``count`` more notes, or with as many as there is room for."""
    if not draft.events:
        return draft
    board = Board(draft.events, mode, keys)
    added: list[Event] = []
    for tick in board.openings(ground):
        if len(added) >= count:
            break
        event = board.note(tick)
        if event is not None:
            added.append(event)
    events = board.held(draft.events, added)
    return replace(draft, events=tuple(sorted(events, key=lambda each: (each.tick, each.column))))


class Board:
    """Where there is room: as close as a map's own notes stand, and no closer."""

    def __init__(self, events: Sequence[Event], mode: Mode, keys: int) -> None:
        columns = keys if mode is Mode.MANIA else 1
        self._is_taiko = mode is Mode.TAIKO
        self._events = {event.tick: event for event in events}
        self._onsets = sorted(self._events)
        self._columns = [
            sorted((event.tick, event.end) for event in events if event.column == column)
            for column in range(columns)
        ]
        self._sizes = Counter(event.tick for event in events)
        self._largest = min(max(self._sizes.values()), max(1, columns - 1))
        self._gap = _closest([self._onsets])
        self._column_gap = _closest([[tick for tick, _ in column] for column in self._columns])
        self._grid = next((grid for grid in GRIDS if grid <= self._gap), GRIDS[-1])

    def openings(self, ground: Ground) -> list[int]:
        """Ticks for a note more, the best first."""
        fresh = range(-(-ground.first // self._grid) * self._grid, ground.first + len(ground.odds))
        free = [tick for tick in fresh[:: self._grid] if self._is_open(tick, ground)]
        shared = self._onsets if self._largest > 1 else []

        def worth(tick: int) -> float:
            extra = CHORD_WORTH if tick in self._events else 0.0
            return extra + ground.odds_at(tick) + STRAIN_WORTH * ground.strain_at(tick)

        return sorted((*free, *shared), key=lambda tick: (-worth(tick), tick))

    def _is_open(self, tick: int, ground: Ground) -> bool:
        if not ground.is_reason(tick):
            return False
        inside = self._onsets[0] < tick < self._onsets[-1]
        return inside and self._is_apart(tick)

    def _is_apart(self, tick: int) -> bool:
        at = bisect_left(self._onsets, tick)
        return all(
            abs(tick - other) >= self._gap for other in self._onsets[max(0, at - 1) : at + 1]
        )

    def note(self, tick: int) -> Event | None:
        """A note at a tick, in the column that is free for longest; None where there is no room."""
        if tick not in self._events and not self._is_apart(tick):
            return None
        if self._sizes[tick] >= self._largest:
            return None
        rooms = [_room(column, tick) for column in self._columns]
        best = int(np.argmax(rooms))
        if rooms[best] < self._column_gap:
            return None
        event = Event(tick=tick, end=tick, column=best, sound=self._sound(tick))
        insort(self._columns[best], (tick, tick))
        self._sizes[tick] += 1
        if tick not in self._events:
            insort(self._onsets, tick)
            self._events[tick] = event
        return event

    def held(self, written: Sequence[Event], added: Sequence[Event]) -> list[Event]:
        """All of them, with the share of holds that was written: notes with the most room behind
        them are held, those that were added first, as long as holds of the map usually are."""
        lengths = [event.end - event.tick for event in written if event.kind is Kind.HOLD]
        if not lengths:
            return [*written, *added]
        count = round(len(added) * len(lengths) / len(written))
        notes = [event for event in (*added, *written) if event.kind is Kind.CIRCLE]
        ends = {event: self._end(event, int(np.median(lengths))) for event in notes}
        roomy = [event for event in notes if ends[event] - event.tick >= min(lengths)]
        fresh = set(added)
        roomy.sort(key=lambda each: (each not in fresh, each.tick - ends[each], each.tick))
        chosen = set(roomy[:count])
        return [
            replace(event, kind=Kind.HOLD, end=ends[event]) if event in chosen else event
            for event in (*written, *added)
        ]

    def _end(self, event: Event, usual: int) -> int:
        """Where a hold would end that leaves room for the next note of its column."""
        column = self._columns[event.column]
        at = bisect_right(column, (event.tick, event.tick))
        limit = column[at][0] - ceil(self._column_gap) if at < len(column) else np.inf
        return int(min(event.tick + usual, max(event.tick, limit)))

    def _sound(self, tick: int) -> HitSound:
        """None but in taiko, where it is a colour: that of the note in front, but for an accent."""
        if not self._is_taiko:
            return HitSound.NONE
        before = self._events[self._onsets[bisect_left(self._onsets, tick) - 1]]
        return before.sound & ~HitSound.FINISH if before.kind is Kind.CIRCLE else HitSound.NONE


def _room(column: Sequence[tuple[int, int]], tick: int) -> float:
    """Ticks to the nearest note in a column, 0 where one is held."""
    at = bisect_right(column, (tick, tick))
    behind = tick - column[at - 1][1] if at else np.inf
    ahead = column[at][0] - tick if at < len(column) else np.inf
    return max(0.0, min(behind, ahead))


def _closest(rows: Iterable[Sequence[int]]) -> float:
    gaps = [gap for row in rows for gap in np.diff(row).tolist()]
    return float(np.percentile(gaps, CLOSEST_SHARE)) if gaps else float(TICKS_PER_BEAT)
