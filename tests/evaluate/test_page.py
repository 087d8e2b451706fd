from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.evaluate.results import OUTCOME, RED, result
from tests.evaluate.test_quality import REPORT

from beatheritage.evaluate.asks import ASKED
from beatheritage.evaluate.page import page, report_plots
from beatheritage.evaluate.quality import quality_markdown, quality_page
from beatheritage.evaluate.tables import Table


@pytest.fixture(scope="module")
def text() -> str:
    return quality_page(REPORT)


class Seen(HTMLParser):
    """What a page holds: its tags, its words, and whatever it would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_has_the_sections_of_the_document(text: str):
    seen = Seen(text)
    titles = [line[3:] for line in quality_markdown(REPORT).splitlines() if line.startswith("## ")]
    assert [word for word in seen.words if word in titles] == titles
    assert seen.tags.count("h2") == len(titles)


def test_the_page_needs_nothing_else(text: str):
    assert Seen(text).fetched == []
    assert "http" not in text
    assert "url(" not in text


def test_words_are_words_and_no_tags():
    seen = Seen(
        page("a <b>", "", [Table(title="t", text="", head=("h",), rows=(("<i>x</i>",),))], {})
    )
    assert "b" not in seen.tags
    assert "i" not in seen.tags
    assert "<i>x</i>" in seen.words


def test_a_plot_stands_in_its_section():
    table = Table(title="here", text="")
    seen = Seen(
        page("", "", [table, replace(table, title="there")], {"there": [("dots", "<svg></svg>")]})
    )
    assert seen.words.index("there") < seen.words.index("dots")
    assert seen.tags.count("svg") == 1


def test_stars_are_drawn_where_they_were_asked_for():
    asked = replace(OUTCOME, group=ASKED)
    outcomes = result("osu_a", RED, OUTCOME, asked).outcomes
    assert "Stars asked for and met" in report_plots((), outcomes, None)
    assert "Stars asked for and met" not in report_plots((), outcomes[:1], None)
