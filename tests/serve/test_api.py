"""Songs in, jobs through, maps out: the API on the real demo song and the real worker."""

import io
import zipfile

import pytest

from beatheritage.osu.parse import parse
from beatheritage.osu.stars import count_objects
from beatheritage.serve import queue
from beatheritage.serve.maps import MOST_REVISIONS
from beatheritage.serve.queue import State
from tests.serve.conftest import HTML, named, posted, take_in, work_off


@pytest.fixture
def made(studio) -> int:
    """The map of a copy of that folder."""
    return queue.jobs_since(studio)[-1].maps[0]


def test_a_song_is_heard(client, studio, song):
    assert client.get(f"/api/songs/{song}").json()["heard"] is None
    work_off(studio)
    kept = client.get(f"/api/songs/{song}").json()
    assert (kept["title"], kept["artist"]) == ("First Light", "BeatHeritage")
    assert kept["heard"]["bpm"] == 150
    assert kept["heard"]["lines"][0]["beat_length"] == 400
    assert client.get(f"/api/songs/{song}/background").content[:3] == b"\xff\xd8\xff"
    part = client.get(f"/api/songs/{song}/audio", headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"OggS")


def test_the_same_song_is_kept_once(client, song, excerpt):
    again = client.post("/api/songs", files={"file": ("other name.ogg", excerpt)})
    assert again.json()["id"] == song
    assert len(client.get("/api/songs").json()) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.mp3", b"words, not music" * 99), ("../../x.ogg", b""), ("<b>.osu", b"osu file format")],
)
def test_what_is_no_song_is_refused_and_leaves_nothing(client, studio, name, content):
    answer = client.post("/api/songs", files={"file": (name, content)})
    assert answer.status_code == 400
    assert "no audio" in answer.json()["what"]
    assert list(studio.songs.iterdir()) == []
    assert client.get("/api/songs").json() == []


def test_names_of_files_never_reach_the_file_system(client, studio, excerpt):
    answer = client.post("/api/songs", files={"file": ("../../etc/x.ogg", excerpt)})
    assert answer.json()["name"] == "x.ogg"
    assert [path.stem for path in studio.songs.iterdir()] == [answer.json()["id"]]


def test_as_many_songs_are_kept_as_there_is_room_for(client, studio, excerpt, monkeypatch):
    monkeypatch.setattr("beatheritage.serve.songs.MOST_SONGS", 1)
    first = take_in(client, excerpt)
    refused = client.post("/api/songs", files={"file": ("x.ogg", excerpt + b"\0")})
    assert (refused.status_code, refused.json()["what"]) == (400, "1 songs are kept already")
    assert [path.stem for path in studio.songs.iterdir()] == [first]
    assert take_in(client, excerpt) == first  # needs no more room


@pytest.mark.parametrize(("more", "status"), [(0, 201), (1, 400)])
def test_songs_are_as_large_as_they_may_be(client, studio, excerpt, monkeypatch, more, status):
    monkeypatch.setattr("beatheritage.serve.songs.MOST_SONG_BYTES", len(excerpt))
    sent = client.post("/api/songs", files={"file": ("x.ogg", excerpt + b"\0" * more)})
    assert sent.status_code == status
    assert len(list(studio.songs.iterdir())) == (status == 201)


def test_tags_with_html_in_them_are_kept_as_text(client, tmp_path, excerpt):
    kept = client.get(f"/api/songs/{take_in(client, named(excerpt, tmp_path, HTML))}").json()
    assert (kept["title"], kept["artist"]) == (HTML, HTML)


