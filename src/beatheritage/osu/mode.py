"""The four game modes, and what differs between them."""

from enum import IntEnum


class Mode(IntEnum):
    """A game mode, numbered as .osu files number it."""

    STD = 0
    TAIKO = 1
    CATCH = 2
    MANIA = 3
