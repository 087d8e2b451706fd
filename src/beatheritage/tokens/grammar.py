"""What may follow what: a map that breaks a rule of rhythm cannot be written down.

``DraftWriter`` reads tokens one by one, says which may come next, and collects the events that they
spell. Time only moves on; objects keep their distance; columns that are held stay free of notes.
"""

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np

from beatheritage.osu.beatmap import EdgeSound, HitSound
from beatheritage.osu.mode import MAX_KEYS, Mode
from beatheritage.tokens.events import Event, Kind
from beatheritage.tokens.vocabulary import (
    LENGTH_TICKS,
    SIZE,
    VELOCITIES,
    Token,
    ids,
    meaning,
)

TICKS_PER_BEAT = 48
SNAPS = np.array([tick % 3 == 0 or tick % 4 == 0 for tick in range(TICKS_PER_BEAT)])
"""Where in a beat an object may start: 1/16 and 1/12."""

GAP_AFTER_CIRCLE_TICKS = 3  # 1/16: never under the 10 ms that the ranking criteria ask for
GAP_AFTER_SLIDER_TICKS = 6  # 1/8: 20 ms after a slider's end up to 375 BPM
GAP_AFTER_SPINNER_TICKS = 24
GAP_IN_COLUMN_TICKS = 6
MIN_HOLD_TICKS = 4  # 1/12, the ranking criteria's least
MIN_SPINNER_TICKS = 48
LEAST_ROOM = 12  # ticks to the limit that a slider or hold asks for

KINDS = {
    Mode.STD: (Token.CIRCLE, Token.SLIDER, Token.SPINNER),
    Mode.CATCH: (Token.CIRCLE, Token.SLIDER, Token.SPINNER),
    Mode.TAIKO: (Token.DRUM, Token.DRUMROLL, Token.DENDEN),
    Mode.MANIA: (Token.NOTE, Token.HOLD),
}

DETAILS: dict[Token, tuple[Token, ...]] = {
    Token.CIRCLE: (Token.SOUND,),
    Token.SLIDER: (Token.SOUND, Token.LENGTH, Token.SLIDES, Token.VELOCITY, Token.SOUND),
    Token.SPINNER: (Token.LENGTH, Token.SOUND),
    Token.DRUM: (),
    Token.DRUMROLL: (Token.LENGTH,),
    Token.DENDEN: (Token.LENGTH,),
    Token.NOTE: (),
    Token.HOLD: (Token.LENGTH,),
}
"""What each kind of object is followed by."""

DRUM_SOUNDS = (
    HitSound.NONE,
    HitSound.CLAP,
    HitSound.FINISH,
    HitSound.FINISH | HitSound.CLAP,
)


class Choice(IntEnum):
    """What is being chosen; each has a mask of ids over the vocabulary."""

    TIME = 0
    PLACED_KIND = 1
    DRUM_KIND = 2
    COLUMN = 3
    CHORD = 4  # another column of the same tick, or time
    SOUND = 5
    LENGTH = 6
    SLIDES = 7
    VELOCITY = 8


_CHOICE_TOKENS: dict[Choice, tuple[Token, ...]] = {
    Choice.TIME: (Token.BEAT, Token.TICK),
    Choice.PLACED_KIND: KINDS[Mode.STD],
    Choice.DRUM_KIND: KINDS[Mode.TAIKO],
    Choice.COLUMN: KINDS[Mode.MANIA],
    Choice.CHORD: (*KINDS[Mode.MANIA], Token.BEAT, Token.TICK),
    Choice.SOUND: (Token.SOUND,),
    Choice.LENGTH: (Token.LENGTH,),
    Choice.SLIDES: (Token.SLIDES,),
    Choice.VELOCITY: (Token.VELOCITY,),
}


def _masks() -> np.ndarray:
    masks = np.zeros((len(Choice), SIZE), bool)
    for choice, tokens in _CHOICE_TOKENS.items():
        for token in tokens:
            masks[choice, ids(token)] = True
    return masks


MASKS = _masks()
"""Which ids each choice is among, bool (choices, vocabulary)."""

