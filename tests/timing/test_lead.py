"""The constant between red lines and sound, measured again on people's maps."""

from pathlib import Path

import numpy as np
import pytest

from beatheritage.audio.decode import read_song
from beatheritage.dataset.catalogue import load_songs
from beatheritage.evaluate.timing import timing_scores
from beatheritage.timing.fit import find_timing

DATA = Path(__file__).parents[3] / "shared" / "data" / "train"
SONGS = 7


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/train is not here")
def test_people_place_their_lines_where_we_do(listener):
    errors = []
    for entry in load_songs(DATA):
        if entry.kind != "osu" or not entry.validation or len(errors) == SONGS:
            continue
        lines = entry.charts.beatmaps[0].red_lines
        if len(lines) == 1:
            found = find_timing(read_song(entry.audio), listener, bpm=lines[0].bpm)
            errors.append(timing_scores(found, lines).phase_error)
    # One song's scatter is 5 ms; the median of seven has about half of that.
    assert abs(np.median(errors)) < 6
