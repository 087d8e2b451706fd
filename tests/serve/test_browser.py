"""The page in a real browser: a song dropped, its timing mended, maps made, seen, mended, taken."""

import base64
import io
import json
import shutil
import statistics
import threading
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright")
expect = playwright.expect
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
]

import uvicorn  # noqa: E402

from beatheritage.commands.serve import listen  # noqa: E402
from beatheritage.evaluate.studio.browser import FLAGS, PLAY, accessible  # noqa: E402
from beatheritage.osu.stars import count_objects  # noqa: E402
from beatheritage.serve.app import create_app  # noqa: E402
from beatheritage.serve.database import open_studio  # noqa: E402
from beatheritage.serve.guard import Door  # noqa: E402
from beatheritage.serve.page import STATIC  # noqa: E402
from beatheritage.serve.worker import Worker  # noqa: E402

PLAYED_S = 10
SOON_MS = 300_000
# A song's bytes as a browser hands them over when a file is dropped.
DROPPED = """(base64) => {
  const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "Some One - Song.ogg", { type: "audio/ogg" }));
  return data;
}"""
MODES = ("std", "taiko", "catch", "mania")
WORDS = json.loads((STATIC / "words.json").read_text("utf-8"))


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
    page.wait_for_function("() => globalThis.studio")
    dropped = page.evaluate_handle(DROPPED, base64.b64encode(excerpt).decode())
    page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
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
    expect(page.locator("#bpm")).to_have_value("150")
    page.click("#halve")
    expect(page.locator("#bpm")).to_have_value("75")
    before = page.evaluate("studio.song.lines[0].time")
    page.click("#later")
    page.wait_for_function("before => studio.song.lines[0].time === before + 1", arg=before)
    page.click("#found")
    expect(page.locator("#bpm")).to_have_value("150")


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
    page.evaluate("studio.map.player.seek(0)")
    page.click("#toggle")
    apart, frames = page.evaluate(PLAY, PLAYED_S)
    at, running = page.evaluate("[studio.map.player.time, studio.map.player.clock.running]")
    page.click("#toggle")
    assert running
    assert 0.7 * PLAYED_S < at / 1000 < 1.5 * PLAYED_S
    assert len(frames) > 3 * PLAYED_S  # even on a machine that has much else to do
    assert statistics.median(apart) < 10
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
    page.evaluate(
        "new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))"
    )
    assert page.evaluate("row === document.querySelector('#jobs li')")
    page.mouse.up()
    state = "id => studio.jobs.jobs.get(id).state === 'cancelled'"
    page.wait_for_function(state, arg=latest + 1)
    page.click(f"#jobs [data-job='{latest + 2}'] [data-action=cancel]")
    page.wait_for_function(state, arg=latest + 2)
    page.wait_for_function("() => !studio.map.isSketch")


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


def test_difficulties_are_seen_side_by_side(page):
    page.click("#tab-map")
    page.evaluate("studio.map.player.seek(6000)")
    page.check("#side-by-side")
    page.wait_for_function(
        "() => { const all = [...document.querySelectorAll('#beside canvas')];"
        " return all.length === 2 && all.every((c) => c.width && c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data"
        ".filter((v, i) => i % 4 === 0 && v > 120).length > 20); }"
    )
    page.uncheck("#side-by-side")
    expect(page.locator("#beside")).to_be_hidden()


def test_objects_are_stepped_through_by_keyboard(page):
    page.click("#tab-map")
    page.evaluate("studio.map.choose(null); studio.map.player.seek(0)")
    page.focus("#field")
    for number in (1, 2, 3):
        page.keyboard.press("PageDown")
        expect(page.locator("#chosen")).to_contain_text(f"Object {number} at")
    page.keyboard.press("PageUp")
    expect(page.locator("#chosen")).to_contain_text("Object 2 at")


def test_models_say_what_they_are_and_what_they_have_no_use_for(page):
    page.click("#tab-make")
    page.select_option("#option-mode", "mania")
    page.click("text=Mapperatorinator V30")
    page.wait_for_function("() => document.getElementById('option-curve').disabled")
    assert page.input_value("#option-mode") == "std"  # the only one that it writes
    assert page.is_disabled("#option-mode option[value=taiko]")
    assert "native model alone" in page.inner_text("[id='option-curve-why']")
    assert page.is_disabled("#make-set")
    rows = page.locator(".model")
    assert rows.count() == 8
    assert "BeatHeritage V1 (Enhanced stability & quality)" in rows.nth(1).inner_text()
    assert "about 1.37 GB" in rows.nth(1).inner_text()
    assert rows.nth(1).locator("button").is_visible()
    page.click("text=BeatHeritage (native)")
    page.wait_for_function("() => !document.getElementById('option-curve').disabled")
    assert page.is_enabled("#make-one")


