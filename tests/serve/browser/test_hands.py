"""What hands do at the page: tap, nudge, drag, snap, play; and all of it by keyboard."""

from typing import Any

import pytest

from beatheritage.serve.edit import DIVISORS
from tests.serve.browser.conftest import drop, make

playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright")
expect = playwright.expect
pytestmark = pytest.mark.slow

BEAT_MS = 400.0  # of the demo song
TAPS = 5
# Every sound that is laid onto the clock: when, and how high.
LISTEN = """
globalThis.struck = [];
OscillatorNode.prototype.start = function (when) {
  struck.push([when, this.frequency.value]);
  AudioScheduledSourceNode.prototype.start.call(this, when);
};
"""
DOWNBEAT_HZ, BEAT_HZ, HIT_HZ = 1760, 1175, 190
# Where a place of the field is on the screen.
PLACE = """
async ([x, y]) => {
  const { fit } = await import("/static/draw/std.js");
  const field = document.getElementById("field");
  const { scale, left, top } = fit(field.getContext("2d"), field.width, field.height);
  const box = field.getBoundingClientRect();
  const ratio = box.width / field.width;
  return [box.left + (left + x * scale) * ratio, box.top + (top + y * scale) * ratio];
}
"""
TAP = """
([taps, beat]) => {
  const button = document.getElementById("tap");
  const begun = performance.now();
  for (let tap = 0; tap < taps; tap += 1) {
    while (performance.now() < begun + tap * beat);
    button.click();
  }
}
"""


@pytest.fixture(scope="module")
def page(visiting, excerpt):
    """The page with the song dropped and heard; what it strikes is written down."""
    with visiting(script=LISTEN) as page:
        drop(page, excerpt)
        yield page


def test_the_timing_is_mended_by_hand(page):
    page.click("#tab-song")
    expect(page.locator("#timing-said")).to_contain_text("% sure")
    expect(page.locator("#bpm")).to_have_value("150")
    found = float(page.input_value("#offset"))
    for button, bpm in (("#halve", "75"), ("#double", "150"), ("#double", "300")):
        page.click(button)
        expect(page.locator("#bpm")).to_have_value(bpm)
    for button, moved in (("#earlier", -1), ("#later", 0), ("#later", 1)):
        page.click(button)
        assert float(page.input_value("#offset")) == pytest.approx(found + moved, abs=1e-6)
    page.evaluate(TAP, [TAPS, 500])
    expect(page.locator("#bpm")).to_have_value("120")
    runner_up = page.locator("#runners button").first
    runner_up.click()
    expect(page.locator("#bpm")).to_have_value(runner_up.inner_text().removesuffix(" BPM"))
    page.fill("#bpm", "9")
    page.press("#bpm", "Enter")
    expect(page.locator("#message")).to_contain_text("20")
    page.click("#found")
    expect(page.locator("#bpm")).to_have_value("150")
    assert page.evaluate("studio.song.mended") == []


def test_the_metronome_sounds_on_every_beat_and_higher_on_the_first_of_a_bar(page):
    page.click("#tab-song")
    page.evaluate("studio.song.clock.seek(3000); struck.length = 0")
    page.click("#listen")
    expect(page.locator("#listen")).to_have_text("Pause")
    page.wait_for_function("() => struck.length > 6")
    clock = page.evaluate("(({ at, started }) => [at, started])(studio.song.clock)")
    struck = page.evaluate("struck")
    page.click("#listen")
    expect(page.locator("#listen")).to_have_text("Play")
    offset = page.evaluate("studio.song.lines[0].time")
    for when, pitch in struck[1:]:  # the first may have come late
        beats = (clock[0] + (when - clock[1]) * 1000 - offset) / BEAT_MS
        assert beats == pytest.approx(round(beats), abs=0.01)
        assert pitch == (DOWNBEAT_HZ if round(beats) % 4 == 0 else BEAT_HZ)
    page.uncheck("#metronome")
    page.evaluate("studio.song.clock.seek(3000); struck.length = 0")
    page.click("#listen")
    page.wait_for_function("() => studio.song.clock.time > 4000")
    page.click("#listen")
    assert page.evaluate("struck.length") == 0


