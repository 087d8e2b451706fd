"""Beats to milliseconds and back.

A song's beats are numbered from 0 at its first red line; the numbers run on over every later red
line, which starts at a whole beat (osu! restarts the bar there). Before the first line its tempo is
carried backwards, so beats can be negative. A tick is 1/48 of a beat.

Where a line starts before the beat in front of it is over, the ticks of what is left of that beat
are missing: all of them are when the line starts, so that time never runs backwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from beatheritage.osu.beatmap import RedLine

TICKS_PER_BEAT = 48
SAME_BPM = 0.01
SAME_GRID_MS = 10.0
LATE_LINE_MS = 0.5  # files hold whole milliseconds


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The red lines of a song, and how sure we are of them (0 to 1)."""

    lines: tuple[RedLine, ...]
    confidence: float = 1.0
    runners_up: tuple[float, ...] = ()  # BPM
    warnings: tuple[str, ...] = ()

    @cached_property
    def _starts(self) -> np.ndarray:
        return np.array([line.time for line in self.lines])

    @cached_property
    def _following(self) -> np.ndarray:
        """When the next line starts."""
        return np.append(self._starts[1:], np.inf)

    @cached_property
    def _lengths(self) -> np.ndarray:
        return np.array([line.beat_length for line in self.lines])

    @cached_property
    def first_beats(self) -> np.ndarray:
        """The beat number at which each red line starts, int64 (lines,)."""
        whole = np.diff(self._starts) / self._lengths[:-1]
        return np.concatenate([[0], np.cumsum(np.ceil(whole - 0.05))]).astype(np.int64)

    def time(self, beats: np.ndarray | float) -> np.ndarray:
        """Milliseconds, unrounded, of beat numbers."""
        beats = np.asarray(beats, np.float64)
        line = self._line_of_beat(beats)
        return np.minimum(self._unbroken(beats, line), self._following[line])

    def beat(self, times: np.ndarray | float) -> np.ndarray:
        """Beat numbers, fractional, of milliseconds; the line active at each time decides."""
        times = np.asarray(times, np.float64)
        line = self.line_index(times)
        return self.first_beats[line] + (times - self._starts[line]) / self._lengths[line]

    def tick(self, times: np.ndarray | float) -> np.ndarray:
        """Nearest ticks, int64."""
        return np.rint(self.beat(times) * TICKS_PER_BEAT).astype(np.int64)

    def tick_time(self, ticks: np.ndarray | int) -> np.ndarray:
        return self.time(np.asarray(ticks, np.float64) / TICKS_PER_BEAT)

    def has_ticks(self, ticks: np.ndarray) -> np.ndarray:
        """Which ticks are not missing, and end before the next red line starts; bool."""
        ends = (np.asarray(ticks) + 1) / TICKS_PER_BEAT
        line = self._line_of_beat(ends - 1 / TICKS_PER_BEAT)
        return self._unbroken(ends, line) <= self._following[line] + LATE_LINE_MS

    def _line_of_beat(self, beats: np.ndarray) -> np.ndarray:
        return np.clip(np.searchsorted(self.first_beats, beats + 1e-9, "right") - 1, 0, None)

    def _unbroken(self, beats: np.ndarray, line: np.ndarray) -> np.ndarray:
        """The time of each beat, as if its line's tempo went on for ever."""
        return self._starts[line] + (beats - self.first_beats[line]) * self._lengths[line]

    def line_index(self, times: np.ndarray | float) -> np.ndarray:
        # Half a millisecond of grace: files hold whole milliseconds.
        return np.clip(np.searchsorted(self._starts, np.asarray(times) + 0.5, "right") - 1, 0, None)

    def bar_phase(self, beats: np.ndarray | int) -> np.ndarray:
        """Which beat of its bar each whole beat is, 0 for the downbeat."""
        beats = np.asarray(beats)
        line = np.clip(np.searchsorted(self.first_beats, beats, "right") - 1, 0, None)
        meters = np.array([item.meter for item in self.lines])
        return np.mod(beats - self.first_beats[line], meters[line])


def is_constant(lines: Sequence[RedLine]) -> bool:
    """Whether red lines are all of one tempo and on one grid: made to one click."""
    first = lines[0]
    for line in lines[1:]:
        length = first.beat_length
        off = (line.time - first.time + length / 2) % length - length / 2
        if abs(line.bpm - first.bpm) > SAME_BPM or abs(off) > SAME_GRID_MS:
            return False
    return True
