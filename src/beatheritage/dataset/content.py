"""Where the bytes of a file of a data set are: by itself, or inside another."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from beatheritage.errors import InputError
from beatheritage.osu.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A file by itself."""

    path: Path

    def read(self) -> bytes:
        """The bytes. Raises InputError."""
        return self.path.read_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file in an .osz."""

    path: Path
    name: str

    def read(self) -> bytes:
        """The bytes. Raises InputError."""
        return Archive(path=self.path, names=(self.name,)).read(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A file in a tar that is not compressed."""

    path: Path
    start: int
    size: int

    def read(self) -> bytes:
        """The bytes. Raises InputError."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A value in a Parquet file: bytes, or a struct that has them as ``bytes``."""

    path: Path
    row_group: int
    row: int
    column: str

    def read(self) -> bytes:
        """The bytes. Raises InputError."""
        value = read_group(self.path, self.row_group, self.column)[self.row].as_py()
        found = value["bytes"] if isinstance(value, dict) else value
        if not isinstance(found, bytes):
            raise InputError(f"holds no bytes in {self.column}", where=str(self.path))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Bytes that came with the list of files, such as a chart in a table."""

    data: bytes

    def read(self) -> bytes:
        """The bytes."""
        return self.data


Content = Whole | Entry | Stretch | Cell | Given


def read_content(content: Content) -> bytes:
    """The bytes. Raises InputError where they cannot be had."""
    try:
        return content.read()
    except (OSError, IndexError, pa.ArrowException) as error:
        assert not isinstance(content, Given)
        said = getattr(error, "strerror", None) or type(error).__name__
        raise InputError(f"cannot be read: {said}", where=str(content.path)) from error


@lru_cache(maxsize=1)  # songs are read one after the other
def read_group(path: Path, row_group: int, column: str) -> Any:
    """A column of a row group, kept until another is asked for."""
    with pq.ParquetFile(path) as file:
        table = file.read_row_group(row_group, columns=[column], use_threads=False)
    return table.column(column)


def identity(contents: Iterable[Content]) -> list[tuple]:
    """What of files changes when they do: where, how large and when written. Raises InputError."""
    return [_identity(one) for one in contents]


def _identity(content: Content) -> tuple:
    if isinstance(content, Given):
        return (hashlib.sha256(content.data).hexdigest(),)
    try:
        stat = content.path.stat()
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise InputError(reason, where=str(content.path)) from error
    inside = [getattr(content, name) for name in content.__slots__ if name != "path"]
    return (content.path.name, stat.st_size, stat.st_mtime_ns, *inside)
