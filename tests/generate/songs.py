"""Songs whose timing is known: the demo, and one that hides nothing."""

from pathlib import Path

import numpy as np

from beatheritage.audio.demo import DEMO_BPM, DEMO_OFFSET_MS
from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song
from beatheritage.osu.beatmap import RedLine
from beatheritage.timing.grid import Timing
from beatheritage.timing.lead import MAP_LEAD_MS

DEMO = Path(__file__).parents[2] / "demo" / "BeatHeritage - First Light.ogg"
DEMO_TIMING = Timing(
    lines=(RedLine(time=DEMO_OFFSET_MS - MAP_LEAD_MS, beat_length=60_000 / DEMO_BPM),)
)

OFFSET, BPM = 345.0, 174.0
CLICK_TIMING = Timing(lines=(RedLine(time=OFFSET, beat_length=60_000 / BPM),))
_LATE_S = 0.022  # of the sound after osu!'s time
_BURST = 800  # samples


def click_song(seconds: int) -> Song:
    """Noise bursts on every half beat, in a file that does not exist."""
    samples = np.zeros(seconds * SAMPLE_RATE, np.float32)
    rng = np.random.default_rng(0)
    decay = np.exp(-np.arange(_BURST) / 200)
    for time in np.arange(OFFSET / 1000, seconds - 0.2, 30 / BPM):
        start = int((time + _LATE_S) * SAMPLE_RATE)
        samples[start : start + _BURST] += rng.normal(0, 0.3, _BURST) * decay
    return Song(path=Path("Artist - Clicks.wav"), samples=samples)
