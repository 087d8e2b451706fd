"""All charts, measured and written down as .osu in one convention: what training reads.

    python -m beatheritage.dataset.prepare --data ../shared/data --cache runs/charts

The cache holds ``index.jsonl``, a line for each source file, and a .osu for each usable chart. A
second run goes on where the first one stopped.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from beatheritage.dataset.catalogue import ChartFile, SongEntry, load_corpus, load_songs
from beatheritage.dataset.charts import Skipped
from beatheritage.dataset.mels import cached_mel
from beatheritage.dataset.shift import shift
from beatheritage.dataset.worth import Worth, chart_worth, novelty, refuse_chart, shift_ms
from beatheritage.errors import InputError, UserError
from beatheritage.osu.archive import write_file
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import stars
from beatheritage.osu.write import write

INDEX = "index.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One usable chart. ``file`` stands in the cache, moved by ``shift_ms`` to osu!'s convention.

    ``song_id`` is empty where no audio is here; ``keys`` is 0 outside mania.
    """

    file: str
    source: str
    song_id: str
    kind: str
    mode: Mode
    keys: int
    stars: float
    objects: int
    validation: bool
    earlier: bool
    on_grid: float
    offset_ms: float
    offset_sharpness: float
    shift_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What came of a source file."""

    source: str
    records: tuple[Record, ...] = ()
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A chart, what it is worth, and how far it is to be moved."""

    chart: Beatmap
    worth: Worth
    shift_ms: int = 0


def load_records(cache: Path) -> tuple[Record, ...]:
    """The usable charts in a cache, in the order of their sources."""
    found = (record for prepared in _read_index(cache) for record in prepared.records)
    return tuple(sorted(found, key=lambda record: (record.source, record.file)))


def prepare(data: Path, cache: Path, mels: Path) -> tuple[Prepared, ...]:
    """Fill the cache with what it lacks, and tell what is in it.

    ``data`` is the folder that holds ``train`` and the corpora, packed or not.
    """
    (cache / "osu").mkdir(parents=True, exist_ok=True)
    done: dict[str, Prepared] = {}
    files: set[str] = set()
    for prepared in _read_index(cache):
        done[prepared.source] = _without_twins(prepared, files)
    # Anew, without a line that was cut short.
    write_file(cache / INDEX, "".join(map(_line, done.values())).encode())
    with (cache / INDEX).open("a", encoding="utf-8") as index:
        for found in _prepare_missing(data, cache, mels, done.keys()):
            prepared = _without_twins(found, files)
            done[prepared.source] = prepared
            index.write(_line(prepared))
            index.flush()
    return tuple(done.values())


def _without_twins(prepared: Prepared, files: set[str]) -> Prepared:
    """Leave out charts that came out the same as others before, to whose ``files`` the rest goes.

    Many an earlier version of a chart differs in its line ends alone.
    """
    new = tuple(record for record in prepared.records if record.file not in files)
    files.update(record.file for record in new)
    twins = len(prepared.records) - len(new)
    skipped = [Skipped(name=prepared.source, reason="the same as another")] * twins
    return replace(prepared, records=new, skipped=(*prepared.skipped, *skipped))


def summary(prepared: Iterable[Prepared]) -> str:
    """Counts of charts per kind, mode and side, and of what was skipped per reason."""
    counts: Counter[tuple[str, str, str]] = Counter()
    reasons: Counter[str] = Counter()
    for one in prepared:
        reasons.update(skipped.reason.split(":")[0] for skipped in one.skipped)
        for record in one.records:
            side = "validation" if record.validation else "training"
            counts[record.kind, record.mode.name.lower(), side] += 1
    lines = [f"{'kind':8}{'mode':8}{'side':12}{'charts':>7}"]
    lines += [
        f"{kind:8}{mode:8}{side:12}{n:>7}" for (kind, mode, side), n in sorted(counts.items())
    ]
    lines += [f"skipped {n:>5}  {reason}" for reason, n in reasons.most_common()]
    return "\n".join(lines)


