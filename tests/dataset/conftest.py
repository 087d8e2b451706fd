"""A song with charts, small enough to make anew for every test."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from beatheritage.audio.mel import SAMPLE_RATE

BEAT_S = 0.5
FIRST_S = 1.0
MANIFEST = "id,licence,kind,artist,title,seconds,n_charts,modes\n"
OSU = """osu file format v14

[General]
Mode: {mode}

[Metadata]
Title:Song
Artist:{artist}
Version:{version}

[Difficulty]
CircleSize:4
OverallDifficulty:5
SliderMultiplier:1.4
SliderTickRate:1

[TimingPoints]
{line},500,4,1,0,70,1,0

[HitObjects]
{objects}
"""


def beeps(beats: int) -> np.ndarray:
    """A beep on every beat from ``FIRST_S``, at 120 BPM; each fourth is missing.

    It swells for some milliseconds, as music does.
    """
    swell = np.linspace(0, 1, 180) ** 2 * np.sin(np.arange(180))
    samples = np.zeros(int((FIRST_S + beats * BEAT_S + 1) * SAMPLE_RATE), np.float32)
    for beat in range(beats):
        if beat % 4 != 3:
            start = int((FIRST_S + beat * BEAT_S) * SAMPLE_RATE)
            samples[start : start + len(swell)] = swell
    return samples


def osu_text(late: float = 0.0, beats: int = 60, off_line: float = 0.0, **fields: object) -> str:
    """A chart on the beeps; 0 ms late is osu!'s convention, 22 ms before the sound."""
    start = round(FIRST_S * 1000 - 22 + late)
    rows = [f"256,192,{start + beat * 500},1,0" for beat in range(beats) if beat % 4 != 3]
    known = {"mode": 0, "artist": "Nobody", "version": "Normal", "line": start + off_line}
    return OSU.format(objects="\n".join(rows), **{**known, **fields})


@pytest.fixture
def chart_text() -> Callable[..., str]:
    return osu_text


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder: one .osu song, one .tja song of a validation artist, and a corpus."""
    root = tmp_path / "data"
    for song in ("osu_1", "tja_1"):
        folder = root / "train" / song
        folder.mkdir(parents=True)
        soundfile.write(folder / "audio.wav", beeps(60), SAMPLE_RATE)
    songs = [
        "osu_1,none,osu,Nobody,Song,32,3,0",
        "tja_1,none,tja,--wowaka feat.X,Tune,32,1,tja",
    ]
    (root / "train" / "manifest.csv").write_text(MANIFEST + "\n".join(songs) + "\n")
    osu = root / "train" / "osu_1"
    (osu / "a.osu").write_text(osu_text())
    (osu / "a~0123abcd.osu").write_text(osu_text(version="Old"))
    (osu / "b.osu").write_text(osu_text(late=30, version="Late"))
    (osu / "c.osu").write_text(osu_text(off_line=17, version="Rough"))
    tja = "TITLE:Tune\nBPM:120\nOFFSET:-1\nCOURSE:Oni\n#START\n" + "1120,\n" * 15 + "#END\n"
    (root / "train" / "tja_1" / "t.tja").write_text(tja)
    _corpus(root / "osu_corpus")
    return root


def _corpus(folder: Path) -> None:
    folder.mkdir()
    rows = ["md5,artist,title,paired_id"]
    charts = {"met": "Nobody,Song,osu_1", "new": "Else,New,", "held": "WOWAKA,Old,"}
    for name, fields in charts.items():
        artist = fields.split(",")[0]
        text = osu_text() if name == "met" else osu_text(artist=artist)
        (folder / f"{name}.osu").write_text(text)
        rows.append(f"{name},{fields}")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
