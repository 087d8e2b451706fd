"""The page's own files, read once: they are small, and whoever opens the page asks for them all."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

STATIC = Path(str(files("beatheritage"))) / "serve" / "static"
MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
LOOKED_AT = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file of the page; ``tag`` is another one as soon as the content is."""

    content: bytes
    media_type: str
    tag: str

    def answer(self, asked: Headers) -> Response:
        """The file, or that the browser has it already."""
        headers = {"etag": self.tag, "cache-control": "no-cache"}
        if asked.get("if-none-match") == self.tag:
            return Response(status_code=304, headers=headers)
        return Response(self.content, media_type=self.media_type, headers=headers)


class Pieces:
    """An ASGI application that knows the files of a folder by their paths, and no others."""

    def __init__(self, folder: Path) -> None:
        self.known = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in folder.rglob("*")
            if path.is_file()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        piece = self.known.get(path)
        if piece is None or scope["method"] not in LOOKED_AT:
            answer: Response = PlainTextResponse("there is no such file", status_code=404)
        else:
            answer = piece.answer(Headers(scope=scope))
        await answer(scope, receive, send)


def _read(path: Path) -> Piece:
    content = path.read_bytes()
    return Piece(
        content=content,
        media_type=MEDIA_TYPES[path.suffix],
        tag=f'"{hashlib.sha256(content).hexdigest()[:16]}"',
    )
