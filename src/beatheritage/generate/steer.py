"""Holding a map, while it is written, to the style that was asked for.

The mapper is told the style, which is a hint: behind its own objects it drifts. What was asked for
is steered to by shifting odds; what was not is left as it is.
"""

from typing import NamedTuple

import numpy as np

from beatheritage.generate.nesting import ON_NOTHING
from beatheritage.generate.plan import Plan
from beatheritage.generate.sample import RHYTHM_BIAS, RHYTHM_TEMPERATURE, TEMPERATURES
from beatheritage.generate.share import Density, Share, chances
from beatheritage.tokens.events import Event, Kind
from beatheritage.tokens.grammar import SNAPS, TICKS_PER_BEAT, Choice, DraftWriter
from beatheritage.tokens.prompt import ADDITIONS, QUARTER_TICKS
from beatheritage.tokens.vocabulary import Token, ids

COLDEST = 0.05
LOOKED_BEATS = 4  # after so many the density of what is left is set anew
NEVER = -30.0  # log-odds of onsets where none can be
SURE_OBJECTS = 16  # of so many, half of what is foreseen is believed


class Sides(NamedTuple):
    """Ids that count for a share, and those that they are chosen against."""

    counted: np.ndarray
    others: np.ndarray


_TICKS = ids(Token.TICK)


def _all(token: Token) -> np.ndarray:
    return np.arange(ids(token).start, ids(token).stop)


_SLIDER_OR_CIRCLE = Sides(counted=_all(Token.SLIDER), others=_all(Token.CIRCLE))
_ROLL_OR_DRUM = Sides(counted=_all(Token.DRUMROLL), others=_all(Token.DRUM))
_HOLD_OR_NOTE = Sides(counted=_all(Token.HOLD), others=_all(Token.NOTE))
# The first value of each is the plain one.
_SOUNDS, _DRUMS, _ROLLS = (
    Sides(counted=_all(token)[1:], others=_all(token)[:1])
    for token in (Token.SOUND, Token.DRUM, Token.DRUMROLL)
)

DECIDED: dict[Choice, tuple[tuple[str, Sides], ...]] = {
    Choice.PLACED_KIND: (("slider_share", _SLIDER_OR_CIRCLE),),
    Choice.DRUM_KIND: (
        ("slider_share", _ROLL_OR_DRUM),
        ("hitsounding", _DRUMS),
        ("hitsounding", _ROLLS),
    ),
    Choice.COLUMN: (("hold_share", _HOLD_OR_NOTE),),
    Choice.CHORD: (("hold_share", _HOLD_OR_NOTE),),
    Choice.SOUND: (("hitsounding", _SOUNDS),),
}
"""Which shares of objects each choice decides, and between what."""

SHARES = ("slider_share", "hold_share", "hitsounding")


def counts(share: str, event: Event) -> bool:
    """Whether an object counts for a share, as ``measure_style`` counts it."""
    match share:
        case "slider_share":
            return event.kind is Kind.SLIDER
        case "hold_share":
            return event.kind is Kind.HOLD
        case _:
            return bool(event.sound & ADDITIONS)


