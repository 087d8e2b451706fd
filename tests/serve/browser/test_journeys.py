"""From a song to a set in osu!, as a person goes, in every language and every mode."""

import io
import json
import statistics
import zipfile
from typing import Any

import pytest

from beatheritage.evaluate.studio.browser import PLAY
from beatheritage.osu.parse import parse
from beatheritage.osu.stars import count_objects, stars
from beatheritage.serve.page import STATIC
from tests.serve.browser.conftest import OPENED, drop, make
from tests.serve.conftest import HTML, named

playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright")
expect = playwright.expect
pytestmark = pytest.mark.slow

PLAYED_S = 10
RANGE_MS = (8_000, 12_000)
LEVELS = (2, 3.2)
WORDS = json.loads((STATIC / "words.json").read_text("utf-8"))
LIT = """(canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  .data.filter((value, index) => index % 4 === 0 && value > 120).length"""


@pytest.mark.parametrize(
    ("language", "mode"), [("en", "std"), ("vi", "taiko"), ("zh", "catch"), ("ja", "mania")]
)
def test_from_a_song_to_a_set(visiting, excerpt, language, mode):
    with visiting(locale=language) as page:
        drop(page, excerpt)
        expect(page.locator("#tab-song")).to_have_text(WORDS["song"][language])
        fix_the_tempo(page)
        make_a_set_and_cancel_another(page, mode, WORDS["cancelled"][language])
        play(page)
        see_side_by_side(page)
        before = page.evaluate("studio.map.scene")
        write_a_range_anew_and_keep_a_take(page)
        assert outside(page.evaluate("studio.map.scene")) == outside(before)
        take_home(page, mode)


def fix_the_tempo(page: Any) -> None:
    expect(page.locator("#bpm")).to_have_value("150")
    page.fill("#offset", "709")
    page.press("#offset", "Enter")
    page.click("#halve")
    page.click("#later")
    expect(page.locator("#bpm")).to_have_value("75")
    expect(page.locator("#offset")).to_have_value("710")


def make_a_set_and_cancel_another(page: Any, mode: str, cancelled: str) -> None:
    """Two are asked for; the one that is left is opened from the queue."""
    page.click("#tab-make")
    page.check(f".set-mode[value={mode}]")
    page.fill("#set-levels", ", ".join(map(str, LEVELS)))
    latest = page.evaluate("Math.max(...studio.jobs.jobs.keys())")
    for _ in range(2):
        page.click("#make-set")
    first, second = (f"#jobs [data-job='{latest + number}']" for number in (1, 2))
    page.click(f"{second} [data-action=cancel]")
    expect(page.locator(f"{second} .cancelled")).to_have_text(cancelled)
    page.click(f"{first} [data-action=open]")
    page.wait_for_function("count => studio.map.maps.length === count", arg=len(LEVELS))
    (line,) = page.evaluate("studio.map.scene.lines")
    assert (line["time"], line["beat_length"]) == (710, 800)
    page.click("#difficulties button:last-child")
    page.wait_for_function("() => studio.map.scene.id === studio.map.maps.at(-1).id")
    assert page.evaluate("studio.map.scene.mode") == mode


def play(page: Any) -> None:
    """Ten seconds, in time with the sound."""
    page.evaluate("studio.map.player.seek(0)")
    page.click("#toggle")
    apart, frames = page.evaluate(PLAY, PLAYED_S)
    at, running = page.evaluate("[studio.map.player.time, studio.map.player.clock.running]")
    page.click("#toggle")
    assert running
    assert 0.7 * PLAYED_S < at / 1000 < 1.5 * PLAYED_S
    assert len(frames) > 3 * PLAYED_S  # even on a machine that has much else to do
    assert statistics.median(apart) < 10
    page.evaluate("studio.map.player.seek(studio.map.scene.objects[3].time - 50)")
    page.wait_for_function(f"() => ({LIT})(document.getElementById('field')) > 100")


