"""Timing out of many passes: each hears the song a little shifted, and where most of them agree
there are beats.

What every pass says is counted to the millisecond and smoothed; peaks are beats. From the surest of
them the song is walked in both directions in steps of the tempo there, and where no peak answers, a
beat is put in all the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from beatheritage.generate.ancestors.peaks import Peaks, find_peaks, smoothed
from beatheritage.tokens.steps import BEATS, Event, Step

SMOOTHING = 10.0  # ms
SCALE = 50.0  # of a curve to which every pass gives one beat
SHORTEST, LONGEST = 20, 100  # steps of 10 ms from beat to beat, both left out
TEMPO_REACH = 200  # ms around a peak in which tempos count
MOST_FASTER = 1.5  # times the usual tempo, or slower: more is a double of it
SURE_LOSS, LAST_LOSS = 60.0, 300.0  # ms a prominence: the peak is meant; another tempo begins
KIND_REACH = 10  # ms
BARS_AHEAD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What all passes said. ``heard`` are counts of each kind of beat by the millisecond, ``gaps``
    rows of a time and of the steps of 10 ms since the beat before, ``bars`` beats in a bar."""

    heard: dict[Step, np.ndarray]
    gaps: np.ndarray
    bars: tuple[int, ...]


def count_beats(passes: Sequence[tuple[float, Sequence[Event]]], song: float) -> Counted:
    """Count the beats of passes, each with the ms by which it heard the song too late."""
    heard = {kind: np.zeros(int(song) + 1) for kind in BEATS}
    gaps: list[tuple[int, int]] = []
    bars: list[int] = []
    for late, events in passes:
        last: tuple[int, Step] | None = None
        counted = 0
        for event in events:
            if event.kind not in heard:
                continue
            time = int(event.time - late)
            if not 0 <= time < song:
                continue
            heard[event.kind][time] += 1
            begins = event.kind is Step.TIMING_POINT
            if last is not None and time != last[0] and (not begins or last[1] is event.kind):
                steps = (time - last[0]) // 10
                gaps += [(time, steps)] if SHORTEST < steps < LONGEST else []
            if event.kind is Step.MEASURE:
                bars.append(counted)
            counted = 1 if event.kind is not Step.BEAT else counted + 1
            last = (time, event.kind)
    rows = np.array(sorted(gaps), np.int64).reshape(-1, 2)
    return Counted(heard=heard, gaps=rows, bars=tuple(bars))


def agreed_beats(counted: Counted, passes: int, threshold: float) -> list[Event]:
    """The beats that passes agree on; none where they heard none."""
    curves = {
        kind: smoothed(counts, SMOOTHING) * SCALE / passes for kind, counts in counted.heard.items()
    }
    signal = curves[Step.BEAT] + curves[Step.MEASURE] + 2 * curves[Step.TIMING_POINT]
    peaks = find_peaks(signal)
    if not len(peaks.times) or not len(counted.gaps):
        return []
    walker = _Walker(peaks, *_tempos(peaks.times, counted.gaps, threshold), len(signal))
    times = sorted(walker.walk())
    kinds = [_kind(curves, time) for time in times]
    meter = int(np.median(counted.bars)) if counted.bars else 4
    kinds = _with_bars(times, kinds, curves, max(1, meter))
    return [Event(kind, 0, time) for kind, time in zip(kinds, times, strict=True)]


