"""The command: what it writes, says and refuses, and how it exits."""

import json
import zipfile

import pytest
from tests.review.maps import circle, clean_map, subject

from beatheritage.cli import main
from beatheritage.osu.archive import write_archive
from beatheritage.osu.write import write
from beatheritage.review.mapset import read_subject
from beatheritage.review.review import review_set


@pytest.fixture
def clean(tmp_path):
    path = tmp_path / "clean.osu"
    path.write_text(write(clean_map().beatmap) + "\r\n// a remark\r\n", "utf-8")
    return path


@pytest.fixture
def faulty(tmp_path):
    """Unsnapped, and without a hitsound."""
    path = tmp_path / "faulty.osu"
    made = subject(circle(0), circle(1003), combo_colours=clean_map().beatmap.combo_colours)
    path.write_text(write(made.beatmap), "utf-8")
    return path


def found(path):
    return {issue.rule for issue in review_set(read_subject(path))}


def test_a_faulty_map_is_mended_and_told(faulty, tmp_path, capsys):
    out = tmp_path / "out"
    assert {"Unsnaps", "HitSounds"} <= found(faulty)
    assert main(["repair", str(faulty), "-o", str(out)]) == 0
    assert not {"Unsnaps", "HitSounds"} & found(out / "faulty.osu")
    told = capsys.readouterr().out
    assert "00:01:003 Unsnaps: circle moved in time by -3 ms" in told


def test_a_clean_map_comes_out_byte_for_byte(clean, tmp_path):
    assert main(["repair", str(clean), "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "clean.osu").read_bytes() == clean.read_bytes()


def test_a_set_keeps_its_files_and_a_folder_becomes_one(clean, faulty, tmp_path):
    files = {"clean.osu": clean.read_bytes(), "a.osu": faulty.read_bytes(), "sb/x.png": b"x"}
    write_archive(tmp_path / "set.osz", files)
    folder = tmp_path / "set"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for number, path in enumerate((tmp_path / "set.osz", folder)):
        out = tmp_path / f"out{number}"
        assert main(["repair", str(path), "-o", str(out), "--quiet"]) == 0
        with zipfile.ZipFile(out / "set.osz") as archive:
            assert set(archive.namelist()) == files.keys()
            assert archive.read("clean.osu") == files["clean.osu"]
            assert archive.read("sb/x.png") == b"x"
            assert archive.read("a.osu") != files["a.osu"]


def test_json_names_each_change(faulty, tmp_path, capsys):
    main(["repair", str(faulty), "-o", str(tmp_path / "out"), "--json"])
    (one,) = json.loads(capsys.readouterr().out)["maps"]
    assert {"rule": "Unsnaps", "time": 1003.0, "what": "circle moved in time by -3 ms"} in one[
        "changes"
    ]
    assert [left["rule"] for left in one["left"]] == ["DiffSettingsStandard"]


def test_what_cannot_be_repaired_stays_and_is_named(tmp_path, capsys):
    """No red line: nobody but the song can say where beats are."""
    path = tmp_path / "untimed.osu"
    path.write_text(write(subject(circle(0), circle(1000), lines=()).beatmap), "utf-8")
    assert main(["repair", str(path), "-o", str(tmp_path / "out")]) == 1
    assert "FirstLine: there is no red line (stays as it was)" in capsys.readouterr().out


def test_nothing_is_overwritten_unasked(faulty, tmp_path, capsys):
    target = tmp_path / "out" / "faulty.osu"
    assert main(["repair", str(faulty), "-o", str(target.parent), "--quiet"]) == 0
    target.write_text("mine")
    assert main(["repair", str(faulty), "-o", str(target.parent)]) == 2
    assert target.read_text() == "mine"
    assert "exists already (add --overwrite)" in capsys.readouterr().err
    assert main(["repair", str(faulty), "-o", str(target.parent), "--overwrite", "--quiet"]) == 0
    assert main(["repair", str(faulty), "-o", str(tmp_path), "--overwrite"]) == 2
    assert "is the map itself" in capsys.readouterr().err


def test_what_cannot_be_read_is_told_and_the_rest_done(faulty, tmp_path, capsys):
    out = tmp_path / "out"
    missing = tmp_path / "none.osz"
    assert main(["repair", str(missing), str(faulty), "-o", str(out), "--quiet"]) == 2
    assert "none.osz" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["faulty.osu"]
