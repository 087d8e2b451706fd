"""Red lines from the beats that an ancestor wrote.

Beats are steps of 10 ms. A tempo holds as long as every beat under it lies within a leniency; where
none does, the beats are parted so that both parts fit best, at the first beat of a bar where that
can be.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from beatheritage.osu.beatmap import RedLine
from beatheritage.tokens.steps import BEATS, Event, Step

LENIENCY = 20.0  # ms
SAME_MOMENT = 2.0  # ms within which a red line is the one that is there
UNKNOWN_BEAT_LENGTH = 1000.0
SLOWEST_BEAT_LENGTH = 60_000.0
ROUNDINGS = (1, 2, 10, 100, 1000)  # parts of a BPM, those that people like best first
FRACTIONS = (1.0, 1 / 2, 1 / 4, 1 / 8, 1 / 16)  # of a beat between two red lines


@dataclass(slots=True)
class Beat:
    """``count`` is how many beats it is after the one before it: none where a red line begins."""

    time: float
    kind: Step
    count: float


def timing_of(events: Iterable[Event], leniency: float = LENIENCY) -> tuple[RedLine, ...]:
    """The red lines of beats; none where there are none."""
    beats = [
        Beat(event.time, event.kind, 0.0 if event.kind is Step.TIMING_POINT else 1.0)
        for event in events
        if event.kind in BEATS
    ]
    if not beats:
        return ()
    beats.sort(key=lambda beat: beat.time)
    starts = [beat.time for beat in beats if beat.kind is Step.TIMING_POINT] or [beats[0].time]
    unknown = RedLine(time=0.0, beat_length=UNKNOWN_BEAT_LENGTH, volume=100)
    lines = _Lines([replace(unknown, time=time) for time in dict.fromkeys(starts)])
    _find_meters(beats, lines)
    _Fit(beats, lines, leniency).run()
    return tuple(lines.lines)


@dataclass(slots=True)
class _Lines:
    """Red lines in their order."""

    lines: list[RedLine]

    def index(self, time: float) -> int:
        """The line that holds at a time; the first one for all before it."""
        return max(0, bisect_right(self.lines, time, key=lambda line: line.time) - 1)

    def at(self, time: float) -> RedLine:
        return self.lines[self.index(time)]

    def put(self, time: float, **changes: float) -> None:
        """Change the line at a time, or add one that is else as the one before it."""
        near = self.index(time + SAME_MOMENT)
        if abs(self.lines[near].time - time) <= SAME_MOMENT:
            self.lines[near] = replace(self.lines[near], **changes)
        else:
            self.lines.insert(near + 1, replace(self.lines[near], time=time, **changes))


def _find_meters(beats: Sequence[Beat], lines: _Lines) -> None:
    """Give each red line the meter of its first bar, and each other bar length a red line."""
    counted, bar_start = 0, beats[0].time
    for beat in beats:
        line = lines.at(beat.time - 1)
        if beat.kind is Step.TIMING_POINT:
            counted, bar_start = 0, beat.time
        elif line.time != beat.time:
            counted += 1
            if beat.kind is Step.MEASURE:
                if line.meter != counted:
                    lines.put(max(bar_start, line.time), meter=counted)
                counted, bar_start = 0, beat.time


@dataclass(slots=True)
class _Fit:
    """Goes through the beats, and lengthens, changes or parts the section that each stands in."""

    beats: Sequence[Beat]
    lines: _Lines
    leniency: float
    counted: int = 0  # beats since the bar began
    last_length: float = UNKNOWN_BEAT_LENGTH

    def run(self) -> None:
        for beat in self.beats:
            line = self.lines.at(beat.time - 1)
            if line.time == beat.time:
                self.counted = 0
                continue
            section = [each for each in self.beats if line.time + 1 <= each.time < beat.time]
            section.append(beat)
            if not beat.count and not self._counts(beat, section, line):
                self.counted = 0
                continue
            self.last_length = self._fit(section, line)
            self.counted += 1
            self._check_bar(beat)

    def _counts(self, beat: Beat, section: Sequence[Beat], line: RedLine) -> bool:
        """Whether a red line ends a section that has no other beat; it is then given a length."""
        if len(section) != 1:
            return False
        beats = (beat.time - line.time) / self.last_length
        beat.count = min((float(round(beats)), *FRACTIONS), key=lambda count: abs(count - beats))
        return True

    def _fit(self, section: Sequence[Beat], line: RedLine) -> float:
        """Make the section's tempo one that all of its beats fit, or part it."""
        length = beat_length_of(section[-1].time - line.time, _beats(section))
        if self._fits(length, section, line.time):
            length = self._rounded(length, section, line.time)
            self.lines.put(line.time, beat_length=length)
            return length
        return self._part(section, line) if len(section) > 1 else length

    def _part(self, section: Sequence[Beat], line: RedLine) -> float:
        best = self._best_part(section, line)
        before, after = section[:best], section[best:]
        start = before[-1].time
        if best < len(section) - 1:
            length = beat_length_of(start - line.time, _beats(before))
            self.lines.put(line.time, beat_length=self._rounded(length, before, line.time))
        length = beat_length_of(after[-1].time - start, _beats(after), self.leniency)
        self.lines.put(start, beat_length=length)
        self.counted = 0
        for beat in reversed(after[:-1]):
            if beat.kind is Step.MEASURE:
                break
            self.counted += 1
        return length

    def _best_part(self, section: Sequence[Beat], line: RedLine) -> int:
        """After how many beats to part a section: behind the first beat of a bar, or the last."""
        last = len(section) - 1
        parts = [n for n in range(1, last + 1) if n == last or section[n - 1].kind is Step.MEASURE]
        losses = [
            _loss(section[:n], line.time) + _loss(section[n:], section[n - 1].time) for n in parts
        ]
        return parts[int(np.argmin(losses))]

    def _check_bar(self, beat: Beat) -> None:
        """A bar that begins out of step with the red line has one of its own."""
        line = self.lines.at(beat.time)
        if line.time == beat.time:
            self.counted = 0
        if beat.kind is Step.MEASURE:
            if self.counted % line.meter:
                self.lines.put(beat.time, beat_length=line.beat_length)
            self.counted = 0

    def _fits(self, length: float, section: Sequence[Beat], start: float) -> bool:
        return bool(np.abs(_residues(section, start, length)).max() <= self.leniency)

    def _rounded(self, length: float, section: Sequence[Beat], start: float) -> float:
        if not 0 < length <= SLOWEST_BEAT_LENGTH:
            return length
        fitting = (each for each in _roundings(length) if self._fits(each, section, start))
        return next(fitting, length)


def beat_length_of(time: float, beats: float, leniency: float = 0.0) -> float:
    """How long one of so many beats is, rounded to the BPM that people like best within a leniency
    of the whole; 1000 ms where nothing tells."""
    if not beats or not time or time / beats > SLOWEST_BEAT_LENGTH:
        return UNKNOWN_BEAT_LENGTH
    length = time / beats
    fitting = (each for each in _roundings(length) if abs(time - each * beats) <= leniency)
    return next(fitting, length)


def _roundings(length: float) -> Iterable[float]:
    bpm = 60_000 / length
    return (60_000 * parts / max(1, round(bpm * parts)) for parts in ROUNDINGS)


def _beats(section: Sequence[Beat]) -> float:
    return sum(beat.count for beat in section)


def _residues(section: Sequence[Beat], start: float, length: float) -> np.ndarray:
    """How far beats are from where a tempo has them, ms."""
    counts = np.cumsum([beat.count for beat in section])
    return np.array([beat.time for beat in section]) - (start + counts * length)


def _loss(section: Sequence[Beat], start: float) -> float:
    length = beat_length_of(section[-1].time - start, _beats(section))
    return float(np.mean(_residues(section, start, length) ** 2))
