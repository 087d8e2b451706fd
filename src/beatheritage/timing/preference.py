"""Which tempos people choose: weights learned from the maps that they made.

Learned from the maps of 294 training songs (117 of osu!), none of the validation songs, by

    python -m beatheritage.train.tempo --data ../shared/data/train --cache runs/tempo

Weights fitted to other artists choose as people did on 108 of the 117 osu! songs (two have tempos
beyond what is looked for) and 129 of 142 .tja songs. The beat head has heard all of them; with one
that was trained without a third of the artists, weights of the other two thirds are right on 30 of
34 osu! songs and 59 of 64 .tja songs there, where those in use before were on 28 and 59.
"""

from dataclasses import dataclass

import numpy as np

USUAL_BPM = 165.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Preference:
    """``weights`` (features,) as ``rank.features`` has them.

    ``middles`` and ``spreads`` (TRAITS,) are the means and standard deviations of songs' character.
    """

    middles: np.ndarray
    spreads: np.ndarray
    weights: np.ndarray


LEARNED = Preference(
    middles=np.array([-0.321, -0.638, -0.862, -1.053, -1.331, 0.709, 0.624, 0.612, 0.590, 0.614]),
    spreads=np.array([0.160, 0.123, 0.196, 0.260, 0.340, 0.191, 0.166, 0.154, 0.156, 0.161]),
    weights=np.array(
        [
            2.063,
            0.841,
            0.245,
            -0.099,
            -1.508,
            0.181,
            -0.622,
            -4.799,
            0.517,
            -0.451,
            0.933,
            0.309,
            1.206,
            0.630,
            -0.624,
            0.382,
            0.455,
            0.273,
        ]
    ),
)
