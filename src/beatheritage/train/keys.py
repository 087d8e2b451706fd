"""The keys of the recipes, as people read them.

python -m beatheritage.train.keys docs/training.md writes them into that page.
"""

import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from beatheritage.config import known_keys
from beatheritage.osu.archive import write_file

BEGIN, END = "<!-- keys: begin -->", "<!-- keys: end -->"
DESCRIBED = ("native", "placer", "beatheritage_v1")


def key_lines(recipe: Any) -> Iterator[str]:
    """One line ``key=value`` for each key."""
    for key in known_keys(recipe):
        yield f"{key}={shown(value_at(recipe, key))}"


def value_at(recipe: Any, key: str) -> Any:
    """The value of a dotted key."""
    for name in key.split("."):
        recipe = getattr(recipe, name)
    return recipe


def shown(value: Any) -> str:
    """A value as a word of the command line may have it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return ",".join(map(shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def with_keys(page: str) -> str:
    """The page with the recipes' keys between its two marks."""
    from beatheritage.train.recipes import read_recipe

    before, _, rest = page.partition(BEGIN)
    blocks = []
    for name in DESCRIBED:
        lines = "\n".join(key_lines(read_recipe(name, ())))
        blocks.append(f"`-cn {name}`:\n\n```\n{lines}\n```")
    listed = "\n\n".join(blocks)
    return f"{before}{BEGIN}\n{listed}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    write_file(path, with_keys(path.read_text("utf-8")).encode())
