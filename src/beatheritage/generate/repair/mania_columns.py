"""Repairs of mania's columns: notes that move aside, where another column is free."""

from collections import Counter
from dataclasses import replace

import numpy as np

from beatheritage.generate.polish import SAME_COLUMN
from beatheritage.generate.repair.edits import edited, findings, subject_of
from beatheritage.osu.beatmap import Beatmap, HitObject
from beatheritage.osu.mode import column_x
from beatheritage.review.mania import UNEVEN_WARNING, column_distribution
from beatheritage.review.mania_patterns import (
    JACK_BEATS,
    LONGEST_TRILL,
    beat_at,
    minijacks,
    trills,
)
from beatheritage.review.subject import MapSubject

# What is moved should not be on the edge of the rule again.
EVEN_ENOUGH = 0.75 * UNEVEN_WARNING


class Lanes:
    """Which column each note has, while notes move."""

    def __init__(self, subject: MapSubject) -> None:
        self.subject = subject
        self.columns = np.array(subject.columns)

    def room(self, index: int, column: int) -> float:
        """How far in time, ms, the nearest note of a column is from one that would move there;
        below 0 where they would overlap."""
        subject = self.subject
        mine = self.columns == column
        mine[index] = False
        if not mine.any():
            return float("inf")
        before = subject.starts[index] - subject.ends[mine]
        after = subject.starts[mine] - subject.ends[index]
        return float(np.maximum(before, after).min())

    def free(self, index: int) -> int | None:
        """The column with the most room for a note besides its own; None where none has enough."""
        others = [one for one in range(self.subject.keys) if one != self.columns[index]]
        best = max(others, key=lambda column: (self.room(index, column), -column), default=None)
        if best is None or self.room(index, best) < self._needed(index):
            return None
        return best

    def _needed(self, index: int) -> float:
        quick = beat_at(self.subject, index).length * (JACK_BEATS + 0.05)
        return max(SAME_COLUMN, quick)

    def fits(self, index: int, column: int) -> bool:
        return self.room(index, column) >= self._needed(index)

    def moved(self) -> dict[int, HitObject | None]:
        """Every note that is elsewhere now."""
        keys = self.subject.keys
        return {
            index: replace(self.subject.objects[index], x=float(column_x(int(column), keys)))
            for index, column in enumerate(self.columns)
            if column != self.subject.columns[index]
        }


def even_columns(beatmap: Beatmap) -> Beatmap:
    """Notes move from the fullest columns to the emptiest, all over the map, as few as will do."""
    if not findings(beatmap, column_distribution):
        return beatmap
    subject = subject_of(beatmap)
    lanes, keys = Lanes(subject), subject.keys
    counts = Counter(lanes.columns.tolist())
    mean = len(subject.objects) / keys
    slack = EVEN_ENOUGH * mean
    for index in _spread_out(len(subject.objects)):
        emptiest = min(range(keys), key=lambda column: counts[column])
        fullest = max(range(keys), key=lambda column: counts[column])
        if counts[fullest] <= mean + slack and counts[emptiest] >= mean - slack:
            break
        column = int(lanes.columns[index])
        source_full = counts[column] > mean or counts[emptiest] < mean - slack
        if not source_full or counts[column] - counts[emptiest] < 2:
            continue
        if counts[emptiest] < mean and lanes.fits(index, emptiest):
            lanes.columns[index] = emptiest
            counts[column] -= 1
            counts[emptiest] += 1
    return _in_order(edited(beatmap, lanes.moved()))


def _spread_out(count: int) -> np.ndarray:
    """Every index once, such that the first of them lie all over the map (golden ratio)."""
    return np.argsort(np.arange(count) * 0.6180339887498949 % 1.0, kind="stable")


def no_minijacks(beatmap: Beatmap) -> Beatmap:
    """The second note of a minijack moves to a free column."""
    return _moved_aside(beatmap, [one.objects[1] for one in findings(beatmap, minijacks)])


def short_trills(beatmap: Beatmap) -> Beatmap:
    """A trill too long has its last note that may be in another column."""
    subject = subject_of(beatmap)
    last = len(subject.objects) - 1
    starts = [finding.objects[0] for finding in findings(beatmap, trills)]
    return _moved_aside(beatmap, [min(first + LONGEST_TRILL - 1, last) for first in starts])


def _moved_aside(beatmap: Beatmap, wrong: list[int]) -> Beatmap:
    lanes = Lanes(subject_of(beatmap))
    for index in wrong:
        column = lanes.free(index)
        if column is not None:
            lanes.columns[index] = column
    return _in_order(edited(beatmap, lanes.moved()))


def _in_order(beatmap: Beatmap) -> Beatmap:
    """Notes of one time from left to right."""
    objects = sorted(beatmap.objects, key=lambda item: (item.time, item.x))
    return replace(beatmap, objects=tuple(objects))
