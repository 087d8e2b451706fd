"""The four game modes, and a table of what differs between them."""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum
from math import floor
from typing import Literal

from beatheritage.errors import OptionError

ObjectKind = Literal["circle", "slider", "spinner", "hold"]

PLAYFIELD_WIDTH_PX = 512
PLAYFIELD_HEIGHT_PX = 384
MIN_KEYS, MAX_KEYS = 4, 10


class Mode(IntEnum):
    """A game mode, numbered as .osu files number it."""

    STD = 0
    TAIKO = 1
    CATCH = 2
    MANIA = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeRules:
    """What one mode does otherwise than the others.

    ``words`` are what people type for it, the first of them on our command line. ``objects`` are
    those that the mode's own maps are made of, by the names of the classes in ``beatmap``.
    ``place`` says which coordinates mean anything to a player.
    """

    name: str
    words: tuple[str, ...]
    objects: tuple[ObjectKind, ...]
    place: Literal["xy", "x", "column", "none"]
    has_approach: bool
    has_circle_size: bool


_SLIDING: tuple[ObjectKind, ...] = ("circle", "slider", "spinner")

MODES: dict[Mode, ModeRules] = {
    Mode.STD: ModeRules(
        name="osu!",
        words=("std", "osu", "osu!", "standard", "0"),
        objects=_SLIDING,
        place="xy",
        has_approach=True,
        has_circle_size=True,
    ),
    Mode.TAIKO: ModeRules(
        name="osu!taiko",
        words=("taiko", "osu!taiko", "1"),
        objects=_SLIDING,
        place="none",
        has_approach=False,
        has_circle_size=False,
    ),
    Mode.CATCH: ModeRules(
        name="osu!catch",
        words=("catch", "osu!catch", "ctb", "fruits", "catch the beat", "2"),
        objects=_SLIDING,
        place="x",
        has_approach=True,
        has_circle_size=True,
    ),
    Mode.MANIA: ModeRules(
        name="osu!mania",
        words=("mania", "osu!mania", "3"),
        objects=("circle", "hold"),
        place="column",
        has_approach=False,
        has_circle_size=False,
    ),
}

_WORDS = {word: mode for mode, rules in MODES.items() for word in rules.words}


def parse_mode(text: str) -> Mode:
    """The mode that a word stands for; OptionError, with the modes there are, for other words."""
    word = text.strip().casefold()
    if word in _WORDS:
        return _WORDS[word]
    near = get_close_matches(word, _WORDS, n=1)
    names = ", ".join(rules.words[0] for rules in MODES.values())
    mend = f"did you mean {near[0]}? There are {names}" if near else f"there are {names}"
    raise OptionError(f"there is no mode {text!r}", where="mode", mend=mend)


def column_of(x: float, keys: int) -> int:
    """The mania column, from 0, that an x coordinate stands for, as osu! counts it."""
    column = floor(x * keys / PLAYFIELD_WIDTH_PX)
    return min(max(column, 0), keys - 1)


def column_x(column: int, keys: int) -> int:
    """The x that osu!'s editor gives a column: the middle of it, cut to a whole pixel."""
    if not 0 <= column < keys:
        raise ValueError(f"there is no column {column} of {keys}")
    return (2 * column + 1) * PLAYFIELD_WIDTH_PX // (2 * keys)


def circle_radius_px(circle_size: float) -> float:
    """Radius of a circle, or of a fruit, in osu! pixels."""
    return 54.4 - 4.48 * circle_size


def preempt(approach_rate: float) -> float:
    """How long before its time an object appears, ms: 1800 at AR 0, 1200 at 5, 450 at 10."""
    slope = 120 if approach_rate < 5 else 150
    return 1200 + slope * (5 - approach_rate)
