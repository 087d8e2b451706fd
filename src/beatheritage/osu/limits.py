"""What osu! takes in: the reader brings values within these limits, the writer refuses others.

All from osu!lazer: ``Parsing.cs``, ``LegacyBeatmapDecoder.applyDifficultyRestrictions``,
``ConvertHitObjectParser``, and the bindables of its control points.
"""

from typing import NamedTuple

from beatheritage.osu.mode import Mode


class Range(NamedTuple):
    """Both ends belong to it."""

    low: float
    high: float

    def clamp(self, value: float) -> float:
        return min(max(value, self.low), self.high)

    def __contains__(self, value: object) -> bool:
        # NaN is in no range.
        return isinstance(value, int | float) and self.low <= value <= self.high


MAX_VALUE = 2_147_483_647
MAX_COORDINATE_PX = 131_072
MAX_SLIDES = 9000
MAX_COMBO_SKIP = 7

TIME = Range(-MAX_VALUE, MAX_VALUE)
COORDINATE_PX = Range(-MAX_COORDINATE_PX, MAX_COORDINATE_PX)
LENGTH_PX = Range(0, MAX_COORDINATE_PX)
BEAT_LENGTH = Range(6, 60_000)
VOLUME = Range(0, 100)
COLOUR = Range(0, 255)

_DIFFICULTY = {
    "hp_drain": Range(0, 10),
    "circle_size": Range(0, 10),
    "overall_difficulty": Range(0, 10),
    "approach_rate": Range(0, 10),
    "slider_multiplier": Range(0.4, 3.6),
    "slider_tick_rate": Range(0.5, 8),
}
_KEY_COUNT = Range(1, 18)
_SLIDER_VELOCITY = Range(0.1, 10)
_SCROLL_VELOCITY = Range(0.01, 10)


def difficulty_ranges(mode: Mode) -> dict[str, Range]:
    """The range of every number of ``Difficulty``; mania counts its keys in the circle size."""
    return _DIFFICULTY | {"circle_size": _KEY_COUNT} if mode is Mode.MANIA else _DIFFICULTY


def velocity_range(mode: Mode) -> Range:
    """Taiko and mania scroll by green lines, and may do so more slowly than sliders move."""
    return _SCROLL_VELOCITY if mode in (Mode.TAIKO, Mode.MANIA) else _SLIDER_VELOCITY
