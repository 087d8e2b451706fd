"""Repairs of when objects are: off every tick, at one time, without room for a spinner."""

from dataclasses import replace

import numpy as np

from beatheritage.generate.polish import SpinnerRoom, ended_by, fitted, room_of
from beatheritage.generate.repair.edits import Judge, edited, findings, named, subject_of
from beatheritage.generate.repair.parting import until_none
from beatheritage.osu.beatmap import Beatmap, Circle, HitObject, Hold, Slider, Spinner
from beatheritage.osu.mode import Mode
from beatheritage.review.catch import spinner_gap
from beatheritage.review.compose import (
    ALMOST_CONCURRENT,
    ALMOST_CONCURRENT_MANIA,
    concurrent,
)
from beatheritage.review.levels import level_of_map
from beatheritage.review.snapping import off_tick
from beatheritage.review.std import (
    SPINNER_BEATS,
    SPINNER_LENGTH,
    SPINNER_MARGIN,
    SPINNER_RECOVERY,
    ninja_spinner,
    spinner_recovery,
)
from beatheritage.review.subject import MapSubject
from beatheritage.review.tempo import rule_beat
from beatheritage.review.timing import unsnaps


def on_ticks(beatmap: Beatmap) -> Beatmap:
    """Objects off every tick start, repeat and end on the nearest."""
    subject = subject_of(beatmap)
    changes = {index: _snapped(subject, index) for index in named(beatmap, unsnaps)}
    mended = edited(beatmap, changes)
    objects = sorted(mended.objects, key=lambda item: item.time)
    return replace(mended, objects=tuple(objects))


def _snapped(subject: MapSubject, index: int) -> HitObject:
    item = subject.objects[index]
    time, end = _nearest(subject, item.time), _nearest(subject, float(subject.ends[index]))
    match item:
        case Slider():
            lasts = float(subject.ends[index]) - item.time
            if lasts <= 0 or end <= time:
                return replace(item, time=round(time))
            # Its repeats must be on ticks, too: the first slide says where they are.
            slide = _nearest(subject, time + (end - time) / item.slides) - time
            kept = slide if slide > 0 else (end - time) / item.slides
            return replace(
                item, time=float(round(time)), length=item.length * kept * item.slides / lasts
            )
        case Spinner() | Hold():
            return replace(item, time=float(round(time)), end=float(round(max(end, time))))
        case Circle():
            return replace(item, time=float(round(time)))


def _nearest(subject: MapSubject, time: float) -> float:
    """The nearest tick, unrounded."""
    return time - float(off_tick(np.array([time]), subject.timing)[0])


def apart(beatmap: Beatmap) -> Beatmap:
    """What lasts into the next object is shortened; what starts with another, or in what cannot be
    made shorter, is left out."""
    return until_none(beatmap, _apart)


def _apart(beatmap: Beatmap) -> Beatmap:
    subject = subject_of(beatmap)
    closest = ALMOST_CONCURRENT_MANIA if beatmap.mode is Mode.MANIA else ALMOST_CONCURRENT
    changes: dict[int, HitObject | None] = {}
    for finding in findings(beatmap, concurrent):
        before, index = finding.objects
        if changes.keys() & {before, index}:
            continue
        item, latest = subject.objects[before], subject.objects[index].time - closest
        shorter = None
        if not isinstance(item, Circle) and latest >= item.time:
            shorter = ended_by(item, latest, subject.timing, subject.pace)
        if shorter is None:
            changes[index] = None
        else:
            changes[before] = shorter
    return edited(beatmap, changes)


def roomy_spinners(beatmap: Beatmap) -> Beatmap:
    """Spinners without room get it, or are left out where there is none."""
    rules: tuple[Judge, ...] = (ninja_spinner, spinner_recovery)
    if beatmap.mode is Mode.CATCH:
        rules = (spinner_gap,)
    wrong = {index for rule in rules for one in findings(beatmap, rule) for index in one.objects}
    subject = subject_of(beatmap)
    changes = {
        index: _with_room(subject, index)
        for index in sorted(wrong)
        if isinstance(subject.objects[index], Spinner)
    }
    return edited(beatmap, changes)


def _with_room(subject: MapSubject, index: int) -> HitObject | None:
    """A spinner with the room that is advised, else that it needs, else none."""
    item, level = subject.objects[index], level_of_map(subject)
    assert isinstance(item, Spinner)
    needed = room_of(subject.mode, level)
    for room in (_advised(subject, index, needed), needed):
        earliest = float(subject.ends[index - 1]) + room.before if index else item.time
        last = index + 1 == len(subject.objects)
        latest = item.end if last else subject.objects[index + 1].time - room.after
        spinner = fitted(item, earliest, latest, subject.timing)
        if spinner.end - spinner.time >= room.length:
            return spinner
    return None


def _advised(subject: MapSubject, index: int, needed: SpinnerRoom) -> SpinnerRoom:
    """What the criteria advise to leave a spinner of std."""
    level = level_of_map(subject)
    if subject.mode is not Mode.STD or level not in SPINNER_BEATS:
        return needed
    beat = rule_beat(float(subject.beat_lengths[index]))
    length, rest = (beat.time(beats) for beats in SPINNER_BEATS[level])
    return SpinnerRoom(
        before=needed.before,
        length=max(length, SPINNER_MARGIN * SPINNER_LENGTH[level]),
        after=max(rest, SPINNER_MARGIN * SPINNER_RECOVERY[level]),
    )