def test_hitsounds_speed_and_loop(page):
    make(page, "std")
    page.evaluate("studio.map.player.seek(0); struck.length = 0")
    page.select_option("#speed", "1.5")
    page.click("#toggle")
    page.wait_for_function("() => studio.map.player.time > 5000")
    assert page.evaluate("studio.map.clock.source.playbackRate.value") == 1.5
    page.click("#toggle")
    at = page.evaluate("studio.map.player.time")
    until = page.evaluate("studio.map.player.drummer.until")
    due = "studio.map.player.strikes.filter(([time]) => time < {}).length"
    counted = page.evaluate("hertz => struck.filter((each) => each[1] === hertz).length", HIT_HZ)
    assert page.evaluate(due.format(at)) <= counted <= page.evaluate(due.format(until + 1))
    assert counted > 0
    page.uncheck("#sounds")
    page.evaluate("studio.map.player.seek(0); struck.length = 0")
    for button, time in (("#from-here", 1000), ("#to-here", 4000)):
        page.evaluate("time => studio.map.player.seek(time)", time)
        page.click(button)
    page.check("#loop")
    page.click("#toggle")
    page.wait_for_function("() => studio.map.player.time < 2500")  # it stood at the end
    page.click("#toggle")
    assert page.evaluate("struck.length") == 0
    page.uncheck("#loop")
    page.check("#sounds")
    page.select_option("#speed", "1")


def edited(page: Any, work: str) -> dict[str, Any]:
    """The map after a change, whose stars are told."""
    before = page.evaluate("studio.map.scene.revision")
    page.click(work)
    return revised(page, before)


def revised(page: Any, before: int) -> dict[str, Any]:
    page.wait_for_function("before => studio.map.scene.revision === before + 1", arg=before)
    scene = page.evaluate("studio.map.scene")
    told = f"{scene['stars']:.2f} ★ · {len(scene['objects'])}"
    expect(page.locator("#map-stars")).to_have_text(told)
    return scene


def grid(scene: dict[str, Any], time: float, divisor: int) -> float:
    """The nearest tick."""
    (line,) = scene["lines"]
    tick = line["beat_length"] / divisor
    return round(line["time"] + round((time - line["time"]) / tick) * tick)


def test_objects_are_added_on_the_grid_dragged_stepped_and_deleted(page):
    make(page, "std")
    scene = page.evaluate("studio.map.scene")
    count, stars = len(scene["objects"]), scene["stars"]
    offered = page.locator("#divisor option").all_inner_texts()
    assert offered == [f"1/{each}" for each in DIVISORS]
    time = scene["objects"][4]["time"] + 37
    for divisor in (4, 3):
        page.select_option("#divisor", str(divisor))
        page.evaluate("time => { studio.map.choose(null); studio.map.player.seek(time); }", time)
        scene = edited(page, "#add")
        added = grid(scene, time, divisor)
        assert [each["time"] for each in scene["objects"] if each["x"] == 256].count(added) > 0
    assert len(scene["objects"]) == count + 2
    assert scene["stars"] != stars

    page.locator("#field").scroll_into_view_if_needed()
    page.evaluate("studio.map.player.seek(studio.map.scene.objects[0].time)")
    held = scene["objects"][0]
    page.mouse.move(*page.evaluate(PLACE, [held["x"], held["y"]]))
    page.mouse.down()
    by = [40 if held["x"] < 256 else -40, 30 if held["y"] < 192 else -30]
    page.mouse.move(*page.evaluate(PLACE, [held["x"] + by[0], held["y"] + by[1]]), steps=3)
    page.mouse.up()
    scene = revised(page, scene["revision"])
    moved = scene["objects"][0]
    assert moved["time"] == held["time"]
    assert moved["x"] == pytest.approx(held["x"] + by[0], abs=2)
    assert moved["y"] == pytest.approx(held["y"] + by[1], abs=2)

    page.select_option("#divisor", "4")
    page.evaluate("studio.map.choose(0)")
    page.focus("#field")
    page.keyboard.press("Alt+ArrowLeft")
    scene = revised(page, scene["revision"])
    assert scene["objects"][0]["time"] == grid(scene, moved["time"] - BEAT_MS / 4, 4)
    page.evaluate("studio.map.choose(0)")
    page.focus("#field")
    page.keyboard.press("Delete")
    scene = revised(page, scene["revision"])
    assert len(scene["objects"]) == count + 1


