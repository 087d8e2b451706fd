"""A studio in a folder of its own, and a client that has the token."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

pytest.importorskip("fastapi", reason="the studio's extra is not installed")

from fastapi.testclient import TestClient

from beatheritage.serve import queue
from beatheritage.serve.app import create_app
from beatheritage.serve.database import Studio, open_studio
from beatheritage.serve.guard import Door
from beatheritage.serve.queue import Kind
from beatheritage.serve.worker import run

DEMO = Path(__file__).parents[2] / "demo" / "BeatHeritage - First Light.ogg"
HTML = """<img src=x onerror="document.title='run'"><b>bold</b>&amp;"""
DOOR = Door(host="127.0.0.1", port=7270, token="of this start")


@pytest.fixture(scope="session")
def excerpt() -> bytes:
    """The demo song's first seconds."""
    frames, rate = soundfile.read(DEMO, frames=20 * 44_100)
    file = io.BytesIO()
    soundfile.write(file, frames, rate, format="OGG", subtype="VORBIS")
    return file.getvalue()


@pytest.fixture(scope="session")
def with_a_map(tmp_path_factory: pytest.TempPathFactory, excerpt: bytes) -> Path:
    """The folder of a studio that has made a map of its song."""
    studio = open_studio(tmp_path_factory.mktemp("made") / "studio")
    with knock(studio) as client:
        song = take_in(client, excerpt)
        job = posted(client, "/api/jobs", kind="generate", song=song, options={"stars": 3})
        work_off(studio)
        assert client.get(f"/api/jobs/{job['id']}").json()["error"] == ""
    return studio.folder


@pytest.fixture
def studio(tmp_path: Path, request: pytest.FixtureRequest) -> Studio:
    """An empty studio, or for tests of a map that is made a copy of one with it."""
    if "made" in request.fixturenames:
        shutil.copytree(request.getfixturevalue("with_a_map"), tmp_path / "studio")
    return open_studio(tmp_path / "studio")


@pytest.fixture
def client(studio: Studio) -> Iterator[TestClient]:
    with knock(studio) as client:
        yield client


@pytest.fixture
def song(client: TestClient, excerpt: bytes) -> str:
    """A song, taken in and not yet heard."""
    return take_in(client, excerpt)


def named(song: bytes, folder: Path, name: str) -> bytes:
    """The song with a title and an artist in its tags."""
    path = folder / "named.ogg"
    path.write_bytes(song)
    with soundfile.SoundFile(path, "r") as file:
        frames, rate = file.read(), file.samplerate
    with soundfile.SoundFile(path, "w", rate, frames.shape[1], format="OGG") as file:
        file.title = file.artist = name
        file.write(frames)
    return path.read_bytes()


def knock(studio: Studio) -> TestClient:
    """A client that has the token."""
    client = TestClient(create_app(studio, DOOR), base_url="http://127.0.0.1:7270")
    client.headers["x-token"] = DOOR.token
    return client


def posted(client: TestClient, path: str, **body: Any) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def work_off(studio: Studio) -> None:
    """Every job that waits, done here."""
    while (job := queue.claim(studio, tuple(Kind))) is not None:
        run(studio, job)


def take_in(client: TestClient, content: bytes) -> str:
    answer = client.post("/api/songs", files={"file": (DEMO.name, content)})
    assert answer.status_code == 201
    return answer.json()["id"]