def test_a_map_is_made_shown_checked_and_taken_home(client, made):
    shown = client.get(f"/api/maps/{made}").json()
    assert shown["mode"] == "std"
    assert shown["stars"] == pytest.approx(3, abs=0.3)
    assert all(each["end"] >= each["time"] for each in shown["objects"])
    file = client.get(f"/api/maps/{made}/file").content
    assert count_objects(file).total == len(shown["objects"])
    severities = {each["severity"] for each in client.get(f"/api/maps/{made}/check").json()}
    assert "problem" not in severities
    archive = client.get("/api/maps/archive", params={"maps": made}).content
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert sorted(name.rpartition(".")[2] for name in files.namelist()) == ["jpg", "ogg", "osu"]


def test_mending_by_hand_and_undoing_it(client, made):
    before = client.get(f"/api/maps/{made}").json()
    path = f"/api/maps/{made}/edit"
    moved = posted(client, path, revision=0, do="move", index=0, x=77, y=55)
    assert (moved["revision"], moved["objects"][0]["x"], moved["objects"][0]["y"]) == (1, 77, 55)
    fewer = posted(client, path, revision=1, do="delete", index=0)
    assert len(fewer["objects"]) == len(before["objects"]) - 1
    stale = client.post(path, json={"revision": 0, "do": "delete", "index": 0})
    assert stale.status_code == 400
    assert "meanwhile" in stale.json()["what"]
    assert posted(client, f"/api/maps/{made}/undo")["objects"] == moved["objects"]
    assert posted(client, f"/api/maps/{made}/undo")["objects"] == before["objects"]
    assert posted(client, f"/api/maps/{made}/undo")["revision"] == 0
    assert posted(client, f"/api/maps/{made}/redo")["objects"] == moved["objects"]
    added = posted(client, path, revision=1, do="add", time=711, x=1, y=2, divisor=4)
    assert 709 in [each["time"] for each in added["objects"] if each["x"] == 1]
    assert added["latest"] == 2 < MOST_REVISIONS


def test_a_range_is_written_anew_and_a_take_kept(client, studio, made):
    song = client.get(f"/api/maps/{made}").json()["song"]
    asked = {"map": made, "start": 8_000, "end": 12_000, "takes": 2}
    job = posted(client, "/api/jobs", kind="range", song=song, **asked)
    work_off(studio)
    job = client.get(f"/api/jobs/{job['id']}").json()
    assert job["state"] == "done", job["error"]
    first, second = job["maps"]
    kept = posted(client, f"/api/maps/{made}/keep", take=second)
    assert kept["revision"] == 1

    def outside(number: int) -> list:
        objects = parse(client.get(f"/api/maps/{number}/file").content).beatmap.objects
        return [item for item in objects if not 8_000 <= item.time < 12_000]

    posted(client, f"/api/maps/{made}/undo")
    assert outside(made) == outside(first) == outside(second)
    posted(client, f"/api/maps/{made}/edit", revision=0, do="delete", index=0)
    late = client.post(f"/api/maps/{made}/keep", json={"take": first})
    assert "changed since" in late.json()["what"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"options": {"stars": 99}}, "stars must be"),
        ({"options": {"audio": "/etc/passwd"}}, "unknown option 'audio'"),
        ({"options": {"output": "/tmp"}}, "unknown option 'output'"),
        ({"options": {"context.reference": "/etc/passwd"}}, "unknown option 'context.reference'"),
        ({"options": {"strs": 3}}, "unknown option 'strs'"),
        ({"kind": "range"}, "needs the map"),
        ({"kind": "range", "map": 77}, "no such map"),
        ({"start": 3}, "only a range"),
        ({"song": "nothing"}, "no such song"),
        ({"kind": "listen"}, "generate"),
        ({"lines": [[0, 1, 4]]}, "greater than or equal to 20"),
        ({"takes": 0}, "greater than or equal to 1"),
        ({"unknown": 1}, "Extra inputs"),
    ],
)
def test_jobs_that_cannot_be_meant_are_refused_at_once(client, song, body, told):
    answer = client.post("/api/jobs", json={"kind": "generate", "song": song} | body)
    assert answer.status_code in (400, 404, 422)
    assert told in answer.json()["what"]
    assert [job["kind"] for job in client.get("/api/jobs").json()] == ["listen"]


