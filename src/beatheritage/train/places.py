"""Whole beatmaps mirrored, turned, made larger and played faster, for models that read them."""

from dataclasses import dataclass, replace

import numpy as np

from beatheritage.osu.beatmap import Beatmap, Circle, HitObject, Hold, Point, Slider, Spinner
from beatheritage.osu.mode import Mode
from beatheritage.tokens.moves import CENTRE, FIELD

PLACED = (Mode.STD, Mode.CATCH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """What is done to places: mirrored with the chance ``flip`` along each axis; turned by up to
    ``rotation`` degrees and made larger or smaller by up to the share ``scale``, where all stays
    inside the field; ``noise`` is the deviation, in units of 128 px, of the earlier places that the
    model sees, so that it doesn't lean on their being right."""

    flip: float = 0.5
    rotation: float = 0.0
    scale: float = 0.0
    noise: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A matrix (2, 2) around the middle of the field, of which ``scale`` is a part."""

    matrix: np.ndarray
    scale: float = 1.0

    def of(self, places: np.ndarray) -> np.ndarray:
        """Places (..., 2) px, turned."""
        return (places - CENTRE) @ self.matrix.T + CENTRE


def draw_turn(placing: Placing, places: np.ndarray, rng: np.random.Generator) -> Turn:
    """A turn that leaves ``places`` (N, 2) on the field; at the worst only a mirroring."""
    flips = np.where(rng.random(2) < placing.flip, -1.0, 1.0)
    angle = np.radians(rng.uniform(-1, 1) * placing.rotation)
    scale = 1 + rng.uniform(-1, 1) * placing.scale
    cosine, sine = np.cos(angle), np.sin(angle)
    matrix = np.array([[cosine, -sine], [sine, cosine]]) * scale
    moved = Turn(matrix=matrix).of(places)
    if not ((moved >= 0) & (moved <= FIELD)).all():
        matrix, scale = np.eye(2), 1.0
    return Turn(matrix=matrix * flips, scale=scale)


def turned(beatmap: Beatmap, turn: Turn) -> Beatmap:
    """A std or catch map with its places turned; others have none.

    Sliders that are longer are faster by as much, so that they last as long.
    """
    if beatmap.mode not in PLACED:
        return beatmap
    multiplier = beatmap.difficulty.slider_multiplier * turn.scale
    return replace(
        beatmap,
        difficulty=replace(beatmap.difficulty, slider_multiplier=multiplier),
        objects=tuple(_turned(item, turn) for item in beatmap.objects),
    )


def at_speed(beatmap: Beatmap, speed: float) -> Beatmap:
    """The map of the same song played at so many times its speed."""
    points = tuple(
        replace(point, time=point.time / speed, **_faster(point, speed))
        for point in beatmap.timing_points
    )
    objects = tuple(_at_speed(item, speed) for item in beatmap.objects)
    return replace(beatmap, timing_points=points, objects=objects)


def _faster(point: object, speed: float) -> dict[str, float]:
    length = getattr(point, "beat_length", None)
    return {} if length is None else {"beat_length": length / speed}


def _at_speed(item: HitObject, speed: float) -> HitObject:
    if isinstance(item, Spinner | Hold):
        return replace(item, time=item.time / speed, end=item.end / speed)
    return replace(item, time=item.time / speed)


def _turned(item: HitObject, turn: Turn) -> HitObject:
    if isinstance(item, Circle | Slider):
        x, y = (float(value) for value in turn.of(np.array([item.x, item.y], float)))
        item = replace(item, x=x, y=y)
    if isinstance(item, Slider):
        points = turn.of(np.array(item.points, float).reshape(-1, 2))
        bent = tuple(Point(float(x), float(y)) for x, y in points)
        item = replace(item, points=bent, length=item.length * turn.scale)
    return item