RESTRICTED: dict[Choice, tuple[Token, ...]] = {
    Choice.TIME: (Token.TICK,),
    Choice.CHORD: (Token.TICK, Token.NOTE, Token.HOLD),
    Choice.COLUMN: (Token.NOTE, Token.HOLD),
    Choice.PLACED_KIND: (Token.SLIDER, Token.SPINNER),
    Choice.DRUM_KIND: (Token.DRUMROLL, Token.DENDEN),
    Choice.SOUND: (),
    Choice.LENGTH: (Token.LENGTH,),
    Choice.SLIDES: (Token.SLIDES,),
    Choice.VELOCITY: (),
}
"""The tokens of each choice that are not always allowed."""

LEAST_LENGTHS = {
    Token.SPINNER: MIN_SPINNER_TICKS,
    Token.DENDEN: MIN_SPINNER_TICKS,
}
_KIND_CHOICE = {
    Mode.STD: Choice.PLACED_KIND,
    Mode.CATCH: Choice.PLACED_KIND,
    Mode.TAIKO: Choice.DRUM_KIND,
    Mode.MANIA: Choice.COLUMN,
}
_DETAIL_CHOICE = {
    Token.SOUND: Choice.SOUND,
    Token.LENGTH: Choice.LENGTH,
    Token.SLIDES: Choice.SLIDES,
    Token.VELOCITY: Choice.VELOCITY,
}
_EVENT_KINDS = {
    Token.CIRCLE: Kind.CIRCLE,
    Token.DRUM: Kind.CIRCLE,
    Token.NOTE: Kind.CIRCLE,
    Token.SLIDER: Kind.SLIDER,
    Token.DRUMROLL: Kind.SLIDER,
    Token.SPINNER: Kind.SPINNER,
    Token.DENDEN: Kind.SPINNER,
    Token.HOLD: Kind.HOLD,
}


@dataclass(frozen=True, slots=True)
class _Spelling:
    """An object of which some tokens have been read."""

    token: Token
    value: int
    details: tuple[int, ...] = ()


