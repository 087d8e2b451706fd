"""A bundle of charts and audio, matched, heard and measured: everything but the audio itself."""

import hashlib
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path, PurePath
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from beatheritage.audio.decode import read_song
from beatheritage.audio.mel import log_mel
from beatheritage.audio.song import Song, Tags
from beatheritage.dataset.bundle import Bundle, ChartFacts, File, suffix
from beatheritage.dataset.catalogue import EARLIER
from beatheritage.dataset.charts import Skipped
from beatheritage.dataset.content import Whole, read_content
from beatheritage.dataset.read import read_charts
from beatheritage.dataset.rows import RATES, SCHEMA, Chart, SongRow, rows_of, table_of
from beatheritage.dataset.shift import shift
from beatheritage.dataset.twins import flux_bytes, sketch
from beatheritage.dataset.worth import (
    Worth,
    chart_worth,
    novelty,
    refuse_chart,
    refuse_stranger,
    shift_ms,
)
from beatheritage.errors import InputError
from beatheritage.osu.archive import replacing
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import decode
from beatheritage.osu.stars import stars
from beatheritage.osu.write import write
from beatheritage.timing.grid import Timing
from beatheritage.tokens.draft import draft_of
from beatheritage.tokens.prompt import measure_style

NAMES_ITS_AUDIO = {
    ".osu": re.compile(r"^AudioFilename\s*:(.*)$", re.MULTILINE),
    ".tja": re.compile(r"^WAVE\s*:(.*)$", re.MULTILINE),
    ".sm": re.compile(r"#MUSIC\s*:([^;]*);"),
    ".ssc": re.compile(r"#MUSIC\s*:([^;]*);"),
    ".qua": re.compile(r"^AudioFile\s*:(.*)$", re.MULTILINE),
}
USUAL_NAMES = ("audio", "song", "guitar")  # of a song's sound, where the chart names none
KINDS = {".mid": "fof"}  # whose kind is not the end of its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The songs of a bundle without their audio, which lies in the bundle's file of that name."""

    rows: tuple[SongRow, ...] = ()
    sounds: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()


class Candidate(NamedTuple):
    """A chart that was read, and what its song says of it."""

    file: str
    beatmap: Beatmap
    worth: Worth


def measure(bundle: Bundle) -> Measured:
    """All songs of a bundle. Nothing is raised for what cannot be used: it is named."""
    together: dict[File | None, list[tuple[str, bytes]]] = defaultdict(list)
    skipped: list[Skipped] = []
    for file in bundle.charts:
        try:
            data = read_content(file.content)
        except InputError as error:
            skipped.append(Skipped(name=f"{bundle.name}/{file.name}", reason=error.what))
            continue
        together[_sound_of(file.name, data, bundle.sounds)].append((file.name, data))
    several = len(together) > 1
    found = [
        _measure_song(bundle, sound, charts, _name(bundle, sound, several))
        for sound, charts in together.items()
    ]
    return Measured(
        rows=tuple(chain.from_iterable(one.rows for one in found)),
        sounds=tuple(chain.from_iterable(one.sounds for one in found)),
        skipped=(*skipped, *chain.from_iterable(one.skipped for one in found)),
    )


def keep(measured: Measured, path: Path) -> None:
    """Write what was measured, whole or not at all. Raises OutputError."""
    told = {
        "sounds": json.dumps(measured.sounds),
        "skipped": json.dumps([asdict(one) for one in measured.skipped]),
    }
    tables = [SCHEMA.empty_table(), *map(table_of, measured.rows)]
    with replacing(path) as file:
        pq.write_table(pa.concat_tables(tables).replace_schema_metadata(told), file)


def load(path: Path) -> Measured:
    """What was kept. Raises InputError for what is damaged."""
    table = read_kept(path)
    told = table.schema.metadata
    return Measured(
        rows=rows_of(table),
        sounds=tuple(json.loads(told[b"sounds"])),
        skipped=tuple(Skipped(**one) for one in json.loads(told[b"skipped"])),
    )


