"""A map as columns: what there is to know of each object, in arrays that statistics start from."""

from dataclasses import dataclass

import numpy as np

from beatheritage.osu.beatmap import Beatmap, Circle, HitObject, HitSound, Slider, Spinner
from beatheritage.osu.curve import slider_path
from beatheritage.osu.mode import MODES, Mode, column_of
from beatheritage.osu.pace import Pace
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.tokens.prompt import ADDITIONS

ADDITION_BITS = (HitSound.WHISTLE, HitSound.FINISH, HitSound.CLAP)
SEEN = {"xy": (1.0, 1.0), "x": (1.0, 0.0)}  # how much of x and y a player sees
LONGEST_SLIDE_PX = 3000.0  # longer ones are gimmicks, of which the curve says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """N objects in order of time; every array is (N, ...). Places are 0 where a player sees
    none: catch has no y.

    Times stand on the nearest ticks, which nobody hears: how a file rounds them is no style.
    ``beats`` count from the first red line, ``bar_phases`` from the downbeat; ``sounds`` (N, 3) are
    whistle, finish and clap on the object's start; ``anchors`` counts a slider's control points.
    """

    mode: Mode
    keys: int
    times: np.ndarray
    ends: np.ndarray
    beats: np.ndarray
    bar_phases: np.ndarray
    beat_lengths: np.ndarray
    sliding: np.ndarray
    lasting: np.ndarray
    spinning: np.ndarray
    new_combos: np.ndarray
    sounds: np.ndarray
    heads: np.ndarray
    tails: np.ndarray
    lengths_px: np.ndarray
    slides: np.ndarray
    anchors: np.ndarray
    lanes: np.ndarray

    def __len__(self) -> int:
        return len(self.times)


def read_columns(beatmap: Beatmap) -> Columns | None:
    """None for a map without red lines or with fewer than two objects."""
    if len(beatmap.objects) < 2 or not beatmap.red_lines:
        return None
    timing, pace = Timing(lines=beatmap.red_lines), Pace(beatmap)
    unsorted = timing.tick(np.array([item.time for item in beatmap.objects], np.float64))
    order = np.lexsort((np.array([item.x for item in beatmap.objects]), unsorted))
    objects, ticks = [beatmap.objects[place] for place in order], unsorted[order]
    end_ticks = timing.tick(np.array([pace.end(item) for item in objects]))
    times, beats = timing.tick_time(ticks), ticks / TICKS_PER_BEAT
    whole = ticks // TICKS_PER_BEAT
    line_lengths = np.array([line.beat_length for line in timing.lines])
    mania = beatmap.mode is Mode.MANIA
    keys = round(beatmap.difficulty.circle_size) if mania else 0
    seen = SEEN.get(MODES[beatmap.mode].place, (0.0, 0.0))
    sliders = [item if isinstance(item, Slider) else None for item in objects]
    return Columns(
        mode=beatmap.mode,
        keys=keys,
        times=times,
        ends=timing.tick_time(np.maximum(end_ticks, ticks)),
        beats=beats,
        bar_phases=timing.bar_phase(whole) + beats - whole,
        beat_lengths=np.clip(line_lengths[timing.line_index(times)], 60.0, 6000.0),
        sliding=np.array([item is not None for item in sliders]),
        lasting=np.array([not isinstance(item, Circle) for item in objects]),
        spinning=np.array([isinstance(item, Spinner) for item in objects]),
        new_combos=np.array([item.new_combo for item in objects]),
        sounds=np.array([_additions(item) for item in objects]),
        heads=np.array([(item.x, item.y) for item in objects], np.float64) * seen,
        tails=np.array([_tail(item) for item in objects], np.float64) * seen,
        lengths_px=np.array([item.length if item else 0.0 for item in sliders]),
        slides=np.array([item.slides if item else 0 for item in sliders]),
        anchors=np.array([len(item.points) if item else 0 for item in sliders]),
        lanes=np.array([column_of(item.x, keys) if mania else 0 for item in objects]),
    )


def _additions(item: HitObject) -> tuple[bool, ...]:
    first = item.edges[0].sound if isinstance(item, Slider) and item.edges else item.sound
    return tuple(bool(first & ADDITIONS & bit) for bit in ADDITION_BITS)


def _tail(item: HitObject) -> tuple[float, float]:
    """Where the player leaves an object."""
    if not isinstance(item, Slider) or item.slides % 2 == 0 or item.length > LONGEST_SLIDE_PX:
        return item.x, item.y
    return slider_path(item).end
