import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.evaluate.results import human_map

from beatheritage.dataset.split import validation_ids
from beatheritage.errors import InputError
from beatheritage.evaluate.subjects import load_subjects
from beatheritage.osu.mode import Mode
from beatheritage.osu.write import write

COLUMNS = ("id", "licence", "kind", "artist", "title", "modes")
KEPT = sorted(one for one in validation_ids() if one.startswith("osu_"))


def write_songs(data: Path, songs: Sequence[tuple[str, Mode]]) -> None:
    """Songs without sound, each with a chart and an earlier version of it."""
    train = data / "train"
    train.mkdir(parents=True)
    with (train / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS)
        rows.writeheader()
        for song, mode in songs:
            rows.writerow({"id": song, "kind": "osu", "artist": "Nobody at all", "title": song})
            (train / song).mkdir()
            (train / song / "audio.ogg").touch()
            for name in ("chart.osu", "chart~0123abcd.osu"):
                (train / song / name).write_text(write(human_map(mode)), encoding="utf-8")


def test_validation_songs_alone_and_no_earlier_versions(tmp_path: Path):
    write_songs(tmp_path, [(KEPT[0], Mode.STD), ("osu_training", Mode.STD)])
    (subject,) = load_subjects(tmp_path, tmp_path)
    assert subject.id == KEPT[0]
    (chart,) = subject.charts
    assert chart.name == f"{KEPT[0]}/chart.osu [Hard]"
    assert chart.stars > 0
    assert (chart.keys, chart.shift_ms) == (0, 0)


def test_a_limit_holds_for_each_mode(tmp_path: Path):
    modes = [Mode.STD, Mode.STD, Mode.TAIKO, Mode.STD, Mode.TAIKO]
    write_songs(tmp_path, list(zip(KEPT, modes, strict=False)))
    found = [one.charts[0].mode for one in load_subjects(tmp_path, tmp_path, limit=1)]
    assert found == [Mode.STD, Mode.TAIKO]
    assert len(load_subjects(tmp_path, tmp_path, limit=2)) == 4
    assert len(load_subjects(tmp_path, tmp_path)) == 5


def test_missing_data_is_told(tmp_path: Path):
    with pytest.raises(InputError, match="--data"):
        load_subjects(tmp_path, tmp_path)


DATA = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / "train").is_dir(), reason="../shared/data is not here")
def test_there_is_enough_to_measure_on(tmp_path: Path):
    subjects = load_subjects(DATA, tmp_path)
    with_mode = {
        mode: sum(any(chart.mode is mode for chart in one.charts) for one in subjects)
        for mode in (Mode.STD, Mode.MANIA)
    }
    osu = [one for one in subjects if one.kind == "osu"]
    taiko = sum(any(chart.mode is Mode.TAIKO for chart in one.charts) for one in osu)
    assert len(osu) >= 30
    assert (with_mode[Mode.STD] >= 20, with_mode[Mode.MANIA] >= 8, taiko >= 4) == (True,) * 3
    assert sum(one.kind == "tja" for one in subjects) >= 20