def test_findings_lead_to_where_they_are(page):
    make(page, "std")
    page.evaluate("studio.map.choose(0); studio.map.player.seek(studio.map.scene.objects[0].time)")
    edited(page, "#add")  # a second one at the same time
    finding = page.locator("#findings button", has_text="concurrent")
    finding.wait_for()
    page.evaluate("studio.map.choose(null); studio.map.player.seek(9000)")
    finding.click()
    time, chosen = page.evaluate("[studio.map.player.time, studio.map.player.view.chosen]")
    found = page.evaluate("studio.map.found.find((each) => each.message.includes('concurrent'))")
    assert (time, chosen) == (found["time"], found["objects"][0])
    expect(page.locator("#chosen")).to_contain_text(f"Object {chosen + 1} at")
    page.click("#undo")
    expect(finding).to_have_count(0)


def stand(page: Any, time: float) -> None:
    """The clock at a time, as if it had run there."""
    page.evaluate("time => { studio.map.clock.at = time; }", time)


def score(page: Any, text: str) -> None:
    expect(page.locator("#score")).to_have_text(text)


def begin(page: Any, mode: str) -> list[dict[str, Any]]:
    make(page, mode)
    page.evaluate("studio.map.player.seek(0)")
    page.uncheck("#myself")
    page.check("#myself")
    score(page, "100.00 %  0×  ")
    return page.evaluate("studio.map.scene.objects.filter((each) => each.kind !== 'spinner')")


def test_std_is_played_with_mouse_and_keys(page):
    first, second, third = begin(page, "std")[:3]
    od = page.evaluate("studio.map.scene.overall_difficulty")
    for held, off, key, told in (
        (first, 79 - 6 * od, "z", "100.00 %  1×  300"),
        (second, -(139 - 8 * od), "x", "66.67 %  2×  100"),
        (third, 199 - 10 * od, None, "50.00 %  3×  50"),
    ):
        stand(page, held["time"] + off)
        page.mouse.move(*page.evaluate(PLACE, [held["x"], held["y"]]))
        page.keyboard.press(key) if key else page.mouse.click(
            *page.evaluate(PLACE, [held["x"], held["y"]])
        )
        score(page, told)
    page.click("#toggle")  # and nothing more is pressed
    page.wait_for_function("() => studio.map.player.attempt.last === '✕'")
    page.evaluate("studio.map.clock.stop()")
    page.uncheck("#myself")
    expect(page.locator("#score")).to_be_hidden()


def test_taiko_is_played_in_two_colours(page):
    notes = [each for each in begin(page, "taiko") if each["kind"] == "circle"]
    won = 0
    for number, note in enumerate(notes[:6], 1):
        stand(page, note["time"])
        is_kat = bool(note["sound"] & (2 | 8))
        right = number != 4  # one in the wrong colour
        page.keyboard.press("d" if is_kat == right else "f")
        won += right
        worth, combo = ("300", number if number < 4 else number - 4) if right else ("✕", 0)
        score(page, f"{100 * won / number:.2f} %  {combo}×  {worth}")
    page.uncheck("#myself")


def test_mania_is_played_by_columns(page):
    notes = begin(page, "mania")
    keys = "dfjk"
    assert page.evaluate("studio.map.scene.circle_size") == len(keys)
    for number, note in enumerate(notes[:5], 1):
        stand(page, note["time"])
        page.keyboard.press(keys[note["column"]])
        score(page, f"100.00 %  {number}×  300")
    page.uncheck("#myself")


