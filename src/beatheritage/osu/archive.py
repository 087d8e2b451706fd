"""Beatmap archives (.osz, which are ZIP files): read with limits, written whole or not at all."""

import os
import re
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from beatheritage.errors import InputError, OutputError

MAX_ENTRIES = 4096
MAX_ENTRY_BYTES = 512 << 20
MAX_TOTAL_BYTES = 1 << 30
# Text packs a hundredfold at best; what packs better was made to fill a disk.
MAX_RATIO = 400
_RATIO_FROM_BYTES = 1 << 20

_PACKED_SUFFIXES = frozenset([".mp3", ".ogg", ".jpg", ".jpeg", ".png", ".mp4"])

# The oldest time that a ZIP file can hold: the same files give the same bytes on any day.
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_SYMLINK, _FILE_TYPE = 0o120000, 0o170000

# File systems take 255 bytes; the rest is for what others add.
MAX_NAME_BYTES = 200
_ENDING = re.compile(r"[\s.]+\Z")  # which Windows drops
_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The files of an .osz; their bytes are read when asked for, ``sizes`` are what it declares."""

    path: Path
    names: tuple[str, ...]
    sizes: tuple[int, ...] = ()

    def read(self, name: str) -> bytes:
        """The bytes of one file; InputError where it is missing or damaged."""
        with _opened(self.path) as archive:
            return _read_entry(self.path, archive, name)

    def beatmaps(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of every .osu file."""
        for name in self.names:
            if name.lower().endswith(".osu"):
                yield name, self.read(name)


def read_archive(path: Path | str) -> Archive:
    """Open an .osz; InputError for what is no archive, and for one that breaks a limit."""
    path = Path(path)
    with _opened(path) as archive:
        entries = archive.infolist()
    _refuse_sizes(path, entries)
    files = [entry for entry in entries if not entry.is_dir()]
    for entry in files:
        _refuse_entry(path, entry)
    names = [entry.filename for entry in files]
    if twin := _twin(names):
        raise InputError(f"holds {twin!r} twice", where=str(path))
    sizes = tuple(entry.file_size for entry in files)
    return Archive(path=path, names=tuple(names), sizes=sizes)


def write_archive(path: Path | str, files: Mapping[str, bytes]) -> None:
    """Write an .osz whose bytes depend on nothing but the files (OutputError)."""
    path = Path(path)
    for name in files:
        if _is_unsafe(name):
            raise OutputError(f"an archive cannot hold a file named {name!r}", where=str(path))
    if twin := _twin(files):
        raise OutputError(f"an archive cannot hold {twin!r} twice", where=str(path))
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _FIXED_DATE)
            packed = PurePosixPath(name).suffix.lower() in _PACKED_SUFFIXES
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, on every system: the bytes would differ
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])


def write_file(path: Path | str, data: bytes) -> None:
    """Write a file whole or not at all, whatever interrupts it (OutputError)."""
    with replacing(Path(path)) as file:
        file.write(data)


def safe_name(text: str, suffix: str = "") -> str:
    """A file name that every system takes: without what Windows refuses, and not too long.

    ``suffix`` (".osu") is added inside the limit of length.
    """
    name = _REFUSED.sub("", text).encode("utf-8", "ignore")
    room = MAX_NAME_BYTES - len(suffix.encode())
    cut = name[:room].decode("utf-8", "ignore").strip()
    cut = _ENDING.sub("", cut)
    if not cut or _DEVICES.fullmatch(cut):
        cut = f"_{cut}"
    return cut + suffix


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise InputError("cannot be read", where=str(path), mend=error.strerror or "") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise InputError("is no .osz archive, or a damaged one", where=str(path)) from error


def _read_entry(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        # The size that the archive declares need not be true.
        with archive.open(name) as entry:
            data = entry.read(MAX_ENTRY_BYTES + 1)
    except KeyError:
        raise InputError(f"has no file {name!r}", where=str(path)) from None
    except (RuntimeError, NotImplementedError) as error:
        what = f"{name!r} is encrypted, or packed in a way that osu! does not know"
        raise InputError(what, where=str(path)) from error
    if len(data) > MAX_ENTRY_BYTES:
        raise InputError(f"{name!r} is too large", where=str(path))
    return data


def _refuse_sizes(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise InputError(f"holds more than {MAX_ENTRIES} files", where=str(path))
    if sum(entry.file_size for entry in entries) > MAX_TOTAL_BYTES:
        raise InputError(f"holds more than {MAX_TOTAL_BYTES >> 20} MB", where=str(path))


def _refuse_entry(path: Path, entry: zipfile.ZipInfo) -> None:
    name, size = entry.filename, entry.file_size
    if _is_unsafe(name):
        raise InputError(f"holds {name!r}, a path that leads out of it", where=str(path))
    if entry.external_attr >> 16 & _FILE_TYPE == _SYMLINK:
        raise InputError(f"holds {name!r}, which is a link", where=str(path))
    if size > MAX_ENTRY_BYTES:
        raise InputError(f"holds {name!r}, which is too large", where=str(path))
    if size > _RATIO_FROM_BYTES and size > MAX_RATIO * max(1, entry.compress_size):
        raise InputError(f"holds {name!r}, packed too well to be true", where=str(path))


def _is_unsafe(name: str) -> bool:
    """Whether a path is absolute, leads upwards, or is none; either slash counts."""
    parts = name.replace("\\", "/").split("/")
    return not all(parts) or ".." in parts or ":" in parts[0] or "\0" in name


def _twin(names: Iterable[str]) -> str:
    """A name that stands there twice for Windows and macOS, which do not tell case apart."""
    seen: set[str] = set()
    for name in names:
        folded = name.replace("\\", "/").casefold()
        if folded in seen:
            return name
        seen.add(folded)
    return ""


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file beside ``path`` that takes its place at the end, or vanishes (OutputError)."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        try:
            with temporary.open("xb") as file:
                yield file
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        mend = error.strerror or ""
        raise OutputError("cannot be written", where=str(path), mend=mend) from error
