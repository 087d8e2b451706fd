"""The studio's songs: taken in by content, heard once, served back.

What a browser calls its file never becomes a path: files are named by the hash of their content.
"""

import base64
import hashlib
import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from beatheritage.audio.decode import inspect_song
from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song, Tags
from beatheritage.audio.tags import read_tags
from beatheritage.errors import InputError, UserError
from beatheritage.serve.bounds import MOST_SONG_BYTES
from beatheritage.serve.database import Missing, Studio

MOST_SONGS = 2000
PEAKS_PER_S = 100
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A song of the studio; ``heard`` is what listening told, None until then."""

    id: str
    name: str
    suffix: str
    codec: str
    added: float
    title: str
    artist: str
    heard: dict[str, Any] | None


def take_in(studio: Studio, name: str, chunks: Iterable[bytes]) -> Kept:
    """Keep an upload. The same content twice is one song. Raises InputError for what is no song."""
    incoming = studio.songs / f".{secrets.token_hex(8)}.part"
    try:
        digest = _receive(incoming, chunks)
        try:
            codec = inspect_song(incoming).codec
            tags = read_tags(incoming)
        except UserError as error:
            raise InputError(error.what, where=_shown(name), mend=error.mend) from None
        kept = _named(digest, name, codec, tags)
        with studio.transaction() as connection:  # a song and its file come to be together
            _insert(connection, kept)
            os.replace(incoming, audio_path(studio, kept))
    finally:
        incoming.unlink(missing_ok=True)
    return one_song(studio, digest)


def all_songs(studio: Studio) -> tuple[Kept, ...]:
    """The newest first."""
    with studio.reading() as connection:
        rows = connection.execute("SELECT * FROM songs ORDER BY added DESC")
        return tuple(_read(row) for row in rows)


def one_song(studio: Studio, song: str) -> Kept:
    """Raises Missing where there is none of the name."""
    with studio.reading() as connection:
        row = connection.execute("SELECT * FROM songs WHERE id = ?", (song,)).fetchone()
    if row is None:
        raise Missing("there is no such song", where=song)
    return _read(row)


def forget(studio: Studio, song: str) -> None:
    """A song goes, with its jobs and its maps."""
    one_song(studio, song)
    with studio.transaction() as connection:
        connection.execute("DELETE FROM songs WHERE id = ?", (song,))
    for path in studio.songs.glob(f"{song}.*"):
        path.unlink(missing_ok=True)


def audio_path(studio: Studio, song: Kept) -> Path:
    return studio.songs / f"{song.id}{song.suffix}"


def background_path(studio: Studio, song: Kept) -> Path:
    return studio.songs / f"{song.id}.jpg"


def waveform(song: Song) -> str:
    """The loudest moment of every hundredth of a second, 0 to 255, as Base64."""
    per_peak = SAMPLE_RATE // PEAKS_PER_S
    count = len(song.samples) // per_peak
    peaks = np.abs(song.samples[: count * per_peak]).reshape(count, per_peak).max(1)
    scaled = np.clip(peaks / max(1e-6, float(peaks.max(initial=0))), 0, 1) * 255
    return base64.b64encode(scaled.astype(np.uint8).tobytes()).decode()


def _named(digest: str, name: str, codec: str, tags: Tags) -> Kept:
    """A song by its tags, and what they leave open by its file's name: "artist - title"."""
    stem = Path(_shown(name)).stem
    artist, dash, title = stem.partition(" - ")
    return Kept(
        id=digest,
        name=_shown(name),
        suffix=f".{codec}",
        codec=codec,
        added=time.time(),
        title=tags.title or (title.strip() if dash else stem),
        artist=tags.artist or (artist.strip() if dash else ""),
        heard=None,
    )


def _insert(connection: sqlite3.Connection, song: Kept) -> None:
    """Raises InputError where there is no room for one more."""
    known = connection.execute("SELECT 1 FROM songs WHERE id = ?", (song.id,)).fetchone()
    if known is not None:
        return
    if connection.execute("SELECT count(*) FROM songs").fetchone()[0] >= MOST_SONGS:
        raise InputError(f"{MOST_SONGS} songs are kept already", mend="delete some")
    connection.execute(
        "INSERT INTO songs (id, name, suffix, codec, added, title, artist)"
        " VALUES (:id, :name, :suffix, :codec, :added, :title, :artist)",
        {key: value for key, value in asdict(song).items() if key != "heard"},
    )


def _receive(path: Path, chunks: Iterable[bytes]) -> str:
    """Write an upload down; the hash of its content. Raises InputError where it is too large."""
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > MOST_SONG_BYTES:
                raise InputError(f"is larger than {MOST_SONG_BYTES >> 20} MB", where="the file")
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()[:24]


def _shown(name: str) -> str:
    """A client's name for its file, to be shown and nothing else."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(char for char in last if char.isprintable())
    return printable[:LONGEST_NAME] or "song"


def _read(row: sqlite3.Row) -> Kept:
    heard = row["heard"]
    known: dict[str, Any] = dict(row)
    known["heard"] = None if heard is None else json.loads(heard)
    return Kept(**known)
