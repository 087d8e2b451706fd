"""The song along its beats, as the mapper takes it in."""

import numpy as np

from beatheritage.audio.grid import POSITIONS_PER_BEAT, patches
from beatheritage.engine.mapper import Score
from beatheritage.timing.grid import Timing
from beatheritage.timing.lead import MAP_LEAD_MS

MOST_METER = 8
"""Bars longer than this are heard as if their last beats were one."""


def score_along(
    mel: np.ndarray, timing: Timing, first_beat: int, beats: int, late: float = 0
) -> Score:
    """Twelve positions a beat, for ``beats`` beats; ``late`` ms after where the sound should be."""
    places = first_beat + np.arange(beats * POSITIONS_PER_BEAT) / POSITIONS_PER_BEAT
    times = timing.time(places)
    whole = np.arange(first_beat, first_beat + beats)
    bar_beat = np.minimum(timing.bar_phase(whole), MOST_METER - 1)
    phases = bar_beat[:, None] * POSITIONS_PER_BEAT + np.arange(POSITIONS_PER_BEAT)
    lengths = np.array([line.beat_length for line in timing.lines])
    return Score(
        patches=patches(mel, times + MAP_LEAD_MS + late),
        phases=phases.reshape(-1),
        tempos=np.log2(1000 / lengths[timing.line_index(times)]).astype(np.float32),
    )
