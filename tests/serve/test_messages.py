"""What the server says in English, in the page's other languages: none missing, none outdated."""

import ast
import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from beatheritage.serve.page import STATIC
from tests.serve.test_words import LANGUAGES

PACKAGE = STATIC.parents[1]
MESSAGES = json.loads((STATIC / "messages.json").read_text("utf-8"))
KNOWN = {each["en"] for each in MESSAGES}
REFUSALS = {"InputError", "OptionError", "OutputError", "WeightsError", "Missing"}
OURS = sorted((PACKAGE / "serve").glob("*.py"))


def template(node: ast.expr) -> str | None:
    """A text as the code has it, what is filled in numbered; None for what is no plain text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    numbers = count()
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else f"{{{next(numbers)}}}"
        for part in node.values
    )


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text("utf-8")))


def refusals(path: Path) -> Iterator[str]:
    """What a file's refusals say that is no other text made elsewhere."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS:
            mends = (each.value for each in node.keywords if each.arg == "mend")
            for said in (*node.args[:1], *mends):
                if (text := template(said)) and not text.startswith("one of {"):
                    yield text


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_every_refusal_of_the_studio_is_there(path):
    assert set(refusals(path)) <= KNOWN


def test_every_message_is_there_in_every_language():
    for each in MESSAGES:
        assert tuple(each) == LANGUAGES
        assert all(each.values())
        blanks = [set(re.findall(r"\{\d\}", text)) for text in each.values()]
        assert all(one == blanks[0] for one in blanks), each["en"]


def test_every_message_is_one_that_the_code_still_says():
    said: set[str | None] = set()
    for path in PACKAGE.rglob("*.py"):
        said |= {template(node) for node in nodes(path) if isinstance(node, ast.expr)}
    ends = {text.split(" (")[-1].rstrip(")") for text in said if text}
    parts = {text.split(": ")[-1] for text in said if text}
    assert said | ends | parts >= KNOWN
