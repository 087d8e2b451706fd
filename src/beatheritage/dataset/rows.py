"""A song of a data set as a value, and as a row of Parquet.

A row holds all that training reads of a song: its audio as it was found, its charts as .osu in
osu!'s convention, and what was measured of them.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from beatheritage.audio.decode import read_song
from beatheritage.audio.song import Song
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.tokens.prompt import Style

Split = Literal["training", "validation", "tuning"]
SPLITS: tuple[Split, ...] = ("training", "validation", "tuning")
RATES = (0.75, 1.0, 1.25, 1.5)
"""The clock rates whose stars are measured: the game's half time and double time, and between."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One difficulty. ``osu`` is its text, moved by ``shift_ms`` so that its lines stand where
    osu!'s do against the sound; ``stars`` are those at ``RATES``.

    ``keys`` is 0 outside mania. ``mapper``, ``year`` and ``descriptors`` are of data sets that know
    them, 0 and empty elsewhere. ``earlier`` marks an older version of a chart that is here too;
    ``sketch`` is what charts are compared by (``twins.py``).
    """

    name: str
    osu: str
    mode: Mode
    keys: int = 0
    objects: int = 0
    stars: tuple[float, ...] = ()
    style: Style = field(default_factory=Style)
    on_grid: float = 0.0
    offset_ms: float = 0.0
    offset_sharpness: float = 0.0
    shift_ms: int = 0
    sketch: bytes = b""
    earlier: bool = False
    mapper: int = 0
    year: int = 0
    descriptors: tuple[str, ...] = ()

    @cached_property
    def beatmap(self) -> Beatmap:
        """The chart, read once."""
        return parse(self.osu).beatmap

    @property
    def rating(self) -> float:
        """Stars at the usual rate."""
        return self.stars[RATES.index(1.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SongRow:
    """A song with its charts. ``audio`` is the file as it was found (its format in ``codec``),
    empty for charts that came without their sound.

    ``group`` is the same for all songs that must stand on one side: by one artist, or of one
    recording. ``flux`` is how much louder each frame of the log-mel is than a moment ago, in
    1/255 of its loudest: what recordings are told apart by.
    """

    id: str = ""
    name: str = ""
    kind: str = ""
    artist: str = ""
    title: str = ""
    licence: str = ""
    group: str = ""
    split: Split = "training"
    seconds: float = 0.0
    codec: str = ""
    audio: bytes = b""
    flux: bytes = b""
    charts: tuple[Chart, ...] = ()

    def song(self) -> Song:
        """The sound: mono at ``audio.mel.SAMPLE_RATE``. Raises InputError where it can't be had."""
        with tempfile.TemporaryDirectory(prefix="beatheritage-") as folder:
            path = Path(folder) / f"audio.{self.codec}"
            path.write_bytes(self.audio)
            return read_song(path)


_STYLE = pa.struct([(one.name, pa.float64()) for one in fields(Style)])
_CHART = pa.struct(
    [
        ("name", pa.string()),
        ("osu", pa.string()),
        ("mode", pa.int8()),
        ("keys", pa.int8()),
        ("objects", pa.int32()),
        ("stars", pa.list_(pa.float64())),
        ("style", _STYLE),
        ("on_grid", pa.float64()),
        ("offset_ms", pa.float64()),
        ("offset_sharpness", pa.float64()),
        ("shift_ms", pa.int16()),
        ("sketch", pa.binary()),
        ("earlier", pa.bool_()),
        ("mapper", pa.int64()),
        ("year", pa.int16()),
        ("descriptors", pa.list_(pa.string())),
    ]
)
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("kind", pa.string()),
        ("artist", pa.string()),
        ("title", pa.string()),
        ("licence", pa.string()),
        ("group", pa.string()),
        ("split", pa.string()),
        ("seconds", pa.float64()),
        ("codec", pa.string()),
        ("audio", pa.large_binary()),
        ("flux", pa.large_binary()),
        ("charts", pa.list_(_CHART)),
    ]
)


def table_of(row: SongRow) -> pa.Table:
    """One song as a table of one row."""
    values = {one.name: getattr(row, one.name) for one in fields(row)}
    return pa.Table.from_pylist(
        [{**values, "charts": [_chart_values(chart) for chart in row.charts]}], schema=SCHEMA
    )


def rows_of(table: pa.Table) -> tuple[SongRow, ...]:
    """The songs of a table; columns that were not read keep their defaults."""
    return tuple(_row(values) for values in table.to_pylist())


def _row(values: Mapping[str, Any]) -> SongRow:
    charts = tuple(_chart(each) for each in values.get("charts") or ())
    return SongRow(**{**values, "charts": charts})


def _chart_values(chart: Chart) -> dict[str, Any]:
    values = {one.name: getattr(chart, one.name) for one in fields(chart)}
    return {**values, "mode": int(chart.mode), "style": asdict(chart.style)}


def _chart(values: Mapping[str, Any]) -> Chart:
    known = Chart(
        name=values["name"],
        osu=values["osu"],
        mode=Mode(values["mode"]),
        style=Style(**values["style"]),
        stars=tuple(values["stars"]),
        descriptors=tuple(values["descriptors"]),
    )
    plain = ("keys", "objects", "on_grid", "offset_ms", "offset_sharpness")
    others = ("shift_ms", "sketch", "earlier", "mapper", "year")
    return replace(known, **{name: values[name] for name in (*plain, *others)})
