"""Whatever is sent: an answer in words, no fault of ours, nothing written outside the data folder.

Requests come from the API's own description; uploads are songs with their bytes changed.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from beatheritage.serve.database import Studio, open_studio
from tests.serve.conftest import knock, work_off

from fastapi.testclient import TestClient  # isort: skip

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

pytestmark = pytest.mark.slow

REQUESTS = 25  # of each kind
UPLOADS = 150
HEARD = 12  # of the uploads that are taken in
STREAM = "/api/events"  # has no end


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory, with_a_map: Path) -> Studio:
    folder = tmp_path_factory.mktemp("fuzzed")
    shutil.copytree(with_a_map, folder / "studio")
    return open_studio(folder / "studio")


@pytest.fixture(scope="module")
def client(fuzzed: Studio, with_a_map: Path) -> Iterator[TestClient]:
    """Faults of the server are raised here, and so fail the test."""
    with knock(fuzzed) as client:
        yield client
    assert [path.name for path in fuzzed.folder.parent.iterdir()] == ["studio"]
    known = {path.name for path in with_a_map.iterdir()} | {
        "studio.sqlite-wal",
        "studio.sqlite-shm",
    }
    assert {path.name for path in fuzzed.folder.iterdir()} <= known


def operations(client: TestClient) -> list:
    schema = schemathesis.openapi.from_dict(client.app.openapi())
    found = [each.ok() for each in schema.get_all_operations()]
    return [each for each in found if each.path != STREAM]


def test_requests_of_every_kind_are_answered(client: TestClient):
    for operation in operations(client):

        @seed(1)
        @settings(
            max_examples=REQUESTS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def answered(case):
            sent = case.as_transport_kwargs(base_url="http://127.0.0.1:7270")
            sent["headers"] = dict(sent["headers"]) | {"x-token": client.headers["x-token"]}
            sent.pop("cookies", None)
            answer = client.request(**sent)
            assert answer.status_code < 500, (answer.status_code, answer.text)
            assert "Traceback" not in answer.text

        answered()


@st.composite
def changed(draw, content: bytes) -> bytes:
    """The content cut off, with stretches of it overwritten, doubled or left out."""
    data = bytearray(content[: draw(st.integers(0, len(content)))])
    for _ in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, len(data)))
        stop = min(len(data), start + draw(st.integers(0, 64)))
        data[start:stop] = draw(st.binary(max_size=64) | st.just(bytes(data[start:stop]) * 2))
    return bytes(data)


def test_songs_with_changed_bytes_are_taken_or_refused(client, fuzzed, excerpt):
    accepted: set[str] = set()
    names = st.text(max_size=80) | st.sampled_from(["../../x.ogg", "/etc/passwd", "con.mp3"])

    @seed(1)
    @settings(max_examples=UPLOADS, deadline=None, database=None)
    @given(content=changed(excerpt), name=names)
    def taken(content, name):
        answer = client.post("/api/songs", files={"file": (name, content)})
        assert answer.status_code in (201, 400, 422), answer.text
        if answer.status_code == 201:
            accepted.add(answer.json()["id"])

    taken()
    for song in sorted(accepted)[HEARD:]:
        client.delete(f"/api/songs/{song}")
    work_off(fuzzed)
    assert {job["state"] for job in client.get("/api/jobs").json()} <= {
        "done",
        "failed",
        "cancelled",
        "waiting",
    }
    assert not (fuzzed.folder / "errors.log").exists()
