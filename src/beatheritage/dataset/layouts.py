"""The data sets of the ancestors, as they lie on disk.

ORS: ``TrackNNNNN/`` with ``metadata.json``, ``audio.*`` and ``beatmaps/*.osu``. MMRS:
``metadata.parquet`` beside ``data/SET/`` with audio and charts. The web set: shards, tar or
Parquet, whose rows are a ``json`` with the charts' text and what is known of them, and an ``opus``.
"""

import json
import re
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from beatheritage.dataset.bundle import Bundle, ChartFacts, File, Survey, chart_and_sound_files
from beatheritage.dataset.charts import Skipped
from beatheritage.dataset.content import Cell, Content, Given, Stretch, Whole
from beatheritage.errors import InputError

MMRS_TABLE = "metadata.parquet"
MMRS_COLUMNS = (
    "BeatmapSetFolder",
    "BeatmapFile",
    "AudioFile",
    "UserId",
    "SubmittedDate",
    "OmdbTags",
)
TRACK = re.compile(r"Track\d+")
DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException)


def is_ors(source: Path) -> bool:
    return any(TRACK.fullmatch(path.parent.name) for path in source.glob("Track*/metadata.json"))


def is_mmrs(source: Path) -> bool:
    return (source / MMRS_TABLE).is_file()


def is_web(source: Path) -> bool:
    return any(source.glob("*.tar")) or any(source.glob("*.parquet"))


def find_ors(source: Path, name: str) -> Survey:
    """Every track; one whose list of charts is damaged is named."""
    bundles, skipped = [], []
    for folder in sorted(source.glob("Track*")):
        listed = folder / "metadata.json"
        try:
            known = json.loads(listed.read_text("utf-8-sig"))["Beatmaps"].keys()
        except DAMAGED:
            skipped.append(Skipped(name=f"{name}/{folder.name}", reason="no metadata.json to read"))
            continue
        files = [File(path.name, Whole(path=path)) for path in folder.glob("audio.*")]
        for path in (folder / "beatmaps").glob("*.osu"):
            if path.stem in known or path.name in known:
                files.append(File(path.name, Whole(path=path)))
        charts, sounds = chart_and_sound_files(files)
        bundles.append(Bundle(name=f"{name}/{folder.name}", charts=charts, sounds=sounds))
    return Survey(tuple(bundles), tuple(skipped))


def find_mmrs(source: Path, name: str) -> Survey:
    """Every set of the table, with what it says of each chart. Raises InputError."""
    path = source / MMRS_TABLE
    try:
        there = pq.read_schema(path).names
        columns = [column for column in MMRS_COLUMNS if column in there]
        rows = pq.read_table(path, columns=columns, use_threads=False).to_pylist()
        sets: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in rows:
            sets[row["BeatmapSetFolder"]].append(row)
    except DAMAGED as error:
        raise InputError("is no table of beatmap sets", where=str(path)) from error
    bundles, skipped = [], []
    for folder, charts in sorted(sets.items()):
        bundle = _mmrs_set(source / "data" / folder, f"{name}/{folder}", charts)
        missing = [row["BeatmapFile"] for row in charts if row["BeatmapFile"] not in bundle.facts]
        skipped += [Skipped(name=f"{bundle.name}/{one}", reason="no such file") for one in missing]
        if bundle.charts:
            bundles.append(bundle)
    return Survey(tuple(bundles), tuple(skipped))


def _mmrs_set(folder: Path, name: str, rows: list[Mapping[str, Any]]) -> Bundle:
    names = {row[key] for row in rows for key in ("BeatmapFile", "AudioFile") if row.get(key)}
    paths = [folder / one for one in sorted(names)]
    files = [File(path.name, Whole(path=path)) for path in paths if path.is_file()]
    charts, sounds = chart_and_sound_files(files)
    here = {file.name for file in charts}
    facts = {
        row["BeatmapFile"]: ChartFacts(
            mapper=int(row.get("UserId") or 0),
            year=_year(row.get("SubmittedDate")),
            descriptors=tuple(map(str, row.get("OmdbTags") or ())),
        )
        for row in rows
        if row["BeatmapFile"] in here
    }
    return Bundle(name=name, charts=charts, sounds=sounds, facts=facts)


def find_web(source: Path, name: str) -> Survey:
    """Every song of every shard; a shard or row that is damaged is named."""
    bundles: list[Bundle] = []
    skipped: list[Skipped] = []
    for path in sorted([*source.glob("*.tar"), *source.glob("*.parquet")]):
        rows = _tar_rows(path) if path.suffix == ".tar" else _parquet_rows(path)
        try:
            for key, listed, sound in rows:
                inner = f"{name}/{path.name}/{key}"
                try:
                    bundles.append(_web_song(inner, listed, sound))
                except DAMAGED:
                    skipped.append(Skipped(name=inner, reason="no list of charts to read"))
        except (*DAMAGED, tarfile.TarError):
            skipped.append(Skipped(name=f"{name}/{path.name}", reason="no shard, or a damaged one"))
    return Survey(tuple(bundles), tuple(skipped))


def _web_song(name: str, listed: str | bytes | Mapping[str, Any], sound: Content | None) -> Bundle:
    known = listed if isinstance(listed, Mapping) else json.loads(listed)
    rows = {f"{row['beatmap_id']}.osu": row for row in known["beatmaps"]}
    charts = [File(one, Given(data=row["content"].encode())) for one, row in sorted(rows.items())]
    facts = {
        one: ChartFacts(mapper=int(row.get("creator_id") or 0), year=_year(row.get("submit_date")))
        for one, row in rows.items()
    }
    sounds = (File("audio.opus", sound),) if sound else ()
    return Bundle(name=name, charts=tuple(charts), sounds=sounds, facts=facts)


def _tar_rows(path: Path) -> Iterator[tuple[str, bytes, Content | None]]:
    members: dict[str, dict[str, Stretch]] = defaultdict(dict)
    with tarfile.open(path, "r:") as archive:
        for member in archive:
            key, _, kind = member.name.partition(".")
            if member.isfile():
                place = Stretch(path=path, start=member.offset_data, size=member.size)
                members[key][kind] = place
    for key, parts in sorted(members.items()):
        yield key, parts["json"].read() if "json" in parts else b"", parts.get("opus")


def _parquet_rows(path: Path) -> Iterator[tuple[str, Any, Content | None]]:
    with pq.ParquetFile(path) as file:
        sound = "opus" if "opus" in file.schema_arrow.names else ""
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, columns=["json"], use_threads=False).to_pylist()
            for index, row in enumerate(rows):
                cell = Cell(path=path, row_group=group, row=index, column=sound) if sound else None
                yield f"{group}-{index}", _text(row["json"]), cell


def _text(value: Any) -> Any:
    """What a cell of JSON holds, whichever way it was stored."""
    return value["bytes"] if isinstance(value, dict) and "bytes" in value else value


def _year(date: Any) -> int:
    """The year of a date, as text or as a value; 0 where none is known."""
    found = re.match(r"\d{4}", str(date or ""))
    return int(found[0]) if found else 0
