from pathlib import Path

import numpy as np
import pytest

from beatheritage.audio.container import inspect
from beatheritage.audio.decode import read_song
from beatheritage.audio.demo import DEMO_RATE
from beatheritage.evaluate.formats import (
    BARE_MP3,
    ENCODINGS,
    THIN_OPUS,
    Timed,
    click_track,
    encode,
    line_error,
    lines_of,
)
from beatheritage.osu.beatmap import RedLine
from beatheritage.timing.grid import Timing
from beatheritage.timing.lead import MAP_LEAD_MS

PAIRS = {"wav and mp3": 0.99, "wav and ogg": 0.98}


def test_clicks_sound_where_they_should():
    track = click_track(120.0, 500.0)[:, 0]
    starts = np.flatnonzero(np.abs(track) > 0.05) * 1000 / DEMO_RATE
    assert starts[0] == pytest.approx(500, abs=0.2)
    assert np.abs(track[: round(0.499 * DEMO_RATE)]).max() == 0
    second = starts[starts > 900][0]
    assert second == pytest.approx(1000, abs=0.2)


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_encoding_is_what_it_says(name: str, tmp_path: Path):
    samples = np.random.default_rng(2).normal(0, 0.2, (8 * DEMO_RATE, 2)).astype(np.float32)
    path = encode(samples, name, tmp_path)
    container = inspect(path)
    codec = {"ogg": "vorbis", BARE_MP3: "mp3", THIN_OPUS: "opus"}.get(name, name)
    assert container.codec == codec
    assert container.delay_known == (name != BARE_MP3)
    assert read_song(path).duration == pytest.approx(8000, abs=60)


def test_the_thin_opus_is_thin(tmp_path: Path):
    samples = np.random.default_rng(2).normal(0, 0.2, (8 * DEMO_RATE, 2)).astype(np.float32)
    kbits = encode(samples, THIN_OPUS, tmp_path).stat().st_size * 8 / 8000
    assert 18 < kbits < 32


@pytest.mark.parametrize(("late", "error"), [(0, 0), (0.5, 0.5), (-1, -1), (400, 0), (-801, -1)])
def test_a_line_is_compared_with_the_nearest_beat(late: float, error: float):
    line = RedLine(time=730 - MAP_LEAD_MS + late, beat_length=400)
    assert line_error(Timing(lines=(line,)), 730.0) == pytest.approx(error)


def reached(*timed: Timed) -> list[bool | None]:
    return [line.reached for line in lines_of(timed, PAIRS)]


@pytest.mark.parametrize(("bpm", "line"), [(0.01, 1.0), (0.011, 1.0), (0.01, -1.01)])
def test_limits_of_encodings(bpm: float, line: float):
    bare = Timed("demo", BARE_MP3, 0.0, 25.0, True)
    found = reached(Timed("demo", "wav", bpm, line, False), bare)
    assert found == [bpm <= 0.01, abs(line) <= 1, True, True]


@pytest.mark.parametrize(
    ("error", "warned", "fine"), [(25, True, True), (25, False, False), (0.5, False, True)]
)
def test_a_missing_header_is_mended_or_told(error: float, warned: bool, fine: bool):
    bare = Timed("demo", BARE_MP3, 0.0, error, warned)
    assert reached(Timed("demo", "wav", 0.0, 0.0, False), bare)[2] is fine
