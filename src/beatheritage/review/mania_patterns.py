"""Rules about mania's patterns: chords, streams, jacks, anchors, trills and long notes.

A row is all that starts at one time.
"""

from collections.abc import Iterator
from functools import lru_cache
from heapq import heappop, heappush
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from beatheritage.osu.beatmap import Hold
from beatheritage.osu.level import Level
from beatheritage.review.issue import Finding, Group, Severity, minor, problem, warning
from beatheritage.review.levels import level_of_map, share_faster
from beatheritage.review.rule import CRITERIA, MANIA, VERIFIER, MapRule, Rule
from beatheritage.review.subject import MapSubject
from beatheritage.review.tempo import RuleBeat, rule_beat

# Holds, ms, and in beats by level.
SHORTEST_HOLD, SHORT_HOLD = 20.0, 30.0
HOLD_BEATS = {Level.EASY: 1.0, Level.NORMAL: 1 / 2, Level.HARD: 1 / 4}
HOLD_BEATS_ABOVE = 1 / 12
RELEASE_BEATS = {Level.EASY: 1.0, Level.NORMAL: 1 / 2}
UNDISTURBED_BEATS = {Level.EASY: 1.0, Level.NORMAL: 1 / 2}

# Notes at once, held ones among them, with up to four keys and with more.
FEW_KEYS = 4
CHORDS = {Level.EASY: (2, 2), Level.NORMAL: (2, 3), Level.HARD: (3, 4)}
MOST_PRESSED = 6  # to Insane

# Snaps that must not follow one another, in beats, and how many notes are a grace.
TOO_FAST = {Level.EASY: 1 / 4, Level.NORMAL: 1 / 6, Level.HARD: 1 / 8}
GRACE_NOTES = {Level.EASY: 2, Level.NORMAL: 2, Level.HARD: 3}
# The longest streams of a snap.
STREAMS = {Level.EASY: (1 / 2, 5), Level.NORMAL: (1 / 4, 5)}
EIGHTH, LONGEST_EIGHTHS_BEATS = 1 / 8, 4.0  # Insane
# Chords only at the ends of such streams; in a Hard's so many beats apart.
PLAIN_STREAMS = {Level.EASY: 1 / 2, Level.NORMAL: 1 / 4}
QUARTER, CHORD_BEATS = 1 / 4, 1.0

JACK_BEATS = 1 / 4  # Normal
ANCHOR_BEATS = 1 / 2
ANCHORS = {Level.NORMAL: 3, Level.HARD: 5}
LONGEST_TRILL = 9  # notes, Hard

MAIN_BEAT = {Level.EASY: 1.0, Level.NORMAL: 0.5}
MOST_FASTER = 0.5


class Row(NamedTuple):
    """What is pressed at one time: indices of objects and their columns."""

    time: float
    objects: tuple[int, ...]
    columns: frozenset[int]


@lru_cache(maxsize=32)
def rows(subject: MapSubject) -> tuple[Row, ...]:
    """Everything by the time that it is pressed at."""
    found = groupby(range(len(subject.objects)), key=lambda index: subject.objects[index].time)
    made = []
    for time, members in found:
        objects = tuple(members)
        made.append(Row(time, objects, frozenset(subject.columns[index] for index in objects)))
    return tuple(made)


def beat_at(subject: MapSubject, index: int) -> RuleBeat:
    return rule_beat(float(subject.beat_lengths[index]))


def streams(subject: MapSubject, beats: float) -> Iterator[list[Row]]:
    """Rows that follow one another by so many beats or faster, two or more."""
    run: list[Row] = []
    for row in rows(subject):
        near = run and beat_at(subject, row.objects[0]).at_most(row.time - run[-1].time, beats)
        if near:
            run.append(row)
            continue
        if len(run) > 1:
            yield run
        run = [row]
    if len(run) > 1:
        yield run


def hold_length(subject: MapSubject) -> Iterator[Finding]:
    """A hold under 20 ms (Problem) or 30 ms, or under 1/1 (Easy), 1/2 (Normal), 1/4 (Hard), 1/12
    (others) of a beat."""
    beats = HOLD_BEATS.get(level_of_map(subject), HOLD_BEATS_ABOVE)
    for index, item in enumerate(subject.objects):
        if not isinstance(item, Hold):
            continue
        length, beat = item.end - item.time, beat_at(subject, index)
        if length < SHORTEST_HOLD:
            yield problem(f"is held for {length:.0f} ms", index)
        elif length < SHORT_HOLD:
            yield warning(f"is held for {length:.0f} ms", index)
        elif length < beat.time(beats) - 2:
            yield warning(f"is held for {beat.gap(length):.2f} beats", index)


