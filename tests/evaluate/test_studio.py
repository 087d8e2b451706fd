"""The section on the studio: its parts, and a small run of what drives the server."""

import datetime

import pytest

from beatheritage.evaluate.performance import beside_others
from beatheritage.evaluate.section import part_of, with_part
from beatheritage.evaluate.studio.__main__ import write_mp3
from beatheritage.evaluate.studio.browser import MODES
from beatheritage.evaluate.studio.load import crowded, kills, slowed
from beatheritage.evaluate.studio.report import lines_of, section

DAY = datetime.date(2026, 11, 23)
MODE = {"objects": 2000, "draw_ms": [1.0] * 95 + [7.0] * 5, "apart_ms": [2.0], "frames": 600}
MEASURED = {
    "page": {
        "first_paint_s": 2.0,
        "bytes": 400_000,
        "beats_s": 8.0,
        "first_objects_s": 4.0,
        "song_bytes": 10_000_000,
        "modes": dict.fromkeys(MODES, MODE),
        "findings": [],
    },
    "kills": {"jobs": 200, "kills": 5, "once": 200, "doubled": 0, "lost": 0},
    "crowd": {
        "clients": 50,
        "errors": 0,
        "answers": 9,
        "p99_ms": 300.0,
        "alone_s": [10.0, 10.0, 10.0],
        "watched_s": [11.0, 11.0, 30.0],
    },
    "load": 0.1,
    "machine": "a machine",
}
BEYOND = {
    "page": {"first_paint_s": 2.1, "bytes": 400_001, "beats_s": 8.1, "first_objects_s": 4.1},
    "kills": {"lost": 1},
    "crowd": {"errors": 1, "p99_ms": 301.0, "watched_s": [12.0, 12.0, 12.0]},
}


def test_what_is_just_reached_is_reached():
    assert [line.what for line in lines_of(MEASURED) if not line.reached] == []


@pytest.mark.parametrize(
    ("part", "name"), [(part, name) for part, names in BEYOND.items() for name in names]
)
def test_one_beyond_its_bound_is_not(part, name):
    changed = MEASURED | {part: MEASURED[part] | {name: BEYOND[part][name]}}
    assert sum(not line.reached for line in lines_of(changed)) == 1


@pytest.mark.parametrize(("name", "value"), [("draw_ms", [8.1]), ("apart_ms", [9.0, 9.0, 90.0])])
def test_one_bad_mode_is_enough(name, value):
    modes = dict.fromkeys(MODES, MODE | {name: value})
    changed = MEASURED | {"page": MEASURED["page"] | {"modes": modes}}
    assert sum(not line.reached for line in lines_of(changed)) == 1


def test_what_axe_could_not_look_at_is_not_reached_nor_missed():
    changed = MEASURED | {"page": MEASURED["page"] | {"findings": None}}
    assert [line.reached for line in lines_of(changed)].count(None) == 1
    found = MEASURED | {"page": MEASURED["page"] | {"findings": ["song: color-contrast"]}}
    assert not all(line.reached for line in lines_of(found))


def test_slowing_is_by_pairs():
    assert slowed([10, 20, 10], [11, 22, 30]) == pytest.approx(0.1)


def test_parts_of_a_document_stay_beside_one_another(tmp_path):
    path = tmp_path / "performance.md"
    path.write_text(with_part("# Old\n\nfigures\n", "studio", section(MEASURED, DAY)))
    written = beside_others("# New\n", path)
    assert written.startswith("# New\n")
    assert part_of(written, "studio") == part_of(path.read_text(), "studio")
    assert "figures" not in written
    again = with_part(written, "studio", "other")
    assert part_of(again, "studio") == "<!-- studio: begin -->\nother\n<!-- studio: end -->"
    assert again.startswith("# New\n")
    assert part_of("nothing", "studio") == ""


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    path = tmp_path_factory.mktemp("song") / "song.mp3"
    write_mp3(path, 16)
    return path


@pytest.mark.slow
def test_a_server_is_killed_on_the_way(song, tmp_path):
    assert kills(tmp_path, song, jobs=4, times=1) == {
        "jobs": 4,
        "kills": 1,
        "once": 4,
        "doubled": 0,
        "lost": 0,
    }


@pytest.mark.slow
def test_many_look_on_while_maps_are_made(song, tmp_path):
    found = crowded(tmp_path, song, clients=3)
    assert found["errors"] == 0, found["first_errors"]
    assert found["answers"] > 10
    assert found["events"] > 10
    assert len(found["alone_s"]) == len(found["watched_s"]) == 3
