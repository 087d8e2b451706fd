"""The command: what it says and how it exits."""

import json
import subprocess
import sys
import time
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.review.maps import circle, clean_map, subject
from tests.test_cli import WITHOUT_TORCH

from beatheritage.cli import main
from beatheritage.osu.write import write


@pytest.fixture
def clean(tmp_path):
    path = tmp_path / "clean.osu"
    path.write_text(write(clean_map().beatmap), "utf-8")
    return path


@pytest.fixture
def faulty(tmp_path):
    """Two problems: unsnapped, and without a hitsound; its drain is a warning."""
    path = tmp_path / "faulty.osu"
    made = subject(circle(0), circle(1003), combo_colours=clean_map().beatmap.combo_colours)
    path.write_text(write(made.beatmap), "utf-8")
    return path


def test_exit_codes(clean, faulty, tmp_path, capsys):
    assert main(["check", str(clean)]) == 0
    assert main(["check", str(faulty)]) == 1
    assert main(["check", str(clean), str(faulty)]) == 1
    assert main(["check", str(tmp_path / "none.osz")]) == 2
    assert main(["check", str(tmp_path / "none.osz"), str(faulty)]) == 2
    out, err = capsys.readouterr()
    assert "Unsnaps: is 3.0 ms after the nearest tick  osu://edit/00:01:003 (2)" in out
    assert "none.osz: cannot be read" in err


def test_levels(faulty, capsys):
    shown = {}
    for level in ("problem", "warning", "minor"):
        assert main(["check", str(faulty), "--level", level, "--json"]) == 1
        issues = json.loads(capsys.readouterr().out)["issues"]
        shown[level] = {issue["severity"] for issue in issues}
    assert shown["problem"] == {"problem"}
    assert shown["warning"] == {"problem", "warning"}
    assert shown["minor"] >= {"problem", "warning"}


def test_submission(faulty, capsys):
    def severity_of_drain(*words):
        assert main(["check", str(faulty), "--json", *words]) == 1
        issues = json.loads(capsys.readouterr().out)["issues"]
        return {issue["rule"]: issue["severity"] for issue in issues}["DrainTime"]

    assert severity_of_drain() == "warning"
    assert severity_of_drain("--for-submission") == "problem"


def test_modes(faulty, capsys):
    assert main(["check", str(faulty), "--mode", "taiko"]) == 0
    assert main(["check", str(faulty), "--mode", "std"]) == 1
    assert main(["check", str(faulty), "--mode", "tako"]) == 2
    assert "did you mean taiko?" in capsys.readouterr().err


def test_checks_without_torch(clean):
    program = f"{WITHOUT_TORCH}\nfrom beatheritage.cli import main\nsys.exit(main(sys.argv[1:]))"
    run = subprocess.run(
        [sys.executable, "-c", program, "check", str(clean)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"{clean}: ")


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            tight = zipfile.ZIP_DEFLATED if path.stem == "bomb" else zipfile.ZIP_STORED
            archive.writestr(name, data, tight)
    return path


MAP = write(clean_map().beatmap).encode()
HEAD = b"osu file format v14\n[HitObjects]\n"
HARMFUL = {
    "bomb.osz": ({"a.osu": HEAD + bytes(32 << 20)}, "'a.osu', packed too well"),
    "ladder.osz": ({"a.osu": MAP, "../b.osu": MAP}, "'../b.osu', a path that leads out"),
    "nothing.osz": ({"audio.mp3": b"x"}, "holds no .osu file"),
    "lines.osz": (
        {"a.osu": HEAD + b"1,1,1,1,0\n" * 300_000 + b"x\n" * 9},
        "a.osu: has 300011 lines",
    ),
    "objects.osz": ({"a.osu": HEAD + b"1,1,1,1,0\n" * 100_001}, "a.osu: has 100001 objects"),
    "maps.osz": ({f"{index}.osu": MAP for index in range(257)}, "holds more than 256 maps"),
    "other.osz": ({"a.osu": b"MZ rubbish"}, "a.osu: is no .osu file"),
}
MOST_SECONDS = 5.0


@pytest.mark.parametrize("name", HARMFUL)
def test_what_is_there_to_do_harm_is_refused_by_name(name, tmp_path, capsys):
    files, told = HARMFUL[name]
    path = packed(tmp_path / name, files)
    began = time.process_time()
    assert main(["check", str(path)]) == 2
    assert time.process_time() - began < MOST_SECONDS
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert name in err
    assert told in err


def test_a_bomb_is_not_unpacked(tmp_path):
    path = packed(tmp_path / "bomb.osz", {"a.osu": HEAD + bytes(64 << 20)})
    tracemalloc.start()
    try:
        assert main(["check", str(path)]) == 2
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_a_set_of_two_songs(tmp_path, capsys):
    one = clean_map().beatmap
    other = replace(one, general=replace(one.general, audio_filename="b.mp3"))
    files = {"a.osu": write(one).encode(), "b.osu": write(other).encode()}
    path = packed(tmp_path / "two.osz", {**files, "audio.mp3": b"ID3", "b.mp3": b"ID3"})
    severities = {}
    for words in ([], ["--for-submission"]):
        main(["check", str(path), "--json", *words])
        issues = json.loads(capsys.readouterr().out)["issues"]
        severities[bool(words)] = {
            one["severity"] for one in issues if one["rule"] == "MultipleAudio"
        }
    assert severities == {False: {"warning"}, True: {"problem"}}


def test_numbers_that_are_none(tmp_path, capsys):
    text = MAP.replace(b",1000,", b",nan,").replace(b",1500,", b",1e999,")
    assert text != MAP
    (tmp_path / "nan.osu").write_bytes(text)
    assert main(["check", str(tmp_path / "nan.osu"), "--json"]) in (0, 1)
    assert "nan" not in capsys.readouterr().out.replace("nan.osu", "").casefold()
