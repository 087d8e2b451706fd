"""Do two charts strike at the same times? Onsets matched one to one within a tolerance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from beatheritage.osu.beatmap import Beatmap, HitObject, Slider, Spinner
from beatheritage.osu.pace import Pace

TOLERANCE_MS = 20.0
ROUNDING_MS = 1e-6  # times that are the tolerance apart match, whatever floats make of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Shares of 1. ``count`` is how many true onsets there were."""

    precision: float
    recall: float
    f1: float
    count: int


def onsets(beatmap: Beatmap) -> np.ndarray:
    """The times at which a player strikes something, ms, each once: starts, and no ends.

    Chords of mania are one onset; a drumroll is its start.
    """
    return np.unique([item.time for item in beatmap.objects]).astype(np.float64)


def sounded(beatmap: Beatmap) -> np.ndarray:
    """The times at which anything sounds, ms, each once: onsets, repeats and ends of sliders, and
    ends of spinners. Where a hold is let go nothing sounds."""
    pace = Pace(beatmap)
    times = [time for item in beatmap.objects for time in _sounds_of(item, pace)]
    return np.unique(np.array(times, np.float64))


def _sounds_of(item: HitObject, pace: Pace) -> list[float]:
    match item:
        case Slider():
            slide = pace.slide_length(item.time, item.length)
            return [item.time + slide * count for count in range(item.slides + 1)]
        case Spinner():
            return [item.time, item.end]
        case _:
            return [item.time]


def onset_f1(
    found_times: ArrayLike, true_times: ArrayLike, tolerance_ms: float = TOLERANCE_MS
) -> Score:
    """Precision, recall and F1 of times in ms; all 0 where either side is empty.

    No onset counts twice: the matching is as large as can be, which ``mir_eval.onset`` does too.
    """
    found = np.sort(np.asarray(found_times, np.float64))
    true = np.sort(np.asarray(true_times, np.float64))
    hits = _matches(found.tolist(), true.tolist(), tolerance_ms + ROUNDING_MS)
    if hits == 0:
        return Score(precision=0.0, recall=0.0, f1=0.0, count=len(true))
    precision, recall = hits / len(found), hits / len(true)
    f1 = 2 * precision * recall / (precision + recall)
    return Score(precision=precision, recall=recall, f1=f1, count=len(true))


def _matches(found: list[float], true: list[float], tolerance: float) -> int:
    """The most pairs: of two heads too far apart, the earlier one fits nothing that is to come."""
    hits = at_found = at_true = 0
    while at_found < len(found) and at_true < len(true):
        apart = found[at_found] - true[at_true]
        hits += abs(apart) <= tolerance
        at_found += apart <= tolerance
        at_true += apart >= -tolerance
    return hits
