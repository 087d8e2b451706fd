"""Timing lines, and whether objects stand on what they say."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import numpy as np

from beatheritage.osu.beatmap import GreenLine, RedLine, Slider, TimingPoint
from beatheritage.osu.limits import VOLUME
from beatheritage.osu.mode import Mode
from beatheritage.osu.numbers import whole
from beatheritage.osu.pace import GRACE, State
from beatheritage.review.issue import Finding, Group, Severity, minor, problem, warning
from beatheritage.review.rule import ALL_MODES, CRITERIA, VERIFIER, MapRule, Rule, lazer
from beatheritage.review.snapping import MS_DIGITS, off_tick
from beatheritage.review.subject import MapSubject
from beatheritage.timing.grid import Timing

UNSNAPPED_PROBLEM = 2.0  # ms off the nearest tick
UNSNAPPED_MINOR = 1.0
BEFORE_LINE = 5.0  # ms
KIAI_WARNING = 10.0  # ms off the nearest tick
KIAI_MINOR = 1.0
RED_LINE_OFF = 2.0  # ms off a tick of the line before
SAME_TEMPO = 1e-3  # ms of beat length
ON_BAR = 1.0  # ms
NIGHTCORE_BARS = 4  # the mod plays a cymbal every so many bars after a red line
# Where these stand in a timing line.
_TIME, _VOLUME = 0, 5


def unsnaps(subject: MapSubject) -> Iterator[Finding]:
    """An object that starts, repeats or ends off every tick (1/5, 1/7, 1/9, 1/12, 1/16)."""
    owners = [index for index, times in enumerate(subject.moments) for _ in times]
    times = np.array([time for moments in subject.moments for time in moments], np.float64)
    apart = off_tick(times, subject.timing)
    worst = {}
    for owner, off in zip(owners, apart.tolist(), strict=True):
        if abs(off) >= abs(worst.get(owner, 0.0)):
            worst[owner] = off
    for owner, off in worst.items():
        side = "after" if off > 0 else "before"
        message = f"is {abs(off):.1f} ms {side} the nearest tick"
        if abs(off) >= UNSNAPPED_PROBLEM:
            yield problem(message, owner)
        elif abs(off) >= UNSNAPPED_MINOR:
            yield minor(message, owner)


def before_line(subject: MapSubject) -> Iterator[Finding]:
    """An object just before a line that was to change its speed."""
    for line in subject.beatmap.timing_points:
        first = int(np.searchsorted(subject.starts, line.time - BEFORE_LINE))
        last = int(np.searchsorted(subject.starts, line.time - GRACE))
        after = subject.pace.at(line.time).velocity
        for index in range(first, last):
            item = subject.objects[index]
            # Only what moves has a speed; in taiko everything does.
            if not isinstance(item, Slider) and subject.mode is not Mode.TAIKO:
                continue
            before = subject.pace.at(item.time).velocity
            if before != after:
                gap = line.time - item.time
                yield warning(
                    f"is {gap:.1f} ms before a line that changes its speed "
                    f"from {before:g} to {after:g}",
                    index,
                )


def concurrent_lines(subject: MapSubject) -> Iterator[Finding]:
    """Two timing lines of one type at one time, or a red and a green that disagree."""
    for time, group in groupby(subject.beatmap.timing_points, key=lambda line: line.time):
        lines = list(group)
        reds = [line for line in lines if isinstance(line, RedLine)]
        greens = [line for line in lines if isinstance(line, GreenLine)]
        for name, same in (("red", reds), ("green", greens)):
            if len(same) > 1:
                yield problem(f"{len(same)} {name} lines at one time", time=time)
        if reds and greens and _effects(reds[-1]) != _effects(greens[-1]):
            yield minor("a red and a green line at one time differ", time=time)


def _effects(line: TimingPoint | State) -> tuple[int, int, int, bool]:
    return line.sample_set, line.sample_index, line.volume, line.kiai


def first_line(subject: MapSubject) -> Iterator[Finding]:
    """No red line, one that is not the first line, or a first one that begins a kiai."""
    lines = subject.beatmap.timing_points
    reds = subject.beatmap.red_lines
    if not reds:
        yield problem("there is no red line")
        return
    if lines[0].time < reds[0].time:
        yield problem("a green line stands before the first red one", time=lines[0].time)
    if reds[0].kiai:
        yield problem("the first red line begins a kiai", time=reds[0].time)


def invalid_volume(subject: MapSubject) -> Iterator[Finding]:
    """A timing line whose volume is no whole number of 0 to 100."""
    for line in subject.raw.get("TimingPoints", ()):
        fields = line.split(",")
        if len(fields) <= _VOLUME:
            continue
        try:
            volume = whole(fields[_VOLUME])
        except ValueError:
            volume = -1
        if volume not in VOLUME:
            yield problem(f"the line at {fields[_TIME]} ms has a volume of {fields[_VOLUME]!r}")


def kiai_unsnap(subject: MapSubject) -> Iterator[Finding]:
    """A kiai that begins or ends off every tick."""
    changes = kiai_changes(subject.beatmap.timing_points)
    for (time, on), off in zip(
        changes, off_tick(np.array([time for time, _ in changes]), subject.timing), strict=True
    ):
        message = f"kiai {'begins' if on else 'ends'} {abs(off):.1f} ms off the nearest tick"
        if abs(off) >= KIAI_WARNING:
            yield warning(message, time=time)
        elif abs(off) >= KIAI_MINOR:
            yield minor(message, time=time)


def kiai_changes(lines: Sequence[TimingPoint]) -> list[tuple[float, bool]]:
    """When kiai begins and ends, in turn; of lines at one time the last holds."""
    states = {line.time: line.kiai for line in lines}
    before = [False, *states.values()]
    return [
        (time, on) for (time, on), was in zip(states.items(), before, strict=False) if on != was
    ]


def red_line_snapping(subject: MapSubject) -> Iterator[Finding]:
    """A red line off every tick of the red line before it."""
    for before, line in pairwise(subject.beatmap.red_lines):
        apart = float(off_tick(np.array([line.time]), Timing(lines=(before,)))[0])
        if abs(apart) >= RED_LINE_OFF:
            yield warning(
                f"stands {abs(apart):.1f} ms off a tick of the one before", time=line.time
            )


def unused_lines(subject: MapSubject) -> Iterator[Finding]:
    """A timing line that changes nothing, or a red one where a green would do."""
    lines = subject.beatmap.timing_points
    red, state = None, State()
    for index, line in enumerate(lines):
        covered = index + 1 < len(lines) and lines[index + 1].time == line.time
        if isinstance(line, GreenLine):
            same = _effects(line) == _effects(state) and line.velocity == state.velocity
            if same and not (index and lines[index - 1].time == line.time):
                yield minor("a green line that changes nothing", time=line.time)
        elif red is not None and (bars := _bars_on(red, line)) is not None:
            changes = _effects(line) != _effects(state) or state.velocity != 1
            nothing = covered or not changes
            message = "a red line " + (
                "that changes nothing" if nothing else "for a green one's work"
            )
            # Between, it moves the cymbals of the nightcore mod, which may be meant.
            finding = warning if bars % NIGHTCORE_BARS else problem
            yield finding(message, time=line.time)
        red = line if isinstance(line, RedLine) else red
        state = subject.pace.at(line.time)


def _bars_on(before: RedLine, line: RedLine) -> int | None:
    """How many bars after another a line stands that carries on its tempo, meter and bars."""
    if line.omit_barline or line.meter != before.meter:
        return None
    if abs(line.beat_length - before.beat_length) > SAME_TEMPO:
        return None
    bar = before.beat_length * before.meter
    bars = (line.time - before.time) / bar
    on_bar = round(abs(bars - round(bars)) * bar, MS_DIGITS) < ON_BAR
    return round(bars) if on_bar else None


RULES: tuple[Rule, ...] = (
    MapRule(
        name="Unsnaps",
        group=Group.TIMING,
        judge=unsnaps,
        severities=(Severity.PROBLEM, Severity.MINOR),
        thresholds=("UNSNAPPED_PROBLEM", "UNSNAPPED_MINOR"),
        sources=(VERIFIER, lazer("UnsnappedObjects"), CRITERIA),
    ),
    MapRule(
        name="BeforeLine",
        group=Group.TIMING,
        judge=before_line,
        modes=ALL_MODES - {Mode.MANIA},
        severities=(Severity.WARNING,),
        thresholds=("BEFORE_LINE",),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="ConcurrentLines",
        group=Group.TIMING,
        judge=concurrent_lines,
        severities=(Severity.PROBLEM, Severity.MINOR),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="FirstLine",
        group=Group.TIMING,
        judge=first_line,
        severities=(Severity.PROBLEM,),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="InvalidVolume",
        group=Group.TIMING,
        judge=invalid_volume,
        severities=(Severity.PROBLEM,),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="KiaiUnsnap",
        group=Group.TIMING,
        judge=kiai_unsnap,
        severities=(Severity.WARNING, Severity.MINOR),
        thresholds=("KIAI_WARNING", "KIAI_MINOR"),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="RedLineSnapping",
        group=Group.TIMING,
        judge=red_line_snapping,
        severities=(Severity.WARNING,),
        thresholds=("RED_LINE_OFF",),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="UnusedLines",
        group=Group.TIMING,
        judge=unused_lines,
        severities=(Severity.PROBLEM, Severity.WARNING, Severity.MINOR),
        thresholds=("SAME_TEMPO", "ON_BAR", "NIGHTCORE_BARS"),
        sources=(VERIFIER, CRITERIA),
    ),
)
