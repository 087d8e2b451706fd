"""What a song sounds like as a whole, which tells how fast people count it.

A song at 87 BPM and one at 174 can have the same pulses; that one is a ballad and the other is loud
from end to end is heard in neither's beats, but in the levels of the bass and of the cymbals.
"""

from itertools import pairwise

import numpy as np

from beatheritage.audio.mel import BANDS

EDGES = (0, 5, 12, 24, 36, BANDS)  # of mel bands: bass, low, middle, high, highest
TRAITS = 2 * (len(EDGES) - 1)


def character(mel: np.ndarray) -> np.ndarray:
    """The mean level and its spread in each of five ranges of a log-mel, float64 (TRAITS,)."""
    ranges = [mel[:, low:high] for low, high in pairwise(EDGES)]
    means = [float(levels.mean(dtype=np.float64)) for levels in ranges]
    return np.array(means + [float(levels.std(dtype=np.float64)) for levels in ranges])
