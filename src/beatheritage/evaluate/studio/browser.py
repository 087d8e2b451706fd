"""What a person at the page sees, measured in a real browser, without a window."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from beatheritage.errors import UserError
from beatheritage.evaluate.studio.server import Server

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
PATIENCE_MS = 1_800_000
PLAYED_S = 10
MODES = ("std", "taiko", "catch", "mania")
DENSE = 2000  # objects
FRAMES = 300

# The map's objects between one another until there are enough, drawn at as many moments, each to
# its last pixel.
DRAW_FRAMES = """
async ([least, frames]) => {
  const { scene } = studio.map;
  const times = Math.ceil(least / scene.objects.length);
  const mean = scene.objects.at(-1).time / scene.objects.length;
  const later = (list) => Array.from({ length: times }, (_, copy) => list.map((each) => ({
    ...each,
    time: each.time + (copy * mean) / times,
    ...(each.end === undefined ? {} : { end: each.end + (copy * mean) / times }),
    ...(each.object === undefined ? {} : { object: each.object * times + copy }),
  }))).flat().sort((one, other) => one.time - other.time);
  const dense = { ...scene, objects: later(scene.objects) };
  if (scene.catch) dense.catch = { ...scene.catch, fruits: later(scene.catch.fruits) };
  const { player } = studio.map;
  player.show(dense, studio.map.heard);
  const pixels = [player.field, player.strip].map((each) => each.getContext("2d"));
  const costs = [];
  for (let frame = 0; frame < frames; frame += 1) {
    const begun = performance.now();
    player.draw((scene.objects.at(-1).time * frame) / frames);
    for (const each of pixels) each.getImageData(0, 0, 1, 1);
    costs.push(performance.now() - begun);
    if (frame % 20 === 0) await new Promise(requestAnimationFrame);
  }
  player.show(scene, studio.map.heard);
  return [dense.objects.length, costs];
}
"""
MADE = """
(before) => studio.map.scene?.id > before ||
  [...studio.jobs.jobs.values()].some((job) => job.state === "failed")
"""
# At every frame: what is shown, beside what the sound's own clock says is heard.
PLAY = """
(seconds) => new Promise((resolve) => {
  const { clock } = studio.map.player;
  const apart = [];
  const frames = [];
  const look = (now) => {
    const { context } = clock;
    frames.push(now);
    if (clock.running && clock.time > clock.at) {
      const heard = context.currentTime - (context.outputLatency || 0) - clock.started;
      apart.push(Math.abs(clock.time - clock.at - heard * 1000 * clock.rate));
    }
    if (now - frames[0] < seconds * 1000) requestAnimationFrame(look);
    else resolve([apart, frames]);
  };
  requestAnimationFrame(look);
})
"""


@contextmanager
def browsing() -> Iterator[Any]:
    """A browser. Raises UserError where it, or what drives it, is not installed."""
    try:
        from playwright.sync_api import sync_playwright  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise UserError(
            f"the page is measured with {error.name}", mend="pip install 'beatheritage[browser]'"
        ) from error
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise UserError("there is no Chromium", mend="apt install chromium")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


def seen(folder: Path, song: Path) -> dict[str, Any]:
    """Everything that is measured at the page, with a new server and a song that it does not know.

    Raises UserError for what is not there, and where the page does not come to an end.
    """
    with browsing() as browser, Server(folder) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        found = opened(page, server)
        found |= heard(page, song)
        found |= written(page)
        found["modes"] = {MODES[0]: played(page)}
        for mode in MODES[1:]:
            make(page, mode)
            found["modes"][mode] = played(page)
        found["findings"] = accessible(page)
    return found


def opened(page: Any, server: Server) -> dict[str, Any]:
    """From the command to the first paint, and what the page weighs."""
    weights: list[int] = []
    page.on("response", lambda answer: weights.append(weight(answer)))
    began = time.perf_counter()
    address = server.start()
    answering = time.perf_counter() - began
    page.goto(address)
    paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
    page.wait_for_function(f"() => {paint}")
    first_paint_s = answering + page.evaluate(paint) / 1000
    page.wait_for_function("() => globalThis.studio")
    return {"first_paint_s": first_paint_s, "bytes": sum(weights)}


def weight(answer: Any) -> int:
    """What comes with the page, whole, by the bytes of its answers; streams have no end."""
    path = answer.url.partition("/")[2].partition("/")[2].partition("/")[2]
    return len(answer.body()) if path == "" or path.startswith("static/") else 0


def heard(page: Any, song: Path) -> dict[str, Any]:
    """From the choice of a file to its beats on the screen."""
    began = time.perf_counter()
    page.set_input_files("#file", song)
    page.wait_for_function("() => studio.song.lines.length && studio.song.song.heard", polling=20)
    page.evaluate("new Promise(requestAnimationFrame)")
    return {"beats_s": time.perf_counter() - began, "song_bytes": song.stat().st_size}


def written(page: Any) -> dict[str, Any]:
    """From pressing Make to the first objects in the preview."""
    page.click("#tab-make")
    began = time.perf_counter()
    page.click("#make-one")
    page.wait_for_function("() => studio.map.watched?.shown > 0", polling=20)
    page.evaluate("new Promise(requestAnimationFrame)")
    took = time.perf_counter() - began
    page.wait_for_function("() => studio.map.scene?.id")
    return {"first_objects_s": took}


def make(page: Any, mode: str) -> None:
    """A map of the mode, until it is shown."""
    page.click("#tab-make")
    page.select_option("#option-mode", mode)
    before = page.evaluate("studio.map.scene?.id ?? 0")
    page.click("#make-one")
    page.wait_for_function(MADE, arg=before)
    said = page.inner_text("#jobs .failed") if page.locator("#jobs .failed").count() else ""
    if said:
        raise UserError(f"a map of {mode} was not made: {said}")


def played(page: Any) -> dict[str, Any]:
    """Ten seconds of the map that is shown, and what its frames cost when it is a dense one."""
    count, costs = page.evaluate(DRAW_FRAMES, [DENSE, FRAMES])
    page.evaluate("studio.map.player.seek(20000)")
    page.click("#toggle")
    apart, frames = page.evaluate(PLAY, PLAYED_S)
    page.click("#toggle")
    return {"objects": count, "draw_ms": costs, "apart_ms": apart, "frames": len(frames)}


def accessible(page: Any) -> list[str] | None:
    """What axe-core finds that is serious or worse, on every panel; None where it is not here."""
    try:
        from axe_playwright_python.sync_playwright import (  # pyright: ignore[reportMissingImports]
            Axe,
        )
    except ImportError:
        return None
    found: list[str] = []
    for panel in ("song", "make", "map"):
        page.click(f"#tab-{panel}")
        page.eval_on_selector_all("details", "all => all.forEach((each) => { each.open = true; })")
        for issue in Axe().run(page).response["violations"]:
            if issue["impact"] in ("serious", "critical"):
                found += [f"{panel}: {issue['id']}: {node['html']}" for node in issue["nodes"]]
    return found
