"""The page's panels in a real browser: what they show, keep, and say in every language."""

import json

import pytest

from beatheritage.evaluate.studio.browser import accessible
from beatheritage.serve.page import STATIC

playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright")
expect = playwright.expect
pytestmark = pytest.mark.slow

WORDS = json.loads((STATIC / "words.json").read_text("utf-8"))


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
    # A checkpoint that knows the word can be told both.
    page.evaluate("studio.making.descriptors.build(['jump aim'], {})")
    said = "[studio.making.values().descriptors, studio.making.values().unlike]"
    for state, values in (
        ("include", ["jump aim", None]),
        ("exclude", [None, "jump aim"]),
        ("off", [None, None]),
    ):
        chip.click()
        expect(chip).to_have_attribute("data-state", state)
        assert page.evaluate(said) == values
    page.evaluate("studio.making.dress()")


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


def test_the_api_is_described_without_another_host(visiting):
    with visiting("/api/docs") as page:
        page.wait_for_selector("#schemas article")
        described = page.evaluate("fetch('/api/openapi.json').then((answer) => answer.json())")
        count = sum(len(methods) for methods in described["paths"].values())
        assert page.locator("#operations article").count() == count


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
