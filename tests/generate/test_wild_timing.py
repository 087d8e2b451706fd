"""Whole maps on red lines as wild as people's get: any tempo, any meter, begun within a beat."""

import numpy as np
import pytest
from tests.generate.songs import click_song

from beatheritage.audio.song import Song
from beatheritage.engine.models import Models, load_models
from beatheritage.evaluate.validity import faults
from beatheritage.generate.drafting import listen
from beatheritage.generate.pipeline import generate
from beatheritage.generate.plan import make_plan
from beatheritage.generate.request import Request
from beatheritage.osu.beatmap import RedLine, Slider
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.osu.write import write
from beatheritage.timing.grid import Timing

pytestmark = pytest.mark.slow
SEEDS = range(24)


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


@pytest.fixture(scope="module")
def clicks() -> Song:
    return click_song(20)


def wild_timing(rng: np.random.Generator) -> Timing:
    """Up to eight red lines, each after whole beats, half beats, or any time at all."""
    time, lines = float(rng.integers(-300, 2500)), []
    for _ in range(rng.integers(1, 9)):
        beat = 60_000 / rng.uniform(40, 330)
        meter = int(rng.choice([1, 3, 4, 5, 7]))
        lines.append(RedLine(time=time, beat_length=beat, meter=meter))
        beats = beat * rng.integers(1, 9)
        time = float(round(time + rng.choice([beats, beats / 2, rng.uniform(10, 4000)])))
    return Timing(lines=tuple(lines))


@pytest.mark.parametrize("seed", SEEDS)
def test_maps_are_sound_on_any_red_lines(seed: int, clicks: Song, models: Models):
    rng = np.random.default_rng(seed)
    timing, mode, stars = wild_timing(rng), Mode(seed % 4), float(rng.uniform(0.5, 8))
    plan = make_plan(Request(audio=clicks.path, mode=mode, stars=stars), clicks.tags)
    made = generate(listen(clicks, timing), plan, models, rng).beatmap
    assert faults(made) == []
    assert all(item.length > 0 for item in made.objects if isinstance(item, Slider))
    assert parse(write(made)).beatmap == made
