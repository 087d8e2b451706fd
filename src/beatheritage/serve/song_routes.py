"""Songs over HTTP."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response, UploadFile
from fastapi.responses import FileResponse

from beatheritage.serve import songs
from beatheritage.serve.database import Missing, Studio
from beatheritage.serve.queue import Kind, add_job

CHUNK_BYTES = 1 << 20
MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "vorbis": "audio/ogg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
}
router = APIRouter(prefix="/api/songs", tags=["songs"])


@router.post("", status_code=201)
def add(request: Request, file: UploadFile) -> dict[str, Any]:
    """Keep a song and listen to it; the job that listens is among the jobs."""
    studio = studio_of(request)
    kept = songs.take_in(studio, file.filename or "", _chunks(file))
    if kept.heard is None:
        add_job(studio, Kind.LISTEN, kept.id)
    return _shown(kept)


@router.get("")
def every(request: Request) -> list[dict[str, Any]]:
    """The newest first, without what listening told."""
    return [_shown(kept) | {"heard": None} for kept in songs.all_songs(studio_of(request))]


@router.get("/{song}")
async def one(request: Request, song: str) -> dict[str, Any]:
    """A song with its timing and waveform, once it has been heard."""
    return _shown(songs.one_song(studio_of(request), song))


@router.delete("/{song}", status_code=204)
def forget(request: Request, song: str) -> None:
    """A song goes, with its jobs and maps."""
    songs.forget(studio_of(request), song)


@router.get("/{song}/audio")
def audio(request: Request, song: str) -> FileResponse:
    """The file as it was given; ranges of it where they are asked for."""
    studio = studio_of(request)
    kept = songs.one_song(studio, song)
    media_type = MEDIA_TYPES.get(kept.codec, "application/octet-stream")
    return FileResponse(songs.audio_path(studio, kept), media_type=media_type)


@router.get("/{song}/background")
def background(request: Request, song: str) -> Response:
    """The picture of its maps, once it has been heard."""
    studio = studio_of(request)
    path = songs.background_path(studio, songs.one_song(studio, song))
    if not path.exists():
        raise Missing("the song has not been heard yet", where=song)
    return FileResponse(path, media_type="image/jpeg")


def studio_of(request: Request) -> Studio:
    return request.app.state.studio


def _chunks(file: UploadFile) -> Iterator[bytes]:
    while chunk := file.file.read(CHUNK_BYTES):
        yield chunk


def _shown(kept: songs.Kept) -> dict[str, Any]:
    return {key: value for key, value in asdict(kept).items() if key != "suffix"}
