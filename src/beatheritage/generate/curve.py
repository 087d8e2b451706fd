"""How a map's difficulty runs over its song: where it is to hold back, and where it peaks."""

from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

import numpy as np

from beatheritage.errors import OptionError

SHARE_RANGE = (0.1, 1.0)
LIFT = 2.0
"""Log-odds of an onset for a factor of e in the share: by trial, what changes the number of objects
by about that factor."""

CLOSER = 0.5
"""The power of the share by which objects come closer together where they can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Knots of a line: seconds, rising, and shares of the peak."""

    knots: tuple[tuple[float, float], ...]

    def shares(self, times: np.ndarray) -> np.ndarray:
        """The share of the peak at times in ms; before and after all knots as at the nearest."""
        seconds, shares = np.array(self.knots).T
        return np.interp(times / 1000, seconds, shares)

    def spacing(self, times: np.ndarray) -> np.ndarray:
        """What distances are multiplied by at times in ms, 1 at the peak."""
        return self.shares(times) ** CLOSER

    def lift(self, times: np.ndarray) -> np.ndarray:
        """What is added to the log-odds of an onset at times in ms, 0 at the peak."""
        return LIFT * np.log(self.shares(times))


def parse_curve(text: str) -> Curve:
    """A curve as it is typed: ``0:0.6,60:1``. Raises OptionError for anything else."""
    knots = tuple(_parse_knot(part) for part in text.split(","))
    for (before, _), (after, _) in pairwise(knots):
        if after <= before:
            raise OptionError(f"curve must go on in time: {after:g} s stands behind {before:g} s")
    return Curve(knots=knots)


def _parse_knot(part: str) -> tuple[float, float]:
    try:
        seconds, share = (float(number) for number in part.split(":"))
    except ValueError:
        raise OptionError(
            f"curve must be seconds and shares, not {part.strip()!r}", mend="curve=0:0.6,60:1"
        ) from None
    low, high = SHARE_RANGE
    if not (isfinite(seconds) and seconds >= 0):
        raise OptionError(f"curve: {seconds:g} s is no time in a song")
    if not low <= share <= high:
        raise OptionError(f"curve: shares of the peak go from {low:g} to {high:g}, not {share:g}")
    return seconds, share
