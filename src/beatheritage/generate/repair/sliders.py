"""Repairs of std's sliders: bodies turn, or get another shape of the same length."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from beatheritage.generate.field import FIELD
from beatheritage.generate.polish import as_circle
from beatheritage.generate.repair.edits import Judge, edited, named, subject_of
from beatheritage.generate.repair.places import SPOKES
from beatheritage.osu.beatmap import Beatmap, CurveKind, HitObject, Point, Slider
from beatheritage.osu.curve import slider_path
from beatheritage.osu.level import LEVEL_NAMES
from beatheritage.osu.mode import Mode
from beatheritage.review.compose import invisible_slider, zero_length_objects
from beatheritage.review.levels import level_of_map
from beatheritage.review.std_sliders import (
    MOST_SEEN,
    MULTIPLE_REVERSES,
    ambiguity,
    burai,
    covered_bodies,
    multiple_reverses,
    obscured_reverse,
    short_sliders,
)
from beatheritage.review.subject import MapSubject

# Arcs that a slider may become, by how far they turn (degrees); a little is nearly a line.
ARCS = (20, 60, 100, 150, 210, 270, 310)
MOST_TRIED = 60


def as_notes(beatmap: Beatmap) -> Beatmap:
    """Sliders that are too short for the level, or have no body, become circles."""
    wrong = [*named(beatmap, short_sliders), *_bodiless(beatmap)]
    items = ((index, beatmap.objects[index]) for index in wrong)
    return edited(beatmap, {index: as_circle(item) for index, item in items})


def _bodiless(beatmap: Beatmap) -> Iterator[int]:
    """Whatever ends as it begins, and sliders without a body."""
    yield from named(beatmap, invisible_slider)
    yield from named(beatmap, zero_length_objects)


def fewer_reverses(beatmap: Beatmap) -> Beatmap:
    """Sliders that turn too often turn once."""
    changes: dict[int, HitObject | None] = {}
    for index in named(beatmap, multiple_reverses):
        item = beatmap.objects[index]
        assert isinstance(item, Slider), "the rule is about sliders"
        edges = item.edges[: MULTIPLE_REVERSES + 1]
        changes[index] = replace(item, slides=MULTIPLE_REVERSES, edges=edges)
    return edited(beatmap, changes)


def clear_ways(beatmap: Beatmap) -> Beatmap:
    """Sliders whose way cannot be told get another shape."""
    return _reshaped(beatmap, (ambiguity, burai), reshape=True)


def open_bodies(beatmap: Beatmap) -> Beatmap:
    """Sliders whose arrow or body another object covers are turned about their heads."""
    return _reshaped(beatmap, (obscured_reverse, covered_bodies), reshape=False)


def _reshaped(beatmap: Beatmap, judges: tuple[Judge, ...], *, reshape: bool) -> Beatmap:
    for index in sorted({one for judge in judges for one in named(beatmap, judge)}):
        slider = beatmap.objects[index]
        if not isinstance(slider, Slider):
            continue
        ways = _shapes(slider) if reshape else turned(slider)
        found = next((way for way in ways if _is_right(beatmap, index, way, judges)), None)
        if found is not None:
            beatmap = edited(beatmap, {index: found})
    return beatmap


def _is_right(beatmap: Beatmap, index: int, way: Slider, judges: tuple[Judge, ...]) -> bool:
    """Whether the rules have nothing to say about a slider, among those around it."""
    first = max(0, index - MOST_SEEN)
    around = (*beatmap.objects[first:index], way, *beatmap.objects[index + 1 : index + 3])
    # The level follows from the whole map, not from a part of it: its name keeps it.
    level = LEVEL_NAMES[Mode.STD][level_of_map(subject_of(beatmap))]
    metadata = replace(beatmap.metadata, version=level)
    part = MapSubject(beatmap=replace(beatmap, objects=around, metadata=metadata))
    told = {one.objects[0] for judge in judges for one in judge(part)}
    return index - first not in told


def turned(slider: Slider) -> Iterator[Slider]:
    """The slider with its body turned, the least first, and mirrored."""
    controls = np.array(slider.points) - np.array([slider.x, slider.y])
    for mirrored in (1, -1):
        for step in sorted(range(SPOKES), key=lambda step: min(step, SPOKES - step)):
            angle = step * 2 * np.pi / SPOKES
            cos, sin = np.cos(angle), np.sin(angle)
            lying = (controls * (1, mirrored)) @ np.array([[cos, sin], [-sin, cos]])
            yield from _inside(_with(slider, slider.kind, lying))


def _shapes(slider: Slider) -> Iterator[Slider]:
    """Lines and arcs as long as the slider, first those that end near where it ends."""
    end = np.array(slider_path(slider).end)
    found = []
    for degrees in ARCS:
        for side in (1, -1):
            arc = _arc(slider.length, side * np.deg2rad(degrees))
            for step in range(SPOKES):
                angle = step * 2 * np.pi / SPOKES
                cos, sin = np.cos(angle), np.sin(angle)
                turned = arc @ np.array([[cos, sin], [-sin, cos]])
                off = float(np.hypot(*(turned[-1] + (slider.x, slider.y) - end)))
                found.append((degrees > 270, off, turned))
    found.sort(key=lambda one: one[:2])
    for *_, turned in found[: MOST_TRIED * len(ARCS)]:
        yield from _inside(_with(slider, CurveKind.PERFECT, turned))


def _arc(length: float, angle: float) -> np.ndarray:
    """Middle and end (2, 2) of an arc from the origin that turns by an angle, facing +x."""
    radius = length / angle
    turns = np.array([angle / 2, angle])
    return np.stack([radius * np.sin(turns), radius * (1 - np.cos(turns))], axis=1)


def _with(slider: Slider, kind: CurveKind, controls: np.ndarray) -> Slider:
    whole = np.rint(controls + np.array([slider.x, slider.y])).tolist()
    return replace(slider, kind=kind, points=tuple(Point(x, y) for x, y in whole))


def _inside(slider: Slider) -> Iterator[Slider]:
    """The slider, if all of it is on the playfield."""
    points = slider_path(slider).points
    low, high = points.min(0), points.max(0)
    if all(low[axis] >= FIELD[axis].low and high[axis] <= FIELD[axis].high for axis in (0, 1)):
        yield slider
