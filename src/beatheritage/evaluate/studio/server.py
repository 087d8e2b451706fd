"""``beatheritage serve`` as a process of its own, and its HTTP API as a page uses it."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from beatheritage.errors import UserError

PATIENCE_S = 900.0
LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One who has opened the page: requests bear its cookie."""

    address: str
    opener: urllib.request.OpenerDirector = field(default_factory=urllib.request.build_opener)

    def get(self, path: str) -> Any:
        with self.opener.open(self.address + path) as answer:
            return json.load(answer)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._send(path, json.dumps(body).encode(), "application/json")

    def upload(self, file: Path) -> Any:
        """A song, as a form sends it."""
        mark = uuid4().hex
        head = f'--{mark}\r\ncontent-disposition: form-data; name="file"; filename="{file.name}"'
        body = f"{head}\r\n\r\n".encode() + file.read_bytes() + f"\r\n--{mark}--\r\n".encode()
        return self._send("api/songs", body, f"multipart/form-data; boundary={mark}")

    def _send(self, path: str, body: bytes, kind: str) -> Any:
        request = urllib.request.Request(
            self.address + path, data=body, headers={"content-type": kind}
        )
        with self.opener.open(request) as answer:
            return json.load(answer)


class Server:
    """The studio of a folder: started, killed and started again; ended when the block is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Its address, as soon as it says so. Raises UserError where it does not come up."""
        command = [sys.executable, "-m", "beatheritage.cli", "serve", "--port", "0"]
        self._process = subprocess.Popen(
            [*command, "--data", str(self.folder)], stderr=subprocess.PIPE, text=True
        )
        assert self._process.stderr is not None
        said = self._process.stderr.readline()
        address = re.search(r"http://\S+", said)
        if address is None:
            raise UserError(f"the studio does not start: {said.strip()}")
        return address[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop(signal.SIGTERM)

    def kill(self) -> None:
        """At once, as when the power goes."""
        self._stop(signal.SIGKILL)

    def _stop(self, how: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(how)
        self._process.wait()
        assert self._process.stderr is not None
        self._process.stderr.close()


def visit(address: str) -> Client:
    """A client that has opened the page, as soon as the server answers."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    client = Client(address=address, opener=opener)
    opener.open(address).close()
    return client


def wait_for(what: str, holds: Callable[[], bool]) -> None:
    """Raises UserError where it does not come to hold in a quarter of an hour."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            raise UserError(f"waited too long for {what}")
        time.sleep(LOOK_EVERY_S)


def heard_song(client: Client, file: Path) -> str:
    """The song of a file, taken in and listened to."""
    song = client.upload(file)["id"]
    wait_for("a song to be heard", lambda: client.get(f"api/songs/{song}")["heard"] is not None)
    return song


def ended_job(client: Client, job: int) -> dict[str, Any]:
    """A job once it has ended. Raises UserError where it failed."""
    wait_for("a job", lambda: client.get(f"api/jobs/{job}")["ended"] is not None)
    found = client.get(f"api/jobs/{job}")
    if found["state"] != "done":
        raise UserError(f"a job ended as {found['state']}: {found['error']}")
    return found
