"""Where a song's tempo changes, if it does."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from beatheritage.timing.novelty import ATTACK_MS
from beatheritage.timing.tempo import comb, prior

WINDOW_S = 12.0
HOP_S = 3.0
TEMPO_STEP = 0.01  # of log tempo
CHANGE_COST = 3.0
"""What a change of tempo must gain, in log comb strength summed over windows."""
SHORTEST_WINDOWS = 3
SIMPLE_RATIOS = np.log([4 / 3, 1.5, 2, 3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch at about one tempo, in ms of the song."""

    start: float
    end: float
    bpm: float


def spans(attack: np.ndarray) -> tuple[Span, ...]:
    """The song cut where its local tempo changes for good; one span where it does not.

    Potts segmentation: the path through the windows' comb strengths that gains most, where staying
    is free and any change costs the same.
    """
    size, hop = round(WINDOW_S * 1000 / ATTACK_MS), round(HOP_S * 1000 / ATTACK_MS)
    starts = np.arange(0, max(1, len(attack) - size + 1), hop)
    strengths = np.stack([_local(attack[start : start + size]) for start in starts])
    path = _cheapest_path(strengths)
    path = _same_pulse(path)
    edges = [0, *(np.flatnonzero(np.abs(np.diff(path)) > 1) + 1), len(path)]
    bpm = _tempos()
    middles = (starts + size / 2) * ATTACK_MS
    found = []
    for first, last in pairwise(edges):
        if last - first < SHORTEST_WINDOWS and len(edges) > 2:
            continue
        start = 0.0 if not found else found[-1].end
        end = len(attack) * ATTACK_MS if last == len(path) else middles[last - 1 : last + 1].mean()
        middle = int(np.median(path[first:last]))
        found.append(Span(start=float(start), end=float(end), bpm=float(bpm[middle])))
    return tuple(found)


def _same_pulse(path: np.ndarray) -> np.ndarray:
    """The path without jumps by simple ratios: those are another count of the same pulse."""
    path = path.copy()
    for window in range(1, len(path)):
        jump = (path[window] - path[window - 1]) * TEMPO_STEP
        if np.abs(jump) > TEMPO_STEP and np.min(np.abs(np.abs(jump) - SIMPLE_RATIOS)) < 0.02:
            path[window:] -= path[window] - path[window - 1]
    return path


def _tempos() -> np.ndarray:
    return np.exp(np.arange(np.log(60), np.log(250), TEMPO_STEP))


def _local(attack: np.ndarray) -> np.ndarray:
    """Log comb strength of one window at ``_tempos``, 0 for the strongest."""
    bpm, strength = comb(attack)
    strength = strength * prior(bpm)
    index = ((np.log(bpm) - np.log(60)) / TEMPO_STEP + 0.5).astype(np.int64)
    index = np.clip(index, 0, len(_tempos()) - 1)
    best = np.zeros(len(_tempos()))
    np.maximum.at(best, index, strength)
    return np.log(best / best.max() + 0.02)


def _cheapest_path(strengths: np.ndarray) -> np.ndarray:
    """Viterbi: neighbours are free to reach, all else costs ``CHANGE_COST``."""
    windows, tempos = strengths.shape
    total = strengths[0].copy()
    back = np.zeros((windows, tempos), np.int64)
    own = np.arange(tempos)
    for window in range(1, windows):
        stay = np.stack([np.roll(total, 1), total, np.roll(total, -1)])
        stay[0, 0] = stay[2, -1] = -np.inf
        near = np.argmax(stay, axis=0)
        best, far = stay[near, own], int(np.argmax(total))
        jump = total[far] - CHANGE_COST > best
        back[window] = np.where(jump, far, own + near - 1)
        total = np.where(jump, total[far] - CHANGE_COST, best) + strengths[window]
    path = np.empty(windows, np.int64)
    path[-1] = int(np.argmax(total))
    for window in range(windows - 1, 0, -1):
        path[window - 1] = back[window, path[window]]
    return path
