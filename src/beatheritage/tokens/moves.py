"""A map's places as moves: how far from the last object, which way, or back to an earlier place.

What is known before placing (the rhythm) becomes conditions; what people did becomes classes. The
same conditions are computed here from people's maps, for training, and from a draft, for writing.

Units are osu! pixels and milliseconds unless a name says beats. A gap runs from the end of one
object to the start of the next, as the cursor travels.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

CIRCLE, SLIDER, SPINNER = 0, 1, 2
CENTRE = (256.0, 192.0)
FIELD = (512.0, 384.0)

# A distance is a class: back to an earlier place, the last move's speed again, or a bin that grows
# from 2 px, where overlaps and stacks are told apart, to 32 px, where only jumps are.
RETURN, SAME_SPEED = 0, 1
FIRST_BIN = 2
BIN_EDGES = np.concatenate(
    [np.arange(0, 40, 2), np.arange(40, 128, 4), np.arange(128, 256, 8), np.arange(256, 641, 32)]
).astype(np.float32)
ACTIONS = FIRST_BIN + len(BIN_EDGES) - 1
TURNS = 64
ORIENTATIONS = 48

HISTORY = 10  # earlier objects that can be returned to; each has two places, its head and its end
RETURN_TOLERANCE_PX = 1.5
SAME_SPEED_TOLERANCE_PX = 2.0
SAME_SPEED_LEAST_PX = 8.0
LONGEST_GAP = 4000.0
SPACING_GAP = 500.0  # moves after a longer rest say nothing about how wide a map is
SPACING_UNIT_PX = 256.0
CONDITIONS = 22
LENGTH, LOG_LENGTH, SPEED = 11, 12, 16  # which of these tell of distances
LONGEST_TOLD, FASTEST_TOLD = 4.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What is known of N objects before they are placed; every array is (N,).

    ``beats`` are beat numbers of the starts, ``bar_phases`` beats since the downbeat;
    ``lengths_px`` are those of one slide, 0 for what is no slider.
    """

    times: np.ndarray
    ends: np.ndarray
    beats: np.ndarray
    bar_phases: np.ndarray
    beat_lengths: np.ndarray
    kinds: np.ndarray
    new_combos: np.ndarray
    lengths_px: np.ndarray
    slides: np.ndarray

    def __len__(self) -> int:
        return len(self.times)

    @property
    def gaps(self) -> np.ndarray:
        """Milliseconds from each object's forerunner's end to its start, 1 to ``LONGEST_GAP``."""
        before = np.concatenate([self.times[:1] - LONGEST_GAP, self.ends[:-1]])
        return np.clip(self.times - before, 1.0, LONGEST_GAP)


class Places(NamedTuple):
    """Where N objects are: heads and ends (N, 2) px, and the unit directions they are left in."""

    heads: np.ndarray
    ends: np.ndarray
    exits: np.ndarray


class Style(NamedTuple):
    """What a whole map is like. ``spacing`` is ``measured_spacing``, None when unknown."""

    stars: float
    circle_size: float
    spacing: float | None = None


def conditions(rhythm: Rhythm) -> np.ndarray:
    """What the model is told of each object, (N, CONDITIONS) float32, about unit scale."""
    starts_apart = np.diff(rhythm.times, prepend=rhythm.times[:1] - LONGEST_GAP)
    starts_apart = np.clip(starts_apart, 1.0, LONGEST_GAP)
    durations = np.clip(rhythm.ends - rhythm.times, 1.0, LONGEST_GAP)
    beat_angle = 2 * np.pi * rhythm.beats
    is_slider = rhythm.kinds == SLIDER
    speed = rhythm.lengths_px * rhythm.slides / durations
    after = np.append(rhythm.gaps[1:], LONGEST_GAP)
    columns = [
        np.log2(rhythm.gaps / 125) / 2,
        np.log2(starts_apart / 250) / 2,
        np.log2(after / 125) / 2,
        np.log2(rhythm.gaps / rhythm.beat_lengths) / 2,
        np.log2(starts_apart / rhythm.beat_lengths) / 2,
        np.log2(rhythm.beat_lengths / 350),
        np.clip(115 / starts_apart, 0, 2),
        rhythm.kinds == CIRCLE,
        is_slider,
        rhythm.kinds == SPINNER,
        rhythm.new_combos,
        np.clip(rhythm.lengths_px / 200, 0, LONGEST_TOLD),
        is_slider * np.log2(np.maximum(rhythm.lengths_px, 10) / 100) / 2,
        is_slider * np.log2(durations / 250) / 2,
        is_slider * np.log2(durations / rhythm.beat_lengths) / 2,
        np.clip(rhythm.slides - 1, 0, 4) / 2,
        np.clip(speed, 0, FASTEST_TOLD),
        np.cos(beat_angle),
        np.sin(beat_angle),
        np.cos(beat_angle / 2),
        np.sin(beat_angle / 2),
        rhythm.bar_phases < 0.01,
    ]
    assert len(columns) == CONDITIONS
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


