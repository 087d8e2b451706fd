"""Every window of ours against every one of people's: an AUC whose songs can be weighed anew."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Duels:
    """How many pairs of a window of ours (of the song of the row) and one of people's (column) were
    told apart, a tie half, and how many there were; (songs, songs) each."""

    won: np.ndarray
    met: np.ndarray

    def __add__(self, other: "Duels") -> "Duels":
        return Duels(won=self.won + other.won, met=self.met + other.met)

    def auc(self, weights: np.ndarray) -> float:
        """Where each song weighs so much, (songs,); nan where no pair is left."""
        fought = weights @ self.met @ weights
        return float(weights @ self.won @ weights / fought) if fought else float("nan")


def duels_of(scores: np.ndarray, ours: np.ndarray, owners: np.ndarray, songs: int) -> Duels:
    """From windows' scores, whose they are and the numbers of their songs, (N,) each."""
    apart = scores[ours][:, None] - scores[~ours]
    wins = (apart > 0) + 0.5 * (apart == 0)
    rows, columns = (np.eye(songs)[owners[side]] for side in (ours, ~ours))
    return Duels(won=rows.T @ wins @ columns, met=np.outer(rows.sum(axis=0), columns.sum(axis=0)))
