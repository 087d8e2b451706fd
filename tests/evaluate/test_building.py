"""What building takes: measured on made-up songs, and told as it came out."""

import datetime
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.dataset.test_build import write_song

from beatheritage.evaluate.building import Building, measure, section

FOUND = Building(
    songs=100,
    charts=250,
    left_out=3,
    megabytes=40.0,
    wall_s=600.0,
    work_s=80.0,
    kills=((40, 0), (100, 1)),
    files=5,
    same=5,
)


def test_what_is_told():
    told = section(FOUND, datetime.date(2026, 1, 1), jobs=2).replace("\n", " ")
    assert "100 songs with 250 charts, 40 MB; 3 charts and songs left out" in told
    assert "40 songs measured and 0 shards and 100 songs measured and 1 shards" in told
    assert "over 2 cores | 0.7 minutes | at most 20 minutes |" in told
    assert "| processor time a song | 0.80 s |" in told
    other = section(replace(FOUND, same=4), datetime.date(2026, 1, 1), jobs=2)
    assert "files the same after the kills, of 5 | 4 | 5 |" in other


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_made_up_songs_are_built_twice_to_the_same_bytes(tmp_path: Path):
    pytest.importorskip("pyarrow")
    for seed in range(6):
        write_song(tmp_path / "songs" / f"s{seed}", seed)
    found = measure([tmp_path / "songs"], 1, tmp_path)
    assert (found.songs, found.charts, found.left_out) == (6, 6, 0)
    assert found.same == found.files >= 3
    (first, none), (_, some) = found.kills
    assert 2 < first < 6
    assert none == 0 < some
    assert 0 < found.work_s < 60
