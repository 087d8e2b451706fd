"""The keys of a recipe, as people read them."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from beatheritage.config import known_keys


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
    return f"{value:g}" if isinstance(value, float) else str(value)
