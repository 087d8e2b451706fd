"""What the page may ask for: the command line's own options, but for those that name files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from beatheritage.config import configure, nearest
from beatheritage.errors import OptionError
from beatheritage.generate.ancestors.load import configured
from beatheritage.generate.request import DEFAULT_MODE, RANGES, Request, check_request
from beatheritage.generate.spread_plan import (
    SpreadRequest,
    check_spread,
    parse_levels,
    parse_modes,
    parse_stars,
)
from beatheritage.generate.styles import WORDS
from beatheritage.osu.mode import Mode
from beatheritage.serve.models import check_model, model_named
from beatheritage.serve.queue import Asked, Kind

# A range and its takes are asked for beside the options; what is written where is ours, and what
# names a folder or a repository is no page's business.
OURS = frozenset({"overwrite", "start", "end", "takes"})
OURS |= {"placing.placer", "placing.refiner", "placing.refinements"}
OF_A_SET: dict[str, Callable[[str], Any]] = {
    "difficulties": parse_levels,
    "stars": parse_stars,
    "modes": parse_modes,
}
CHOSEN_FIRST = ("mode", "model")  # what the others are refused for
# Of words that are read further.
EXAMPLES = {
    "curve": "0:0.5,9:1",
    "descriptors": WORDS[0],
    "ancestor.given": "timing",
    "ancestor.written": "map",
    "placing.steps": "10,0,0,0,0,0,0,0,0,0",
}
# What means nothing alone, by keys and groups, and what it stands beside.
BESIDE = {"style.keep": "style.density=0.5", "placing": "placing.diffuses=true"}
ITS_NAMES = {"difficulties": "levels"}
PLACEHOLDER = Path("song")  # stands for the audio where only options are judged
KINDS = {bool: "flag", int: "whole", float: "number", str: "text"}


@cache
def options(mode: Mode = Mode.STD, model: str = "") -> tuple[dict[str, Any], ...]:
    """Every option: its key, its group, what kind of value it takes, its choices or its least and
    greatest value, its default, and why it is refused in a mode and by a model."""
    base = Request(audio=PLACEHOLDER, mode=mode, model=model)
    return tuple(
        {
            "key": key,
            "group": key.rpartition(".")[0],
            "kind": "choice" if issubclass(kind, Enum) else KINDS[kind],
            "choices": [each.name.lower() for each in kind] if issubclass(kind, Enum) else [],
            "range": RANGES.get(key),
            "default": default.name.lower() if isinstance(default, Enum) else default,
            "refused": refusal(base, key, kind, default),
        }
        for key, kind, default in _fields(Request())
    )


def refusal(base: Request, key: str, kind: type, default: Any) -> str:
    """Why an option cannot be said beside a request, found by saying it; nothing where it can."""
    if key in CHOSEN_FIRST:
        return ""
    try:
        beside = BESIDE.get(key, BESIDE.get(key.rpartition(".")[0]))
        words = [*filter(None, [beside]), f"{key}={_example(key, kind, default)}"]
        check_request(configure(base, words=words))
    except OptionError as error:
        return error.what
    return ""


def _example(key: str, kind: type, default: Any) -> Any:
    """A value that an option may have, and does not have when nothing is said."""
    if key in EXAMPLES:
        return EXAMPLES[key]
    if issubclass(kind, Enum):
        return next(each.name.lower() for each in reversed(kind) if each is not default)
    if kind is bool:
        return not default
    if kind is str:
        return "x"
    if key in RANGES:
        return next(kind(value) for value in RANGES[key] if value != default)
    return kind(default + 1) if isinstance(default, int | float) else kind(1)


def words_of(kind: Kind, said: Mapping[str, object]) -> tuple[str, ...]:
    """Options as words. Raises OptionError for a key that the page has no business with."""
    known = [key for key, *_ in _fields(Request())]
    known += OF_A_SET if kind is Kind.SPREAD else []
    for key in said:
        if key not in known:
            raise OptionError(f"unknown option {key!r}", mend=nearest(key, known))
    return tuple(f"{key}={value}" for key, value in said.items())


def check_words(kind: Kind, asked: Asked) -> None:
    """Raise what can be said against a job before its turn comes (OptionError)."""
    has_range = (asked.map, asked.start, asked.end) != (None, None, None)
    if kind is not Kind.RANGE and has_range:
        raise OptionError("only a range has a map, a start and an end")
    if kind is Kind.SPREAD:
        wanted = spread_request(Request(audio=PLACEHOLDER), asked.words)
        check_spread(wanted)
        for mode in wanted.modes or (wanted.base.mode or DEFAULT_MODE,):
            check_model(wanted.base.model, mode)
        return
    request = configure(Request(audio=PLACEHOLDER), words=asked.words)
    if kind is Kind.GENERATE:
        check_request(request)
        check_model(request.model, request.mode or DEFAULT_MODE)
        return
    model_named(request.model)  # the map has to say for which mode it must be here
    if asked.map is None:
        raise OptionError("a range needs the map that it is in")
    ranged = replace(
        request, within=PLACEHOLDER, start=asked.start, end=asked.end, takes=asked.takes
    )
    check_request(ranged)


def spread_request(base: Request, words: Sequence[str]) -> SpreadRequest:
    """What words say of a set; those of ``OF_A_SET`` are lists. Raises OptionError."""
    said = dict(word.split("=", 1) for word in words)
    of_the_set = {key: said.pop(key) for key in OF_A_SET if key in said}
    model_named(said.get("model", ""))  # before anything is looked for under that name
    return SpreadRequest(
        base=configured(base, "", [f"{key}={value}" for key, value in said.items()]),
        **{ITS_NAMES.get(key, key): OF_A_SET[key](value) for key, value in of_the_set.items()},
    )


def _fields(options: Any, prefix: str = "") -> Iterator[tuple[str, type, Any]]:
    hints = get_type_hints(type(options))
    for field in fields(options):
        value = getattr(options, field.name)
        if is_dataclass(value):
            yield from _fields(value, f"{prefix}{field.name}.")
            continue
        kind = _kind(hints[field.name])
        if prefix + field.name not in OURS and not issubclass(kind, Path):
            yield prefix + field.name, kind, value


def _kind(hint: Any) -> type:
    """What a value is where there is one; lists are words with commas between."""
    if get_origin(hint) is tuple:
        return str
    return next((each for each in get_args(hint) if each is not NoneType), hint)
