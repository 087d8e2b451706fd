"""The steps of a diffusion, and one step back (Ho et al. 2020; cosine schedule and learned variance
of Nichol and Dhariwal 2021).

Of the thousand steps that the weights were trained on, only those are taken that are asked for.
Array suffixes: S steps that are taken, N points, 2 x and y.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

TRAINED_STEPS = 1000
COSINE_OFFSET = 0.008
MOST_BETA = 0.999


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schedule:
    """What each of the steps taken does, from the least noise to the most, all (S,).

    ``steps`` are their numbers in training, ``betas`` the noise that they add, ``kept`` the share
    of signal that is left (the product of alphas). ``variance`` is the posterior's, ``least_log``
    its logarithm, where the first step, which has none, has the next one's; the posterior's mean is
    ``believed`` of what is believed and ``there`` of what is there.
    """

    steps: tuple[int, ...]
    betas: np.ndarray
    kept: np.ndarray
    variance: np.ndarray
    least_log: np.ndarray
    believed: np.ndarray
    there: np.ndarray

    def belief(self, places_N2: np.ndarray, noise_N2: np.ndarray, index: int) -> np.ndarray:
        """Where points are without their noise."""
        kept = self.kept[index]
        return places_N2 / np.sqrt(kept) - noise_N2 * np.sqrt(1 / kept - 1)

    def back(
        self, places_N2: np.ndarray, belief_N2: np.ndarray, shares_N2: np.ndarray, index: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean and spread (N, 2) of the points one step back; ``shares`` from -1 to 1 say where
        between its least and its most the variance lies. The last step has no spread."""
        mean = self.believed[index] * belief_N2 + self.there[index] * places_N2
        share = (shares_N2 + 1) / 2
        most_log = np.log(self.betas[index])
        log_variance = share * most_log + (1 - share) * self.least_log[index]
        return mean, np.exp(log_variance / 2) * (index > 0)


def make_schedule(counts: Sequence[int]) -> Schedule:
    """The schedule that takes so many steps of each equal section of the trained ones.

    Raises ValueError for counts that sections don't have, or none at all.
    """
    steps = steps_of(counts)
    kept = np.cumprod(1 - cosine_betas(TRAINED_STEPS))[list(steps)]
    before = np.append(1.0, kept[:-1])
    betas = 1 - kept / before
    variance = betas * (1 - before) / (1 - kept)
    return Schedule(
        steps=steps,
        betas=betas,
        kept=kept,
        variance=variance,
        least_log=np.log(np.append(variance[1:2], variance[1:]) if len(steps) > 1 else betas),
        believed=betas * np.sqrt(before) / (1 - kept),
        there=(1 - before) * np.sqrt(1 - betas) / (1 - kept),
    )


def cosine_betas(count: int) -> np.ndarray:
    """The noise that each step adds, (count,)."""
    shares = np.arange(count + 1) / count
    kept = np.cos((shares + COSINE_OFFSET) / (1 + COSINE_OFFSET) * np.pi / 2) ** 2
    return np.minimum(1 - kept[1:] / kept[:-1], MOST_BETA)


def steps_of(counts: Sequence[int], trained: int = TRAINED_STEPS) -> tuple[int, ...]:
    """The numbers of the steps, evenly in each section and its ends among them.

    Raises ValueError for sections that have fewer steps than asked for, and for none at all.
    """
    least, more = divmod(trained, len(counts))
    steps: set[int] = set()
    start = 0
    for index, count in enumerate(counts):
        size = least + (index < more)
        if not 0 <= count <= size:
            raise ValueError(f"{count} steps are more than the {size} that a section has")
        stride = (size - 1) / (count - 1) if count > 1 else 1.0
        steps.update(start + round(stride * step) for step in range(count))
        start += size
    if not steps:
        raise ValueError("no steps at all are asked for")
    return tuple(sorted(steps))
