"""What there is to learn from: songs with their charts, and corpora of charts without audio."""

import csv
import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from beatheritage.dataset.charts import Charts
from beatheritage.dataset.read import READERS, read_charts
from beatheritage.dataset.split import is_validation
from beatheritage.errors import InputError

EARLIER = re.compile(r"~[0-9a-f]{8}\.\w+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartFile:
    """A file with one or more charts, not read yet.

    ``song_id`` is empty where no audio is here. ``earlier`` marks the older version of a chart that
    is here too: good to learn from, nothing to measure on.
    """

    name: str
    content: Path | bytes
    song_id: str = ""
    earlier: bool = False
    validation: bool = False

    @property
    def data(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()

    def read(self) -> Charts:
        """The charts; what cannot be used is named in ``skipped``."""
        return read_charts(self.name, self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class SongEntry:
    """A song with audio. ``kind`` is the game its charts were made for."""

    id: str
    audio: Path
    kind: str
    licence: str
    artist: str
    title: str
    validation: bool
    files: tuple[ChartFile, ...]

    @property
    def charts(self) -> Charts:
        """All charts of the song, read anew at every call."""
        read = [file.read() for file in self.files]
        return Charts(
            beatmaps=tuple(beatmap for charts in read for beatmap in charts.beatmaps),
            skipped=tuple(skipped for charts in read for skipped in charts.skipped),
        )


def load_songs(train: Path) -> tuple[SongEntry, ...]:
    """The songs of a training folder, in the order of its ``manifest.csv``.

    Raises ``InputError`` when there is no manifest; songs without audio are left out.
    """
    rows = list(csv.DictReader(io.StringIO(_manifest(train).decode("utf-8"))))
    entries = [_song_entry(train / row["id"], row) for row in rows]
    return tuple(entry for entry in entries if entry.audio.exists())


def load_corpus(source: Path) -> tuple[ChartFile, ...]:
    """The charts of a corpus: a folder, or a tar of one, with ``manifest.csv`` inside."""
    if source.is_dir():
        rows = csv.DictReader(io.StringIO(_manifest(source).decode("utf-8")))
        contents: Mapping[str, Path | bytes] = {path.name: path for path in source.glob("*.osu")}
    else:
        members = dict(_tar_members(source))
        if "manifest.csv" not in members:
            raise InputError("no manifest.csv inside", where=str(source))
        rows = csv.DictReader(io.StringIO(members["manifest.csv"].decode("utf-8")))
        contents = members
    return tuple(
        ChartFile(
            name=f"{source.name.split('.')[0]}/{row['md5']}.osu",
            content=contents[f"{row['md5']}.osu"],
            song_id=row["paired_id"],
            validation=is_validation(row["artist"], row["paired_id"]),
        )
        for row in rows
        if f"{row['md5']}.osu" in contents
    )


def _song_entry(folder: Path, row: Mapping[str, str]) -> SongEntry:
    validation = is_validation(row["artist"], row["id"])
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in READERS)
    # A StepMania song often holds the same charts twice: .ssc is the richer form.
    if any(path.suffix.lower() == ".ssc" for path in paths):
        paths = [path for path in paths if path.suffix.lower() != ".sm"]
    files = tuple(
        ChartFile(
            name=f"{folder.name}/{path.name}",
            content=path,
            song_id=folder.name,
            earlier=bool(EARLIER.search(path.name)),
            validation=validation,
        )
        for path in paths
    )
    return SongEntry(
        id=row["id"],
        audio=next((path for path in folder.glob("audio.*")), folder / "audio"),
        kind=row["kind"],
        licence=row["licence"],
        artist=row["artist"],
        title=row["title"],
        validation=validation,
        files=files,
    )


def _manifest(folder: Path) -> bytes:
    path = folder / "manifest.csv"
    if not path.is_file():
        raise InputError("no manifest.csv in this folder", where=str(folder))
    return path.read_bytes()


def _tar_members(source: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file is not None:
                    yield PurePath(member.name).name, file.read()
    except (OSError, tarfile.TarError) as error:
        raise InputError(f"no corpus that can be read: {error}", where=str(source)) from error
