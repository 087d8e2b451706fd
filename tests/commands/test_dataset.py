"""The command: what it refuses, lays down and tells."""

import json
from pathlib import Path

import pytest
from tests.dataset.test_build import write_song

from beatheritage.cli import main
from beatheritage.commands.dataset import reason_kind
from beatheritage.dataset.shards import open_shards


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["build", "songs"], "where to? (add -o SHARDS)"),
        (["build", "nowhere", "-o", "out"], "nowhere: there is no such file or folder"),
        (["build", "songs", "-o", "out", "--held-out", "1"], "held-out must be from 0 to less"),
        (["build", "songs", "-o", "out", "--songs-per-shard", "0"], "from 1 to 4096, not 0"),
        (["build", "songs", "-o", "out", "--jobs", "257"], "jobs must be from 1 to 256"),
        (["build", "songs", "-o", "songs/s0/a.osu"], "is not a folder"),
        (["stats", "songs"], "holds no finished shards"),
        (["stats", "songs", "songs"], "one folder of shards"),
        (["bild", "songs"], "invalid choice: 'bild'"),
    ],
)
def test_bad_options(
    words: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
):
    monkeypatch.chdir(tmp_path)
    write_song(tmp_path / "songs" / "s0", 0)
    assert main(["dataset", *words]) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_songs_in_shards_out(tmp_path: Path, capsys: pytest.CaptureFixture):
    write_song(tmp_path / "songs" / "s0", 0)
    write_song(tmp_path / "songs" / "s1", 1)
    (tmp_path / "songs" / "s1" / "audio.wav").unlink()
    shards = tmp_path / "shards"
    words = ["dataset", "build", str(tmp_path / "songs"), "-o", str(shards), "--jobs", "1"]
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert out.strip() == str(shards)
    assert "songs: 1 for training; charts: 1" in err
    assert "left out: 1" in err
    assert "there is no audio for it" in err
    assert len(open_shards(shards).places) == 1
    assert main([*words, "--json", "--charts-alone"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["charts"] == 2
    assert told["left_out"] == []
    assert main(["dataset", "stats", str(shards), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["modes"]["std"]["charts"] == 2
    assert main(["dataset", "stats", str(shards)]) == 0
    page = Path(capsys.readouterr().out.strip())
    assert page == shards / "stats.html"
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_reasons_are_told_by_their_kind():
    assert reason_kind("nearly the same (90%) as a [b]") == "nearly the same as another"
    assert reason_kind("the same as a") == "the same as another"
    assert reason_kind("the same recording as a, where its charts are") == (
        "the same recording as another"
    )
    assert reason_kind("cannot be decoded as mp3: why") == "cannot be decoded as mp3"
