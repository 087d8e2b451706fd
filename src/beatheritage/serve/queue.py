"""The durable queue of jobs: what waits, what runs, what came of it.

A job is claimed with the number of the attempt, and only that attempt may end it: a worker that
was thought dead and was not can neither end it a second time nor leave maps behind.
"""

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from beatheritage.errors import OptionError
from beatheritage.serve.database import Missing, Studio, next_change

MOST_ATTEMPTS = 3  # a job that takes its worker down with it is not tried for ever
MOST_WAITING = 1000


class Kind(StrEnum):
    LISTEN = "listen"  # timing and waveform of a song
    GENERATE = "generate"
    SPREAD = "spread"
    RANGE = "range"  # takes of a range of a map


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.WAITING, State.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``words`` are options as ``config`` takes them; ``lines`` a person's own timing, (offset in
    ms, BPM, meter) each; the rest names the range of a map's
    revision to write anew."""

    words: tuple[str, ...] = ()
    lines: tuple[tuple[float, float, int], ...] = ()
    map: int | None = None
    revision: int | None = None
    start: float | None = None
    end: float | None = None
    takes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``change`` grows with every change to any job. Times are seconds since the epoch; ``maps``
    are the numbers of those that it made, ``written`` is how many objects its sketch has."""

    id: int
    kind: Kind
    song: str
    asked: Asked
    state: State
    place: float
    created: float
    started: float | None
    ended: float | None
    attempt: int
    stage: str
    share: float
    error: str
    warnings: tuple[str, ...]
    change: int
    written: int
    maps: tuple[int, ...] = ()


class Sketch(NamedTuple):
    """A map that is still being written: how many objects it has, and its file."""

    written: int
    content: bytes


NOTHING = Asked()


class Lost(Exception):
    """The attempt is no longer this worker's: cancelled, or given to another."""


def add_job(studio: Studio, kind: Kind, song: str, asked: Asked = NOTHING) -> Job:
    """A new job at the end of the queue; listening goes before making."""
    with studio.transaction() as connection:
        if connection.execute("SELECT 1 FROM songs WHERE id = ?", (song,)).fetchone() is None:
            raise Missing("there is no such song", where=song)
        waiting = connection.execute(
            "SELECT count(*) FROM jobs WHERE state = ?", (State.WAITING,)
        ).fetchone()[0]
        if waiting >= MOST_WAITING:
            raise OptionError(f"{MOST_WAITING} jobs wait already", mend="cancel some")
        job = connection.execute(
            "INSERT INTO jobs (kind, song, asked, state, place, created, change)"
            " VALUES (?, ?, ?, ?, (SELECT coalesce(max(place), 0) + 1 FROM jobs), ?, ?)",
            (
                kind,
                song,
                json.dumps(asdict(asked)),
                State.WAITING,
                time.time(),
                next_change(connection),
            ),
        ).lastrowid
        return _job(connection, job)


def jobs_since(studio: Studio, change: int = -1) -> tuple[Job, ...]:
    """The jobs that changed after a change, in that order."""
    with studio.reading() as connection:
        rows = connection.execute(
            "SELECT * FROM jobs WHERE change > ? ORDER BY change", (change,)
        ).fetchall()
        return tuple(_read(connection, row) for row in rows)


def latest_change(studio: Studio) -> int:
    with studio.reading() as connection:
        return int(connection.execute("SELECT change FROM clock").fetchone()[0])


def one_job(studio: Studio, job: int) -> Job:
    """Raises Missing where there is none of the number."""
    with studio.reading() as connection:
        return _job(connection, job)


def claim(studio: Studio, kinds: Sequence[Kind]) -> Job | None:
    """The next job that waits, now running, or None; what is to be heard goes first."""
    marks = ", ".join("?" * len(kinds))
    with studio.transaction() as connection:
        row = connection.execute(
            f"SELECT id FROM jobs WHERE state = ? AND kind IN ({marks})"
            " ORDER BY kind != ?, place LIMIT 1",
            (State.WAITING, *kinds, Kind.LISTEN),
        ).fetchone()
        if row is None:
            return None
        connection.execute(
            "UPDATE jobs SET state = ?, attempt = attempt + 1, started = ?, stage = '', share = 0,"
            " written = 0, error = '', change = ? WHERE id = ?",
            (State.RUNNING, time.time(), next_change(connection), row["id"]),
        )
        return _job(connection, row["id"])


def tell(studio: Studio, job: Job, stage: str, share: float, sketch: Sketch | None = None) -> None:
    """How far a running job is, and what it wrote where that is to be seen. Raises Lost where it is
    no longer this attempt's."""
    with studio.transaction() as connection:
        _mine(connection, job)
        connection.execute(
            "UPDATE jobs SET stage = ?, share = ?, change = ? WHERE id = ?",
            (stage, share, next_change(connection), job.id),
        )
        if sketch is not None:
            connection.execute("UPDATE jobs SET written = ? WHERE id = ?", (sketch.written, job.id))
            connection.execute(
                "INSERT OR REPLACE INTO sketches VALUES (?, ?)", (job.id, sketch.content)
            )


def sketch_of(studio: Studio, job: int) -> bytes | None:
    """The file of a map that is being written; None before there is one, and once its job has
    ended. Raises Missing where there is no such job."""
    with studio.reading() as connection:
        _job(connection, job)
        row = connection.execute("SELECT content FROM sketches WHERE job = ?", (job,)).fetchone()
    return None if row is None else row["content"]


