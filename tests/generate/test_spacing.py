"""Moves come to the mean that is asked for, the wide ones staying the wider."""

import numpy as np
import pytest

from beatheritage.generate.draw import draw
from beatheritage.generate.spacing import Spacing

DISTANCES = np.linspace(0, 512, 33)


def walked(asked: float, meant: np.ndarray) -> np.ndarray:
    """Moves (px) of a placer that would go ``meant`` px, as far as its field lets it."""
    spacing, luck = Spacing(asked), np.random.default_rng(2)
    moves = []
    for own in meant.tolist():
        logits = np.where(DISTANCES <= 400, -0.5 * ((DISTANCES - own) / 40) ** 2, -np.inf)
        tilted = logits + spacing.tilt(logits, DISTANCES)
        drawn = draw(tilted, DISTANCES <= 400, luck.random())
        assert drawn is not None
        moves.append(DISTANCES[drawn])
        spacing.add(moves[-1])
    return np.array(moves)


@pytest.mark.parametrize("asked", [0.15, 0.3, 0.6])
@pytest.mark.parametrize("usual", [30.0, 120.0, 250.0])
def test_the_mean_is_met_whatever_is_usual(asked: float, usual: float) -> None:
    moves = walked(asked, np.full(200, usual))
    assert moves.mean() / 256 == pytest.approx(asked, abs=0.03)


def test_wide_places_stay_the_wider() -> None:
    meant = np.tile([40.0, 40.0, 200.0, 200.0], 50)
    moves = walked(0.3, meant)
    assert moves[meant > 100].mean() > 2 * moves[meant < 100].mean()