def see_side_by_side(page: Any) -> None:
    page.check("#side-by-side")
    expect(page.locator("#beside canvas")).to_have_count(len(LEVELS))
    page.wait_for_function(
        "() => [...document.querySelectorAll('#beside canvas')]"
        f".every((each) => each.width && ({LIT})(each) > 20)"
    )
    page.uncheck("#side-by-side")
    expect(page.locator("#beside")).to_be_hidden()


def write_a_range_anew_and_keep_a_take(page: Any) -> None:
    """The takes are heard one after the other; the second is kept, undone and done again."""
    for button, time in zip(("#from-here", "#to-here"), RANGE_MS, strict=True):
        page.evaluate("time => studio.map.player.seek(time)", time)
        page.click(button)
    page.click("#anew")
    page.wait_for_selector("#keep")
    shown = (
        "JSON.stringify(studio.map.player.scene.objects"
        ".map((each) => [each.kind, each.time, each.x, each.y, each.sound]))"
    )
    before, first, second = page.locator("#take-list button:not(#keep)").all()
    heard = []
    for button in (before, first, second):
        button.click()
        heard.append(page.evaluate(shown))
    assert len(set(heard)) == 3
    page.click("#keep")
    for button, revision in (("#undo", 0), ("#redo", 1)):
        page.wait_for_function("last => studio.map.scene.revision !== last", arg=revision)
        page.click(button)
        page.wait_for_function("now => studio.map.scene.revision === now", arg=revision)
        assert page.evaluate(shown) == heard[2 * revision]


def outside(scene: dict[str, Any]) -> list[Any]:
    start, end = RANGE_MS
    return [
        (each["kind"], each["time"], each.get("column"))
        for each in scene["objects"]
        if not start <= each["time"] < end
    ]


def take_home(page: Any, mode: str) -> None:
    """The set and the map as osu! and rosu-pp read them, with the label of what made them."""
    with page.expect_download() as coming:
        page.click("#osz")
    with zipfile.ZipFile(io.BytesIO(coming.value.path().read_bytes())) as files:
        maps = [files.read(name) for name in files.namelist() if name.endswith(".osu")]
    assert len(maps) == len(LEVELS)
    with page.expect_download() as coming:
        page.click("#osu")
    content = coming.value.path().read_bytes()
    assert content in maps
    shown = page.evaluate("[studio.map.scene.objects.length, studio.map.scene.stars]")
    assert [count_objects(content).total, round(stars(content), 3)] == shown
    for each in maps:
        beatmap = parse(each).beatmap
        assert beatmap.mode.name.lower() == mode
        assert {"ai", "beatheritage"} <= set(" ".join(beatmap.metadata.tags).lower().split())
        assert count_objects(each).total > 0


def test_a_page_that_is_loaded_anew_goes_on_with_what_is_being_written(visiting, excerpt):
    with visiting() as page:
        drop(page, excerpt)
        page.click("#tab-make")
        page.fill("#set-levels", "1.5, 2, 2.5, 3")
        page.click("#make-set")
        page.wait_for_function("() => studio.map.watched?.shown > 0")
        page.reload()
        page.wait_for_function(OPENED)
        page.wait_for_selector("#being-written:visible")
        page.wait_for_function("() => studio.map.isSketch && studio.map.watched.shown > 0")
        page.wait_for_function("() => studio.map.maps.length === 4")
        expect(page.locator("#mend")).to_be_visible()


def test_html_in_what_a_song_is_called_is_text(visiting, excerpt, tmp_path):
    with visiting() as page:
        title = page.title()
        drop(page, named(excerpt, tmp_path, HTML), name=f"{HTML.replace('/', '')}.ogg")
        expect(page.locator("#song-name")).to_have_text(f"{HTML} – {HTML}")
        page.click("#tab-make")
        page.click("#group-names summary")
        page.fill("#option-version", HTML)
        make(page, "std")
        expect(page.locator("#map-name")).to_contain_text(f"{HTML} – {HTML} [")
        expect(page.locator("#jobs .about").first).to_contain_text(HTML)
        page.click("#tab-song")
        assert HTML in page.inner_text("#songs")
        assert page.locator("b, img[src=x], script:not([src])").count() == 0
        assert page.title() == title
