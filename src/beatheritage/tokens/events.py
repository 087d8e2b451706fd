"""What a mapper decides before placing it: rhythm, types, combos, sounds, velocities, kiai.

An event sits on a tick (1/48 beat, counted from the first red line), so that one off the grid
cannot be written down.
"""

from dataclasses import dataclass
from enum import Enum

from beatheritage.osu.beatmap import EdgeSound, HitSound


class Kind(Enum):
    """As .osu stores them: in taiko a slider is a drumroll and a spinner a denden, in catch a juice
    stream and a banana shower; a hold exists in mania alone."""

    CIRCLE = "circle"
    SLIDER = "slider"
    SPINNER = "spinner"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One object without a place.

    ``end`` is the tick where it ends (the last slide's end; equal to ``tick`` for a circle),
    ``velocity`` the slider velocity multiplier in force, ``column`` is mania's, from 0.
    """

    tick: int
    kind: Kind = Kind.CIRCLE
    end: int
    new_combo: bool = False
    sound: HitSound = HitSound.NONE
    edges: tuple[EdgeSound, ...] = ()
    slides: int = 1
    velocity: float = 1.0
    column: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A difficulty before placing. ``kiai`` holds spans of ticks."""

    events: tuple[Event, ...]
    kiai: tuple[tuple[int, int], ...] = ()
