import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from beatheritage.errors import InputError, UserError
from beatheritage.evaluate.performance import (
    SECONDS,
    document,
    lines_of,
    machine,
    run_once,
    three_minutes,
)

MEASURED = {
    "song": "A song",
    "wall_s": [14.0, 16.0, 15.0],
    "cpu_s": [9.0, 9.0, 9.0],
    "peak_gb": [0.4, 1.0, 0.5],
    "same_bytes": True,
    "timing_s": 0.6,
    "load": 0.25,
    "machine": "A processor, 2 cores, Linux",
}


def test_the_middle_run_and_the_most_memory_count():
    wall, peak, same = lines_of(MEASURED)
    assert wall.figure is not None
    assert peak.figure is not None
    assert (wall.figure.value, wall.reached) == (15.0, True)
    assert (peak.figure.value, peak.reached) == (1.0, True)
    assert same.reached


def test_limits():
    slow = {**MEASURED, "wall_s": [15.1] * 3, "peak_gb": [1.01] * 3, "same_bytes": False}
    assert [line.reached for line in lines_of(slow)] == [False, False, False]


def test_the_document_names_machine_and_day():
    text = document(MEASURED, datetime.date(2026, 1, 2))
    assert "2026-01-02" in text
    assert "A processor, 2 cores, Linux" in text
    assert "| 2 | 16.00 s | 9.00 s | 1.00 GB |" in text


@pytest.mark.parametrize("seconds", [7, 200])
def test_a_song_is_played_again_or_cut(seconds: int, tmp_path: Path):
    path = tmp_path / "song.wav"
    soundfile.write(path, np.linspace(-1, 1, seconds * 1000), 1000)
    samples, rate = three_minutes(path)
    assert (samples.shape, rate) == ((SECONDS * 1000, 1), 1000)
    first = min(seconds, SECONDS) * 1000
    assert np.array_equal(samples[first:][:1000], samples[:1000][: len(samples[first:])])


def test_what_is_no_song_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be decoded"):
        three_minutes(tmp_path / "none.ogg")


def test_a_run_that_fails_says_why(tmp_path: Path):
    with pytest.raises(UserError, match="no such file"):
        run_once(tmp_path / "none.ogg", tmp_path / "out")


def test_the_machine_has_a_name():
    assert "cores" in machine()
