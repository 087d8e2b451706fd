"""The command that writes the report: what it takes, and the whole way on the demo song."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.evaluate.results import human_map
from tests.evaluate.test_subjects import KEPT, write_songs

from beatheritage.audio.demo import DEMO_BPM, DEMO_OFFSET_MS
from beatheritage.cli import main
from beatheritage.engine.weights import WEIGHTS
from beatheritage.osu.beatmap import Circle, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.osu.write import write

DEMO = Path(__file__).parents[2] / "demo" / "BeatHeritage - First Light.ogg"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--data", "nowhere"], "no songs to measure on"),
        (["--jobs", "0"], "jobs must be from 1"),
        (["--limit", "-1"], "limit must be 0 or more"),
        (["--seeds", "0"], "seeds must be from 1"),
        (["--models", "shipped"], "two models are compared"),
        (["--blind", "."], "is there already"),
        (["--tables", "stars,hold"], "there is no table 'hold'"),
        (["map.osu"], "go together"),
        (["map.osu", "--against", "none.osu"], "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(words, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", *words, "--quiet"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_pair_of_maps(tmp_path, capsys):
    human = human_map()
    made = replace(human, objects=(*human.objects[:8], Circle(time=9005, x=0, y=0)))
    for name, beatmap in (("human.osu", human), ("made.osu", made)):
        (tmp_path / name).write_text(write(beatmap), encoding="utf-8")
    words = [str(tmp_path / "made.osu"), "--against", str(tmp_path / "human.osu")]
    assert main(["evaluate", *words]) == 0
    out = capsys.readouterr().out
    assert "F1 ±20 ms  0.640  precision 0.889  recall 0.500" in out
    assert '{"off_tick": 1}' in out


def demo_words(tmp_path: Path) -> list[object]:
    """How to measure on the demo song alone."""
    data = tmp_path / "data"
    write_songs(data, [(KEPT[0], Mode.STD)])
    folder = data / "train" / KEPT[0]
    shutil.copy(DEMO, folder / "audio.ogg")
    line = RedLine(time=DEMO_OFFSET_MS, beat_length=60_000 / DEMO_BPM)
    (folder / "chart.osu").write_text(write(human_map(line=line)), encoding="utf-8")
    return ["--data", data, "--cache", tmp_path / "runs", "--limit", 1, "--quiet", "--jobs", 1]


@pytest.mark.slow
def test_two_models_and_a_blind_test(tmp_path):
    words = demo_words(tmp_path)
    shutil.copytree(WEIGHTS, tmp_path / "copy")
    models = ["--models", f"shipped,{tmp_path / 'copy'}", "--seeds", 2]
    assert main(["evaluate", *map(str, [*words, *models])]) == 0
    report = (tmp_path / "runs" / "evaluate" / "models.md").read_text("utf-8")
    row = next(line for line in report.splitlines() if "stars got less those asked, std" in line)
    cells = [cell.strip() for cell in row.strip("| ").split(" | ")]
    assert cells[1] == cells[2]
    assert float(cells[1]) > 0
    assert cells[3:] == ["+0.000", "+0.000 to +0.000", "–", "50 %"]
    assert (tmp_path / "runs" / "evaluate" / "models.html").is_file()
    assert main(["evaluate", *map(str, [*words, "--blind", tmp_path / "blind"])]) == 0
    names = sorted(path.name for path in (tmp_path / "blind").iterdir())
    assert names == ["index.html", "key.json", "song 01.osz"]


@pytest.mark.slow
def test_the_whole_way(tmp_path):
    words, cache = demo_words(tmp_path), tmp_path / "runs"
    words += ["--tables", "rhythm,likeness,kept"]
    files = ["-o", tmp_path / "quality.md", "--json", tmp_path / "quality.json"]
    command = ["evaluate", *(str(word) for word in [*words, *files])]
    assert main(command) == 0
    report, kept = (tmp_path / "quality.md").read_text("utf-8"), set(cache.rglob("*.json"))
    rows = [json.loads(row) for row in (cache / "evaluate" / "rows.jsonl").open(encoding="utf-8")]
    groups = ["std", "converted", "drafted", "kept"]
    assert [row["group"] for row in rows] == groups
    assert "## Repeated sections" in report
    assert "<svg" in (tmp_path / "quality.html").read_text("utf-8")
    assert all(row["objects"] == row["objects_read"] > 0 and not row["error"] for row in rows)
    assert not any(row["faults"] for row in rows if row["group"] != "drafted")
    assert main(command) == 0
    assert (tmp_path / "quality.md").read_text("utf-8") == report
    assert set(cache.rglob("*.json")) == kept
