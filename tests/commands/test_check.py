"""The command: what it says and how it exits."""

import json
import subprocess
import sys

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
