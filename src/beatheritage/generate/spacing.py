"""How wide a map is placed, brought to what was asked for while it is placed."""

from dataclasses import dataclass, field

import numpy as np

from beatheritage.tokens.moves import SPACING_UNIT_PX

REMEMBERED = 48  # moves
HORIZON = 24.0  # moves over which the mean is brought right
MOST_TILT = 60.0  # log-odds that a move as long as the unit gains
HALVINGS = 16


@dataclass(slots=True)
class Spacing:
    """The mean move, in units of ``SPACING_UNIT_PX``, and how it stands.

    What the placer would do at each of the last moves is kept. All of it is tilted towards longer
    or shorter moves by as much as makes the mean what is needed: which moves are wide and which are
    narrow stays the model's.
    """

    asked: float
    moved: float = 0.0
    count: int = 0
    odds: list[np.ndarray] = field(default_factory=list)
    reaches: list[np.ndarray] = field(default_factory=list)

    def tilt(self, logits_A: np.ndarray, distances_A: np.ndarray) -> np.ndarray:
        """What to add to the logits of moves of so many px; those forbidden have none, -inf."""
        reach_A = distances_A / SPACING_UNIT_PX
        self.odds = [*self.odds[1 - REMEMBERED :], logits_A]
        self.reaches = [*self.reaches[1 - REMEMBERED :], reach_A]
        needed = self.asked + (self.asked * self.count - self.moved) / HORIZON
        return _tilt_to(np.stack(self.odds), np.stack(self.reaches), needed) * reach_A

    def add(self, distance: float) -> None:
        """Count a move of so many px."""
        self.moved, self.count = self.moved + distance / SPACING_UNIT_PX, self.count + 1


def _tilt_to(logits_NA: np.ndarray, reach_NA: np.ndarray, mean: float) -> float:
    low, high = -MOST_TILT, MOST_TILT
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        tilted = logits_NA + middle * reach_NA
        weights = np.exp(tilted - tilted.max(1, keepdims=True))
        expected = ((weights * reach_NA).sum(1) / weights.sum(1)).mean()
        low, high = (middle, high) if expected < mean else (low, middle)
    return (low + high) / 2
