"""The files of a set: in an archive, in a folder, or in memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from beatheritage.errors import InputError
from beatheritage.osu.archive import (
    MAX_ENTRIES,
    MAX_ENTRY_BYTES,
    Archive,
    read_archive,
)


class Files(Protocol):
    """Names are paths inside the set, with forward slashes."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def size(self, name: str) -> int:
        """Bytes."""
        ...

    def read(self, name: str) -> bytes:
        """Raises InputError for a file that is missing or damaged."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedFiles:
    """Those of an .osz."""

    archive: Archive
    entries: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.entries)

    def size(self, name: str) -> int:
        return self.archive.sizes[self.archive.names.index(self.entries[name])]

    def read(self, name: str) -> bytes:
        return self.archive.read(self.entries[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFiles:
    """Those of a folder and the folders in it; links are not followed."""

    folder: Path
    sizes: Mapping[str, int]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.sizes)

    def size(self, name: str) -> int:
        return self.sizes[name]

    def read(self, name: str) -> bytes:
        if self.sizes[name] > MAX_ENTRY_BYTES:
            raise InputError(f"{name!r} is too large", where=str(self.folder))
        path = self.folder / name
        try:
            return path.read_bytes()
        except OSError as error:
            raise InputError(
                "cannot be read", where=str(path), mend=error.strerror or ""
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryFiles:
    """Those of a set that is yet to be written."""

    content: Mapping[str, bytes]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.content)

    def size(self, name: str) -> int:
        return len(self.content[name])

    def read(self, name: str) -> bytes:
        return self.content[name]


def archived_files(path: Path) -> ArchivedFiles:
    """Raises InputError for what is no archive, and for one that breaks a limit."""
    archive = read_archive(path)
    entries = {name.replace("\\", "/"): name for name in archive.names}
    return ArchivedFiles(archive=archive, entries=entries)


def folder_files(folder: Path) -> FolderFiles:
    """Raises InputError for a folder that cannot be read, or that holds too much for a set."""
    sizes: dict[str, int] = {}
    try:
        for path in _walk(folder):
            sizes[path.relative_to(folder).as_posix()] = path.stat().st_size
            if len(sizes) > MAX_ENTRIES:
                raise InputError(f"holds more than {MAX_ENTRIES} files", where=str(folder))
    except OSError as error:
        raise InputError("cannot be read", where=str(folder), mend=error.strerror or "") from error
    return FolderFiles(folder=folder, sizes=dict(sorted(sizes.items())))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_symlink():
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path
