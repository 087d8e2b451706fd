"""The documentation lists the recipes' keys as they are."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs torch")

from beatheritage.train.keys import BEGIN, END, key_lines, with_keys
from beatheritage.train.recipes import read_recipe

PAGE = Path(__file__).parents[2] / "docs" / "training.md"


def test_the_page_has_the_keys_as_they_are():
    page = PAGE.read_text("utf-8")
    assert with_keys(page) == page, "python -m beatheritage.train.keys docs/training.md"
    assert page.index(BEGIN) < page.index("optimiser.muon=") < page.index(END)


def test_a_listed_line_is_a_word_that_the_recipe_takes():
    plain = read_recipe("placer", ())
    assert read_recipe("placer", list(key_lines(plain))) == plain
