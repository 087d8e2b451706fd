"""The page's words: none missing, in any language, and none that nobody says."""

import json
import re
from pathlib import Path

import pytest

from beatheritage.serve.options import options
from beatheritage.serve.page import STATIC

LANGUAGES = ("en", "vi", "zh", "ja")
WORDS = json.loads((STATIC / "words.json").read_text("utf-8"))
SCRIPTS = {path.name: path.read_text("utf-8") for path in sorted(STATIC.rglob("*.js"))}
PAGE = (STATIC / "index.html").read_text("utf-8")
# Keys stand in calls, in attributes, and in tables from the API's words to ours.
SAID = (r'\bt\(\s*"(\w+)"', r'\btable\("(\w+)"', r'button\("(\w+)"', r'add\("(\w+)"')
TABLE = re.compile(r"(?:_WORDS = |\bt\()\{(.*?)\}", re.DOTALL)


def said() -> set[str]:
    found = set(re.findall(r'data-word="(\w+)"', PAGE))
    for text in SCRIPTS.values():
        for pattern in SAID:
            found |= set(re.findall(pattern, text))
        for table in TABLE.findall(text):
            found |= set(re.findall(r':\s*"(\w+)"', table))
        found |= {
            word for pair in re.findall(r't\(\w+ \? "(\w+)" : "(\w+)"\)', text) for word in pair
        }
    return found


@pytest.mark.parametrize("key", sorted(WORDS))
def test_every_word_is_there_in_every_language(key):
    assert tuple(WORDS[key]) == LANGUAGES
    assert all(WORDS[key].values())
    blanks = [set(re.findall(r"\{(\w+)\}", text)) for text in WORDS[key].values()]
    assert all(each == blanks[0] for each in blanks)


def test_every_option_has_a_name_in_every_language():
    named = json.loads((STATIC / "options.json").read_text("utf-8"))
    assert set(named) == {option["key"] for option in options()}
    for key, names in named.items():
        assert tuple(names) == LANGUAGES, key
        assert all(names.values()), key


def test_what_is_said_is_there_and_what_is_there_is_said():
    assert said() == set(WORDS)


def test_nothing_comes_from_another_host():
    own = "http://www.w3.org/2000/svg"
    for path in STATIC.rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8").replace(own, "")
            assert not re.search(r"https?://|//\w+\.\w+/", text), path.name


def test_the_page_is_small():
    size = sum(path.stat().st_size for path in Path(STATIC).rglob("*") if path.is_file())
    assert size < 400_000