def test_words_for_a_style_are_wanted_or_not(page):
    page.click("#tab-make")
    chip = page.locator(".chip", has_text="jump aim")
    chip.click()
    expect(chip).to_have_attribute("data-state", "include")
    assert page.evaluate("studio.making.values().descriptors") == "jump aim"
    chip.click()  # the native model cannot be told what it is not to be like
    expect(chip).to_have_attribute("data-state", "off")
    assert "descriptors" not in page.evaluate("studio.making.values()")


def test_the_curve_is_drawn_over_the_song(page):
    page.click("#tab-make")
    box = page.locator("#curve").bounding_box()
    for across, up in ((0.1, 0.5), (0.9, 1.0)):
        page.mouse.click(box["x"] + across * box["width"], box["y"] + (1 - up) * box["height"] + 1)
    page.wait_for_function("() => studio.making.curve.knots.length === 2")
    knots = [part.split(":") for part in page.input_value("#option-curve").split(",")]
    assert [float(second) for second, _ in knots] == pytest.approx([2, 18], abs=0.2)
    assert [float(share) for _, share in knots] == pytest.approx([0.5, 1.0], abs=0.05)
    page.fill("#option-curve", "")


def test_presets_are_kept_exported_and_imported(page):
    page.click("#tab-make")
    page.fill("#option-stars", "3.5")
    page.once("dialog", lambda asked: asked.accept("mine"))
    page.click("text=Save as preset")
    page.wait_for_selector("#preset option[value=mine]", state="attached")
    with page.expect_download() as coming:
        page.click("text=Export")
    exported = json.loads(coming.value.path().read_text())
    assert exported["stars"] == "3.5"
    changed = json.dumps(exported | {"stars": "2.5"}).encode()
    page.set_input_files(
        "#preset-file", {"name": "theirs.json", "mimeType": "application/json", "buffer": changed}
    )
    page.wait_for_function("() => document.getElementById('option-stars').value === '2.5'")
    page.select_option("#preset", "mine")
    page.wait_for_function("() => document.getElementById('option-stars').value === '3.5'")
    strange = {"name": "x.json", "mimeType": "application/json", "buffer": b'{"nonsense": 1}'}
    page.set_input_files("#preset-file", strange)
    expect(page.locator("#message")).to_contain_text("nonsense")


def test_the_api_is_described_without_another_host(address, browser):
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}api/docs")
    page.wait_for_selector("#schemas article")
    described = page.evaluate("fetch('/api/openapi.json').then((answer) => answer.json())")
    count = sum(len(methods) for methods in described["paths"].values())
    assert page.locator("#operations article").count() == count
    assert all(url.startswith(address) for url in asked)
    page.close()


def test_nothing_is_cut_off_on_a_narrow_screen(page):
    size = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("() => innerWidth === 390")
    for tab in ("song", "make", "map"):
        page.click(f"#tab-{tab}")
        page.wait_for_selector(f"#panel-{tab}:visible")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size(size)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("language", ["vi", "zh", "ja", "en"])
def test_axe_finds_nothing_serious(page, language, theme):
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    page.select_option("#language", language)
    if page.evaluate("document.documentElement.dataset.theme") != theme:
        page.click("#theme")
    assert accessible(page) == []


@pytest.mark.parametrize("language", ["vi", "zh", "ja", "en"])
def test_every_language(page, language):
    """Words change all at once: not one is left, and nothing that was said is lost."""
    page.click("#tab-make")
    page.fill("#set-levels", "1.6, 2.4")
    page.fill("#option-stars", "3.3")
    page.select_option("#language", language)
    for place, key in (("#make-one", "makeOne"), ("#tab-song", "song"), ("#queue-title", "queue")):
        expect(page.locator(place)).to_have_text(WORDS[key][language])
    assert page.input_value("#set-levels") == "1.6, 2.4"
    assert page.input_value("#option-stars") == "3.3"


def test_keyboard_alone_reaches_every_panel(page):
    page.focus(".skip")
    for tab in ("song", "make", "map"):
        page.focus(f"#tab-{tab}")
        page.keyboard.press("Enter")
        expect(page.locator(f"#panel-{tab}")).to_be_visible()
        expect(page.locator(f"#tab-{tab}")).to_have_attribute("aria-selected", "true")
