"""Smoothing a curve and finding its peaks, as signal processing usually defines both (the defaults
of scipy.ndimage and scipy.signal, which this package does without)."""

from dataclasses import dataclass

import numpy as np

TRUNCATED = 4.0  # standard deviations at which a bell ends
DISTANCE = 50  # samples between two peaks at least
WINDOW = 51  # samples in which a peak must stand out
LEAST_PROMINENCE = 0.1
LEAST_WIDTH = 2.0  # samples, at the foot


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Peaks:
    """``times`` in samples, and how far each stands out."""

    times: np.ndarray
    prominences: np.ndarray


def smoothed(values: np.ndarray, deviation: float) -> np.ndarray:
    """Values under a moving bell, mirrored at the ends."""
    reach = int(TRUNCATED * deviation + 0.5)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    padded = np.pad(values, reach, mode="symmetric")
    return np.convolve(padded, bell / bell.sum(), mode="valid")


def find_peaks(values: np.ndarray) -> Peaks:
    """The peaks that are apart from each other, stand out, and are no spikes."""
    times = _apart(_maxima(values), values)
    found = [(time, *_standing(values, int(time))) for time in times]
    kept = [(t, p) for t, p, width in found if p >= LEAST_PROMINENCE and width >= LEAST_WIDTH]
    return Peaks(
        times=np.array([t for t, _ in kept], np.int64),
        prominences=np.array([p for _, p in kept], np.float64),
    )


def _maxima(values: np.ndarray) -> np.ndarray:
    """The middles of all stretches with lower values on both sides."""
    changes = np.flatnonzero(np.diff(values)) + 1
    starts = np.concatenate([[0], changes])
    ends = np.concatenate([changes, [len(values)]]) - 1
    inner = range(1, len(starts) - 1)
    return np.array(
        [
            (starts[i] + ends[i]) // 2
            for i in inner
            if values[starts[i]] > values[starts[i] - 1] and values[ends[i]] > values[ends[i] + 1]
        ],
        np.int64,
    )


def _apart(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The peaks without those too near a higher one."""
    kept = np.ones(len(times), bool)
    for index in np.argsort(values[times], kind="stable")[::-1]:
        if kept[index]:
            near = np.abs(times - times[index]) < DISTANCE
            near[index] = False
            kept &= ~near
    return times[kept]


def _standing(values: np.ndarray, time: int) -> tuple[float, float]:
    """How far a peak stands out in its window, and how wide it is at its foot."""
    half, top = WINDOW // 2, values[time]
    left = values[max(0, time - half) : time + 1][::-1]
    right = values[time : time + half + 1]
    sides = []
    for side in (left, right):
        higher = np.flatnonzero(side > top)
        reach = side[: higher[0]] if len(higher) else side
        sides.append((reach, int(reach.argmin())))
    prominence = float(top - max(reach[base] for reach, base in sides))
    foot = top - prominence
    return prominence, sum(_width(reach[: base + 1], foot) for reach, base in sides)


def _width(side: np.ndarray, foot: float) -> float:
    """How far it is from the top to where a side comes down to the foot."""
    below = np.flatnonzero(side <= foot)
    end = int(below[0]) if len(below) else len(side) - 1
    if side[end] < foot:
        return end - (foot - side[end]) / (side[end - 1] - side[end])
    return float(end)
