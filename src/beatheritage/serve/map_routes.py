"""Maps over HTTP: to look at, to mend, to take home."""

from typing import Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from beatheritage.errors import OptionError
from beatheritage.generate.package import difficulty_name
from beatheritage.osu.archive import safe_name
from beatheritage.osu.write import write
from beatheritage.serve import maps
from beatheritage.serve.bounds import LONGEST_NUMBER, Finite, Number
from beatheritage.serve.edit import Change, change
from beatheritage.serve.scene import findings, scene
from beatheritage.serve.song_routes import studio_of
from beatheritage.serve.take import archive

router = APIRouter(prefix="/api/maps", tags=["maps"])


class ByHand(BaseModel):
    """One object moved, added or deleted, in the revision that the page shows."""

    model_config = ConfigDict(extra="forbid")

    revision: Number
    do: Literal["move", "add", "delete"]
    index: Number | None = None
    time: Finite | None = None
    end: Finite | None = None
    x: Finite | None = None
    y: Finite | None = None
    column: Number | None = None
    divisor: Number = 4


class Chosen(BaseModel):
    """The map of the take that is to stand."""

    take: Number


@router.get("/archive")
def take_home(request: Request, maps: str) -> Response:
    """An .osz of maps of one song, named by their numbers: 3,4,5."""
    numbers = [
        int(word) for word in maps.split(",") if word.isdecimal() and len(word) <= LONGEST_NUMBER
    ]
    name, content = archive(studio_of(request), numbers)
    return _file(content, name, "application/x-osu-beatmap-archive")


@router.get("/{number}")
def one(request: Request, number: Number) -> dict[str, Any]:
    """A map as the page draws it."""
    return _shown(maps.one_map(studio_of(request), number))


@router.get("/{number}/check")
def check(request: Request, number: Number) -> list[dict[str, Any]]:
    """What the checker finds in it."""
    return findings(maps.one_map(studio_of(request), number).beatmap)


@router.get("/{number}/file")
def file(request: Request, number: Number) -> Response:
    """The .osu file."""
    known = maps.one_map(studio_of(request), number)
    return _file(known.content, difficulty_name(known.beatmap), "application/x-osu-beatmap")


@router.post("/{number}/edit")
def edit(request: Request, number: Number, wanted: ByHand) -> dict[str, Any]:
    """A revision with one change."""
    studio = studio_of(request)
    known = maps.one_map(studio, number)
    if known.revision != wanted.revision:
        raise OptionError("the map has been changed meanwhile", mend="look at it again")
    asked = Change(**wanted.model_dump(exclude={"revision"}))
    content = write(change(known.beatmap, asked)).encode()
    return _shown(maps.revise(studio, known, wanted.do, content))


@router.post("/{number}/undo")
def undo(request: Request, number: Number) -> dict[str, Any]:
    return _shown(maps.step(studio_of(request), number, -1))


@router.post("/{number}/redo")
def redo(request: Request, number: Number) -> dict[str, Any]:
    return _shown(maps.step(studio_of(request), number, 1))


@router.post("/{number}/keep")
def keep(request: Request, number: Number, chosen: Chosen) -> dict[str, Any]:
    """A take of a range becomes the map's next revision."""
    studio = studio_of(request)
    known, take = maps.one_map(studio, number), maps.one_map(studio, chosen.take)
    maps.check_take(studio, known, take)
    return _shown(maps.revise(studio, known, take.what, take.content))


def _shown(known: maps.Map) -> dict[str, Any]:
    return {
        "id": known.id,
        "job": known.job,
        "song": known.song,
        "revision": known.revision,
        "latest": known.latest,
        "what": known.what,
        **scene(known.beatmap),
    }


def _file(content: bytes, name: str, media_type: str) -> Response:
    plain = safe_name(name.encode("ascii", "replace").decode())
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"content-disposition": disposition}
    return Response(content, media_type=media_type, headers=headers)