def end(
    studio: Studio,
    job: Job,
    *,
    maps: Sequence[tuple[str, bytes]] = (),
    heard: dict[str, Any] | None = None,
    warnings: Sequence[str] = (),
) -> None:
    """A job is done: its maps (what each is, and its file) come to be with it. Raises Lost."""
    with studio.transaction() as connection:
        _mine(connection, job)
        if heard is not None:
            connection.execute(
                "UPDATE songs SET heard = ? WHERE id = ?", (json.dumps(heard), job.song)
            )
        for what, content in maps:
            made = connection.execute(
                "INSERT INTO maps (job, song) VALUES (?, ?)", (job.id, job.song)
            ).lastrowid
            connection.execute("INSERT INTO revisions VALUES (?, 0, ?, ?)", (made, what, content))
        connection.execute(
            "UPDATE jobs SET warnings = ? WHERE id = ?", (json.dumps(list(warnings)), job.id)
        )
        _leave(connection, job.id, State.DONE)


def fail(studio: Studio, job: Job, error: str) -> None:
    """A job could not be done, for a reason. Raises Lost."""
    with studio.transaction() as connection:
        _mine(connection, job)
        _leave(connection, job.id, State.FAILED, error)


def cancel(studio: Studio, job: int) -> Job:
    """Nothing more is done for a job, whether it waits or runs."""
    with studio.transaction() as connection:
        if _job(connection, job).state in OPEN:
            _leave(connection, job, State.CANCELLED)
        return _job(connection, job)


def retry(studio: Studio, job: int) -> Job:
    """A job that failed or was cancelled waits once more, at the end of the queue.

    Attempts count on: the number of one never comes again.
    """
    with studio.transaction() as connection:
        if _job(connection, job).state not in (State.FAILED, State.CANCELLED):
            raise OptionError("only what failed or was cancelled can be tried again")
        connection.execute(
            "UPDATE jobs SET state = ?, error = '', ended = NULL, change = ?,"
            " place = (SELECT max(place) + 1 FROM jobs) WHERE id = ?",
            (State.WAITING, next_change(connection), job),
        )
        return _job(connection, job)


def move(studio: Studio, job: int, before: int | None) -> Job:
    """Put a job that waits in front of another, or at the end."""
    with studio.transaction() as connection:
        last = connection.execute("SELECT max(place) FROM jobs").fetchone()[0]
        place = last + 1
        if before is not None:
            following = _job(connection, before).place
            leading = connection.execute(
                "SELECT coalesce(max(place), ? - 1) FROM jobs WHERE place < ? AND id != ?",
                (following, following, job),
            ).fetchone()[0]
            place = (leading + following) / 2
        connection.execute(
            "UPDATE jobs SET place = ?, change = ? WHERE id = ? AND state = ?",
            (place, next_change(connection), job, State.WAITING),
        )
        return _job(connection, job)


def recover(studio: Studio, *, blame: bool) -> None:
    """What ran when its worker died waits again; what took too many down with it has failed, where
    the job is to ``blame`` and not a server that was ended."""
    with studio.transaction() as connection:
        rows = connection.execute("SELECT id, attempt FROM jobs WHERE state = ?", (State.RUNNING,))
        for job, attempt in rows.fetchall():
            if blame and attempt >= MOST_ATTEMPTS:
                _leave(connection, job, State.FAILED, "the worker stopped at it, again and again")
            else:
                connection.execute(
                    "UPDATE jobs SET state = ?, stage = '', share = 0, change = ? WHERE id = ?",
                    (State.WAITING, next_change(connection), job),
                )


def _mine(connection: sqlite3.Connection, job: Job) -> None:
    row = connection.execute("SELECT state, attempt FROM jobs WHERE id = ?", (job.id,)).fetchone()
    if row is None or (row["state"], row["attempt"]) != (State.RUNNING, job.attempt):
        raise Lost


def _leave(connection: sqlite3.Connection, job: int, state: State, error: str = "") -> None:
    connection.execute("DELETE FROM sketches WHERE job = ?", (job,))
    connection.execute(
        "UPDATE jobs SET state = ?, error = ?, ended = ?, change = ? WHERE id = ?",
        (state, error, time.time(), next_change(connection), job),
    )


def _job(connection: sqlite3.Connection, job: int | None) -> Job:
    row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job,)).fetchone()
    if row is None:
        raise Missing("there is no such job", where=str(job))
    return _read(connection, row)


def _asked(text: str) -> Asked:
    said = json.loads(text)
    lines = tuple((time, bpm, meter) for time, bpm, meter in said["lines"])
    return Asked(**said | {"words": tuple(said["words"]), "lines": lines})


def _read(connection: sqlite3.Connection, row: sqlite3.Row) -> Job:
    maps = connection.execute("SELECT id FROM maps WHERE job = ? ORDER BY id", (row["id"],))
    columns = dict(row)
    return Job(
        **columns
        | {
            "kind": Kind(row["kind"]),
            "state": State(row["state"]),
            "asked": _asked(row["asked"]),
            "warnings": tuple(json.loads(row["warnings"])),
            "maps": tuple(number for (number,) in maps),
        }
    )
