from collections.abc import Callable
from pathlib import Path

import pytest

from beatheritage.dataset.prepare import INDEX, Record, load_records, prepare, summary
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import read


@pytest.fixture
def cache(data: Path, tmp_path: Path) -> Path:
    prepare(data, tmp_path / "charts", tmp_path / "mel")
    return tmp_path / "charts"


def by_source(cache: Path) -> dict[str, Record]:
    return {record.source: record for record in load_records(cache)}


def test_usable_charts_are_kept_with_their_measures(cache: Path):
    records = by_source(cache)
    assert records.keys() == {
        "osu_1/a.osu",
        "osu_1/a~0123abcd.osu",
        "osu_1/b.osu",
        "osu_corpus/new.osu",
        "osu_corpus/held.osu",
        "tja_1/t.tja",
    }
    first = records["osu_1/a.osu"]
    assert (first.song_id, first.kind, first.mode, first.keys) == ("osu_1", "osu", Mode.STD, 0)
    assert first.objects == 45
    assert first.stars > 0
    assert first.on_grid == 1.0
    assert records["osu_1/a~0123abcd.osu"].earlier
    assert records["tja_1/t.tja"].mode is Mode.TAIKO
    assert {name for name, record in records.items() if record.validation} == {
        "tja_1/t.tja",
        "osu_corpus/held.osu",
    }
    assert records["osu_corpus/new.osu"].song_id == ""


def test_a_late_chart_is_moved_to_the_convention(cache: Path):
    records = by_source(cache)
    on_time, late = records["osu_1/a.osu"], records["osu_1/b.osu"]
    assert on_time.offset_ms - late.offset_ms == pytest.approx(30, abs=1)
    assert on_time.shift_ms == 0
    starts = [read(cache / one.file).beatmap.objects[0].time for one in (on_time, late)]
    assert starts == pytest.approx([978, 978], abs=8)


def test_what_is_left_out_says_why(data: Path, tmp_path: Path):
    prepared = {one.source: one for one in prepare(data, tmp_path / "c", tmp_path / "mel")}
    rough = prepared["osu_1/c.osu"].skipped[0]
    assert rough.name == "osu_1/c.osu [Rough]"
    assert "on the grid" in rough.reason
    assert prepared["osu_corpus/met.osu"].skipped[0].reason == "met before"


@pytest.mark.parametrize(("beats", "kept"), [(38, False), (39, True)])
def test_a_chart_has_thirty_objects(
    beats: int, kept: bool, data: Path, chart_text: Callable[..., str], tmp_path: Path
):
    (data / "osu_corpus" / "new.osu").write_text(chart_text(beats=beats, artist="Else"))
    prepare(data, tmp_path / "c", tmp_path / "mel")
    assert ("osu_corpus/new.osu" in by_source(tmp_path / "c")) == kept


def test_a_second_run_goes_on_where_the_first_stopped(cache: Path, data: Path, tmp_path: Path):
    whole = load_records(cache)
    lines = (cache / INDEX).read_text().splitlines(keepends=True)
    (cache / INDEX).write_text("".join(lines[:2]) + lines[2][:40])  # stopped while writing
    assert len(load_records(cache)) == 2
    prepare(data, cache, tmp_path / "mel")
    assert load_records(cache) == whole


def test_a_chart_that_differs_in_line_ends_alone_counts_once(
    data: Path, chart_text: Callable[..., str], tmp_path: Path
):
    same = chart_text().replace("\n", "\r\n")
    (data / "train" / "osu_1" / "a~0123abcd.osu").write_bytes(same.encode())
    prepared = {one.source: one for one in prepare(data, tmp_path / "c", tmp_path / "mel")}
    assert prepared["osu_1/a.osu"].records
    assert not prepared["osu_1/a~0123abcd.osu"].records
    assert prepared["osu_1/a~0123abcd.osu"].skipped[0].reason == "the same as another"


def test_a_song_that_cannot_be_heard_is_named(data: Path, tmp_path: Path):
    (data / "train" / "osu_1" / "audio.wav").write_bytes(b"no audio")
    prepared = {one.source: one for one in prepare(data, tmp_path / "c", tmp_path / "mel")}
    assert not prepared["osu_1/a.osu"].records
    assert prepared["osu_1/a.osu"].skipped


def test_the_summary_counts_sides_and_reasons(data: Path, tmp_path: Path):
    text = summary(prepare(data, tmp_path / "c", tmp_path / "mel"))
    rows = {tuple(line.split()) for line in text.splitlines()}
    assert ("tja", "taiko", "validation", "1") in rows
    assert ("osu", "std", "training", "3") in rows
    assert ("skipped", "1", "met", "before") in rows
