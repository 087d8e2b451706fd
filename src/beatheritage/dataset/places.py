"""People's std maps as a placer learns from them: rhythm, places, and how each slider lies."""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from beatheritage.osu.beatmap import Beatmap, Circle, GreenLine, Hold, Slider, Spinner
from beatheritage.osu.curve import slider_path
from beatheritage.timing.grid import Timing
from beatheritage.tokens.moves import CENTRE, CIRCLE, FIELD, SLIDER, SPINNER, Places, Rhythm
from beatheritage.tokens.shapes import SHAPE_POINTS, Lie, resample, take_apart

LEAST_OBJECTS = 30
LONGEST_SLIDE_PX = 3000.0
MOST_OUTSIDE = 0.02  # the share of objects off the field above which a map is a gimmick
MOST_MANGLED = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedChart:
    """One map.

    ``forms`` (N, SHAPE_POINTS, 2), ``lies`` (N, 2) and ``mirrored`` (N,) are of sliders, else zero.
    """

    rhythm: Rhythm
    places: Places
    forms: np.ndarray
    lies: np.ndarray
    mirrored: np.ndarray


def read_places(beatmap: Beatmap) -> PlacedChart | None:
    """Take a std map apart; None for one that is too small or no map to learn from."""
    objects = [item for item in beatmap.objects if not isinstance(item, Hold)]
    if len(objects) < LEAST_OBJECTS or not beatmap.red_lines:
        return None
    rhythm = read_rhythm(beatmap)
    bodies = [_body(item) for item in objects]
    places = _places(objects, rhythm, bodies)
    outside = ((places.heads < 0) | (places.heads > FIELD)).any(axis=1)
    mangled = rhythm.lengths_px > LONGEST_SLIDE_PX
    if outside.mean() > MOST_OUTSIDE or mangled.mean() > MOST_MANGLED:
        return None
    forms = np.zeros((len(objects), SHAPE_POINTS, 2), np.float32)
    lies = np.zeros((len(objects), 2), np.float32)
    mirrored = np.zeros(len(objects), bool)
    for index, (item, body) in enumerate(zip(objects, bodies, strict=True)):
        if isinstance(item, Slider):
            lie: Lie = take_apart(body, max(item.length, 1.0))
            forms[index], lies[index], mirrored[index] = lie
    return PlacedChart(rhythm=rhythm, places=places, forms=forms, lies=lies, mirrored=mirrored)


def read_rhythm(beatmap: Beatmap) -> Rhythm:
    """What a draft would have said of a map's objects (holds left out)."""
    objects = [item for item in beatmap.objects if not isinstance(item, Hold)]
    timing = Timing(lines=beatmap.red_lines)
    times = np.array([item.time for item in objects], np.float64)
    beats = timing.beat(times)
    whole_beats = np.floor(beats + 1e-3)
    bar_phases = timing.bar_phase(whole_beats.astype(np.int64)) + np.maximum(beats - whole_beats, 0)
    lengths = np.array([line.beat_length for line in timing.lines])[timing.line_index(times)]
    lengths = np.clip(lengths, 60.0, 6000.0)
    return Rhythm(
        times=times,
        ends=np.maximum(_ends(beatmap, objects, lengths), times),
        beats=beats,
        bar_phases=bar_phases,
        beat_lengths=lengths,
        kinds=np.array([_kind(item) for item in objects], np.int64),
        new_combos=np.array([item.new_combo for item in objects]),
        lengths_px=np.array([i.length if isinstance(i, Slider) else 0.0 for i in objects]),
        slides=np.array([i.slides if isinstance(i, Slider) else 0 for i in objects], np.int64),
    )


def _kind(item: Circle | Slider | Spinner) -> int:
    match item:
        case Circle():
            return CIRCLE
        case Slider():
            return SLIDER
        case Spinner():
            return SPINNER


def _ends(
    beatmap: Beatmap, objects: list[Circle | Slider | Spinner], beat_lengths: np.ndarray
) -> np.ndarray:
    # A red line sets the velocity back to 1; a green one at the same time comes after it.
    points = beatmap.timing_points
    starts = [point.time for point in points]
    ends = []
    for item, beat_length in zip(objects, beat_lengths, strict=True):
        match item:
            case Slider():
                active = bisect_right(starts, item.time + 0.5) - 1
                point = points[active] if active >= 0 else None
                velocity = point.velocity if isinstance(point, GreenLine) else 1.0
                speed = 100 * beatmap.difficulty.slider_multiplier * velocity
                ends.append(item.time + item.length * item.slides / speed * beat_length)
            case Spinner():
                ends.append(item.end)
            case Circle():
                ends.append(item.time)
    return np.array(ends)


def _body(item: Circle | Slider | Spinner) -> np.ndarray:
    """The body of one slide, (SHAPE_POINTS, 2) px."""
    if isinstance(item, Slider):
        return resample(slider_path(item).points)
    place = (item.x, item.y) if isinstance(item, Circle) else CENTRE
    return np.tile(np.asarray(place, np.float64), (SHAPE_POINTS, 1))


def _places(
    objects: list[Circle | Slider | Spinner], rhythm: Rhythm, bodies: list[np.ndarray]
) -> Places:
    heads = np.array([body[0] for body in bodies])
    back = (rhythm.slides % 2 == 0) & (rhythm.kinds == SLIDER)
    tails = np.array([body[-1] for body in bodies])
    ends = np.where(back[:, None], heads, tails)
    exits = np.empty_like(heads)
    facing, before = np.array([1.0, 0.0]), np.array(CENTRE)
    for index, body in enumerate(bodies):
        # A slider is left along its last stretch, a circle in the direction it was come to.
        last = body[0] - body[1] if back[index] else body[-1] - body[-2]
        way = last if isinstance(objects[index], Slider) else heads[index] - before
        size = np.hypot(*way)
        facing = way / size if size > 0.5 else facing
        exits[index], before = facing, ends[index]
    return Places(heads, ends, exits)