def read_kept(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """What was kept as a table, or some columns of it. Raises InputError for what is damaged."""
    try:
        with pq.ParquetFile(path) as file:
            return file.read(columns=columns, use_threads=False)
    except (OSError, pa.ArrowException) as error:
        mend = "delete it, and run this again"
        raise InputError("is damaged", where=str(path), mend=mend) from error


def _sound_of(chart: str, data: bytes, sounds: Sequence[File]) -> File | None:
    """The audio that a chart names, else the only one there, else one with a usual name."""
    pattern = NAMES_ITS_AUDIO.get(suffix(chart))
    said = pattern.search(decode(data)) if pattern else None
    if said and (name := said[1].strip().strip("\"'").replace("\\", "/")):
        wanted = [name.casefold(), str(PurePath(chart).parent / name).casefold()]
        for sound in sounds:
            if sound.name.casefold() in wanted:
                return sound
    if len(sounds) == 1:
        return sounds[0]
    return next((one for one in sounds if PurePath(one.name).stem.lower() in USUAL_NAMES), None)


def _name(bundle: Bundle, sound: File | None, several: bool) -> str:
    return f"{bundle.name}/{sound.name}" if sound and several else bundle.name


def _measure_song(
    bundle: Bundle, sound: File | None, files: Sequence[tuple[str, bytes]], name: str
) -> Measured:
    """The charts of one audio file; of none, each for itself."""
    read = [(file, read_charts(f"{bundle.name}/{file}", data)) for file, data in files]
    lost = [skipped for _, charts in read for skipped in charts.skipped]
    beatmaps = [(file, beatmap) for file, charts in read for beatmap in charts.beatmaps]
    if sound is None:
        return _measure_alone(bundle, beatmaps, lost)
    try:
        audio = read_content(sound.content)
        song = _decoded(sound, audio)
    except InputError as error:
        lost.append(Skipped(name=f"{bundle.name}/{sound.name}", reason=error.what))
        return Measured(skipped=tuple(lost))
    flux = novelty(log_mel(song.samples))
    candidates = [Candidate(file, one, chart_worth(one, flux)) for file, one in beatmaps]
    charts, refused = _judged(bundle, candidates)
    lost += refused
    if not charts:
        return Measured(skipped=tuple(lost))
    row = replace(
        _titled(bundle, beatmaps, song.tags),
        id=hashlib.sha256(audio).hexdigest()[:16],
        name=name,
        seconds=round(song.duration / 1000, 3),
        codec=song.codec,
        flux=flux_bytes(flux),
        charts=charts,
    )
    return Measured(rows=(row,), sounds=(sound.name,), skipped=tuple(lost))


def _measure_alone(
    bundle: Bundle, beatmaps: Sequence[tuple[str, Beatmap]], lost: Sequence[Skipped]
) -> Measured:
    """Charts without their sound, each a row of its own: some can be learnt from all the same."""
    rows, skipped = [], list(lost)
    for file, beatmap in beatmaps:
        charts, refused = _judged(bundle, [Candidate(file, beatmap, chart_worth(beatmap, None))])
        skipped += refused
        for chart in charts:
            titled = _titled(bundle, [(file, beatmap)], Tags())
            digest = hashlib.sha256(chart.osu.encode()).hexdigest()[:16]
            rows.append(replace(titled, id=digest, name=chart.name, charts=(chart,)))
    return Measured(rows=tuple(rows), sounds=("",) * len(rows), skipped=tuple(skipped))


def _decoded(sound: File, audio: bytes) -> Song:
    """The song, from its file or from a copy of what lies inside another. Raises InputError."""
    if isinstance(sound.content, Whole):
        return read_song(sound.content.path)
    with tempfile.TemporaryDirectory(prefix="beatheritage-") as folder:
        path = Path(folder) / f"audio{suffix(sound.name)}"
        path.write_bytes(audio)
        return read_song(path)


def _titled(bundle: Bundle, beatmaps: Sequence[tuple[str, Beatmap]], tags: Tags) -> SongRow:
    """What the song is and whose: by the list that it stands in, its charts, or its tags."""
    said = [one.metadata for _, one in beatmaps]
    end = suffix(beatmaps[0][0])
    return SongRow(
        kind=KINDS.get(end, end.removeprefix(".")),
        artist=_first(bundle.artist, *(one.artist for one in said), tags.artist),
        title=_first(bundle.title, *(one.title for one in said), tags.title),
        licence=bundle.licence,
    )


def _first(*words: str) -> str:
    return next((word.strip() for word in words if word.strip()), "")


def _judged(
    bundle: Bundle, candidates: Sequence[Candidate]
) -> tuple[tuple[Chart, ...], list[Skipped]]:
    """The charts worth learning from, and why the others are not."""
    worths = [one.worth for one in candidates]
    surest = max(worths, key=lambda worth: worth.offset_sharpness, default=None)
    charts, refused = [], []
    for one in candidates:
        try:
            charts.append(_chart(bundle, one, shift_ms(one.worth, surest)))
        except InputError as error:
            refused.append(Skipped(name=_chart_name(bundle, one), reason=error.what))
    return tuple(charts), refused


def _chart_name(bundle: Bundle, candidate: Candidate) -> str:
    """A file may hold several charts."""
    return f"{bundle.name}/{candidate.file} [{candidate.beatmap.metadata.version}]"


def _chart(bundle: Bundle, candidate: Candidate, by: int) -> Chart:
    """A chart as it is kept. Raises InputError for one that is not worth it."""
    file, beatmap, worth = candidate
    refuse_chart(beatmap, worth, by)
    if worth.heard:
        refuse_stranger(worth)
    moved = shift(beatmap, by)
    text = write(moved)
    draft = draft_of(moved, Timing(lines=moved.red_lines))
    known = bundle.facts.get(file, ChartFacts())
    return Chart(
        name=_chart_name(bundle, candidate),
        osu=text,
        mode=moved.mode,
        keys=round(moved.difficulty.circle_size) if moved.mode is Mode.MANIA else 0,
        objects=len(moved.objects),
        stars=tuple(round(stars(text, clock_rate=rate), 4) for rate in RATES),
        style=measure_style(draft.events),
        on_grid=worth.on_grid,
        offset_ms=worth.offset_ms,
        offset_sharpness=worth.offset_sharpness,
        shift_ms=by,
        sketch=sketch(moved),
        earlier=bool(EARLIER.search(file)),
        mapper=known.mapper,
        year=known.year,
        descriptors=known.descriptors,
    )
