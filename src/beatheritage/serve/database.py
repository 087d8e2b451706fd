"""The data folder: one SQLite file for songs, jobs and maps, and the songs' audio beside it.

Server and worker are two processes on the same file. Every write is one transaction, so a kill at
any moment leaves the state before it or after it.
"""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from beatheritage.errors import InputError, OutputError

FILE_NAME = "studio.sqlite"
BUSY_S = 30.0
FIRST = """
CREATE TABLE songs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    suffix TEXT NOT NULL,
    added REAL NOT NULL,
    codec TEXT NOT NULL,
    title TEXT NOT NULL,
    artist TEXT NOT NULL,
    heard TEXT
);
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    song TEXT NOT NULL REFERENCES songs (id) ON DELETE CASCADE,
    asked TEXT NOT NULL,
    state TEXT NOT NULL,
    place REAL NOT NULL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    attempt INTEGER NOT NULL DEFAULT 0,
    stage TEXT NOT NULL DEFAULT '',
    share REAL NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    warnings TEXT NOT NULL DEFAULT '[]',
    change INTEGER NOT NULL
);
CREATE INDEX jobs_by_state ON jobs (state, place);
CREATE INDEX jobs_by_change ON jobs (change);
CREATE TABLE maps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    song TEXT NOT NULL REFERENCES songs (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE revisions (
    map INTEGER NOT NULL REFERENCES maps (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    what TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (map, number)
);
CREATE TABLE clock (change INTEGER NOT NULL);
INSERT INTO clock VALUES (0);
"""
SKETCHES = """
ALTER TABLE jobs ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
CREATE TABLE sketches (
    job INTEGER PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    content BLOB NOT NULL
);
"""
STEPS = (FIRST, SKETCHES)
"""What makes each version out of the one before; the file's version is how many were taken."""


class Missing(InputError):
    """A song, a job or a map that is not there, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """Where everything is kept."""

    folder: Path

    @property
    def songs(self) -> Path:
        return self.folder / "songs"

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection whose writes all happen, or none: the file is locked from the start."""
        connection = sqlite3.connect(
            self.folder / FILE_NAME, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection
        finally:
            connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to look with; it waits for nobody."""
        connection = sqlite3.connect(
            self.folder / FILE_NAME, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA query_only = ON")
            yield connection
        finally:
            connection.close()


def open_studio(folder: Path) -> Studio:
    """The studio of a folder, made if it is not there. Raises OutputError."""
    studio = Studio(folder=folder)
    try:
        studio.songs.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(folder / FILE_NAME, timeout=BUSY_S)
    except (OSError, sqlite3.Error) as error:
        raise OutputError("cannot keep songs here", where=str(folder), mend=str(error)) from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        for number, step in enumerate(STEPS[version:], version + 1):
            connection.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; COMMIT;")
        if version > len(STEPS):
            raise OutputError(
                f"was made by a later version of the studio ({version})",
                where=str(folder),
                mend="give another folder with --data",
            )
    except sqlite3.DatabaseError as error:
        raise OutputError(
            f"its {FILE_NAME} is damaged: {error}", where=str(folder), mend="give another folder"
        ) from error
    finally:
        connection.close()
    return studio


def next_change(connection: sqlite3.Connection) -> int:
    """The number of one more change, inside a transaction."""
    row = connection.execute("UPDATE clock SET change = change + 1 RETURNING change").fetchone()
    return int(row[0])


def usual_folder() -> Path:
    """Where a desktop keeps what programs keep for a person."""
    if named := os.environ.get("BEATHERITAGE_DATA"):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "BeatHeritage"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/BeatHeritage"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "beatheritage"