def _tempos(times: np.ndarray, gaps: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """The beat length in ms at each peak, and whether it was heard there."""
    usual = 60_000 / (float(np.median(gaps[:, 1])) * 10)
    bpm = np.full(len(times), np.nan)
    for index, time in enumerate(times):
        near = gaps[np.searchsorted(gaps[:, 0], time - TEMPO_REACH) :]
        near = near[: np.searchsorted(near[:, 0], time + TEMPO_REACH, "right")]
        if not len(near):
            continue
        counts = np.bincount(near[:, 1], minlength=LONGEST)
        if counts.max() / len(near) > threshold:
            found = 60_000 / (int(counts.argmax()) * 10)
            found /= ceil(found / (MOST_FASTER * usual))
            bpm[index] = found * ceil(usual / MOST_FASTER / found)
    known = np.flatnonzero(~np.isnan(bpm))
    if not len(known):
        return np.full(len(times), 60_000 / usual), np.zeros(len(times), bool)
    nearest = [known[np.argmin(np.abs(times[known] - time))] for time in times]
    return 60_000 / bpm[nearest], ~np.isnan(bpm)


@dataclass(slots=True)
class _Walker:
    """Goes through a song from its surest beats; ``done`` are the stretches that were walked."""

    peaks: Peaks
    lengths: np.ndarray
    measured: np.ndarray
    song: int
    done: list[tuple[float, float]] = field(default_factory=list)

    def walk(self) -> set[int]:
        times, found = self.peaks.times, set[int]()
        for start in np.argsort(-self.peaks.prominences, kind="stable"):
            if any(first <= times[start] <= last for first, last in self.done):
                continue
            beats = [int(times[start])]
            beats += [round(time) for step in (1, -1) for time in self._from(int(start), step)]
            found.update(time for time in beats if 0 <= time < self.song)
            self.done.append((min(beats) - TEMPO_REACH, max(beats) + TEMPO_REACH))
        return found

    def _from(self, start: int, step: int) -> Iterator[float]:
        """Beats from a peak in one direction, up to the song's end or what was walked."""
        times, prominences = self.peaks.times, self.peaks.prominences
        time, length = float(times[start]), self.lengths[start]
        while True:
            behind = step * (times - time) <= 0  # a beat that was had is no other tempo's
            time += step * length
            is_done = any(first <= time <= last for first, last in self.done)
            if not 0 <= time < self.song or is_done:
                return
            losses = np.where(behind, np.inf, np.abs(times - time) / prominences)
            best = int(losses.argmin())
            if losses[best] < SURE_LOSS:
                time, length = float(times[best]), self.lengths[best]
            elif losses[best] < LAST_LOSS and self.measured[best]:
                return  # another tempo begins
            yield time


def _mass(curve: np.ndarray, time: int) -> float:
    return float(curve[max(0, time - KIND_REACH) : time + KIND_REACH].sum())


def _kind(curves: dict[Step, np.ndarray], time: int) -> Step:
    masses = {kind: _mass(curve, time) for kind, curve in curves.items()}
    begins = masses[Step.TIMING_POINT]
    others = max(masses[Step.BEAT], masses[Step.MEASURE])
    return Step.TIMING_POINT if begins > others and sum(masses.values()) > 1 else Step.BEAT


def _with_bars(
    times: Sequence[int], kinds: Sequence[Step], curves: dict[Step, np.ndarray], meter: int
) -> list[Step]:
    """The kinds with the first beat of each bar told apart: where most passes had one."""
    kinds = list(kinds)
    firsts = curves[Step.MEASURE] + curves[Step.TIMING_POINT]
    worth = [_mass(firsts, time) for time in times]
    rest = 0
    for index in range(len(kinds)):
        if kinds[index] is Step.TIMING_POINT:
            rest = meter - 1
        elif rest:
            rest -= 1
        else:
            rest = _best_shift(index, kinds, worth, meter)
            if rest == 0:
                kinds[index], rest = Step.MEASURE, meter - 1
            else:
                rest -= 1
    return kinds


def _best_shift(index: int, kinds: Sequence[Step], worth: Sequence[float], meter: int) -> int:
    """How many beats later the bar begins that most bars around agree with."""

    def score(shift: int) -> float:
        found = []
        for bar in range(-BARS_AHEAD, BARS_AHEAD + 1):
            place = index + bar * meter + shift
            between = kinds[min(index, place) + 1 : max(index, place)]
            if 0 <= place < len(kinds) and Step.TIMING_POINT not in between:
                found.append(worth[place])
        return float(np.mean(found)) if found else 0.0

    return max(range(meter), key=score)
