"""Repairs of taiko: colours and big notes first, and notes left out where they come too thick."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from beatheritage.generate.repair.edits import edited, findings, grave, named, subject_of
from beatheritage.generate.repair.parting import parting, until_none, weakness
from beatheritage.osu.beatmap import Beatmap, HitObject, HitSound
from beatheritage.osu.level import Level
from beatheritage.review.levels import level_of_map
from beatheritage.review.subject import MapSubject
from beatheritage.review.taiko_patterns import (
    ONE_COLOUR,
    PATTERNS,
    RESTS,
    RIM,
    Rest,
    colour_changes,
    is_kat,
    pattern_length,
    patterns,
    rest_moments,
    smallest_snap,
    unrankable_finishers,
)
from beatheritage.review.tempo import rule_beat


def small_notes(beatmap: Beatmap) -> Beatmap:
    """Big notes in patterns too fast for them become small."""
    changes = {
        index: replace(item, sound=item.sound & ~HitSound.FINISH)
        for index in named(beatmap, unrankable_finishers)
        for item in [beatmap.objects[index]]
    }
    return edited(beatmap, changes)


def simple_colours(beatmap: Beatmap) -> Beatmap:
    """As few notes as can be change colour in patterns whose colours change too often."""
    level = level_of_map(subject_of(beatmap))
    changes: dict[int, HitObject] = {}
    for finding in findings(beatmap, colour_changes):
        run = range(finding.objects[0], finding.objects[-1] + 1)
        kats = [is_kat(beatmap.objects[index]) for index in run]
        for index, kat, was in zip(run, _calm(kats, level), kats, strict=True):
            if kat != was:
                changes[index] = _coloured(beatmap.objects[index], kat)
    return edited(beatmap, changes)


def _calm(kats: Sequence[bool], level: Level) -> list[bool]:
    """The nearest colours that the level's patterns may have; ``kats`` are those there are."""
    count = len(kats)
    found = [[kat] * count for kat in (kats[0], not kats[0])]
    if level not in ONE_COLOUR:
        edges = [[not kat, *[kat] * (count - 1)] for kat in (False, True)]
        found += [*edges, *(edge[::-1] for edge in edges)]
    return min(found, key=lambda one: sum(a != b for a, b in zip(one, kats, strict=True)))


def _coloured(item: HitObject, kat: bool) -> HitObject:
    return replace(item, sound=item.sound | HitSound.CLAP if kat else item.sound & ~RIM)


def spread_notes(beatmap: Beatmap) -> Beatmap:
    """Of notes too close for the level the one on the weaker beat is left out."""
    return until_none(beatmap, _without_close)


def _without_close(beatmap: Beatmap) -> Beatmap:
    weak = weakness(subject_of(beatmap))
    gone: dict[int, HitObject | None] = {}
    for finding in findings(beatmap, smallest_snap):
        first, second = finding.objects
        if first not in gone:
            gone[first if weak[first] > weak[second] else second] = None
    return edited(beatmap, gone)


def short_patterns(beatmap: Beatmap) -> Beatmap:
    """Patterns too long for the level are parted, at their weakest beats."""
    return until_none(beatmap, _parted)


def _parted(beatmap: Beatmap) -> Beatmap:
    if not findings(beatmap, pattern_length):
        return beatmap
    subject = subject_of(beatmap)
    weak = weakness(subject)
    for beats, most in PATTERNS[level_of_map(subject)]:
        gone: dict[int, HitObject | None] = {}
        for run in patterns(subject, beats):
            allowed = rule_beat(float(subject.beat_lengths[run[0]])).notes(most)
            gone |= dict.fromkeys(run[at] for at in parting(weak[run].tolist(), allowed))
        if gone:
            return edited(beatmap, gone)
    return beatmap


def rests(beatmap: Beatmap) -> Beatmap:
    """Where the level is due a rest, the shortest there can be: the fewest notes are left out."""
    return until_none(beatmap, _rested)


def _rested(beatmap: Beatmap) -> Beatmap:
    subject = subject_of(beatmap)
    rest = RESTS.get(level_of_map(subject))
    gone: dict[int, HitObject | None] = {}
    for finding in grave(subject, rest_moments):
        assert rest is not None, "levels without rests have no findings"
        gone |= dict.fromkeys(_rest_within(subject, rest, *finding.objects))
    return edited(beatmap, gone)


def _rest_within(subject: MapSubject, rest: Rest, first: int, last: int) -> range:
    """The objects to leave out of a stretch, such that a rest comes before it is due."""
    beat = rule_beat(float(subject.beat_lengths[first]))
    due = subject.starts[first] + beat.length * rest.warning * (1 + beat.ease)
    needed = beat.time(rest.beats)
    best = range(0)
    for index in range(first, last):
        if subject.ends[index] > due:
            break
        after = int(np.searchsorted(subject.starts, subject.ends[index] + needed - 1))
        # The later of two alike: the next is due the later.
        if not best or after - index - 1 <= len(best):
            best = range(index + 1, min(after, last + 1))
    return best
