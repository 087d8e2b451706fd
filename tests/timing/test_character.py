"""What a song sounds like is told by its levels, wherever in the song they are."""

import numpy as np
import pytest

from beatheritage.audio.mel import BANDS
from beatheritage.timing.character import EDGES, TRAITS, character


def test_levels_and_spreads_by_range():
    mel = np.zeros((1000, BANDS), np.float32)
    mel[:500, : EDGES[1]] = -2
    traits = character(mel)
    assert len(traits) == TRAITS
    assert traits[0] == pytest.approx(-1)
    assert traits[TRAITS // 2] == pytest.approx(1)
    assert not traits[1 : TRAITS // 2].any()
    assert not traits[TRAITS // 2 + 1 :].any()


def test_order_of_frames_does_not_matter():
    rng = np.random.default_rng(1)
    mel = rng.normal(-1, 0.5, (500, BANDS))
    assert character(mel) == pytest.approx(character(rng.permutation(mel)))
