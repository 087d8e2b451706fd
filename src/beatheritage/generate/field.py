"""Keeping objects on the playfield: a polish step."""

from dataclasses import replace
from math import ceil, floor
from typing import NamedTuple

import numpy as np

from beatheritage.osu.beatmap import (
    PLAYFIELD_HEIGHT_PX,
    PLAYFIELD_WIDTH_PX,
    Beatmap,
    CurveKind,
    HitObject,
    Point,
    Slider,
)
from beatheritage.osu.curve import slider_path
from beatheritage.osu.limits import Range
from beatheritage.osu.mode import MODES, circle_radius_px

# What a 4:3 screen shows, in osu! pixels: osu!lazer's CheckOffscreenObjects.
SCREEN = (Range(-67, 579), Range(-60, 428))
FIELD = (Range(0, PLAYFIELD_WIDTH_PX), Range(0, PLAYFIELD_HEIGHT_PX))
# Between which a slider that fits nowhere goes to and fro.
TURNS_X = (32.0, 480.0)


class Room(NamedTuple):
    """Where heads and ends may be, and where bodies, along one axis."""

    ends: Range
    body: Range


def on_playfield(beatmap: Beatmap) -> Beatmap:
    """Whole pixels; no head or end outside the field, and no body outside the screen.

    Sliders that reach out are moved; one that is too long for the field is laid to and fro.
    """
    place = MODES[beatmap.mode].place
    radius = circle_radius_px(beatmap.difficulty.circle_size) if place == "xy" else 0.0
    axes = {"xy": 2, "x": 1}.get(place, 0)
    rooms = [
        Room(field, Range(screen.low + radius, screen.high - radius))
        for field, screen in zip(FIELD, SCREEN, strict=True)
    ][:axes]
    return replace(beatmap, objects=tuple(_inside(item, rooms) for item in beatmap.objects))


def _inside(item: HitObject, rooms: list[Room]) -> HitObject:
    x, y = (
        float(round(limits.clamp(value)))
        for limits, value in zip(FIELD, (item.x, item.y), strict=True)
    )
    whole = replace(item, x=x, y=y)
    if not isinstance(whole, Slider):
        return whole
    points = tuple(Point(float(round(px)), float(round(py))) for px, py in whole.points)
    whole = replace(whole, points=points)
    if not rooms:
        return whole
    path = slider_path(whole).points
    moves = [_move(path[:, axis], room) for axis, room in enumerate(rooms)]
    if None in moves:
        return _to_and_fro(whole)
    dx, dy = (*(move or 0 for move in moves), 0)[:2]
    moved = tuple(Point(px + dx, py + dy) for px, py in whole.points)
    return replace(whole, x=whole.x + dx, y=whole.y + dy, points=moved)


def _move(along: np.ndarray, room: Room) -> int | None:
    """The smallest move, in whole pixels, that brings a path inside; None where none does."""
    low_end, high_end = sorted((float(along[0]), float(along[-1])))
    least = ceil(max(room.ends.low - low_end, room.body.low - float(along.min())))
    most = floor(min(room.ends.high - high_end, room.body.high - float(along.max())))
    return min(max(0, least), most) if least <= most else None


def _to_and_fro(slider: Slider) -> Slider:
    """The slider as long as it is, between left and right at the height of its head."""
    near, far = sorted(TURNS_X, key=lambda turn: abs(turn - slider.x))
    points, length = [Point(far, slider.y)], abs(far - slider.x)
    while length < slider.length:
        near, far = far, near
        points.append(Point(far, slider.y))
        length += abs(far - near)
    return replace(slider, kind=CurveKind.LINEAR, points=tuple(points))
