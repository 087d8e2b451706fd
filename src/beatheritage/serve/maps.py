"""The studio's maps: each a list of revisions, of which one stands. Undo goes back along it."""

from dataclasses import dataclass

from beatheritage.errors import OptionError
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.parse import parse
from beatheritage.serve.database import Missing, Studio
from beatheritage.serve.queue import one_job

MOST_REVISIONS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """A map as it stands; ``what`` says how this revision came about, ``latest`` is the last."""

    id: int
    job: int
    song: str
    revision: int
    latest: int
    what: str
    content: bytes

    @property
    def beatmap(self) -> Beatmap:
        return parse(self.content).beatmap


def one_map(studio: Studio, number: int) -> Map:
    """Raises Missing where there is none of the number."""
    with studio.reading() as connection:
        row = connection.execute(
            "SELECT maps.id, job, song, revision, what, content,"
            " (SELECT max(number) FROM revisions WHERE map = maps.id) AS latest"
            " FROM maps JOIN revisions ON map = maps.id AND number = revision WHERE maps.id = ?",
            (number,),
        ).fetchone()
    if row is None:
        raise Missing("there is no such map", where=str(number))
    return Map(**dict(row))


def revise(studio: Studio, old: Map, what: str, content: bytes) -> Map:
    """A new revision after the one that was changed; what had been undone is gone.

    Raises OptionError where the map has been changed meanwhile.
    """
    with studio.transaction() as connection:
        standing = connection.execute(
            "SELECT revision FROM maps WHERE id = ?", (old.id,)
        ).fetchone()
        if standing is None or standing["revision"] != old.revision:
            raise OptionError("the map has been changed meanwhile", mend="look at it again")
        if old.revision + 1 >= MOST_REVISIONS:
            raise OptionError(f"a map keeps {MOST_REVISIONS} changes", mend="take the file")
        connection.execute(
            "DELETE FROM revisions WHERE map = ? AND number > ?", (old.id, old.revision)
        )
        connection.execute(
            "INSERT INTO revisions VALUES (?, ?, ?, ?)", (old.id, old.revision + 1, what, content)
        )
        connection.execute("UPDATE maps SET revision = ? WHERE id = ?", (old.revision + 1, old.id))
    return one_map(studio, old.id)


def step(studio: Studio, number: int, by: int) -> Map:
    """Undo (-1) or redo (1); at either end nothing happens."""
    known = one_map(studio, number)
    wanted = min(max(known.revision + by, 0), known.latest)
    with studio.transaction() as connection:
        connection.execute("UPDATE maps SET revision = ? WHERE id = ?", (wanted, number))
    return one_map(studio, number)


def check_take(studio: Studio, old: Map, take: Map) -> None:
    """Raise an OptionError for a map that is no take of a range of this one as it stands."""
    asked = one_job(studio, take.job).asked
    if asked.map != old.id:
        raise OptionError("that is no take of a range of this map")
    if asked.revision != old.revision:
        raise OptionError("the map has been changed since the takes were written")
