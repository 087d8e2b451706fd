"""What stands between the studio and every other page that a browser has open.

A page elsewhere can make a browser send requests to this machine. So a request must name this
host, come from this origin if it comes from a page, and carry the token of this start for whatever
changes state; where the server is bound to more than this machine, for everything.
"""

import hmac
import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from beatheritage.serve.bounds import LONGEST_NUMBER, MOST_REQUEST_BYTES, MOST_SONG_BYTES

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

TOKEN_HEADER = b"x-token"
UPLOADS = "/api/songs"
SAFE_METHODS = frozenset({"GET", "HEAD"})
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
        " media-src 'self' blob:; connect-src 'self'; form-action 'none'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where the server listens, and the token of this start."""

    host: str
    port: int
    token: str

    @property
    def cookie(self) -> str:
        """The cookie's name: browsers tell hosts apart, not ports."""
        return f"beatheritage_{self.port}"

    @property
    def is_local(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


class Guard:
    """ASGI middleware: refuses what has no business here, and puts headers on every answer."""

    def __init__(self, app: App, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((name.encode(), value.encode()) for name, value in HEADERS.items()),
                ]
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal is None:
            await self.app(scope, receive, with_headers)
        else:
            await _answer(with_headers, *refusal)

    def _refusal(self, scope: Message, headers: dict[bytes, str]) -> tuple[int, str] | None:
        if not self._knows_host(headers.get(b"host", "")):
            return 421, "this server does not go by that name"
        origin = headers.get(b"origin")
        if origin is not None and urlsplit(origin).netloc != headers.get(b"host", ""):
            return 403, "requests from other pages are refused"
        open_to_all = self.door.is_local and scope["method"] in SAFE_METHODS
        if not open_to_all and not self._has_token(scope, headers):
            return 401, "the token of this start is missing: open the address that serve printed"
        return _too_much(scope["path"], headers)

    def _knows_host(self, host: str) -> bool:
        if not self.door.is_local:
            return True  # any name may lead here from outside: the token decides
        name, _, port = host.rpartition(":")
        return name in LOCAL_NAMES and port == str(self.door.port)

    def _has_token(self, scope: Message, headers: dict[bytes, str]) -> bool:
        given = [
            headers.get(TOKEN_HEADER, ""),
            _cookie(headers.get(b"cookie", ""), self.door.cookie),
        ]
        if scope["path"] == "/":
            given += parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        return any(hmac.compare_digest(each.encode(), self.door.token.encode()) for each in given)


def _too_much(path: str, headers: dict[bytes, str]) -> tuple[int, str] | None:
    """Why a body is refused before any of it is read: servers see to it that none is longer than it
    says."""
    if b"transfer-encoding" in headers:
        return 411, "the request does not say how long it is"
    most = MOST_REQUEST_BYTES + (MOST_SONG_BYTES if path == UPLOADS else 0)
    length = headers.get(b"content-length", "0")
    if len(length) > LONGEST_NUMBER or not length.isdecimal() or int(length) > most:
        return 413, f"the request: is larger than {most >> 20} MB"
    return None


def _cookie(header: str, name: str) -> str:
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return ""
    return cookies[name].value if name in cookies else ""


async def _answer(send: Send, status: int, reason: str) -> None:
    body = reason.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