def scaled_conditions(conditions: np.ndarray, scale: float) -> np.ndarray:
    """Conditions (N, CONDITIONS) of the same map with all its distances scaled."""
    scaled = conditions.copy()
    scaled[:, LENGTH] = np.minimum(scaled[:, LENGTH] * scale, LONGEST_TOLD)
    scaled[:, LOG_LENGTH] += (scaled[:, LENGTH] > 0) * np.log2(scale) / 2
    scaled[:, SPEED] = np.minimum(scaled[:, SPEED] * scale, FASTEST_TOLD)
    return scaled


def style_vector(style: Style) -> np.ndarray:
    """A map's style as the model is told it, (4,) float32."""
    known = style.spacing is not None
    spacing = style.spacing if style.spacing is not None else 0.0
    stars = np.clip(style.stars, 0, 10)
    return np.array([stars / 3 - 1.5, style.circle_size / 2 - 2, spacing * 2, known], np.float32)


def distances(places: Places) -> np.ndarray:
    """How far each head is from where the object before ended, (N,) px; first the centre."""
    before = np.concatenate([[CENTRE], places.ends[:-1]])
    return np.hypot(*(places.heads - before).T)


def measured_spacing(rhythm: Rhythm, places: Places) -> float:
    """How wide a map is, 0 for stacked to 1: its mean move after gaps that are no rests."""
    counted = (rhythm.gaps <= SPACING_GAP) & (rhythm.kinds != SPINNER)
    if not counted.any():
        return 0.0
    return float(min(distances(places)[counted].mean() / SPACING_UNIT_PX, 1.0))


def anchors(places: Places) -> np.ndarray:
    """The places each object could return to, nearest in time first: (N, 2 * HISTORY, 2) px.

    For each earlier object its end, then its head; the centre stands in before the first.
    """
    pairs = np.stack([places.ends, places.heads], axis=1)
    padded = np.concatenate([np.full((HISTORY, 2, 2), CENTRE), pairs])
    index = np.arange(len(pairs))[:, None] + HISTORY - 1 - np.arange(HISTORY)[None]
    return padded[index].reshape(len(pairs), 2 * HISTORY, 2)


def same_speed_distances(rhythm: Rhythm, moved: np.ndarray) -> np.ndarray:
    """How far each move would go at the speed of the one before, (N,) px."""
    speed = moved / rhythm.gaps
    return np.concatenate([[0.0], speed[:-1]]) * rhythm.gaps


class Actions(NamedTuple):
    """What people did, (N,) int64 each: the distance's class, and the slot of a return."""

    actions: np.ndarray
    slots: np.ndarray


def actions(rhythm: Rhythm, places: Places) -> Actions:
    """Classify each move: a return first, then the same speed, then a bin."""
    moved = distances(places)
    back = np.hypot(*np.moveaxis(anchors(places) - places.heads[:, None], -1, 0))
    reachable = np.arange(len(moved))[:, None] > np.arange(2 * HISTORY)[None] // 2
    returned = (back <= RETURN_TOLERANCE_PX) & reachable
    found = classes(moved, same_speed_distances(rhythm, moved))
    found = np.where(returned.any(axis=1), RETURN, found)
    return Actions(found.astype(np.int64), returned.argmax(axis=1).astype(np.int64))


def classes(moved: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """What moves are that are no returns: the same speed, or a bin."""
    is_same = (np.abs(moved - expected) <= SAME_SPEED_TOLERANCE_PX) & (moved > SAME_SPEED_LEAST_PX)
    bins = np.searchsorted(BIN_EDGES, moved, "right") - 1
    return np.where(is_same, SAME_SPEED, FIRST_BIN + np.clip(bins, 0, len(BIN_EDGES) - 2))


def spokes(count: int) -> np.ndarray:
    """Unit vectors (count, 2) all around, the first along +x."""
    angles = np.arange(count) * (2 * np.pi / count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)