def chord_size(subject: MapSubject) -> Iterator[Finding]:
    """More notes at once than the level's chords have, held ones among them: 2 in an Easy, 2 (over
    4 keys 3) in a Normal, 3 (4) in a Hard. To Insane, more than 6 presses are a Problem."""
    level, wide = level_of_map(subject), subject.keys > FEW_KEYS
    sizes = CHORDS.get(level)
    for row, held in zip(rows(subject), _held(subject), strict=True):
        pressed = len(row.objects)
        if level <= Level.INSANE and pressed > MOST_PRESSED:
            yield problem(f"{pressed} notes pressed at once", *row.objects)
        elif sizes is not None and pressed + held > sizes[wide]:
            text = f"{pressed} notes at once" + (f" while {held} are held" if held else "")
            yield warning(text, *row.objects)


def _held(subject: MapSubject) -> Iterator[int]:
    """For each row, how many holds that began before it last beyond it."""
    open_ends: list[float] = []
    for row in rows(subject):
        while open_ends and open_ends[0] <= row.time + 1:
            heappop(open_ends)
        yield len(open_ends)
        for index in row.objects:
            heappush(open_ends, float(subject.ends[index]))


def fast_rows(subject: MapSubject) -> Iterator[Finding]:
    """Notes in a row at 1/4 (Easy), 1/6 (Normal) or 1/8 (Hard) or faster; three are a Hard's
    grace."""
    level = level_of_map(subject)
    if level not in TOO_FAST:
        return
    for run in streams(subject, TOO_FAST[level]):
        if len(run) > GRACE_NOTES[level]:
            text = f"{len(run)} notes at 1/{1 / TOO_FAST[level]:.0f} or faster"
            yield warning(text, *run[0].objects)


def long_streams(subject: MapSubject) -> Iterator[Finding]:
    """More than five notes in a row at 1/2 (Easy) or 1/4 (Normal), four beats of 1/8 (Insane)."""
    level = level_of_map(subject)
    if level in STREAMS:
        beats, most = STREAMS[level]
        for run in streams(subject, beats):
            if len(run) > beat_at(subject, run[0].objects[0]).notes(most):
                text = f"{len(run)} notes of 1/{1 / beats:.0f} in a row"
                yield warning(text, *run[0].objects)
    elif level == Level.INSANE:
        for run in streams(subject, EIGHTH):
            beat = beat_at(subject, run[0].objects[0])
            if beat.gap(run[-1].time - run[0].time) > LONGEST_EIGHTHS_BEATS:
                yield warning(f"{len(run)} notes of 1/8 in a row", *run[0].objects)


def stream_chords(subject: MapSubject) -> Iterator[Finding]:
    """Chords inside a stream of 1/2 (Easy) or 1/4 (Normal); in a Hard's 1/4 those less than a
    beat apart."""
    level = level_of_map(subject)
    if level in PLAIN_STREAMS:
        for run in streams(subject, PLAIN_STREAMS[level]):
            inner = [row for row in run[1:-1] if len(row.objects) > 1]
            if inner:
                yield warning(f"{len(inner)} chords inside a stream", *inner[0].objects)
    elif level == Level.HARD:
        for run in streams(subject, QUARTER):
            chords = [row for row in run if len(row.objects) > 1] if len(run) > 2 else []
            close = [
                row
                for before, row in pairwise(chords)
                if row.time - before.time < beat_at(subject, row.objects[0]).time(CHORD_BEATS) - 2
            ]
            if close:
                text = f"{len(close) + 1} chords less than a beat apart in a stream"
                yield warning(text, *close[0].objects)


def minijacks(subject: MapSubject) -> Iterator[Finding]:
    """Normal: a quarter or less from one note to the next in a column; before a hold, a shield."""
    if level_of_map(subject) != Level.NORMAL:
        return
    for column in _columns(subject):
        for before, index in pairwise(column):
            gap = float(subject.starts[index] - subject.ends[before])
            if beat_at(subject, index).at_most(gap, JACK_BEATS):
                what = "a shield" if isinstance(subject.objects[index], Hold) else "a minijack"
                yield warning(what, before, index)


def _columns(subject: MapSubject) -> list[list[int]]:
    """The objects of each column, in order."""
    found: list[list[int]] = [[] for _ in range(subject.keys)]
    for index, column in enumerate(subject.columns):
        found[column].append(index)
    return found


def anchors(subject: MapSubject) -> Iterator[Finding]:
    """Three (Normal) or five (Hard) notes of a column half a beat apart or less."""
    most = ANCHORS.get(level_of_map(subject))
    if most is None:
        return
    for column in _columns(subject):
        run: list[int] = []
        for index in (*column, None):
            if index is not None and run:
                gap = float(subject.starts[index] - subject.starts[run[-1]])
                if beat_at(subject, index).at_most(gap, ANCHOR_BEATS):
                    run.append(index)
                    continue
            if len(run) >= most:
                yield minor(f"an anchor of {len(run)} notes", run[0], run[-1])
            run = [] if index is None else [index]


def trills(subject: MapSubject) -> Iterator[Finding]:
    """Hard: more than nine notes to and fro between two columns, a quarter apart or less."""
    if level_of_map(subject) != Level.HARD:
        return
    for run in streams(subject, QUARTER):
        for trill in _alternating(run):
            if len(trill) > LONGEST_TRILL:
                yield warning(f"a trill of {len(trill)} notes", *trill[0].objects)


