"""The native vocabulary: an ordered table of token types; ids are offsets into it.

A difficulty is written beat by beat. ``BEAT`` steps to the next beat, ``TICK`` names a place inside
it, then follows what happens there. No type has many values, so little data goes far.
"""

from enum import Enum, unique
from functools import cache

from beatheritage.osu.mode import MAX_KEYS


@unique
class Token(Enum):
    """A type of token: its name."""

    PAD = "pad"
    START = "start"  # opens the first beat of a window
    FUTURE = "future"  # opens the first beat of what is already written behind a range
    BEAT = "beat"  # opens the next beat
    TICK = "tick"
    CIRCLE = "circle"  # value 1: new combo
    SLIDER = "slider"
    SPINNER = "spinner"
    DRUM = "drum"  # don, kat, big don, big kat
    DRUMROLL = "drumroll"  # value 1: big
    DENDEN = "denden"
    NOTE = "note"  # value: column
    HOLD = "hold"
    SOUND = "sound"  # value: whistle + 2 finish + 4 clap
    LENGTH = "length"  # value: index into LENGTH_TICKS
    SLIDES = "slides"  # value: slides - 1
    VELOCITY = "velocity"  # value: index into VELOCITIES


LENGTH_TICKS = tuple(
    sorted(
        {3, 9, 15, 21, 27, 33}
        | set(range(4, 96, 4))
        | set(range(6, 144, 6))
        | set(range(144, 240, 12))
        | set(range(240, 480, 24))
        | set(range(480, 960, 48))
        | set(range(960, 1537, 96))
    )
)
"""How long sliders, spinners and holds may last, in ticks: 1/16 of a beat to eight bars."""

VELOCITIES = (
    *(0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.25),
    *(1.3, 1.35, 1.4, 1.5, 1.6, 1.75, 2.0, 2.5, 3.0),
)

_SIZES = {
    Token.PAD: 1,
    Token.START: 1,
    Token.FUTURE: 1,
    Token.BEAT: 1,
    Token.TICK: 48,
    Token.CIRCLE: 2,
    Token.SLIDER: 2,
    Token.SPINNER: 2,
    Token.DRUM: 4,
    Token.DRUMROLL: 2,
    Token.DENDEN: 1,
    Token.NOTE: MAX_KEYS,
    Token.HOLD: MAX_KEYS,
    Token.SOUND: 8,
    Token.LENGTH: len(LENGTH_TICKS),
    Token.SLIDES: 8,
    Token.VELOCITY: len(VELOCITIES),
}

_FIRSTS = {token: sum(list(_SIZES.values())[:index]) for index, token in enumerate(_SIZES)}

_MEANINGS = tuple((token, value) for token, size in _SIZES.items() for value in range(size))

SIZE = len(_MEANINGS)


def token_id(token: Token, value: int = 0) -> int:
    """The id of a token; ``value`` must be in the type's range."""
    if not 0 <= value < _SIZES[token]:
        raise ValueError(f"{token.value} has no value {value}")
    return _FIRSTS[token] + value


def meaning(token: int) -> tuple[Token, int]:
    """The type and value behind an id."""
    return _MEANINGS[token]


def ids(token: Token) -> slice:
    """Where a type's ids lie."""
    return slice(_FIRSTS[token], _FIRSTS[token] + _SIZES[token])


@cache
def nearest(table: tuple[float, ...] | tuple[int, ...], value: float) -> int:
    """Index of the entry that is nearest to ``value`` in ratio."""
    return min(range(len(table)), key=lambda index: abs(table[index] - value) / table[index])
