"""The page in a real browser: a song dropped, its timing mended, maps made, seen, mended, taken."""

import io
import shutil
import threading
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
]

import uvicorn  # noqa: E402

from beatheritage.commands.serve import listen  # noqa: E402
from beatheritage.osu.stars import count_objects  # noqa: E402
from beatheritage.serve.app import create_app  # noqa: E402
from beatheritage.serve.database import open_studio  # noqa: E402
from beatheritage.serve.guard import Door  # noqa: E402
from beatheritage.serve.worker import Worker  # noqa: E402

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
SOON_MS = 120_000
MODES = ("std", "taiko", "catch", "mania")


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """A studio that really listens, with its worker."""
    studio = open_studio(tmp_path_factory.mktemp("browser"))
    listener = listen("127.0.0.1", 0)
    door = Door(host="127.0.0.1", port=listener.getsockname()[1], token="of this test")
    server = uvicorn.Server(uvicorn.Config(create_app(studio, door), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    worker = Worker(studio)
    thread.start()
    worker.start()
    yield f"http://127.0.0.1:{door.port}/"
    server.should_exit = True
    thread.join()
    worker.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(address, browser, excerpt) -> Iterator[Any]:
    """The page with the song dropped and heard; any fault in it fails the test."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: said.type == "error" and faults.append(said.text))
    page.set_default_timeout(SOON_MS)
    page.goto(address)
    page.set_input_files(
        "#file", {"name": "Some One - Song.ogg", "mimeType": "audio/ogg", "buffer": excerpt}
    )
    page.wait_for_selector("#runners button")
    yield page
    assert faults == []


def make(page: Any, mode: str, stars: str = "3") -> None:
    """Ask for a map and wait until it is shown."""
    page.click("#tab-make")
    page.select_option("#option-mode", mode)
    page.fill("#option-stars", stars)
    before = page.evaluate("studio.map.scene?.id ?? 0")
    page.click("#make-one")
    page.wait_for_selector("#panel-map:visible")
    page.wait_for_function("before => studio.map.scene?.id > before", arg=before)
    assert page.evaluate("studio.map.scene.mode") == mode


def test_the_timing_is_shown_and_mended(page):
    page.click("#tab-song")
    assert float(page.input_value("#bpm")) == pytest.approx(150, abs=0.01)
    page.click("#halve")
    assert float(page.input_value("#bpm")) == pytest.approx(75, abs=0.01)
    before = float(page.input_value("#offset"))
    page.click("#later")
    assert float(page.input_value("#offset")) == pytest.approx(before + 1)
    page.click("#found")
    assert float(page.input_value("#bpm")) == pytest.approx(150, abs=0.01)


def test_a_map_is_seen_while_it_is_being_written(page):
    """Objects come before the map is done, more and more, and cannot be mended yet."""
    page.click("#tab-make")
    page.select_option("#option-mode", "std")
    page.fill("#option-stars", "3")
    page.evaluate(
        "() => { studio.seen = []; const show = studio.map.show.bind(studio.map);"
        " studio.map.show = (scene) => { studio.seen.push([scene.id ?? null, scene.objects.length,"
        " document.getElementById('mend').hidden]); show(scene); }; }"
    )
    page.click("#make-one")
    page.wait_for_function("() => studio.seen.at(-1)?.[0] > 0")
    *sketches, (number, count, _) = page.evaluate("studio.seen")
    assert number > 0
    assert sketches
    assert all(each[0] is None for each in sketches)
    counts = [each[1] for each in sketches]
    assert counts == sorted(set(counts))
    assert counts[0] > 0
    assert counts[-1] <= 1.5 * count
    assert page.is_visible("#mend")
    assert all(each[2] for each in sketches[1:])
    page.evaluate("delete studio.map.show")


@pytest.mark.parametrize("mode", MODES)
def test_a_map_is_made_and_played(page, mode):
    make(page, mode)
    page.evaluate("studio.map.player.frames.length = 0")
    page.evaluate("studio.map.player.seek(0)")
    page.click("#toggle")
    time.sleep(4)
    at, running, frames = page.evaluate(
        "[studio.map.player.time, studio.map.player.clock.running, studio.map.player.frames]"
    )
    page.click("#toggle")
    assert running
    assert 2500 < at < 6000
    assert len(frames) > 20
    assert sorted(frames)[int(0.95 * len(frames))] < 8 * 4  # of this machine's slow moments too
    lit = page.evaluate(
        "() => { const c = document.getElementById('field');"
        " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        " return d.filter((v, i) => i % 4 === 0 && v > 120).length; }"
    )
    assert lit > 100  # something is drawn


def test_a_range_is_written_anew_and_a_take_kept_and_undone(page):
    make(page, "std")
    before = page.evaluate("studio.map.scene")
    page.evaluate("studio.map.player.seek(8000)")
    page.click("#from-here")
    page.evaluate("studio.map.player.seek(12000)")
    page.click("#to-here")
    page.click("#anew")
    page.wait_for_selector("#keep")
    page.click("#take-list button:nth-child(3)")
    page.click("#keep")
    page.wait_for_function("() => studio.map.scene.revision === 1")
    after = page.evaluate("studio.map.scene")

    def outside(scene: dict[str, Any]) -> list[Any]:
        return [
            (each["kind"], each["time"])
            for each in scene["objects"]
            if not 8000 <= each["time"] < 12_000
        ]

    assert outside(after) == outside(before)
    page.click("#undo")
    page.wait_for_function("() => studio.map.scene.revision === 0")
    assert page.evaluate("studio.map.scene.objects.length") == len(before["objects"])


def test_an_object_is_added_and_deleted_by_keyboard_and_button(page):
    make(page, "std")
    count = page.evaluate("studio.map.scene.objects.length")
    page.click("#add")
    page.wait_for_function("n => studio.map.scene.objects.length === n + 1", arg=count)
    page.evaluate("studio.map.choose(0)")
    page.focus("#field")
    page.keyboard.press("Delete")
    page.wait_for_function("n => studio.map.scene.objects.length === n", arg=count)


def test_jobs_are_cancelled_by_their_buttons_under_a_pointer_that_rests(page):
    """Rows stay the same elements while they change: a press that began on a button ends on it."""
    page.click("#tab-make")
    page.select_option("#option-mode", "std")
    page.fill("#option-stars", "6")
    latest = page.evaluate("Math.max(...studio.jobs.jobs.keys())")
    for _ in range(2):
        page.click("#make-one")
    page.wait_for_function("id => studio.jobs.jobs.has(id + 2)", arg=latest)
    running = page.locator("#jobs li", has=page.locator("progress:visible"))
    box = running.locator("[data-action=cancel]").bounding_box()
    page.evaluate("row = document.querySelector('#jobs li')")
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    shares = "[...studio.jobs.jobs.values()].map((job) => job.change).reduce((a, b) => a + b)"
    before = page.evaluate(shares)
    page.wait_for_function(f"before => {shares} > before", arg=before)
    page.wait_for_timeout(50)
    assert page.evaluate("row === document.querySelector('#jobs li')")
    page.mouse.up()
    state = "id => studio.jobs.jobs.get(id).state === 'cancelled'"
    page.wait_for_function(state, arg=latest + 1)
    page.click("#jobs li:first-child [data-action=cancel]")
    page.wait_for_function(state, arg=latest + 2)


def test_a_set_is_made_and_taken_home(page):
    page.click("#tab-make")
    page.fill("#set-levels", "1.6, 2.4")
    page.click("text=Make a whole set")
    page.wait_for_function("() => studio.map.maps.length === 2")
    with page.expect_download() as coming:
        page.click("#osz")
    content = coming.value.path().read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        maps = [files.read(name) for name in files.namelist() if name.endswith(".osu")]
    assert len(maps) == 2
    assert all(count_objects(each).total > 0 for each in maps)


@pytest.mark.parametrize("language", ["vi", "zh", "ja", "en"])
def test_every_language(page, language):
    page.select_option("#language", language)
    page.click("#tab-make")
    words = page.evaluate("document.getElementById('make-one').textContent")
    expected = page.evaluate(
        "async (name) => (await (await fetch('/static/words.json')).json()).makeOne[name]", language
    )
    assert words == expected


def test_keyboard_alone_reaches_every_panel(page):
    page.focus(".skip")
    for tab in ("song", "make", "map"):
        page.focus(f"#tab-{tab}")
        page.keyboard.press("Enter")
        assert page.is_visible(f"#panel-{tab}")
        assert page.get_attribute(f"#tab-{tab}", "aria-selected") == "true"