@dataclass(slots=True)
class DraftWriter:
    """Reads tokens, knows what may follow, and collects events.

    ``limit`` is the tick before which every object must have ended. ``releases`` are the ticks from
    which each column of mania is free. ``least_hold`` is how many ticks a hold must last.
    """

    mode: Mode
    keys: int
    limit: int
    least_hold: int = MIN_HOLD_TICKS
    beat: int = 0
    tick: int = 0
    floor: int = 0
    choice: Choice = Choice.TIME
    events: list[Event] = field(default_factory=list)
    releases: list[int] = field(default_factory=lambda: [-(10**9)] * MAX_KEYS)
    _spelling: _Spelling | None = None

    def floor_in_beat(self) -> int:
        """The first tick of the current beat, 0 to 48, where an object may start."""
        return min(max(self.floor - self.beat * TICKS_PER_BEAT, 0), TICKS_PER_BEAT)

    def open(self, beat: int) -> None:
        """Stand at the start of a beat, as ``START`` and ``FUTURE`` do."""
        self.beat, self.tick = beat, beat * TICKS_PER_BEAT
        self.choice = Choice.TIME

    def allowed(self) -> np.ndarray:
        """Which ids may come next, bool (vocabulary,). Never none: time can always move on."""
        mask = MASKS[self.choice].copy()
        for token in RESTRICTED[self.choice]:
            span = ids(token)
            mask[span] = [self.admits(each) for each in range(span.start, span.stop)]
        return mask

    def admits(self, token_id: int) -> bool:
        """Whether one id is allowed: ``allowed()[token_id]``, without looking at the others."""
        if not MASKS[self.choice, token_id]:
            return False
        token, value = meaning(token_id)
        match token:
            case Token.TICK:
                tick = self.beat * TICKS_PER_BEAT + value
                return bool(SNAPS[value]) and self.floor <= tick < self.limit
            case Token.NOTE | Token.HOLD:
                room = max(LEAST_ROOM, self.least_hold) if token is Token.HOLD else 0
                return self._is_free(value) and self.limit - self.tick > room
            case Token.SLIDER | Token.DRUMROLL:
                return self.limit - self.tick > LEAST_ROOM
            case Token.SPINNER | Token.DENDEN:
                return self.limit - self.tick > MIN_SPINNER_TICKS + GAP_AFTER_SPINNER_TICKS
            case Token.LENGTH:
                return self._least_length() <= LENGTH_TICKS[value] <= self.limit - self.tick
            case Token.SLIDES:
                return value == 0 or (value + 1) * self._length() <= self.limit - self.tick
            case _:
                return True

    def push(self, token_id: int) -> None:
        """Read one token. It must be allowed."""
        token, value = meaning(token_id)
        if token is Token.BEAT:
            self.open(self.beat + 1)
        elif token is Token.TICK:
            self.tick = self.beat * TICKS_PER_BEAT + value
            self.choice = _KIND_CHOICE[self.mode]
        elif token in _EVENT_KINDS:
            self._spelling = _Spelling(token, value)
            self._next_detail()
        else:
            assert self._spelling is not None
            details = (*self._spelling.details, value)
            self._spelling = replace(self._spelling, details=details)
            self._next_detail()

    def _next_detail(self) -> None:
        spelling = self._spelling
        assert spelling is not None
        expected = DETAILS[spelling.token]
        if len(spelling.details) < len(expected):
            self.choice = _DETAIL_CHOICE[expected[len(spelling.details)]]
            return
        event = _event(spelling, self.tick)
        self.events.append(event)
        self._spelling = None
        self._keep_distance(event)

    def _keep_distance(self, event: Event) -> None:
        if self.mode is Mode.MANIA:
            self.releases[event.column] = event.end + GAP_IN_COLUMN_TICKS
            free = min(self.releases[: self.keys])
            self.floor = max(event.tick + GAP_AFTER_CIRCLE_TICKS, free)
            self.choice = Choice.CHORD
            return
        gap = {
            Kind.CIRCLE: GAP_AFTER_CIRCLE_TICKS,
            Kind.SLIDER: GAP_AFTER_SLIDER_TICKS,
            Kind.SPINNER: GAP_AFTER_SPINNER_TICKS,
            Kind.HOLD: GAP_IN_COLUMN_TICKS,
        }[event.kind]
        self.floor = event.end + gap
        self.choice = Choice.TIME

    def _is_free(self, column: int) -> bool:
        """Whether a column of mania can take a note here; chords are written from left to right."""
        last = self.events[-1] if self.events else None
        after = last.column if self.choice is Choice.CHORD and last is not None else -1
        return after < column < self.keys and self.releases[column] <= self.tick

    def _least_length(self) -> int:
        assert self._spelling is not None
        if self._spelling.token is Token.HOLD:
            return self.least_hold
        return LEAST_LENGTHS.get(self._spelling.token, 0)

    def _length(self) -> int:
        assert self._spelling is not None
        return LENGTH_TICKS[self._spelling.details[1]]


def _event(spelling: _Spelling, tick: int) -> Event:
    """The event that a kind and its details spell."""
    token, value, details = spelling.token, spelling.value, spelling.details
    kind = _EVENT_KINDS[token]
    match token:
        case Token.CIRCLE:
            sound = HitSound(details[0] * 2)
            return Event(tick=tick, end=tick, kind=kind, new_combo=value == 1, sound=sound)
        case Token.SLIDER:
            head, tail = HitSound(details[0] * 2), HitSound(details[4] * 2)
            slides = details[2] + 1
            return Event(
                tick=tick,
                end=tick + LENGTH_TICKS[details[1]] * slides,
                kind=kind,
                new_combo=value == 1,
                sound=head,
                edges=(*(EdgeSound(head),) * slides, EdgeSound(tail)),
                slides=slides,
                velocity=VELOCITIES[details[3]],
            )
        case Token.SPINNER:
            end = tick + LENGTH_TICKS[details[0]]
            sound = HitSound(details[1] * 2)
            return Event(tick=tick, end=end, kind=kind, new_combo=value == 1, sound=sound)
        case Token.DRUM:
            return Event(tick=tick, end=tick, kind=kind, sound=DRUM_SOUNDS[value])
        case Token.DRUMROLL:
            sound = HitSound.FINISH if value else HitSound.NONE
            return Event(tick=tick, end=tick + LENGTH_TICKS[details[0]], kind=kind, sound=sound)
        case Token.DENDEN:
            return Event(tick=tick, end=tick + LENGTH_TICKS[details[0]], kind=kind)
        case Token.NOTE:
            return Event(tick=tick, end=tick, kind=kind, column=value)
        case _:
            return Event(tick=tick, end=tick + LENGTH_TICKS[details[0]], kind=kind, column=value)
