"""Holding an ancestor to the beat: a time must be a step that has a tick in it, and a snap one that
has a tick in that step. What is written so lies on the beat before anything is moved."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beatheritage.timing.grid import Timing
from beatheritage.tokens.steps import STEP, Step, Vocabulary

DIVISORS = (1, 2, 3, 4, 6, 8, 12, 16)
"""The snaps that osu!'s editor has and a tick of 1/48 of a beat can hold."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """``snaps`` (steps, snaps): whether a step has a tick of a snap and of no coarser one."""

    vocabulary: Vocabulary
    snaps: np.ndarray

    def __call__(self, scores: np.ndarray, tokens: Sequence[int]) -> np.ndarray:
        """The scores, with what is off the beat forbidden."""
        scores = scores.copy()
        times, snaps = self.vocabulary.range(Step.TIME), self.vocabulary.ids(Step.SNAP)
        zero = times.start - times.low
        open_steps = np.asarray(self.snaps.any(axis=1))
        scores[zero : zero + len(open_steps)][~open_steps] = -np.inf
        step = tokens[-1] - zero if tokens else -1
        if 0 <= step < len(open_steps) and open_steps[step]:
            scores[snaps][~self.snaps[step]] = -np.inf
        return scores


def grid_of(vocabulary: Vocabulary, timing: Timing, start: float) -> Grid:
    """The grid of a window that begins at ``start`` ms."""
    times, snaps = vocabulary.range(Step.TIME), vocabulary.range(Step.SNAP)
    has = np.zeros((times.high + 1, snaps.high + 1), bool)
    end = start + len(has) * STEP
    first, last = np.floor(timing.beat(np.array([start, end])))
    for divisor in DIVISORS:
        parts = np.arange(first * divisor, (last + 1) * divisor + 1)
        coarser = [other for other in DIVISORS if other < divisor and divisor % other == 0]
        own = np.array([all(part * other % divisor for other in coarser) for part in parts])
        ticks = timing.time(parts[own] / divisor)
        steps = np.floor((ticks - start) / STEP).astype(int)
        has[steps[(steps >= 0) & (steps < len(has))], divisor] = True
    return Grid(vocabulary=vocabulary, snaps=has)
