"""Shares and densities that are brought to what was asked for, while a map is written.

Odds are shifted by as much as would have brought the model's own odds to what is needed from here
on: places that the model finds fitting come first, and nothing hangs on how weights are biased.
"""

from dataclasses import dataclass, field

import numpy as np

from beatheritage.tokens.prompt import QUARTER_TICKS, REST_TICKS

MOST_SHIFT = 12.0
HALVINGS = 24
REMEMBERED = 256  # decisions
EXTREME = 0.01  # a share between 0 and 1 never asks for all or nothing
HORIZON = 0.5  # of the decisions that are left, over which a share is brought right
SHORTEST_HORIZON = 24  # decisions
SURE_CELLS = 16  # behind so many, what is seen to be drawn counts half
MOST_DEPARTURE = 4.0
MOST_CORRECTION = 1.4
LEAST_DENSITY = 0.02  # less would be no map
REST_CELLS = REST_TICKS // QUARTER_TICKS


def chances(odds: np.ndarray, temperature: float) -> np.ndarray:
    """The chances of log-odds that are drawn from at a temperature."""
    return 0.5 + 0.5 * np.tanh(odds / (2 * temperature))


@dataclass(slots=True)
class Share:
    """A share of decisions, 0 to 1, and how it stands.

    ``odds`` are the model's own log-odds at the decisions so far.
    """

    asked: float
    odds: list[float] = field(default_factory=list)
    made: int = 0
    count: int = 0

    def shift(self, odds: float, left: float, temperature: float) -> float:
        """What to add to the log-odds of the next decision, when about ``left`` are to come."""
        if self.asked in (0, 1):
            return np.inf if self.asked else -np.inf
        horizon = max(SHORTEST_HORIZON, left * HORIZON)
        needed = self.asked + (self.asked * self.count - self.made) / horizon
        known = np.array([*self.odds[-REMEMBERED:], odds])
        return shift_to(known, float(np.clip(needed, EXTREME, 1 - EXTREME)), temperature)

    def add(self, made: bool, odds: float | None) -> None:
        """Count a decision; ``odds`` is None where there was nothing to decide."""
        self.count, self.made = self.count + 1, self.made + made
        if odds is not None:
            self.odds.append(odds)


def shift_to(odds: np.ndarray, share: float, temperature: float) -> float:
    """What to add to log-odds so that a share of the decisions comes out, on average."""
    low, high = -MOST_SHIFT - odds.max(), MOST_SHIFT - odds.min()
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        less = chances(odds + middle, temperature).mean() < share
        low, high = (middle, high) if less else (low, middle)
    return float((low + high) / 2)


class Density:
    """The share of quarter beats that hold an object, rests apart.

    What the encoder hears is known for the whole song before anything is written: one shift for all
    that is left lets quiet parts stay emptier than loud ones. ``odds_C`` are its log-odds of an
    onset in each quarter beat.
    """

    def __init__(self, asked: float, odds_C: np.ndarray, temperature: float) -> None:
        self.shift = 0.0
        self._asked, self._temperature = max(asked, LEAST_DENSITY), temperature
        self._odds, self._drawn = odds_C, np.zeros(0)

    def look_ahead(self, done: int, written: np.ndarray) -> None:
        """Set the shift for the cells from ``done`` on; ``written`` are those that hold objects."""
        fresh = self._odds[len(self._drawn) : done]
        self._drawn = np.concatenate([self._drawn, fresh + self.shift])
        ahead = self._odds[done:]
        likely = np.concatenate([written, done + np.flatnonzero(ahead + self.shift > 0)])
        room = np.minimum(np.diff(likely), REST_CELLS).sum()
        even = self._asked * room / len(self._odds)
        needed = (self._asked * room - len(written)) / len(ahead)
        # What went wrong is made good, but no part is emptied or filled for it.
        share = float(np.clip(needed, even / MOST_CORRECTION, even * MOST_CORRECTION))
        wanted = shift_to(ahead, share, self._temperature) - self._departure(len(written))
        self.shift = float(np.clip(wanted, -MOST_SHIFT, MOST_SHIFT))

    def _departure(self, written: int) -> float:
        """By how much what is written departs from what was foreseen, in log-odds: the writer has
        ideas of its own, and sliders hide onsets."""
        count = len(self._drawn)
        if not count:
            return 0.0
        own = shift_to(self._drawn, written / count, self._temperature)
        return float(np.clip(own, -MOST_DEPARTURE, MOST_DEPARTURE)) * count / (count + SURE_CELLS)
