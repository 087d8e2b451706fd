"""Repairs of timing lines and breaks."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from math import ceil, floor

from beatheritage.generate.repair.edits import findings, subject_of
from beatheritage.osu.beatmap import Beatmap, Break, GreenLine, RedLine, TimingPoint
from beatheritage.review.events import AFTER_OBJECT, BEFORE_OBJECT, SHORTEST_BREAK
from beatheritage.review.taiko import close_barlines
from beatheritage.review.timing import BEFORE_LINE, before_line, first_line, unused_lines

Lines = tuple[TimingPoint, ...]


def _with(beatmap: Beatmap, lines: Sequence[TimingPoint]) -> Beatmap:
    return replace(beatmap, timing_points=tuple(lines))


def green_of(line: RedLine) -> GreenLine:
    """What a red line sets besides the tempo, as a green one sets it."""
    return GreenLine(
        time=line.time,
        meter=line.meter,
        sample_set=line.sample_set,
        sample_index=line.sample_index,
        volume=line.volume,
        kiai=line.kiai,
    )


def one_of_a_kind(beatmap: Beatmap) -> Beatmap:
    """Of several lines of one type at one time the last stays: it is the one that holds."""
    kept: list[TimingPoint] = []
    for _, group in groupby(beatmap.timing_points, key=lambda line: line.time):
        last = {type(line): line for line in group}
        kept += [last[kind] for kind in (RedLine, GreenLine) if kind in last]
    return _with(beatmap, kept)


def red_first(beatmap: Beatmap) -> Beatmap:
    """The first red line moves back by whole bars, before every green one; its kiai, if it has
    one, is begun by a green line."""
    reds = beatmap.red_lines
    if not reds or not findings(beatmap, first_line):
        return beatmap
    first = reds[0]
    bar = first.beat_length * first.meter
    late = max(0.0, first.time - beatmap.timing_points[0].time)
    moved = replace(first, time=first.time - ceil(late / bar) * bar, kiai=False)
    lines: list[TimingPoint] = [moved]
    for line in beatmap.timing_points:
        if line is not first:
            lines.append(line)
        elif late or first.kiai:
            lines.append(green_of(first))
    return one_of_a_kind(_with(beatmap, lines))


def useful_lines(beatmap: Beatmap) -> Beatmap:
    """Red lines that change nothing go; where a green one would do, one stands instead."""
    named = {finding.time for finding in findings(beatmap, unused_lines)}
    pace = subject_of(beatmap).pace
    lines: list[TimingPoint] = []
    for line in beatmap.timing_points:
        if not isinstance(line, RedLine) or line.time not in named:
            lines.append(line)
            continue
        before = pace.at(line.time - 1)
        green = green_of(line)
        same = (before.volume, before.kiai, before.sample_set, before.sample_index)
        sets = (green.volume, green.kiai, green.sample_set, green.sample_index)
        if same != sets or before.velocity != 1:
            lines.append(green)
    return one_of_a_kind(_with(beatmap, lines))


def lines_in_time(beatmap: Beatmap) -> Beatmap:
    """A green line just after the object that it was to speed up or slow down stands on it."""
    named = sorted(one.objects[0] for one in findings(beatmap, before_line))
    times = [beatmap.objects[index].time for index in named]
    lines = [_moved(line, times) for line in beatmap.timing_points]
    return _with(beatmap, sorted(lines, key=lambda line: line.time))


def _moved(line: TimingPoint, times: list[float]) -> TimingPoint:
    near = [time for time in times if 0 < line.time - time <= BEFORE_LINE]
    return replace(line, time=near[0]) if near and isinstance(line, GreenLine) else line


def bar_lines_apart(beatmap: Beatmap) -> Beatmap:
    """A red line so soon after a bar line that both would be seen omits its own."""
    close = [one.time for one in findings(beatmap, close_barlines)]
    lines: list[TimingPoint] = []
    for line in beatmap.timing_points:
        if isinstance(line, RedLine):
            bar = line.beat_length
            soon = any(time is not None and 0 < line.time - time < bar for time in close)
            line = replace(line, omit_barline=line.omit_barline or soon)
        lines.append(line)
    return _with(beatmap, lines)


def possible_breaks(beatmap: Beatmap) -> Beatmap:
    """Breaks shrink to what osu!'s editor would make; those that cannot last go."""
    subject = subject_of(beatmap)
    starts, ends = subject.starts.tolist(), sorted(subject.ends.tolist())
    kept = tuple(_possible(beatmap.events.breaks, starts, ends))
    return replace(beatmap, events=replace(beatmap.events, breaks=kept))


def _possible(
    breaks: Sequence[Break], starts: Sequence[float], ends: Sequence[float]
) -> Iterator[Break]:
    for one in breaks:
        before, after = bisect_right(starts, one.start), bisect_left(starts, one.end)
        if before != after:
            continue
        start, end = one
        if before and ends:
            start = max(start, ceil(ends[before - 1] + AFTER_OBJECT))
        if after < len(starts):
            end = min(end, floor(starts[after] - BEFORE_OBJECT))
        if end - start >= SHORTEST_BREAK:
            yield Break(start, end)
