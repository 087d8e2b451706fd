"""Checkpoints from a hub: a small server here speaks its protocol, well and badly."""

import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from beatheritage.engine.hub import (
    FILES,
    KNOWN,
    PICKLES,
    cached_checkpoint,
    fetch,
    find_checkpoint,
    find_placer,
)
from beatheritage.errors import WeightsError

pytest.importorskip("huggingface_hub", reason="the hub's client is an extra")

COMMIT = "c" * 40
REPOSITORY = "someone/model"
CONTENT = {name: f"{name} of the model".encode() * 5000 for name in FILES}


class Hub:
    """``files`` by path; ``status`` is answered to what is asked of paths with ``part`` in them;
    the first ``cuts`` downloads break off in the middle, or fall silent there for ``silence``
    seconds; every answer waits ``delay`` seconds."""

    def __init__(self):
        self.files = dict(CONTENT)
        self.status, self.part, self.cuts = 200, "", 0
        self.delay, self.silence = 0.0, 0.0
        self.headers: dict[str, str] = {}
        self.asked: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self):
                hub.answer(self, with_body=False)

            def do_GET(self):
                hub.answer(self, with_body=True)

            def log_message(self, format, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request, *, with_body):
        time.sleep(self.delay)
        self.asked.append(f"{request.command} {request.path}")
        owner, _, file = request.path.partition("/resolve/")
        file = file.partition("/")[2].replace("%3D", "=")
        content = self.files.get(file)
        known = owner == f"/{REPOSITORY}"
        status = 200 if known and content else 404
        if self.status != 200 and self.part in request.path:
            status = self.status
        begin = 0
        if status == 200 and (span := request.headers.get("Range")):
            begin, status = int(span.removeprefix("bytes=").split("-")[0]), 206
        request.send_response(status)
        headers = {"X-Repo-Commit": COMMIT} | self.headers
        if status == 404:
            headers = {"X-Error-Code": self.error_code(known)} | headers
        if status < 300:
            assert content is not None
            headers["ETag"] = f'"{hashlib.sha256(content).hexdigest()}"'
            headers["Content-Length"] = str(len(content) - begin)
        else:
            headers["Content-Length"] = "0"
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        if with_body and status < 300 and content is not None:
            self.send(request, content[begin:])

    def send(self, request, content):
        if self.cuts > 0 and len(content) > 1000:
            self.cuts -= 1
            request.wfile.write(content[: len(content) // 2])
            request.wfile.flush()
            time.sleep(self.silence)
            request.connection.close()
        else:
            request.wfile.write(content)

    @staticmethod
    def error_code(known):
        return "EntryNotFound" if known else "RepoNotFound"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    waits = SimpleNamespace(**vars(time) | {"sleep": lambda seconds: None})
    for part in ("utils._http", "file_download"):  # the client's waits between its tries
        monkeypatch.setattr(f"huggingface_hub.{part}.time", waits)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    hub = Hub()
    yield hub
    hub.server.shutdown()
    hub.server.server_close()


def found(hub, name=REPOSITORY, mode=0):
    return find_checkpoint(name, mode, hub.endpoint)


def test_a_checkpoint_comes_once(hub):
    folder = found(hub)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENT
    gets = [line for line in hub.asked if line.startswith("GET")]
    assert found(hub) == folder
    assert [line for line in hub.asked if line.startswith("GET")] == gets


def test_a_mode_with_a_folder_of_its_own_has_that_one(hub):
    hub.files |= {f"gamemode=3/{name}": content * 2 for name, content in CONTENT.items()}
    folder = found(hub, mode=3)
    assert (folder / "gamemode=3" / FILES[2]).read_bytes() == CONTENT[FILES[2]] * 2
    assert not (folder / FILES[2]).exists()
    assert (found(hub, mode=1) / FILES[2]).exists()


def test_a_download_that_breaks_off_goes_on(hub):
    hub.cuts = 2
    folder = found(hub)
    assert (folder / FILES[2]).read_bytes() == CONTENT[FILES[2]]


def test_a_revision_can_be_asked_for(hub):
    found(hub, f"{REPOSITORY}@{COMMIT}")
    assert all(f"/resolve/{COMMIT}/" in line for line in hub.asked)


def refuse(**changes):
    def change(hub):
        for name, value in changes.items():
            setattr(hub, name, value)

    return change


@pytest.mark.parametrize(
    ("change", "name", "says"),
    [
        (refuse(), "someone/else", "not on the hub"),
        (refuse(status=401, headers={"X-Error-Code": "RepoNotFound"}), REPOSITORY, "not for you"),
        (refuse(status=403, headers={"X-Error-Code": "GatedRepo"}), REPOSITORY, "accept its terms"),
        (refuse(files={}), REPOSITORY, "no tokenizer.json"),
        (refuse(status=404, headers={"X-Error-Code": "RevisionNotFound"}), REPOSITORY, "revision"),
    ],
)
def test_refusals_are_one_line(change, name, says, hub, tmp_path):
    change(hub)
    with pytest.raises(WeightsError, match=says) as caught:
        found(hub, name)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob("*.safetensors"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (refuse(cuts=1000), "the download broke off"),
        (refuse(cuts=1000, silence=0.5), "the download broke off"),
        (refuse(status=500), "the hub refuses it"),
        (refuse(status=500, part=FILES[2]), "the hub refuses it"),
        (refuse(status=404, part=FILES[2]), f"has no {FILES[2]}"),
        (refuse(files={name: CONTENT[name] for name in FILES[:1]}), f"has no {FILES[1]}"),
    ],
)
def test_what_fails_on_the_way_is_one_line_and_nothing_by_halves(
    change, says, hub, tmp_path, monkeypatch
):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DOWNLOAD_TIMEOUT", 0.2)
    change(hub)
    with pytest.raises(WeightsError, match=says) as caught:
        found(hub)
    assert "\n" not in str(caught.value)
    assert cached_checkpoint(REPOSITORY, 0) is None
    for path in tmp_path.rglob("blobs/*"):
        assert path.read_bytes() in CONTENT.values()
    hub.status, hub.cuts, hub.files = 200, 0, dict(CONTENT)
    assert {path.name: path.read_bytes() for path in found(hub).iterdir()} == CONTENT


def test_a_hub_that_says_nothing_is_given_up(hub, monkeypatch):
    monkeypatch.setattr("beatheritage.engine.hub.SILENCE_SECONDS", 0.1)
    hub.delay = 0.6
    with pytest.raises(WeightsError, match="no hub answers"):
        found(hub)
    hub.delay = 0.0
    folder = found(hub)
    hub.delay = 0.6
    assert found(hub) == folder  # from the cache


def test_folders_and_names(hub, tmp_path):
    assert find_checkpoint(str(tmp_path), 0) == tmp_path
    assert KNOWN["v32_mini"].endswith("v32-mini")
    for name in ("v33", "nonsense", "a/b/c", "/x"):
        with pytest.raises(WeightsError, match="there is no model"):
            find_checkpoint(name, 0, hub.endpoint)
    assert hub.asked == []


@pytest.mark.parametrize("files", [PICKLES, FILES])
def test_a_placer_comes_as_its_authors_left_it_or_converted(files, hub):
    hub.files = {name: name.encode() for name in files}
    folder = find_placer(REPOSITORY, hub.endpoint)
    assert {path.name for path in folder.iterdir()} == set(files)


def test_a_placer_that_there_is_not():
    with pytest.raises(WeightsError, match="did you mean 'osu_diffusion_v2'"):
        find_placer("osu_diffusion")


def test_what_is_cached_is_known_without_asking(hub):
    assert cached_checkpoint(REPOSITORY, 0) is None
    counted = []
    fetch(REPOSITORY, "main", 0, hub.endpoint, lambda done, total: counted.append((done, total)))
    assert counted[-1] == (len(CONTENT[FILES[-1]]),) * 2
    hub.asked.clear()
    found = cached_checkpoint(REPOSITORY, 0)
    assert found is not None
    assert {path.name for path in found.iterdir()} == set(FILES)
    assert hub.asked == []