def test_a_timing_of_ones_own(client, studio, song):
    lines = [[709, 75, 3]]
    job = posted(client, "/api/jobs", kind="generate", song=song, options={"stars": 2}, lines=lines)
    work_off(studio)
    (made,) = client.get(f"/api/jobs/{job['id']}").json()["maps"]
    (line,) = client.get(f"/api/maps/{made}").json()["lines"]
    assert (line["beat_length"], line["meter"]) == (800, 3)


def test_a_job_that_fails_says_why_in_words(client, studio, song):
    job = posted(client, "/api/jobs", kind="generate", song=song, options={"stars": 3})
    for path in studio.songs.iterdir():
        path.write_bytes(b"OggS")
    work_off(studio)
    failed = client.get(f"/api/jobs/{job['id']}").json()
    assert failed["state"] == State.FAILED
    assert failed["error"]
    assert "Traceback" not in failed["error"]


def test_forgetting_a_song_forgets_all_of_it(client, studio, made):
    song = client.get(f"/api/maps/{made}").json()["song"]
    assert client.delete(f"/api/songs/{song}").status_code == 204
    assert list(studio.songs.iterdir()) == []
    assert client.get("/api/jobs").json() == []
    assert client.get(f"/api/maps/{made}").status_code == 404


def test_every_option_of_the_page_is_one_of_the_command_line(client):
    listed = {each["key"]: each for each in client.get("/api/options").json()}
    assert listed["mode"]["choices"] == ["std", "taiko", "catch", "mania"]
    assert listed["stars"] == {
        "key": "stars",
        "group": "",
        "kind": "number",
        "choices": [],
        "range": [0.5, 10.0],
        "default": None,
        "refused": "",
    }
    assert listed["style.density"]["group"] == "style"
    paths = {"audio", "output", "within", "context.reference", "ancestor.lora", "placing.placer"}
    assert not paths & listed.keys()


def refused(client, **beside) -> dict[str, str]:
    listed = client.get("/api/options", params=beside).json()
    return {each["key"]: each["refused"] for each in listed if each["refused"]}


def test_options_say_which_modes_and_models_have_no_use_for_them(client):
    assert set(refused(client)) >= {"keys", "style.hold_share"}
    mania = refused(client, mode="mania")
    assert "keys" not in mania
    assert "means nothing in mania" in mania["style.spacing"]
    assert "native model alone" in refused(client, model="v30")["curve"]
    assert not {"curve", "style.keep", "descriptors"} & refused(client).keys()
    assert "checkpoint of the ancestors" in refused(client)["ancestor.guidance"]
    ancestors = refused(client, model="v31")
    assert not [key for key in ancestors if key.startswith(("ancestor.", "placing."))]
    assert not {"descriptors", "unlike", "year", "mapper"} & ancestors.keys()
    assert client.get("/api/options", params={"model": "/etc/passwd"}).status_code == 400
    assert client.get("/api/options", params={"mode": "golf"}).status_code == 400


@pytest.mark.parametrize("number", [-2, 10**15, 2**63, 10**30])
def test_numbers_that_nothing_can_hold_are_refused(client, number):
    for path in ("/api/jobs/{}", "/api/jobs?since={}", "/api/maps/{}", "/api/maps/{}/file"):
        assert client.get(path.format(number)).status_code == 422
    assert client.post("/api/jobs/1/move", json={"before": number}).status_code == 422
    assert client.get("/api/maps/archive", params={"maps": number}).status_code == 400


@pytest.mark.parametrize("name", ["..%2fstudio.sqlite", "nothing", "%00", "." * 300])
def test_songs_that_are_not_there(client, name):
    for path in (f"/api/songs/{name}", f"/api/songs/{name}/audio"):
        assert client.get(path).status_code in (400, 404)