def test_catch_is_played_with_a_catcher_that_stands_and_one_that_runs(page):
    begin(page, "catch")
    page.click("#toggle")
    page.wait_for_function("() => studio.map.player.attempt.judged >= 5")
    page.evaluate("studio.map.clock.stop()")
    judged, accuracy = page.evaluate(
        "(({ judged, accuracy }) => [judged, accuracy])(studio.map.player.attempt)"
    )
    caught = page.evaluate(
        "count => { const { fruits, width } = studio.map.scene.catch;"
        " return fruits.slice(0, count).filter((each) => Math.abs(each.x - 256) <= width / 2)"
        ".length; }",
        judged,
    )
    assert accuracy == pytest.approx(caught / judged)
    page.click("#toggle")
    page.focus("#field")
    page.keyboard.down("Shift")
    page.keyboard.down("ArrowLeft")
    page.wait_for_function("() => studio.map.player.catcherX === 0")
    page.keyboard.up("ArrowLeft")
    page.keyboard.up("Shift")
    page.evaluate("studio.map.clock.stop()")
    page.uncheck("#myself")


def test_the_queue_is_put_in_another_order_and_what_was_cancelled_is_tried_again(page):
    page.click("#tab-make")
    page.fill("#set-levels", "1.5, 2, 2.5, 3, 3.5, 4")
    latest = page.evaluate("Math.max(...studio.jobs.jobs.keys())")
    for _ in range(3):
        page.click("#make-set")
    page.wait_for_function("id => studio.jobs.jobs.has(id)", arg=latest + 3)
    first, second, third = (f"[data-job='{latest + number}']" for number in (1, 2, 3))
    row = page.locator("#jobs li")
    expect(page.locator(f"{first} progress")).to_be_visible()
    page.click(f"{third} [data-action=up]")
    expect(row.nth(1)).to_have_attribute("data-job", str(latest + 3))
    for job in (second, third, first):
        page.click(f"{job} [data-action=cancel]")
        expect(page.locator(f"{job} .cancelled")).to_be_visible()
    page.click(f"{second} [data-action=again]")
    expect(page.locator(f"{second} [data-action=cancel]")).to_be_visible()
    page.click(f"{second} [data-action=cancel]")
    expect(page.locator(f"{second} .cancelled")).to_be_visible()


def tab_to(page: Any, selector: str) -> None:
    """Tab on until it is there."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def test_a_map_is_made_mended_and_taken_home_by_keyboard_alone(visiting, excerpt):
    with visiting() as page:
        tab_to(page, "#file")
        song = {"name": "Some One - Song.ogg", "mimeType": "audio/ogg", "buffer": excerpt}
        page.set_input_files("#file", song)  # the browser's own dialogue, which is no part of ours
        page.wait_for_function("() => studio.song.song?.heard && studio.song.clock.buffer")
        tab_to(page, "#later")
        page.keyboard.press("Enter")
        tab_to(page, "#tab-song")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#panel-make")).to_be_visible()
        tab_to(page, "#option-stars")
        page.keyboard.type("2.5")
        page.keyboard.press("Enter")
        page.wait_for_function("() => studio.map.scene?.id")
        tab_to(page, "#timeline")
        page.keyboard.press("Shift+ArrowRight")
        page.wait_for_function("() => studio.map.player.time === 5000")
        tab_to(page, "#from-here")
        page.keyboard.press("Enter")
        tab_to(page, "#field")
        page.keyboard.press("PageDown")
        before = page.evaluate("studio.map.scene.objects[studio.map.player.view.chosen]")
        page.keyboard.press("ArrowRight" if before["x"] < 256 else "ArrowLeft")
        page.wait_for_function("() => studio.map.scene.revision === 1")
        page.keyboard.press("Space")
        expect(page.locator("#toggle")).to_have_text("Pause")
        page.keyboard.press("Space")
        expect(page.locator("#toggle")).to_have_text("Play")
        tab_to(page, "#undo")
        page.keyboard.press("Enter")
        page.wait_for_function("() => studio.map.scene.revision === 0")
        tab_to(page, "#osz")
        with page.expect_download() as coming:
            page.keyboard.press("Enter")
        assert coming.value.suggested_filename.endswith(".osz")
