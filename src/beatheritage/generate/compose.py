"""Writing a draft: the mapper's tokens, window by window, under the grammar."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from math import ceil
from typing import NamedTuple

import numpy as np

from beatheritage.engine.mapper import Decoding, MapperEngine, Memory
from beatheritage.generate.eagerness import eagerness
from beatheritage.generate.plan import Plan
from beatheritage.generate.polish import SHORTEST_HOLD, shortest_hold
from beatheritage.generate.sample import REPETITION_MEMORY, Luck, sample, sample_time
from beatheritage.generate.steer import NEVER, Steering
from beatheritage.generate.window import LOOKBACK_BEATS, Window, windows
from beatheritage.osu.level import level_of
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.timing.score import score_along
from beatheritage.tokens.beats import Encoded, encode
from beatheritage.tokens.events import Event
from beatheritage.tokens.grammar import GAP_AFTER_SLIDER_TICKS, MASKS, Choice, DraftWriter
from beatheritage.tokens.prompt import Conditions, condition_vector
from beatheritage.tokens.vocabulary import Token, token_id

START, FUTURE = token_id(Token.START), token_id(Token.FUTURE)
FUTURE_BEATS = 24
MARGIN_BEATS = 8  # heard on either side of what is written
LEAST_ROOM = 64  # tokens: with less, the window is begun anew
MOST_PAST_TOKENS = 480

OnWritten = Callable[[float, Sequence[Event]], None]
"""Hears which share of the beats is written, and all that was."""


def unwatched(_share: float, _events: Sequence[Event]) -> None:
    """For those who do not watch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What stands already around a range to write anew, ticks ``start`` to ``end``."""

    events: tuple[Event, ...]
    start: int
    end: int

    @property
    def floor(self) -> int:
        """The first tick that the events before the range leave free."""
        ends = [event.end for event in self.events if event.tick < self.start]
        return max([self.start, *(end + GAP_AFTER_SLIDER_TICKS for end in ends)])

    @property
    def limit(self) -> int:
        """The tick by which every object of the range must have ended."""
        behind = [event.tick for event in self.events if event.tick >= self.end]
        return min([self.end, *(tick - GAP_AFTER_SLIDER_TICKS for tick in behind)])


class Row(NamedTuple):
    """A token, and where it left the writer; see ``tokens.beats.Encoded``."""

    token: int
    tick: int
    floor: int
    beat: int


@dataclass(slots=True)
class Page:
    """What has been written so far."""

    rows: list[Row] = field(default_factory=list)

    def add(self, token: int, writer: DraftWriter) -> None:
        self.rows.append(Row(token, writer.tick, writer.floor_in_beat(), writer.beat))

    def read(self, encoded: Encoded) -> None:
        columns = (encoded.tokens, encoded.ticks, encoded.floors, encoded.beats)
        self.rows += [Row(*row) for row in np.stack(columns, 1).tolist()]

    def lately(self) -> list[int]:
        """The last tokens, oldest first."""
        return [row.token for row in self.rows[-REPETITION_MEMORY:]]

    def since_tick(self) -> int:
        """How many tokens were written at the tick that has been reached."""
        tick = self.rows[-1].tick
        return sum(1 for _ in takewhile(lambda row: row.tick == tick, reversed(self.rows)))

    def opened(self, opener: int) -> list[Row]:
        """All rows, the first beat opened by another token than ``BEAT``."""
        return [self.rows[0]._replace(token=opener), *self.rows[1:]] if self.rows else []

    def since(self, beat: int, most: int) -> list[Row]:
        """The rows from a beat on, a later one where these are too many, opened by ``START``."""
        start = bisect_left(self.rows, beat, key=lambda row: row.beat)
        while len(self.rows) - start > most and self.rows[start].beat < self.rows[-1].beat:
            beat = self.rows[start].beat + 1
            start = bisect_left(self.rows, beat, key=lambda row: row.beat)
        return Page(rows=self.rows[start:]).opened(START)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The beats to write, ``last`` not included, and what stands around them if it is a range."""

    first: int
    last: int
    given: Given | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """What to write, from what was heard. ``origin`` is the beat at which the memory begins,
    ``there`` which of its ticks the song has, ``tick_ms`` how long the shortest of them lasts."""

    memory: Memory
    origin: int
    span: Span
    there: np.ndarray
    tick_ms: float

    @property
    def onsets(self) -> np.ndarray:
        """As ``odds``, of the span."""
        return self.odds(self.span.first, self.span.last)

    def odds(self, first: int, last: int) -> np.ndarray:
        """The encoder's log-odds of an onset at each tick of the beats; ``last`` is not one."""
        begin, end = (TICKS_PER_BEAT * (beat - self.origin) for beat in (first, last))
        return np.where(self.there[begin:end], self.memory.onsets[begin:end], NEVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What writing works on: the writer, what it wrote, what stands behind the range, what it is
    to come to, how eager to be at each tick (ticks of the span,), and luck."""

    writer: DraftWriter
    page: Page
    future: Page
    steering: Steering
    eagerness: np.ndarray
    luck: Luck


def compose(
    task: Task,
    engine: MapperEngine,
    plan: Plan,
    rng: np.random.Generator,
    on_written: OnWritten,
) -> tuple[Event, ...]:
    """The events of the task's beats, and of no others."""
    first, last = task.span.first, task.span.last
    desk = _opened(task, plan, rng)
    for window in windows(first, last):
        _write(window, task, desk, engine, plan)
        on_written((window.stop - first) / (last - first), desk.writer.events)
    return tuple(desk.writer.events)


def _opened(task: Task, plan: Plan, rng: np.random.Generator) -> Desk:
    """A writer at the first beat, the past in front of it, and the future behind the range."""
    span, given = task.span, task.span.given
    limit = given.limit if given else span.last * TICKS_PER_BEAT
    writer = DraftWriter(mode=plan.mode, keys=plan.keys, limit=limit)
    if plan.style.hold_share is not None:
        writer.least_hold = _least_hold(plan, task)
    page, future = Page(), Page()
    if given is not None:
        past, behind = span.first - LOOKBACK_BEATS, span.last + FUTURE_BEATS
        page.read(encode(given.events, plan.mode, plan.keys, past, span.first))
        future.read(encode(given.events, plan.mode, plan.keys, span.last, behind))
        writer.floor = given.floor
    writer.open(span.first)
    page.add(token_id(Token.BEAT), writer)
    first, count = span.first * TICKS_PER_BEAT, (span.last - span.first + 1) * TICKS_PER_BEAT
    return Desk(
        writer=writer,
        page=page,
        future=future,
        steering=Steering(plan, task.onsets, span.first),
        eagerness=eagerness(plan.mode, task.onsets, task.tick_ms),
        luck=Luck(rng, first, count),
    )


def _least_hold(plan: Plan, task: Task) -> int:
    """How many ticks a hold lasts that will not be made a note of in the end."""
    return max(shortest_hold(level_of(plan.stars)), ceil((SHORTEST_HOLD + 1) / task.tick_ms))


def _write(
    window: Window,
    task: Task,
    desk: Desk,
    engine: MapperEngine,
    plan: Plan,
) -> None:
    """Write a window's body, token by token, until time moves on to its end."""
    writer, page, future = desk.writer, desk.page, desk.future
    decoding = engine.start(task.memory)
    unread = [*future.opened(FUTURE), *page.since(window.start - LOOKBACK_BEATS, MOST_PAST_TOKENS)]
    while writer.beat < window.stop:
        if decoding.room < len(unread) + LEAST_ROOM:
            decoding = engine.start(task.memory)
            unread = page.since(writer.beat - LOOKBACK_BEATS // 2, MOST_PAST_TOKENS)
        allowed = desk.steering.narrowed(writer.allowed(), writer)
        if np.count_nonzero(allowed) == 1:
            token = int(allowed.argmax())
        else:
            logits = _read(decoding, unread, task.origin)
            unread = []
            token = _choose(logits, allowed, desk, task, plan)
        writer.push(token)
        desk.steering.follow(writer)
        page.add(token, writer)
        unread.append(page.rows[-1])


def _choose(logits: np.ndarray, allowed: np.ndarray, desk: Desk, task: Task, plan: Plan) -> int:
    """The next token, by the luck of the place where it stands."""
    writer, page, luck = desk.writer, desk.page, desk.luck
    if writer.choice is not Choice.TIME:
        logits = desk.steering.weigh(logits, allowed, writer)
        at = luck.at(writer.tick, page.since_tick())
        token = sample(logits, allowed, writer.choice, page.lately(), plan.sampling, at)
        if not MASKS[Choice.TIME, token]:
            return token
    onsets = luck.of_onsets(writer.beat)
    bias = desk.steering.onset_bias(writer)
    if plan.style.density is None:
        start = (writer.beat - task.span.first) * TICKS_PER_BEAT
        bias = bias + desk.eagerness[start : start + TICKS_PER_BEAT]
    return sample_time(logits, allowed, onsets, plan.sampling, bias)


def _read(decoding: Decoding, rows: Sequence[Row], origin: int) -> np.ndarray:
    tokens, ticks, floors, _ = np.array(rows, np.int64).T
    return decoding.step(tokens, ticks - origin * TICKS_PER_BEAT, floors)


def hear(mel: np.ndarray, timing: Timing, span: Span, plan: Plan, engine: MapperEngine) -> Task:
    """Encode a span, as far around it as writing looks, under the plan's conditions."""
    before, behind = (LOOKBACK_BEATS, FUTURE_BEATS) if span.given else (0, 0)
    origin = span.first - before - MARGIN_BEATS
    score = score_along(mel, timing, origin, span.last + behind + MARGIN_BEATS - origin)
    conditions = Conditions(
        mode=plan.mode,
        keys=plan.keys,
        stars=plan.stars,
        bpm=timing.lines[0].bpm,
        style=plan.style,
    )
    memory = engine.encode(score, condition_vector(conditions))
    shortest = min(line.beat_length for line in timing.lines) / TICKS_PER_BEAT
    ticks = origin * TICKS_PER_BEAT + np.arange(len(memory.onsets))
    there = timing.has_ticks(ticks)
    return Task(memory=memory, origin=origin, span=span, there=there, tick_ms=shortest)
