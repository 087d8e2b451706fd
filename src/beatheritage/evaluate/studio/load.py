"""Many at once, and a server that dies on the way."""

import http.client
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from beatheritage.evaluate.studio.server import (
    Client,
    Server,
    ended_job,
    heard_song,
    visit,
    wait_for,
)

ASK_EVERY_S = 1.0  # what a page asks beside its stream
LISTEN_S = 0.5
ROUNDS = 3  # maps with nobody looking, and as many with everybody


@dataclass(slots=True)
class Crowd:
    """What many clients saw: how long answers took, and what was wrong with them."""

    waits_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    events: int = 0
    gone: threading.Event = field(default_factory=threading.Event)


def kills(folder: Path, song: Path, jobs: int, times: int) -> dict[str, int]:
    """Jobs that ended once, were lost or doubled, where the server is killed so many times."""
    with Server(folder) as server:
        client = visit(server.start())
        known = heard_song(client, song)
        for seed in range(jobs):
            options = {"seed": seed, "stars": 1.5, "difficulty.scale": False}
            client.post("api/jobs", {"kind": "generate", "song": known, "options": options})
        for kill in range(times):
            enough = (kill + 1) * jobs // (times + 1)
            wait_for(
                "jobs to end", lambda enough=enough, client=client: len(_done(client)) >= enough
            )
            server.kill()
            client = visit(server.start())
        wait_for("every job to end", lambda: all(job["ended"] for job in _asked(client)))
        made = [len(job["maps"]) for job in _done(client)]
        found = _asked(client)
    return {
        "jobs": jobs,
        "kills": times,
        "once": sum(count == 1 for count in made),
        "doubled": sum(count > 1 for count in made),
        "lost": jobs - len(found) + sum(job["state"] != "done" for job in found),
    }


def _asked(client: Client) -> list[dict[str, Any]]:
    return [job for job in client.get("api/jobs") if job["kind"] == "generate"]


def _done(client: Client) -> list[dict[str, Any]]:
    return [job for job in _asked(client) if job["state"] == "done"]


def crowded(folder: Path, song: Path, clients: int) -> dict[str, Any]:
    """What many clients wait for answers while maps are made, and what that costs the maps."""
    with Server(folder) as server:
        address = server.start()
        client = visit(address)
        known = heard_song(client, song)
        seconds: dict[bool, list[float]] = {False: [], True: []}
        crowd = Crowd()
        for _ in range(ROUNDS):
            for watched in (False, True):
                threads = _open(address, known, clients, crowd) if watched else ()
                seconds[watched].append(_make(client, known))
                crowd.gone.set()
                for thread in threads:
                    thread.join()
                crowd.gone.clear()
    return {
        "clients": clients,
        "errors": len(crowd.errors),
        "first_errors": sorted(set(crowd.errors))[:3],
        "answers": len(crowd.waits_ms),
        "events": crowd.events,
        "p99_ms": float(np.percentile(crowd.waits_ms, 99)),
        "alone_s": seconds[False],
        "watched_s": seconds[True],
    }


def slowed(alone_s: Sequence[float], watched_s: Sequence[float]) -> float:
    """The share by which maps took longer, pair by pair, the median."""
    alone = np.array(alone_s)
    return float(np.median((np.array(watched_s) - alone) / alone))


def _make(client: Client, song: str) -> float:
    options = {"stars": 4}
    asked = client.post("api/jobs", {"kind": "generate", "song": song, "options": options})
    job = ended_job(client, asked["id"])
    return job["ended"] - job["started"]


def _open(address: str, song: str, clients: int, crowd: Crowd) -> tuple[threading.Thread, ...]:
    host = urlsplit(address).netloc
    threads = [
        threading.Thread(target=work, args=(host, song, crowd, number), daemon=True)
        for number in range(clients)
        for work in (_poll, _stream)
    ]
    for thread in threads:
        thread.start()
    return tuple(threads)


def _poll(host: str, song: str, crowd: Crowd, number: int) -> None:
    """A page that is opened, and then asks now and again."""
    paths = ("/", "/api/jobs", f"/api/songs/{song}", "/api/options", "/static/app.js")
    crowd.gone.wait(ASK_EVERY_S * (number % 10) / 10)  # not all on one beat
    while not crowd.gone.is_set():
        connection = http.client.HTTPConnection(host, timeout=60)
        for path in paths:
            _ask(connection, path, crowd)
        connection.close()
        crowd.gone.wait(ASK_EVERY_S)


def _ask(connection: http.client.HTTPConnection, path: str, crowd: Crowd) -> None:
    began = time.perf_counter()
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        crowd.errors.append(f"{path}: {error}")
        return
    crowd.waits_ms.append((time.perf_counter() - began) * 1000)
    if answer.status != http.HTTPStatus.OK:
        crowd.errors.append(f"{path}: {answer.status}")


def _stream(host: str, _song: str, crowd: Crowd, _number: int) -> None:
    """The stream of changes, read for as long as the page is open."""
    name, _, port = host.partition(":")
    try:
        with socket.create_connection((name, int(port)), timeout=LISTEN_S) as line:
            line.sendall(f"GET /api/events HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            while not crowd.gone.is_set():
                try:
                    heard = line.recv(1 << 16)
                except TimeoutError:
                    continue
                if not heard:
                    crowd.errors.append("/api/events: ended")
                    return
                crowd.events += heard.count(b"data: {")
    except OSError as error:
        crowd.errors.append(f"/api/events: {error}")
