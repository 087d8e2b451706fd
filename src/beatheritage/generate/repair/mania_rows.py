"""Repairs of mania's rows: what comes too fast, goes on too long, or is too thick a chord."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from beatheritage.generate.repair.edits import edited, subject_of
from beatheritage.generate.repair.parting import parting, until_none, weakness
from beatheritage.osu.beatmap import Beatmap, HitObject, HitSound
from beatheritage.osu.level import Level
from beatheritage.review.levels import level_of_map
from beatheritage.review.mania_patterns import (
    CHORD_BEATS,
    EIGHTH,
    GRACE_NOTES,
    LONGEST_EIGHTHS_BEATS,
    PLAIN_STREAMS,
    QUARTER,
    STREAMS,
    TOO_FAST,
    Row,
    beat_at,
    rows,
    streams,
)
from beatheritage.review.subject import MapSubject

Gone = dict[int, HitObject | None]


def slower_rows(beatmap: Beatmap) -> Beatmap:
    """Rows that follow one another too fast for the level lose the weakest of them."""
    level = level_of_map(subject_of(beatmap))
    if level not in TOO_FAST:
        return beatmap
    return until_none(beatmap, partial(_parted, beats=TOO_FAST[level], graces=GRACE_NOTES[level]))


def short_streams(beatmap: Beatmap) -> Beatmap:
    """Streams too long for the level are parted."""
    level = level_of_map(subject_of(beatmap))
    if level in STREAMS:
        return until_none(
            beatmap, partial(_parted, beats=STREAMS[level][0], most=STREAMS[level][1])
        )
    if level == Level.INSANE:
        most = int(LONGEST_EIGHTHS_BEATS / EIGHTH) + 1
        return until_none(beatmap, partial(_parted, beats=EIGHTH, graces=most))
    return beatmap


def _parted(beatmap: Beatmap, beats: float, most: int = 0, graces: int = 0) -> Beatmap:
    """``most`` notes may be in a row where slow songs may have more, or ``graces`` in any song."""
    subject = subject_of(beatmap)
    weak = weakness(subject)
    gone: Gone = {}
    for run in streams(subject, beats):
        allowed = graces or beat_at(subject, run[0].objects[0]).notes(most)
        for at in parting([int(weak[row.objects[0]]) for row in run], allowed):
            gone |= dict.fromkeys(run[at].objects)
    return edited(beatmap, gone)


def plain_streams(beatmap: Beatmap) -> Beatmap:
    """Of a chord inside a stream one note is left; in a Hard, of one too soon after another."""
    subject = subject_of(beatmap)
    level = level_of_map(subject)
    if level in PLAIN_STREAMS:
        thick = [
            row
            for run in streams(subject, PLAIN_STREAMS[level])
            for row in run[1:-1]
            if len(row.objects) > 1
        ]
    elif level == Level.HARD:
        thick = [row for run in streams(subject, QUARTER) for row in _crowded(subject, run)]
    else:
        return beatmap
    return edited(beatmap, _single(subject, thick))


def _crowded(subject: MapSubject, run: list[Row]) -> Iterator[Row]:
    """The chords of a stream that come too soon after one that stays."""
    last = float("-inf")
    for row in run if len(run) > 2 else ():
        if len(row.objects) < 2:
            continue
        if row.time - last < beat_at(subject, row.objects[0]).time(CHORD_BEATS) - 2:
            yield row
        else:
            last = row.time


def _single(subject: MapSubject, thick: list[Row]) -> Gone:
    """Of each row one note stays: if there is one, in a column that was not pressed just before."""
    before = dict(zip((row.time for row in rows(subject)[1:]), rows(subject), strict=False))
    gone: Gone = {}
    for row in thick:
        busy = before[row.time].columns if row.time in before else frozenset()
        # Holds go on sounding; they stay before notes do.
        kept = min(
            row.objects,
            key=lambda index: (
                subject.columns[index] in busy,
                subject.ends[index] <= subject.starts[index],
                index,
            ),
        )
        gone |= dict.fromkeys(index for index in row.objects if index != kept)
    return gone


def single_sounds(beatmap: Beatmap) -> Beatmap:
    """An addition that several notes of a chord play is played by the first of them."""
    subject = subject_of(beatmap)
    changes: Gone = {}
    for row in rows(subject):
        heard: set[tuple] = set()
        for index in row.objects:
            item = subject.objects[index]
            sound = item.sound
            for part in (HitSound.WHISTLE, HitSound.FINISH, HitSound.CLAP):
                if sound & part and (part, item.sample) in heard:
                    sound &= ~part
                elif sound & part:
                    heard.add((part, item.sample))
            if sound != item.sound:
                changes[index] = replace(item, sound=sound)
    return edited(beatmap, changes)
