"""The Fréchet distance of our maps' windows from people's, in an embedding of our own.

The embedding: what a window of 64 objects is told by, each feature on the scale of people's (their
mean 0, their deviation 1, nothing beyond five deviations, 0 where there is nothing to measure),
turned onto the 16 directions in which people's windows differ most, each of which has deviation 1.
Nothing of ours has a part in it.
"""

from typing import NamedTuple

import numpy as np

from beatheritage.evaluate.likeness.telling import Windows, chosen
from beatheritage.evaluate.spread import Figure, bounds

DIRECTIONS = 16
FARTHEST = 5.0
HALVINGS = 20
RESAMPLES = 200
SEED = 0


class Embedding(NamedTuple):
    """``means`` and ``scales`` (features,), ``turn`` (features, DIRECTIONS)."""

    means: np.ndarray
    scales: np.ndarray
    turn: np.ndarray

    def places(self, table: np.ndarray) -> np.ndarray:
        """Windows (N, features) to (N, DIRECTIONS)."""
        return _scaled(table, self.means, self.scales) @ self.turn


class Frechet(NamedTuple):
    """The distance to people's, and the mean distance of two halves of people's songs."""

    apart: Figure
    halves: float


def learn_embedding(people: np.ndarray) -> Embedding:
    """From people's windows (N, features)."""
    known = np.isfinite(people)
    filled = np.where(known, people, 0.0)
    counts = np.maximum(known.sum(axis=0), 1)
    means = filled.sum(axis=0) / counts
    scales = np.sqrt((np.where(known, people - means, 0.0) ** 2).sum(axis=0) / counts)
    scaled = _scaled(people, means, np.maximum(scales, 1e-9))
    _, sizes, directions = np.linalg.svd(scaled - scaled.mean(axis=0), full_matrices=False)
    kept = min(DIRECTIONS, len(sizes))
    deviations = np.maximum(sizes[:kept] / np.sqrt(len(people)), 1e-9)
    return Embedding(means, np.maximum(scales, 1e-9), directions[:kept].T / deviations)


def _scaled(table: np.ndarray, means: np.ndarray, scales: np.ndarray) -> np.ndarray:
    return np.nan_to_num(np.clip((table - means) / scales, -FARTHEST, FARTHEST), nan=0.0)


def frechet(windows: Windows) -> Frechet:
    """Ours against people's; the spread is over songs."""
    people = chosen(windows, ~windows.ours)
    places = learn_embedding(people.table).places(windows.table)
    by_song = [
        (
            places[windows.ours & (windows.songs == song)],
            places[~windows.ours & (windows.songs == song)],
        )
        for song in range(windows.count)
    ]

    def apart(drawn: np.ndarray) -> float:
        ours, theirs = (
            np.concatenate(side) for side in zip(*(by_song[i] for i in drawn), strict=True)
        )
        return distance(ours, theirs)

    return Frechet(
        apart=Figure(
            value=apart(np.arange(windows.count)),
            **bounds(windows.count, apart, RESAMPLES),
            count=len(windows.ours),
            songs=windows.count,
        ),
        halves=_between_halves([theirs for _, theirs in by_song if len(theirs)]),
    )


def _between_halves(people: list[np.ndarray]) -> float:
    rng, found = np.random.default_rng(SEED), []
    for _ in range(HALVINGS):
        order = rng.permutation(len(people))
        halves = order[: len(order) // 2], order[len(order) // 2 :]
        found.append(distance(*(np.concatenate([people[i] for i in half]) for half in halves)))
    return float(np.mean(found))


def distance(first: np.ndarray, second: np.ndarray) -> float:
    """Fréchet's distance of two normal distributions, squared as in Heusel et al. (2017), fitted to
    points (N, directions); nan for fewer than two points."""
    if min(len(first), len(second)) < 2:
        return float("nan")
    means = first.mean(axis=0) - second.mean(axis=0)
    one, other = (np.atleast_2d(np.cov(side.T)) for side in (first, second))
    root = _root(one)
    return float(means @ means + np.trace(one + other - 2 * _root(root @ other @ root)))


def _root(matrix: np.ndarray) -> np.ndarray:
    """The square root of a symmetric matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
