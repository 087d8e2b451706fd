"""Who is let in: this machine, from this page, with this start's token."""

import pytest

from beatheritage.serve.app import create_app
from beatheritage.serve.bounds import MOST_REQUEST_BYTES, MOST_SONG_BYTES
from beatheritage.serve.guard import Door
from tests.serve.conftest import DOOR

from fastapi.testclient import TestClient  # isort: skip

LOCAL = "http://127.0.0.1:7270"


@pytest.fixture
def stranger(studio):
    with TestClient(create_app(studio, DOOR), base_url=LOCAL) as client:
        yield client


def test_looking_is_free_here(stranger):
    assert stranger.get("/api/jobs").json() == []


@pytest.mark.parametrize("host", ["localhost:7270", "127.0.0.1:7270", "[::1]:7270"])
def test_names_of_this_machine(stranger, host):
    assert stranger.get("/api/jobs", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example:7270", "127.0.0.1:7271", "127.0.0.1", "", "x"])
def test_other_names_are_refused(stranger, host):
    assert stranger.get("/api/jobs", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:7271", "null"])
def test_other_pages_are_refused_even_with_the_token(stranger, origin):
    headers = {"origin": origin, "x-token": DOOR.token}
    assert stranger.get("/api/jobs", headers=headers).status_code == 403
    assert stranger.post("/api/jobs/1/cancel", headers=headers).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("token", ["", "of another start", DOOR.token + "x"])
def test_changing_needs_the_token(stranger, method, token):
    headers = {"x-token": token} if token else {}
    assert stranger.request(method, "/api/songs", headers=headers).status_code == 401


def test_the_page_brings_the_token_with_it(stranger):
    assert stranger.post("/api/jobs/1/cancel").status_code == 401
    cookie = stranger.get("/").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    # Now a client of the page: what it asks for is not there, but it may ask.
    assert stranger.post("/api/jobs/1/cancel", headers={"origin": LOCAL}).status_code == 404


def test_bound_elsewhere_everything_needs_the_token(studio):
    door = Door(host="0.0.0.0", port=7270, token=DOOR.token)
    with TestClient(create_app(studio, door), base_url="http://studio.lan:7270") as client:
        assert client.get("/").status_code == 401
        assert client.get("/api/jobs").status_code == 401
        assert client.get("/static/index.html").status_code == 401
        assert client.get("/?token=wrong").status_code == 401
        assert client.get(f"/?token={DOOR.token}").status_code == 200
        assert client.get("/api/jobs").status_code == 200  # by the cookie that came with the page


@pytest.mark.parametrize(
    ("path", "most"),
    [("/api/jobs", MOST_REQUEST_BYTES), ("/api/songs", MOST_REQUEST_BYTES + MOST_SONG_BYTES)],
)
def test_bodies_are_refused_by_what_they_say_of_themselves(client, path, most):
    """Before any of them is read: here nothing follows."""

    def said(length: str) -> int:
        return client.post(path, headers={"content-length": length}).status_code

    assert said(str(most)) == 422  # let in, and found to be of another shape
    assert said(str(most + 1)) == said("9" * 30) == said("x") == 413
    assert client.post(path, content=iter([b"{}"])).status_code == 411


def test_every_answer_has_the_headers_of_a_careful_page(stranger):
    for path in ("/", "/api/jobs", "/api/nothing", "/static/nothing"):
        headers = stranger.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
