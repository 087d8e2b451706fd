import datetime
import json
from dataclasses import replace

from tests.evaluate.results import OUTCOME, RED, result

from beatheritage.evaluate.asks import ASKED, DRAFTED
from beatheritage.evaluate.quality import Context, Report, quality_json, quality_markdown

CONTEXT = Context(
    date=datetime.date(2026, 1, 2), weights="abc", command="beatheritage evaluate --jobs 2"
)
STEP = replace(OUTCOME, group=ASKED, stars_asked=4.0, stars=4.1)
REPORT = Report(
    context=CONTEXT,
    results=(
        result("osu_a", None, replace(OUTCOME, error="no tempo was found", f1=0.0)),
        result("osu_b", RED, OUTCOME, STEP),
    ),
)


def test_the_document_says_what_was_run():
    text = quality_markdown(REPORT)
    assert "`beatheritage evaluate --jobs 2` on 2026-01-02" in text
    assert "`abc`" in text
    assert "2 osu! songs and 0 .tja songs with 2 std charts" in " ".join(text.split())
    assert "quick look" not in text
    limited = replace(REPORT, context=replace(CONTEXT, limit=2))
    assert "A quick look: 2 of the songs" in quality_markdown(limited)


def test_every_section_is_there():
    text = quality_markdown(REPORT)
    titles = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert titles == [
        "What must be reached",
        "Timing",
        "Songs that are timed otherwise than people time them",
        "Rhythm, with found timing",
        "Precision and recall",
        "Stars of plain maps",
        "What the maps are like, beside people's",
        "Warnings a map, beside people's",
        "Problems that were left",
        "Stars asked for and met",
        "Rhythm before and after repair and the search for stars",
        "Holds asked for and got",
        "What the knobs do",
        "What the options of quality do",
        "Whole sets",
        "Validity",
        "Maps that were not written",
    ]
    assert "no tempo was found" in text


def test_a_part_of_the_tables():
    text = quality_markdown(replace(REPORT, asked=("holds", "sets")))
    titles = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert titles[:3] == ["What must be reached", "Holds asked for and got", "Whole sets"]
    assert "A part of it: holds, sets" in text
    assert "onset F1" not in text


def test_drafts_have_no_faults():
    draft = replace(OUTCOME, group=DRAFTED, faults={"off_tick": 3})
    report = replace(REPORT, results=(result("osu_a", RED, draft, OUTCOME),))
    lines = {line["what"]: line for line in quality_json(report)["lines"]}
    (fault,) = [line for what, line in lines.items() if what.startswith("faults")]
    assert (fault["figure"]["value"], fault["figure"]["count"]) == (0, 1)


def test_true_timing_has_a_section_of_its_own():
    true = replace(OUTCOME, timing="true", f1=0.875)
    text = quality_markdown(replace(REPORT, results=(result("osu_a", None, true),)))
    assert "## Rhythm, with the chart’s own timing" in text
    assert "0.875" in text


def test_the_same_figures_for_machines():
    found = json.loads(json.dumps(quality_json(REPORT)))
    assert (found["date"], found["weights"], found["limit"]) == ("2026-01-02", "abc", 0)
    by_name = {line["what"]: line for line in found["lines"]}
    std = by_name["onset F1 at ±20 ms, std: median over charts"]
    assert (std["figure"]["value"], std["figure"]["songs"], std["reached"]) == (0.25, 2, False)
    assert by_name["one red line"]["figure"]["value"] == 0.5


def test_nothing_measured_is_a_document_too():
    text = quality_markdown(replace(REPORT, results=()))
    assert "not measured" in text
