"""Pictures of the studio, step by step, for its documentation."""

from pathlib import Path
from typing import Any

from beatheritage.evaluate.studio.browser import PATIENCE_MS, browsing
from beatheritage.evaluate.studio.server import Server

SIZE = {"width": 1280, "height": 900}
PATTERN = "studio_{}.png"
LEVELS = "easy, normal, hard"
WATCHED = 60  # objects of a map that is being written
LIVELY_MS = 56_300  # a moment of the demo song's chorus
RANGE_MS = (54_000, 58_000)


def take_pictures(folder: Path, song: Path, pictures: Path) -> None:
    """Song, make, watch, play, side by side, mend: one picture each. Raises UserError."""
    pictures.mkdir(parents=True, exist_ok=True)
    with browsing() as browser, Server(folder) as server:
        page = browser.new_page(viewport=SIZE, color_scheme="dark")
        page.set_default_timeout(PATIENCE_MS)
        page.goto(server.start())
        page.wait_for_function("() => globalThis.studio")
        for name, show in STEPS.items():
            show(page, song)
            page.wait_for_timeout(300)
            page.screenshot(path=pictures / PATTERN.format(name))


def show_song(page: Any, song: Path) -> None:
    page.set_input_files("#file", song)
    page.wait_for_function("() => studio.song.song?.heard")
    page.evaluate("studio.song.clock.seek(20000)")


def show_make(page: Any, _song: Path) -> None:
    page.click("#tab-make")
    page.fill("#option-stars", "4.2")
    page.fill("#option-curve", "0:0.6,40:1,70:0.7,90:1")
    page.evaluate("studio.making.curve.draw()")


def show_watch(page: Any, _song: Path) -> None:
    page.fill("#option-curve", "")
    page.fill("#set-levels", LEVELS)
    page.click("#make-set")
    page.wait_for_function("count => studio.map.watched?.shown > count", arg=WATCHED)


def show_play(page: Any, _song: Path) -> None:
    page.wait_for_function("() => studio.map.maps.length === 3")
    page.click("#difficulties button:last-child")
    page.wait_for_function("() => studio.map.scene.id === studio.map.maps.at(-1).id")
    page.evaluate("time => studio.map.player.seek(time)", LIVELY_MS)


def show_beside(page: Any, _song: Path) -> None:
    page.check("#side-by-side")
    page.evaluate("document.getElementById('beside').scrollIntoView()")


def show_mend(page: Any, _song: Path) -> None:
    page.uncheck("#side-by-side")
    for button, time in zip(("#from-here", "#to-here"), RANGE_MS, strict=True):
        page.evaluate("time => studio.map.player.seek(time)", time)
        page.click(button)
    page.click("#anew")
    page.wait_for_selector("#keep")
    page.click("#take-list button:nth-child(3)")
    page.evaluate("time => studio.map.player.seek(time)", LIVELY_MS)
    page.click("#next")
    page.evaluate("document.getElementById('timeline').scrollIntoView()")


STEPS = {
    "song": show_song,
    "make": show_make,
    "watch": show_watch,
    "play": show_play,
    "beside": show_beside,
    "mend": show_mend,
}
