"""The shards that ``beatheritage dataset build`` writes, as training reads them.

    shards = open_shards(folder)
    for index in shards.order("training", seed=0, epoch=3, share=Share(index=rank, count=ranks)):
        row = shards.read(index)

A folder of shards holds Parquet files, a row group for each song, and ``index.json``, which lists
them. The order is the same for every process; each takes its own share of it.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from beatheritage.dataset.rows import SCHEMA, SPLITS, SongRow, Split, rows_of, table_of
from beatheritage.errors import InputError
from beatheritage.osu.archive import replacing

INDEX = "index.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One of ``count`` processes that read the same songs without overlap: all ranks, times the
    loading workers of each."""

    index: int = 0
    count: int = 1


WHOLE = Share()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a song stands: the row group of a file, and its side."""

    file: str
    row_group: int
    id: str
    split: Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Shards:
    """A built data set; ``places`` are all of its songs."""

    folder: Path
    places: tuple[Place, ...]

    def indices(self, split: Split) -> tuple[int, ...]:
        """The songs of one side, in the order of the files."""
        return tuple(index for index, one in enumerate(self.places) if one.split == split)

    def order(
        self, split: Split, *, seed: int, epoch: int, share: Share = WHOLE
    ) -> tuple[int, ...]:
        """The songs of one side in the order of an epoch, drawn by seed and epoch, of which each
        share takes every ``count``-th: all shares together take each song once."""
        shuffled = np.random.default_rng((seed, epoch)).permutation(self.indices(split))
        return tuple(int(index) for index in shuffled[share.index :: share.count])

    def read(self, index: int, columns: Collection[str] | None = None) -> SongRow:
        """A song, or only some columns of it. Raises InputError for a damaged shard."""
        place = self.places[index]
        path = self.folder / place.file
        wanted = None if columns is None else ["id", "name", *columns]
        try:
            with pq.ParquetFile(path) as file:
                table = file.read_row_group(place.row_group, columns=wanted, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            mend = "run dataset build again"
            raise InputError("is no shard, or a damaged one", where=str(path), mend=mend) from error
        return rows_of(table)[0]

    def rows(self, split: Split, columns: Collection[str] | None = None) -> Iterator[SongRow]:
        """All songs of one side, one after the other."""
        return (self.read(index, columns) for index in self.indices(split))


def open_shards(folder: Path) -> Shards:
    """The data set in a folder. Raises InputError where there is none, or an unfinished one."""
    path = folder / INDEX
    try:
        index = json.loads(path.read_text("utf-8"))
        if index["format"] != FORMAT:
            raise InputError(f"has format {index['format']}, not {FORMAT}", where=str(path))
        places = tuple(_places(index["shards"]))
    except FileNotFoundError:
        mend = "beatheritage dataset build SOURCES -o SHARDS makes them; stopped, it goes on"
        raise InputError("holds no finished shards", where=str(folder), mend=mend) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("is no index of shards", where=str(path)) from error
    return Shards(folder=folder, places=places)


def _places(listed: list[Mapping[str, Any]]) -> Iterator[Place]:
    for shard in listed:
        if shard["split"] not in SPLITS:
            raise ValueError(shard["split"])
        for row_group, song in enumerate(shard["songs"]):
            yield Place(file=shard["file"], row_group=row_group, id=song, split=shard["split"])


def write_shard(path: Path, rows: Iterable[SongRow]) -> None:
    """Write a shard whole or not at all, a row group for each song. Raises OutputError."""
    with replacing(path) as file, pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        for row in rows:
            writer.write_table(table_of(row))
