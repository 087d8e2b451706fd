"""A person's own maps: a folder of .osu and .osz, with their songs or without."""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import numpy as np

from beatheritage.audio.decode import read_song
from beatheritage.audio.mel import log_mel
from beatheritage.errors import InputError
from beatheritage.osu.archive import read_archive
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.parse import parse
from beatheritage.osu.stars import stars
from beatheritage.osu.write import write

HELD_OUT_SHARE = 0.2
LEAST_HELD_OUT = 4  # maps, where there are enough


@dataclass(frozen=True, kw_only=True)
class OwnMap:
    """A map, where its song's sound lies (a file, or one inside of an .osz), and its set's name."""

    beatmap: Beatmap
    source: str
    audio: tuple[Path, str] | None

    @property
    def song(self) -> str:
        """The same for all difficulties of a song."""
        named = self.beatmap.metadata
        return f"{named.artist} - {named.title}".lower()

    @cached_property
    def stars(self) -> float:
        return stars(write(self.beatmap))


def read_maps(folder: Path) -> tuple[OwnMap, ...]:
    """Every map in a folder and below, each once. Raises InputError for a folder without maps."""
    if not folder.is_dir():
        raise InputError("is no folder of maps", where=str(folder))
    found: dict[str, OwnMap] = {}
    for path in sorted(folder.rglob("*")):
        for content, source, beside in _contents(path):
            digest = hashlib.sha256(content).hexdigest()
            beatmap = parse(content).beatmap
            if digest not in found and beatmap.objects and beatmap.red_lines:
                audio = _audio_of(beatmap, path, beside)
                found[digest] = OwnMap(beatmap=beatmap, source=source, audio=audio)
    if not found:
        raise InputError("holds no .osu or .osz with objects", where=str(folder))
    return tuple(found.values())


def split_by_song(maps: tuple[OwnMap, ...]) -> tuple[tuple[OwnMap, ...], tuple[OwnMap, ...]]:
    """What to learn from, and what to measure on: whole songs, at least four maps where that leaves
    more than half; nothing where all are of one song."""
    songs: dict[str, list[OwnMap]] = {}
    for each in maps:
        songs.setdefault(each.song, []).append(each)
    wanted = max(LEAST_HELD_OUT, round(HELD_OUT_SHARE * len(maps)))
    held: list[OwnMap] = []
    # Small songs first, in an order that says nothing: what is held out is of many songs.
    for song in sorted(songs, key=lambda name: (len(songs[name]), _digest(name))):
        if len(held) < wanted and len(held) + len(songs[song]) <= len(maps) / 2:
            held += songs[song]
    kept = {id(each) for each in held}
    return tuple(each for each in maps if id(each) not in kept), tuple(held)


def mels_of(maps: tuple[OwnMap, ...]) -> dict[str, np.ndarray]:
    """The log-mel of each song whose sound is here and can be decoded, by ``OwnMap.song``."""
    mels: dict[str, np.ndarray] = {}
    for each in maps:
        if each.audio is not None and each.song not in mels:
            try:
                mels[each.song] = log_mel(_samples(*each.audio)).astype(np.float16)
            except InputError:
                continue  # its maps still teach placing
    return mels


def _contents(path: Path) -> Iterator[tuple[bytes, str, Path]]:
    """The .osu files at a path, what they are called, and where their songs are."""
    if path.suffix.lower() == ".osu":
        yield path.read_bytes(), str(path), path.parent
    elif path.suffix.lower() == ".osz":
        for name, content in read_archive(path).beatmaps():
            yield content, f"{path}/{name}", path


def _audio_of(beatmap: Beatmap, path: Path, beside: Path) -> tuple[Path, str] | None:
    name = beatmap.general.audio_filename
    if path.suffix.lower() == ".osz":
        names = {each.lower(): each for each in read_archive(path).names}
        inside = names.get(name.lower())
        return (path, inside) if inside else None
    audio = beside / name
    return (audio, "") if name and audio.is_file() else None


def _samples(path: Path, inside: str) -> np.ndarray:
    if not inside:
        return read_song(path).samples
    with tempfile.TemporaryDirectory(prefix="beatheritage-") as folder:
        unpacked = Path(folder) / f"audio{PurePosixPath(inside).suffix}"
        unpacked.write_bytes(read_archive(path).read(inside))
        return read_song(unpacked).samples


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
