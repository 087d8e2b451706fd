"""A song, a timing and a draft small enough to reckon by hand."""

from pathlib import Path

import numpy as np
import pytest

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song, Tags
from beatheritage.generate.plan import Plan, make_plan
from beatheritage.generate.request import Request
from beatheritage.osu.beatmap import Circle, CurveKind, Point, RedLine, Slider, Spinner
from beatheritage.timing.grid import Timing
from beatheritage.tokens.events import Draft, Event, Kind

BEAT = 48  # ticks


@pytest.fixture
def song() -> Song:
    """A minute of noise, quiet in its first ten seconds."""
    noise = np.random.default_rng(1).normal(0, 0.1, 60 * SAMPLE_RATE).astype(np.float32)
    noise[: 10 * SAMPLE_RATE] *= 0.05
    tags = Tags(title="Tést", artist="Someone", genre="Drum & Bass")
    return Song(path=Path("song.mp3"), samples=noise, codec="mp3", tags=tags)


@pytest.fixture
def plan(song: Song) -> Plan:
    return make_plan(Request(audio=song.path, stars=4.5, seed=7), song.tags)


@pytest.fixture
def timing() -> Timing:
    """120 BPM in four from 1,000 ms: a tick lasts 10.42 ms, a bar two seconds."""
    return Timing(lines=(RedLine(time=1000.0, beat_length=500.0),))


@pytest.fixture
def draft() -> Draft:
    """Sliders of two velocities, a rest of nine seconds from 14 s on, a spinner, kiai at 31 s."""
    events = (
        Event(tick=0, end=0, new_combo=True),
        Event(tick=4 * BEAT, end=5 * BEAT, kind=Kind.SLIDER),
        Event(tick=8 * BEAT, end=10 * BEAT, kind=Kind.SLIDER, velocity=1.5, slides=2),
        Event(tick=12 * BEAT, end=13 * BEAT, kind=Kind.SLIDER, velocity=1.5),
        Event(tick=16 * BEAT, end=17 * BEAT, kind=Kind.SLIDER),
        Event(tick=24 * BEAT, end=26 * BEAT, kind=Kind.SPINNER),
        Event(tick=44 * BEAT, end=44 * BEAT),
        Event(tick=60 * BEAT + 16, end=60 * BEAT + 16),
    )
    return Draft(events=events, kiai=((60 * BEAT, 76 * BEAT),))


@pytest.fixture
def objects(draft: Draft) -> tuple:
    """The draft's objects with places, and times that are yet to be set."""
    return tuple(_placed(event) for event in draft.events)


def _placed(event: Event):
    shared = {"time": 0.0, "new_combo": event.new_combo}
    match event.kind:
        case Kind.SLIDER:
            curve = {"kind": CurveKind.LINEAR, "points": (Point(300, 100),)}
            return Slider(x=100, y=100, slides=event.slides, length=1.0, **curve, **shared)
        case Kind.SPINNER:
            return Spinner(end=0.0, **shared)
        case _:
            return Circle(x=100, y=100, **shared)
