"""Jobs over HTTP, and the stream of what changes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from beatheritage.osu.parse import parse
from beatheritage.serve import queue
from beatheritage.serve.bounds import LONGEST_NUMBER, Finite, Number
from beatheritage.serve.hub import Hub, news_of
from beatheritage.serve.maps import one_map
from beatheritage.serve.options import check_words, words_of
from beatheritage.serve.scene import scene
from beatheritage.serve.song_routes import studio_of

Line = tuple[Finite, Annotated[float, Field(ge=20, le=1000)], Annotated[int, Field(ge=1, le=16)]]
router = APIRouter(prefix="/api/jobs", tags=["jobs"])


class Wanted(BaseModel):
    """A job to do. ``options`` are the command line's, by their keys; ``lines`` a timing of one's
    own, each (offset in ms, BPM, meter); the rest is for a range of a map."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["generate", "spread", "range"]
    song: str = Field(max_length=64)
    options: dict[str, str | bool | int | Finite] = Field(default_factory=dict, max_length=64)
    lines: list[Line] = Field(default_factory=list, max_length=256)
    map: Number | None = None
    start: Finite | None = None
    end: Finite | None = None
    takes: int = Field(default=1, ge=1, le=16)


class Place(BaseModel):
    """Where a job that waits should stand: before another, or at the end."""

    before: Number | None = None


@router.post("", status_code=201)
def add(request: Request, wanted: Wanted) -> dict[str, Any]:
    """A job at the end of the queue. What cannot be meant is refused at once."""
    kind, studio = queue.Kind(wanted.kind), studio_of(request)
    revision = None if wanted.map is None else one_map(studio, wanted.map).revision
    asked = queue.Asked(
        words=words_of(kind, wanted.options),
        lines=tuple(wanted.lines),
        map=wanted.map,
        revision=revision,
        start=wanted.start,
        end=wanted.end,
        takes=wanted.takes,
    )
    check_words(kind, asked)
    return asdict(queue.add_job(studio, kind, wanted.song, asked))


# What is quickly read is not worth a thread: pages ask for it again and again.
@router.get("")
async def every(request: Request, since: Number = -1) -> list[dict[str, Any]]:
    """Every job that changed after a change, in the order of their changes."""
    return [asdict(job) for job in queue.jobs_since(studio_of(request), since)]


@router.get("/{job}")
async def one(request: Request, job: Number) -> dict[str, Any]:
    return asdict(queue.one_job(studio_of(request), job))


@router.get("/{job}/sketch")
def sketch(request: Request, job: Number) -> dict[str, Any] | None:
    """What is written so far, as the page draws maps; null where nothing is, or no longer."""
    content = queue.sketch_of(studio_of(request), job)
    return None if content is None else scene(parse(content).beatmap)


@router.post("/{job}/cancel")
def cancel(request: Request, job: Number) -> dict[str, Any]:
    """Waiting or running, it ends here."""
    return asdict(queue.cancel(studio_of(request), job))


@router.post("/{job}/retry")
def retry(request: Request, job: Number) -> dict[str, Any]:
    """What failed or was cancelled waits again."""
    return asdict(queue.retry(studio_of(request), job))


@router.post("/{job}/move")
def move(request: Request, job: Number, place: Place) -> dict[str, Any]:
    """Another place in the queue."""
    return asdict(queue.move(studio_of(request), job, place.before))


events = APIRouter(tags=["jobs"])


@events.get("/api/events")
async def stream(request: Request, since: Number = -1) -> StreamingResponse:
    """Server-sent events: every job that changes, as it stands then."""
    last = request.headers.get("last-event-id", "")
    start = int(last) if last.isdecimal() and len(last) <= LONGEST_NUMBER else since
    return StreamingResponse(
        _changes(request, start),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _changes(request: Request, since: int) -> AsyncIterator[str]:
    hub: Hub = request.app.state.hub
    with hub.listening() as coming:
        for job in await asyncio.to_thread(queue.jobs_since, studio_of(request), since):
            since = max(since, job.change)
            yield news_of(job).event
        while not hub.closed and (news := await coming.get()) is not None:
            if news.change is None or news.change > since:
                since = since if news.change is None else news.change
                yield news.event
