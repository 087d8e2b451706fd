"""Repairs of mania's long notes and chords: ends that move, and notes that give way."""

from dataclasses import replace

import numpy as np

from beatheritage.generate.polish import SAME_COLUMN, SHORTEST_HOLD, as_circle
from beatheritage.generate.repair.edits import edited, findings, subject_of
from beatheritage.osu.beatmap import Beatmap, Hold
from beatheritage.osu.level import Level
from beatheritage.review.levels import level_of_map
from beatheritage.review.mania_patterns import (
    CHORDS,
    FEW_KEYS,
    HOLD_BEATS,
    HOLD_BEATS_ABOVE,
    JACK_BEATS,
    MOST_PRESSED,
    RELEASE_BEATS,
    UNDISTURBED_BEATS,
    beat_at,
    chord_size,
    disturbed_holds,
    hold_length,
    releases,
    rows,
)
from beatheritage.review.subject import MapSubject
from beatheritage.timing.grid import TICKS_PER_BEAT

STEP_TICKS = TICKS_PER_BEAT // 4
LONGEST_TRIED_BEATS = 4
TOUCHING = 1.0  # ms


class Ends:
    """When the notes of a map end, while that is being changed."""

    def __init__(self, subject: MapSubject) -> None:
        self.subject, self.level = subject, level_of_map(subject)
        self.ends = subject.ends.copy()
        self._is_hold = np.array([isinstance(item, Hold) for item in subject.objects])
        self._columns = np.array(subject.columns)
        sizes = CHORDS.get(self.level)
        most = sizes[subject.keys > FEW_KEYS] if sizes else MOST_PRESSED + subject.keys
        self.most = most
        times, self._row_of = np.unique(subject.starts, return_inverse=True)
        self._row_times, self._pressed = times, np.bincount(self._row_of)

    def held(self, index: int, end: float) -> bool:
        """Whether a hold may last until then: long enough, room in its column, no note inside a
        short one, no release just before or after another, no chord that it makes too large."""
        subject, start = self.subject, float(self.subject.starts[index])
        beat, length = beat_at(subject, index), end - start
        least = beat.time(HOLD_BEATS.get(self.level, HOLD_BEATS_ABOVE)) - 2
        if length < max(least, SHORTEST_HOLD):
            return False
        starts = subject.starts
        mine = self._columns == self._columns[index]
        later = starts[mine & (starts > start)]
        if len(later) and not self._is_free(later[0] - end, beat):
            return False
        inside = self._row_times[(self._row_times > start + 1) & (self._row_times < end - 1)]
        undisturbed = UNDISTURBED_BEATS.get(self.level)
        if undisturbed is not None and len(inside) and beat.at_most(length, undisturbed):
            return False
        return self._released_apart(index, end, beat) and self._thin(index, start, end)

    def _is_free(self, gap: float, beat) -> bool:
        jack = self.level == Level.NORMAL and beat.at_most(gap, JACK_BEATS)
        return gap >= SAME_COLUMN and not jack

    def _released_apart(self, index: int, end: float, beat) -> bool:
        least = RELEASE_BEATS.get(self.level)
        if least is None:
            return True
        others = self._is_hold.copy()
        others[index] = False
        apart = np.abs(self.ends[others] - end)
        return not ((apart > TOUCHING) & (apart < beat.time(least) - 2)).any()

    def _thin(self, index: int, start: float, end: float) -> bool:
        others = self._is_hold.copy()
        others[index] = False
        within = (self._row_times > start) & (self._row_times < end - TOUCHING)
        starts, ends = self.subject.starts[others], self.ends[others]
        for time, pressed in zip(self._row_times[within], self._pressed[within], strict=True):
            held = int(((starts < time) & (ends > time + TOUCHING)).sum())
            if pressed + held + 1 > self.most:
                return False
        return True

    def best(self, index: int) -> float | None:
        """The end nearest to what a hold has that it may have; None where there is none."""
        timing, start = self.subject.timing, float(self.subject.starts[index])
        first = int(timing.tick(start))
        ticks = first + np.arange(1, LONGEST_TRIED_BEATS * 4 + 1) * STEP_TICKS
        now = float(self.subject.ends[index])
        found = sorted(np.round(timing.tick_time(ticks)).tolist(), key=lambda end: abs(end - now))
        return next((end for end in [now, *found] if self.held(index, end)), None)

    def hold(self, index: int, end: float) -> None:
        """The note is a hold from now on."""
        self._is_hold[index] = True
        self.ends[index] = end

    def let_go(self, index: int) -> None:
        """The hold is a note from now on."""
        self._is_hold[index] = False
        self.ends[index] = self.subject.starts[index]


def fitting_holds(beatmap: Beatmap) -> Beatmap:
    """Holds that are too short, disturb or are disturbed get the nearest end that is right; where
    there is none they become notes."""
    subject = subject_of(beatmap)
    wrong = [one.objects[0] for rule in (hold_length, releases) for one in rule(subject)]
    wrong += [one.objects[1] for one in disturbed_holds(subject)]
    return _refitted(beatmap, subject, sorted(set(wrong)))


def _refitted(beatmap: Beatmap, subject: MapSubject, wrong: list[int]) -> Beatmap:
    ends, changes = Ends(subject), {}
    for index in wrong:
        item = subject.objects[index]
        if not isinstance(item, Hold):
            continue
        end = ends.best(index)
        if end is None:
            ends.let_go(index)
            changes[index] = as_circle(item)
        elif end != item.end:
            ends.ends[index] = end
            changes[index] = replace(item, end=end)
    return edited(beatmap, changes)


def thin_chords(beatmap: Beatmap) -> Beatmap:
    """Chords too large for the level lose notes; a note alone that too many holds run beside gets
    room from the last of them."""
    subject = subject_of(beatmap)
    by_first = {row.objects[0]: row for row in rows(subject)}
    ends = Ends(subject)
    gone, wrong = {}, []
    for finding in findings(beatmap, chord_size):
        row = by_first[finding.objects[0]]
        beside = [
            index
            for index in range(row.objects[0])
            if isinstance(subject.objects[index], Hold) and ends.ends[index] > row.time + TOUCHING
        ]
        over = len(row.objects) + len(beside) - ends.most
        # Held ones go last: what is long is heard.
        loose = sorted(row.objects, key=lambda index: (ends.ends[index] > row.time, -index))
        leaving = loose[: max(0, min(over, len(row.objects) - 1))]
        gone |= dict.fromkeys(leaving)
        wrong += beside[len(beside) - max(0, over - len(leaving)) :] if over > len(leaving) else []
    if wrong:
        return _refitted(beatmap, subject, sorted(set(wrong)))
    return edited(beatmap, gone)