def _alternating(run: list[Row]) -> Iterator[list[Row]]:
    """Stretches of single notes in which each is in the column of the last but one."""
    trill: list[Row] = []
    for row in run:
        single = len(row.objects) == 1
        fresh = not trill or row.columns != trill[-1].columns
        if single and fresh and (len(trill) < 2 or row.columns == trill[-2].columns):
            trill.append(row)
            continue
        yield trill
        trill = [*trill[-1:], row] if single and fresh else [row] if single else []
    yield trill


def releases(subject: MapSubject) -> Iterator[Finding]:
    """Holds released less than a beat (Easy) or half a beat (Normal) after one another."""
    least = RELEASE_BEATS.get(level_of_map(subject))
    if least is None:
        return
    held = [index for index, item in enumerate(subject.objects) if isinstance(item, Hold)]
    held.sort(key=lambda index: float(subject.ends[index]))
    for before, index in pairwise(held):
        gap = float(subject.ends[index] - subject.ends[before])
        if 1 < gap < beat_at(subject, index).time(least) - 2:
            yield warning(f"released {gap:.0f} ms after another", index, before)


def disturbed_holds(subject: MapSubject) -> Iterator[Finding]:
    """A note inside a hold of up to 1/1 (Easy) or 1/2 (Normal)."""
    longest = UNDISTURBED_BEATS.get(level_of_map(subject))
    if longest is None:
        return
    for index, item in enumerate(subject.objects):
        short = isinstance(item, Hold) and beat_at(subject, index).at_most(
            item.end - item.time, longest
        )
        if not short:
            continue
        other = int(np.searchsorted(subject.starts, item.time + 1, "right"))
        if other < len(subject.objects) and subject.starts[other] < subject.ends[index] - 1:
            yield warning("lies inside a short hold", other, index)


def density(subject: MapSubject) -> Iterator[Finding]:
    """More than half of the notes closer than 1/1 (Easy) or 1/2 (Normal)."""
    main = MAIN_BEAT.get(level_of_map(subject))
    share = 0.0 if main is None else share_faster(subject, main)
    if main is not None and share > MOST_FASTER:
        yield minor(f"{share:.0%} of the notes are closer than {main:g} beats")


_MINOR, _WARNING = (Severity.MINOR,), (Severity.WARNING,)
_GRAVE = (Severity.WARNING, Severity.PROBLEM)


RULES: tuple[Rule, ...] = (
    MapRule(
        name="SliderLength",
        group=Group.COMPOSE,
        judge=hold_length,
        modes=MANIA,
        severities=_GRAVE,
        thresholds=("SHORTEST_HOLD", "SHORT_HOLD", "HOLD_BEATS", "HOLD_BEATS_ABOVE"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="MaxChordSize",
        group=Group.SPREAD,
        judge=chord_size,
        modes=MANIA,
        severities=_GRAVE,
        thresholds=("CHORDS", "MOST_PRESSED"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="ConsecutiveSnaps",
        group=Group.SPREAD,
        judge=fast_rows,
        modes=MANIA,
        severities=_WARNING,
        thresholds=("TOO_FAST", "GRACE_NOTES"),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="LongManiaStreams",
        group=Group.SPREAD,
        judge=long_streams,
        modes=MANIA,
        severities=_WARNING,
        thresholds=("STREAMS", "LONGEST_EIGHTHS_BEATS"),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="StreamChords",
        group=Group.SPREAD,
        judge=stream_chords,
        modes=MANIA,
        severities=_WARNING,
        thresholds=("PLAIN_STREAMS", "CHORD_BEATS"),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="Minijacks",
        group=Group.SPREAD,
        judge=minijacks,
        modes=MANIA,
        severities=_WARNING,
        thresholds=("JACK_BEATS",),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="Anchors",
        group=Group.SPREAD,
        judge=anchors,
        modes=MANIA,
        severities=_MINOR,
        thresholds=("ANCHOR_BEATS", "ANCHORS"),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="Trills",
        group=Group.SPREAD,
        judge=trills,
        modes=MANIA,
        severities=_WARNING,
        thresholds=("LONGEST_TRILL",),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="LongNoteReleases",
        group=Group.SPREAD,
        judge=releases,
        modes=MANIA,
        severities=_WARNING,
        thresholds=("RELEASE_BEATS",),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="NotesInLongNotes",
        group=Group.SPREAD,
        judge=disturbed_holds,
        modes=MANIA,
        severities=_WARNING,
        thresholds=("UNDISTURBED_BEATS",),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="DensityMania",
        group=Group.SPREAD,
        judge=density,
        modes=MANIA,
        severities=_MINOR,
        thresholds=("MAIN_BEAT", "MOST_FASTER"),
        sources=(CRITERIA,),
    ),
)