def _prepare_missing(data: Path, cache: Path, mels: Path, done: Set[str]) -> Iterator[Prepared]:
    seen: set[str] = set()
    for song in load_songs(data / "train"):
        seen.update(_digest(file.data) for file in song.files)
        if not done >= {file.name for file in song.files}:
            # All anew, since charts of one song are measured together.
            again = _prepare_song(song, cache, mels)
            yield from (prepared for prepared in again if prepared.source not in done)
    for source in sorted(data.glob("osu_corpus*")):
        for file in load_corpus(source):
            digest = _digest(file.data)
            if file.name not in done:
                yield _prepare_corpus_chart(file, cache, again=digest in seen)
            seen.add(digest)


def _prepare_song(song: SongEntry, cache: Path, mels: Path) -> Iterator[Prepared]:
    """Measure all charts of a song against its sound, then write each down."""
    try:
        flux = novelty(np.asarray(cached_mel(song.audio, song.id, mels), np.float32))
    except InputError as error:
        skipped = (Skipped(name=song.id, reason=str(error)),)
        yield from (Prepared(source=file.name, skipped=skipped) for file in song.files)
        return
    charts = {file: file.read() for file in song.files}
    worths = {file: [chart_worth(one, flux) for one in charts[file].beatmaps] for file in charts}
    surest = max(chain(*worths.values()), key=lambda worth: worth.offset_sharpness, default=None)
    for file, read in charts.items():
        measured = [
            Measured(chart=chart, worth=worth, shift_ms=shift_ms(worth, surest))
            for chart, worth in zip(read.beatmaps, worths[file], strict=True)
        ]
        yield _store_all(file, song.kind, measured, read.skipped, cache)


def _prepare_corpus_chart(file: ChartFile, cache: Path, again: bool) -> Prepared:
    """A chart without audio; ``again`` where it was met before, with its audio or without."""
    if again:
        return Prepared(source=file.name, skipped=(Skipped(name=file.name, reason="met before"),))
    read = file.read()
    measured = [Measured(chart=chart, worth=chart_worth(chart, None)) for chart in read.beatmaps]
    # The song is another folder's business: without its audio beside it, a chart is only a chart.
    return _store_all(replace(file, song_id=""), "corpus", measured, read.skipped, cache)


def _store_all(
    file: ChartFile,
    kind: str,
    measured: Iterable[Measured],
    skipped: Iterable[Skipped],
    cache: Path,
) -> Prepared:
    records, lost = [], list(skipped)
    for one in measured:
        try:
            records.append(_store(file, kind, one, cache))
        except InputError as error:
            name = f"{file.name} [{one.chart.metadata.version}]"
            lost.append(Skipped(name=name, reason=str(error)))
    return Prepared(source=file.name, records=tuple(records), skipped=tuple(lost))


def _store(file: ChartFile, kind: str, measured: Measured, cache: Path) -> Record:
    """Write a chart down; InputError says why it is not worth it."""
    chart, worth = measured.chart, measured.worth
    refuse_chart(chart, worth, measured.shift_ms)
    text = write(shift(chart, measured.shift_ms))
    path = f"osu/{_digest(text.encode())}.osu"
    record = Record(
        file=path,
        source=file.name,
        song_id=file.song_id,
        kind=kind,
        mode=chart.mode,
        keys=round(chart.difficulty.circle_size) if chart.mode == Mode.MANIA else 0,
        stars=round(stars(text), 3),
        objects=len(chart.objects),
        validation=file.validation,
        earlier=file.earlier,
        on_grid=round(worth.on_grid, 4),
        offset_ms=worth.offset_ms,
        offset_sharpness=round(worth.offset_sharpness, 2),
        shift_ms=measured.shift_ms,
    )
    write_file(cache / path, text.encode())
    return record


def _digest(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _read_index(cache: Path) -> Iterator[Prepared]:
    path = cache / INDEX
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in lines:
        try:
            fields = json.loads(line)
        except json.JSONDecodeError:
            continue  # cut short when a run was stopped
        yield Prepared(
            source=fields["source"],
            records=tuple(
                Record(**{**record, "mode": Mode(record["mode"])}) for record in fields["records"]
            ),
            skipped=tuple(Skipped(**skipped) for skipped in fields["skipped"]),
        )


def _line(prepared: Prepared) -> str:
    return json.dumps(asdict(prepared), ensure_ascii=False) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure all charts and write them down.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--mels", type=Path, default=Path("runs/mel"))
    options = parser.parse_args()
    try:
        print(summary(prepare(options.data, options.cache, options.mels)))
    except UserError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
