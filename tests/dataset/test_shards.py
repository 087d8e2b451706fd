"""Shards: what is written is read, and processes share it without overlap."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatheritage.dataset.rows import Chart, SongRow
from beatheritage.dataset.shards import Place, Shards, Share, open_shards, write_shard
from beatheritage.errors import InputError
from beatheritage.osu.mode import Mode
from beatheritage.tokens.prompt import Style

CHART = Chart(
    name="a/b.osu",
    osu="osu file format v14\n",
    mode=Mode.MANIA,
    keys=7,
    objects=31,
    stars=(1.5, 2.0, 2.5, 3.0),
    style=Style(density=0.5),
    on_grid=1.0,
    offset_ms=21.0,
    offset_sharpness=6.5,
    shift_ms=-9,
    sketch=b"sketch",
    earlier=True,
    mapper=1 << 40,
    year=2012,
    descriptors=("stream", "tech"),
)
ROW = SongRow(
    id="1",
    name="a",
    kind="osu",
    artist="A",
    title="T",
    licence="MIT",
    group="a",
    split="validation",
    seconds=2.5,
    codec="wav",
    audio=b"\0sound",
    flux=b"\1\2",
    charts=(CHART, replace(CHART, name="c", mode=Mode.STD, keys=0)),
)


def shards_of(folder: Path, rows: list[SongRow]) -> Shards:
    write_shard(folder / "s.parquet", rows)
    places = [
        Place(file="s.parquet", row_group=index, id=row.id, split=row.split)
        for index, row in enumerate(rows)
    ]
    return Shards(folder=folder, places=tuple(places))


def test_what_is_written_is_read(tmp_path: Path):
    bare = SongRow(id="2", name="b")
    shards = shards_of(tmp_path, [ROW, bare])
    assert shards.read(0) == ROW
    assert shards.read(1) == bare
    differing = [one.name for one in fields(SongRow) if getattr(ROW, one.name) == one.default]
    assert differing == [], "every field of the example must differ from its default"


def test_only_the_columns_asked_for_are_read(tmp_path: Path):
    row = shards_of(tmp_path, [ROW]).read(0, columns=["charts"])
    assert row.charts == ROW.charts
    assert (row.id, row.audio, row.artist) == (ROW.id, b"", "")


@settings(deadline=None)
@given(songs=st.integers(0, 40), count=st.integers(1, 7), seed=st.integers(0, 99))
def test_shares_take_every_song_once(songs: int, count: int, seed: int):
    places = tuple(
        Place(file="s", row_group=n, id=str(n), split="training" if n % 3 else "validation")
        for n in range(songs)
    )
    shards = Shards(folder=Path(), places=places)
    shares = [
        shards.order("training", seed=seed, epoch=1, share=Share(index=index, count=count))
        for index in range(count)
    ]
    taken = [index for share in shares for index in share]
    assert sorted(taken) == [n for n in range(songs) if n % 3]


def test_another_epoch_has_another_order():
    places = tuple(Place(file="s", row_group=n, id="", split="training") for n in range(20))
    shards = Shards(folder=Path(), places=places)
    orders = {shards.order("training", seed=1, epoch=epoch) for epoch in range(4)}
    assert len(orders) == 4
    assert shards.order("training", seed=1, epoch=2) in orders


@pytest.mark.parametrize(
    ("index", "told"),
    [
        (None, "no finished shards"),
        ("{", "no index"),
        ('{"format": 99, "shards": []}', "format 99"),
        ('{"format": 1, "shards": [{"split": "other", "songs": [], "file": "a"}]}', "no index"),
    ],
)
def test_what_is_no_data_set_is_refused(index: str | None, told: str, tmp_path: Path):
    if index is not None:
        (tmp_path / "index.json").write_text(index)
    with pytest.raises(InputError, match=told):
        open_shards(tmp_path)


def test_a_damaged_shard_is_named(tmp_path: Path):
    shards = shards_of(tmp_path, [ROW])
    path = tmp_path / "s.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"s\.parquet: is no shard"):
        shards.read(0)
