"""Repairs of catch: fruits move nearer to where the catcher comes from."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from beatheritage.generate.place_bodies import Wanted
from beatheritage.generate.place_catch import DASH_SPEED, WALK_SPEED, slanted
from beatheritage.generate.repair.edits import Judge, edited, findings, grave, subject_of
from beatheritage.generate.repair.parting import until_none
from beatheritage.generate.repair.places import shifted
from beatheritage.osu.beatmap import Beatmap, CurveKind, HitObject, Slider
from beatheritage.review.catch import LONGEST_COMBO, max_combo
from beatheritage.review.catch_movement import (
    BORDER_LEFT,
    BORDER_RIGHT,
    EDGE_PX,
    consecutive_dash,
    consecutive_hyperdash,
    dash_snap,
    edge_dash,
    fruits_outside,
    has_dash,
    has_hyperdash,
    higher_antiflow,
    hyperdash_slider,
    hyperdash_snap,
    mixed_snaps,
)
from beatheritage.review.catcher import Move, Step, ways
from beatheritage.review.levels import level_of_map
from beatheritage.review.subject import MapSubject

SPARE_PX = 2.0  # whole pixels, and what lies at the edge of a rule
LEAST_PULL_PX = 4.0
# Of the speed that a body inside a slider may ask for.
SAFE_SHARE = 0.9

# What each rule's step is to become.
CALMER: Mapping[Judge, Move] = {
    has_dash: Move.WALK,
    dash_snap: Move.WALK,
    consecutive_dash: Move.WALK,
    has_hyperdash: Move.DASH,
    hyperdash_snap: Move.DASH,
    consecutive_hyperdash: Move.DASH,
    mixed_snaps: Move.DASH,
    higher_antiflow: Move.DASH,
    hyperdash_slider: Move.DASH,
    edge_dash: Move.DASH,
}


def within_reach(beatmap: Beatmap) -> Beatmap:
    """Steps that the level may not have become dashes or walks: what they lead to comes nearer."""
    return until_none(beatmap, _pulled)


def _pulled(beatmap: Beatmap) -> Beatmap:
    subject = subject_of(beatmap)
    starting = {(step.start.time, step.start.index): step for step in ways(subject)}
    ending = {(step.end.time, step.end.index): step for step in ways(subject)}
    changes: dict[int, HitObject | None] = {}
    for judge, wanted in CALMER.items():
        for finding in grave(subject, judge):
            assert finding.time is not None, "the rules of movement name a moment"
            # That rule is about the step after the hyperdash that is to go.
            steps = ending if judge is higher_antiflow else starting
            step = steps.get((finding.time, finding.objects[0]))
            # One move an object and pass; the next pass sees what came of it.
            if step is not None and not changes.keys() & {step.start.index, step.end.index}:
                changes[step.end.index] = _nearer(beatmap, step, wanted)
    return edited(beatmap, changes)


def _nearer(beatmap: Beatmap, step: Step, wanted: Move) -> HitObject:
    item = beatmap.objects[step.end.index]
    if step.within_slider and isinstance(item, Slider):
        return _steeper(beatmap, item, wanted)
    too_far = SPARE_PX - step.to_dash
    if wanted is Move.DASH:
        too_far = max(SPARE_PX + EDGE_PX - step.to_hyper, LEAST_PULL_PX)
    pull = -step.direction * min(np.ceil(too_far), abs(step.end.x - step.start.x))
    return shifted(item, float(pull), 0.0)


def _steeper(beatmap: Beatmap, slider: Slider, wanted: Move) -> Slider:
    """The slider with a body that goes up and down, and sideways no faster than one may."""
    speed = WALK_SPEED if wanted is Move.WALK else DASH_SPEED
    subject = MapSubject(beatmap=replace(beatmap, objects=(slider,)))
    slide = (float(subject.ends[0]) - slider.time) / slider.slides
    at = Wanted(
        head=np.array([slider.x, slider.y]),
        facing=np.array([1.0, 0.0]),
        length=slider.length,
        slides=slider.slides,
    )
    share = min(SAFE_SHARE, SAFE_SHARE * speed * slide / max(slider.length, 1.0))
    return replace(slider, kind=CurveKind.LINEAR, points=slanted(at, share))


def on_field(beatmap: Beatmap) -> Beatmap:
    """Fruits outside the playfield come back to where they can be caught."""
    changes = {}
    for finding in findings(beatmap, fruits_outside):
        index = finding.objects[0]
        item = beatmap.objects[index]
        x = min(max(item.x, BORDER_LEFT), BORDER_RIGHT)
        changes[index] = shifted(item, x - item.x, 0.0)
    return edited(beatmap, changes)


def short_combos(beatmap: Beatmap) -> Beatmap:
    """Combos with too many fruits for the level begin anew in their middle."""
    most = LONGEST_COMBO.get(level_of_map(subject_of(beatmap)))
    return beatmap if most is None else until_none(beatmap, _split)


def _split(beatmap: Beatmap) -> Beatmap:
    changes = {}
    for finding in findings(beatmap, max_combo):
        first, last = finding.objects
        middle = (first + last + 1) // 2
        if first < middle <= last:
            changes[middle] = replace(beatmap.objects[middle], new_combo=True)
    return edited(beatmap, changes)