class Steering:
    """What is asked of a span's style, how that stands, and by how much to shift odds.

    ``onsets_N`` are the encoder's log-odds of an onset at each tick from ``first_beat`` on.
    """

    def __init__(self, plan: Plan, onsets_N: np.ndarray, first_beat: int) -> None:
        style, self._warmth = plan.style, plan.sampling.temperature
        self._plain_bias, self._first = plan.onset_bias, first_beat * TICKS_PER_BEAT
        snapped = np.tile(SNAPS, len(onsets_N) // TICKS_PER_BEAT)
        # What a set asks of the rhythm.
        self._added_N = np.zeros(len(onsets_N))
        if plan.above is not None:
            self._added_N = plan.above.odds(self._first, len(onsets_N))
        self._there_N = onsets_N > NEVER
        self._open_N = (self._added_N > ON_NOTHING) & (onsets_N >= plan.onset_floor)
        self._open_N &= self._there_N
        odds_N = np.where(snapped, onsets_N, NEVER) + RHYTHM_BIAS + self._added_N
        odds_CQ = odds_N.reshape(-1, QUARTER_TICKS)
        odds_C = odds_CQ.max(1)
        # Where a density asks for more, it is for more quarter beats, not for more in each.
        self._likeliest_N = (np.arange(QUARTER_TICKS) == odds_CQ.argmax(1)[:, None]).ravel()
        warmth = max(self._warmth * RHYTHM_TEMPERATURE, COLDEST)
        self._left_C = chances(odds_C + plan.onset_bias, warmth)[::-1].cumsum()[::-1]
        self._shares = {
            name: Share(asked) for name in SHARES if (asked := getattr(style, name)) is not None
        }
        density, streams = style.density, style.stream_share
        self._density = None if density is None else Density(density, odds_C, warmth)
        self._streams = None if streams is None else Streams(streams, odds_N, warmth)
        self._pending: dict[str, float] = {}
        self._seen, self._look_again = 0, first_beat

    def _look_ahead(self, writer: DraftWriter) -> None:
        """Every few beats, set the density of what is left, from where the writer stands."""
        if self._density is not None and writer.beat >= self._look_again:
            self._look_again = writer.beat + LOOKED_BEATS
            written = np.unique([self._cell(event.tick) for event in writer.events])
            self._density.look_ahead(self._cell(writer.beat * TICKS_PER_BEAT), written.astype(int))

    def narrowed(self, allowed: np.ndarray, writer: DraftWriter) -> np.ndarray:
        """Which ids may come next, without the ticks that the set leaves empty, or the song: where
        one id is left, nobody has to be asked for it."""
        match writer.choice:
            case Choice.TIME:
                open_N = self._open_N
            case Choice.CHORD:
                open_N = self._there_N
            case _:
                return allowed
        start = writer.beat * TICKS_PER_BEAT - self._first
        allowed = allowed.copy()
        allowed[_TICKS] &= open_N[start : start + TICKS_PER_BEAT]
        return allowed

    def onset_bias(self, writer: DraftWriter) -> float | np.ndarray:
        """What to add to the log-odds of a beat's ticks."""
        self._look_ahead(writer)
        start = writer.beat * TICKS_PER_BEAT - self._first
        bias = self._plain_bias if self._density is None else self._density_bias(start)
        bias = bias + self._added_N[start : start + TICKS_PER_BEAT]
        return bias if self._streams is None else bias + self._streams.bias(start)

    def _density_bias(self, start: int) -> np.ndarray:
        """What the density asked for adds to the beat's ticks, (48,)."""
        assert self._density is not None
        likeliest, shift = self._likeliest_N[start : start + TICKS_PER_BEAT], self._density.shift
        return np.where(likeliest, shift, min(shift, 0.0))

    def weigh(self, logits: np.ndarray, allowed: np.ndarray, writer: DraftWriter) -> np.ndarray:
        """The logits of a choice among kinds or sounds, shifted to the shares that were asked."""
        warmth = self._warmth * TEMPERATURES.get(writer.choice, 1.0)
        shifts: dict[str, float] = {}
        if writer.choice is not Choice.SOUND:
            self._pending.clear()  # what came of the last was no object
        for name, sides in DECIDED.get(writer.choice, ()):
            share, decision = self._shares.get(name), _Decision.among(sides, allowed, logits)
            if share is None or decision is None:
                continue
            self._pending.setdefault(name, decision.odds)
            if name not in shifts:
                left = self._left(writer.tick)
                shifts[name] = share.shift(decision.odds, left, max(warmth, COLDEST))
            logits = decision.shifted(logits, shifts[name])
        return logits

    def follow(self, writer: DraftWriter) -> None:
        """Count what the writer has finished since the last time."""
        for event in writer.events[self._seen :]:
            for name, share in self._shares.items():
                share.add(counts(name, event), self._pending.get(name))
            self._pending.clear()
            if self._streams is not None:
                left = self._left(event.tick)
                self._streams.follow(event.tick - self._first, writer.floor - self._first, left)
        self._seen = len(writer.events)

    def _left(self, tick: int) -> float:
        """About how many objects are to come: what is foreseen, as far as that has come true."""
        ahead = float(self._left_C[self._cell(tick)])
        behind = float(self._left_C[0]) - ahead
        return ahead * (self._seen + SURE_OBJECTS) / (behind + SURE_OBJECTS)

    def _cell(self, tick: int) -> int:
        return (tick - self._first) // QUARTER_TICKS


class _Decision(NamedTuple):
    """A choice between two sides: the ids of each that are allowed, and their log-mass."""

    sides: Sides
    counted: float
    others: float

    @classmethod
    def among(cls, sides: Sides, allowed: np.ndarray, logits: np.ndarray) -> "_Decision | None":
        """The decision, or None where one side has to be."""
        open_to = Sides(*(side[allowed[side]] for side in sides))
        if not all(map(len, open_to)):
            return None
        masses = (np.logaddexp.reduce(logits[side].astype(np.float64)) for side in open_to)
        return cls(open_to, *map(float, masses))

    @property
    def odds(self) -> float:
        return self.counted - self.others

    def shifted(self, logits: np.ndarray, shift: float) -> np.ndarray:
        """Log-mass moved from one side to the other; against all else, both weigh what they did."""
        both, odds = np.logaddexp(self.counted, self.others), self.odds + shift
        logits = logits.astype(np.float64)
        logits[self.sides.counted] += both - np.logaddexp(0, -odds) - self.counted
        logits[self.sides.others] += both - np.logaddexp(0, odds) - self.others
        return logits


class Streams:
    """The share of gaps between onsets of at most a quarter beat.

    ``odds_N`` are the encoder's log-odds of an onset at each tick. More are made where it hears
    something: at the likeliest tick after an onset, not at any.
    """

    def __init__(self, asked: float, odds_N: np.ndarray, warmth: float) -> None:
        self._share, self._odds, self._warmth = Share(asked), odds_N, warmth
        self._last: int | None = None
        self._pending: float | None = None
        self._ticks, self._shift = np.zeros(0, int), 0.0

    def follow(self, tick: int, floor: int, left: float) -> None:
        """Go on from an onset, behind which the next may stand from ``floor`` on."""
        if self._last is not None and tick != self._last:
            self._share.add(tick - self._last <= QUARTER_TICKS, self._pending)
        self._last = tick
        near = np.arange(floor, min(tick + QUARTER_TICKS + 1, len(self._odds)))
        near = near[self._odds[near] > NEVER / 2]
        self._ticks, self._pending = near, None
        if len(near):
            self._pending = float(self._odds[near].max())
            self._shift = self._share.shift(self._pending, left, self._warmth)
            if self._shift > 0:
                self._ticks = near[[self._odds[near].argmax()]]

    def bias(self, start: int) -> np.ndarray:
        """What to add to the log-odds of the beat's ticks that begins at ``start``, (48,)."""
        bias = np.zeros(TICKS_PER_BEAT)
        inside = self._ticks[(self._ticks >= start) & (self._ticks < start + TICKS_PER_BEAT)]
        bias[inside - start] = self._shift
        return bias
