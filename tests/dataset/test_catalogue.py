import tarfile
from pathlib import Path

import pytest

from beatheritage.dataset.catalogue import load_corpus, load_songs
from beatheritage.errors import InputError


def test_songs_with_their_charts_and_sides(data: Path):
    osu, tja = load_songs(data / "train")
    assert (osu.id, osu.kind, osu.validation) == ("osu_1", "osu", False)
    assert (tja.id, tja.artist, tja.validation) == ("tja_1", "--wowaka feat.X", True)
    assert osu.audio.name == "audio.wav"
    assert [file.name for file in osu.files if file.earlier] == ["osu_1/a~0123abcd.osu"]
    assert all(file.validation for file in tja.files)
    assert len(osu.charts.beatmaps) == 4


def test_a_broken_chart_is_named_and_the_rest_is_read(data: Path):
    (data / "train" / "osu_1" / "z.osu").write_text("nothing of the kind")
    (data / "train" / "osu_1" / "y.osu").write_text("osu file format v14\n\n[HitObjects]\n")
    charts = load_songs(data / "train")[0].charts
    assert len(charts.beatmaps) == 4
    assert [skipped.name.split()[0] for skipped in charts.skipped] == ["osu_1/y.osu", "osu_1/z.osu"]
    assert all(skipped.reason for skipped in charts.skipped)


def test_the_richer_of_two_stepmania_files(data: Path):
    folder = data / "train" / "osu_1"
    (folder / "s.sm").write_text("#TITLE:S;")
    assert "osu_1/s.sm" in {file.name for file in load_songs(data / "train")[0].files}
    (folder / "s.ssc").write_text("#TITLE:S;")
    assert "osu_1/s.sm" not in {file.name for file in load_songs(data / "train")[0].files}


def test_a_song_without_audio_is_left_out(data: Path):
    (data / "train" / "osu_1" / "audio.wav").unlink()
    assert [song.id for song in load_songs(data / "train")] == ["tja_1"]


def test_a_corpus_is_the_same_from_a_folder_and_a_tar(data: Path):
    with tarfile.open(data / "osu_corpus.tar.xz", "w:xz") as archive:
        archive.add(data / "osu_corpus", "somewhere/else")
    folder, packed = (load_corpus(data / name) for name in ("osu_corpus", "osu_corpus.tar.xz"))
    assert [file.name for file in folder] == [file.name for file in packed]
    assert [file.data for file in folder] == [file.data for file in packed]
    assert [(file.name, file.validation) for file in folder] == [
        ("osu_corpus/met.osu", False),
        ("osu_corpus/new.osu", False),
        ("osu_corpus/held.osu", True),
    ]


def test_no_catalogue(tmp_path: Path):
    with pytest.raises(InputError, match=r"manifest\.csv"):
        load_songs(tmp_path)
    with pytest.raises(InputError, match="corpus"):
        load_corpus(tmp_path / "none.tar.xz")
    with tarfile.open(tmp_path / "empty.tar", "w"):
        pass
    with pytest.raises(InputError, match=r"manifest\.csv"):
        load_corpus(tmp_path / "empty.tar")
