"""Which tempos people choose: weights learned from the maps that they made.

Learned from the maps of 294 training songs (117 of osu!), none of the validation songs, by

    python -m beatheritage.train.tempo --data ../shared/data/train --cache runs/tempo

Weights fitted to other artists choose as people did on 108 of the 117 osu! songs (two have tempos
beyond what is looked for) and 129 of 142 .tja songs. The beat head has heard all of them, so songs
that are new to it too will come out somewhat worse.
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
            2.050,
            0.856,
            0.247,
            -0.094,
            -1.524,
            0.199,
            -0.650,
            -4.799,
            0.522,
            -0.461,
            0.944,
            0.287,
            1.207,
            0.599,
            -0.625,
            0.413,
            0.461,
            0.262,
        ]
    ),
)
