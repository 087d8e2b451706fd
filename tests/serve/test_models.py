"""Models that a page may choose: listed, downloaded with progress, refused where they are not."""

import json
import time

import pytest

from beatheritage.engine.hub import FILES, KNOWN
from beatheritage.osu.mode import Mode
from beatheritage.serve.models import BYTES_PER_PARAMETER, MODELS, Downloads, shown
from tests.ancestors import golden, write_tiny
from tests.engine.test_hub import Hub
from tests.serve.conftest import posted, work_off

pytest.importorskip("huggingface_hub", reason="the hub's client is an extra")

V30 = next(model for model in MODELS if model.name == "v30")


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub that has the model V30, and an empty cache."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr("tests.engine.test_hub.REPOSITORY", KNOWN["v30"])
    hub = Hub()
    words = {"descriptor_idx": {"tech": 1, "jump aim": 0}}
    hub.files[FILES[0]] = json.dumps(words).encode()
    yield hub
    hub.server.shutdown()
    hub.server.server_close()


def ended(downloads: Downloads) -> dict:
    end = time.monotonic() + 20
    while (said := shown(V30, Mode.STD, downloads))["downloading"] is not None:
        assert time.monotonic() < end
        time.sleep(0.01)
    return said


def test_every_known_checkpoint_is_listed_and_ours_first():
    assert [model.name for model in MODELS] == ["", "beatheritage_v1", *sorted(KNOWN)[1:]]
    assert MODELS[1].title == "BeatHeritage V1 (Enhanced stability & quality)"


@pytest.mark.parametrize("model", MODELS[1:], ids=lambda model: model.name)
def test_sizes_are_those_of_the_full_checkpoints(model):
    version = model.name.replace("_mini", "-mini")
    recorded = golden("statedict", f"statedict_{version}.json")
    assert model.parameters == recorded["summary"]["params_total"]


def test_a_model_comes_with_progress(hub):
    downloads = Downloads(hub.endpoint)
    assert not shown(V30, Mode.STD, downloads)["here"]
    assert shown(V30, Mode.STD, downloads)["bytes"] == V30.parameters * BYTES_PER_PARAMETER
    hub.delay = 0.05
    downloads.start("v30", Mode.STD)
    assert shown(V30, Mode.STD, downloads)["downloading"] == {"done": 0, "total": 0}
    said = ended(downloads)
    assert (said["here"], said["error"]) == (True, "")
    assert said["descriptors"] == ("jump aim", "tech")
    assert said["bytes"] == sum(len(hub.files[name]) for name in FILES)
    download = downloads.of("v30")
    assert download.done == download.total == len(hub.files[FILES[-1]])


def test_a_download_is_stopped_and_goes_on(hub):
    downloads = Downloads(hub.endpoint)
    hub.delay = 0.2
    downloads.start("v30", Mode.STD)
    downloads.stop("v30")
    assert (ended(downloads)["here"], ended(downloads)["error"]) == (False, "")
    hub.delay = 0
    downloads.start("v30", Mode.STD)
    assert ended(downloads)["here"]


def test_what_a_hub_refuses_is_told_in_words(hub):
    hub.status, hub.headers = 403, {"X-Error-Code": "GatedRepo"}
    downloads = Downloads(hub.endpoint)
    downloads.start("v30", Mode.STD)
    assert "accept its terms" in ended(downloads)["error"]


def test_over_http(hub, client):
    listed = {each["name"]: each for each in client.get("/api/models").json()}
    assert listed[""]["here"]
    assert listed[""]["bytes"] > 1e6
    assert "jump aim" in listed[""]["descriptors"]
    assert listed["v31"]["descriptors"] == []
    assert listed["v30"]["modes"] == ["std"]
    assert not listed["v30"]["here"]
    for name in ("../x", "someone/else", ""):
        assert client.post("/api/models/download", json={"name": name}).status_code == 400
    assert client.post("/api/models/stop", json={"name": "v31"}).json()["downloading"] is None


@pytest.mark.slow
def test_a_job_of_an_ancestors_model_is_written_by_it(
    hub, client, studio, song, monkeypatch, tmp_path
):
    """Random weights write nothing, and the studio says so in the model's name."""
    pytest.importorskip("torch", reason="torch is an extra")
    folder = write_tiny("v30", tmp_path / "tiny")
    hub.files = {path.name: path.read_bytes() for path in folder.iterdir()}
    downloads = Downloads(hub.endpoint)
    downloads.start("v30", Mode.STD)
    assert ended(downloads)["here"]
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    job = posted(client, "/api/jobs", kind="generate", song=song, options={"model": "v30"})
    work_off(studio)
    job = client.get(f"/api/jobs/{job['id']}").json()
    assert job["maps"] or "v30: wrote no object" in job["error"]
    options = {"model": "v30", "difficulties": "normal, hard"}
    job = posted(client, "/api/jobs", kind="spread", song=song, options=options)
    work_off(studio)
    job = client.get(f"/api/jobs/{job['id']}").json()
    assert len(job["maps"]) == 2 or "v30: wrote no object" in job["error"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"model": "v31"}, "its weights are not here"),
        ({"model": "v30", "mode": "taiko"}, "writes std alone"),
        ({"model": "someone/else"}, "there is no model"),
        ({"model": "/etc"}, "there is no model"),
    ],
)
def test_jobs_of_models_that_cannot_write_them_are_refused_at_once(
    hub, client, song, options, told
):
    for kind in ("generate", "spread"):
        wanted = {"kind": kind, "song": song, "options": options}
        answer = client.post("/api/jobs", json=wanted)
        assert answer.status_code == 400
        assert told in answer.json()["what"]
