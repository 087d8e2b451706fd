"""Where a time stands between the beats: shared by the rules about timing."""

import numpy as np

from beatheritage.timing.grid import Timing

# Each family holds the smaller divisors: 1/12 has 1/1 to 1/4 and 1/6, 1/16 has 1/8.
FAMILIES = (5, 7, 9, 12, 16)
DIVISORS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16)
ON_TICK = 2.0  # ms
MS_DIGITS = 6  # past them stands what floating point lost, and thresholds are to be exact


def off_tick(times: np.ndarray, timing: Timing) -> np.ndarray:
    """How far times (N,) are after the nearest tick of any family, ms, signed."""
    beats, lengths = _beats(times, timing)
    apart_FN = np.stack([_apart(beats, one) for one in FAMILIES])
    nearest_N = np.abs(apart_FN).argmin(0)
    return np.round(apart_FN[nearest_N, np.arange(len(beats))] * lengths, MS_DIGITS)


def divisors(times: np.ndarray, timing: Timing) -> np.ndarray:
    """The smallest divisor of a beat that each of times (N,) stands on; 0 for none of them."""
    beats, lengths = _beats(times, timing)
    found_N = np.zeros(len(beats), np.int64)
    for divisor in reversed(DIVISORS):
        found_N[np.abs(_apart(beats, divisor)) * lengths < ON_TICK] = divisor
    return found_N


def _beats(times: np.ndarray, timing: Timing) -> tuple[np.ndarray, np.ndarray]:
    """Beats since the red line in force at each time, and the length of its beats."""
    line = timing.line_index(times)
    starts = np.array([one.time for one in timing.lines])[line]
    lengths = np.array([one.beat_length for one in timing.lines])[line]
    return (np.asarray(times) - starts) / lengths, lengths


def _apart(beats: np.ndarray, divisor: int) -> np.ndarray:
    return beats - np.rint(beats * divisor) / divisor
