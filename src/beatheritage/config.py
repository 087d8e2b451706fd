"""Options: the defaults of a dataclass, then a preset, then the words a person typed.

The dataclass is the only list of options there is: its field names are the keys, its annotations
the types. Nested dataclasses are reached by dots (``sampling.temperature=0.9``).
"""

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from difflib import get_close_matches
from enum import Enum
from importlib.resources import files
from importlib.resources.abc import Traversable
from math import isfinite
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from beatheritage.errors import OptionError

Options = TypeVar("Options")
PRESETS = files("beatheritage") / "presets"


def configure(
    defaults: Options, *, preset: str = "", words: Sequence[str] = (), leaving: Sequence[str] = ()
) -> Options:
    """Change ``defaults`` by a preset's file, but for the groups that it leaves, then by
    ``key=value`` words; later words win.

    Raises:
        OptionError: for an unknown preset or key (naming the nearest known one), or a bad value.
    """
    options = defaults
    if preset:
        for key, value in leaves(load_preset(preset)):
            if key.partition(".")[0] in leaving:
                continue
            options = _change(options, key, value, where=f"preset {preset}")
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise OptionError(
                f"expected key=value, got {word!r}", mend=nearest(key, known_keys(options))
            )
        options = _change(options, key.strip(), value, where="")
    return options


def preset_names(folder: Traversable = PRESETS) -> tuple[str, ...]:
    """Every preset that ships in the package, of one kind."""
    names = (item.name for item in folder.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def load_preset(name: str, folder: Traversable = PRESETS) -> Mapping[str, Any]:
    """What a preset changes, as its file nests it."""
    import yaml  # here, so that runs without a preset start sooner

    known = preset_names(folder)
    if name not in known:
        raise OptionError(f"no preset is called {name!r}", mend=nearest(name, known))
    return yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8")) or {}


def known_keys(options: Any) -> tuple[str, ...]:
    """Every key that ``options`` understands, nested ones dotted."""
    keys: list[str] = []
    for field in fields(options):
        value = getattr(options, field.name)
        inner = known_keys(value) if is_dataclass(value) else ("",)
        keys += [f"{field.name}.{key}".rstrip(".") for key in inner]
    return tuple(keys)


def nearest(word: str, known: Sequence[str]) -> str:
    """A hint at the known word that was probably meant: its last part, its initials, its like."""
    by_last_part = {key.rpartition(".")[2]: key for key in known}
    by_initials = {
        "".join(each[:1] for each in part.split("_")): key
        for part, key in by_last_part.items()
        if "_" in part
    }
    like = get_close_matches(word, [*known, *by_last_part], n=1, cutoff=0.0)
    meant = by_last_part.get(word) or by_initials.get(word) or next(iter(like), "")
    return f"did you mean {by_last_part.get(meant, meant)!r}?" if meant else ""


def leaves(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """The values of a nested mapping by their dotted keys."""
    found: list[tuple[str, Any]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found += leaves(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", value))
    return found


def _change(options: Options, key: str, value: object, *, where: str) -> Options:
    if key not in known_keys(options):
        raise OptionError(
            f"unknown option {key!r}", where=where, mend=nearest(key, known_keys(options))
        )
    try:
        return _replace_at(options, key.split("."), value)
    except ValueError as error:
        raise OptionError(f"{key} must be {error}, not {value!r}", where=where) from None


def _replace_at(options: Any, path: Sequence[str], value: object) -> Any:
    name, *rest = path
    if rest:
        return replace(options, **{name: _replace_at(getattr(options, name), rest, value)})
    annotation = get_type_hints(type(options))[name]
    return replace(options, **{name: _convert(value, annotation)})


def _convert(value: object, annotation: Any) -> object:
    """``value`` as the type of its field; a ValueError's message says what was expected."""
    if get_origin(annotation) in (Union, types.UnionType):
        wanted = [kind for kind in get_args(annotation) if kind is not types.NoneType]
        if value is None or str(value).lower() in ("", "none", "null"):
            return None
        return _convert(value, wanted[0])
    if get_origin(annotation) is tuple:
        return tuple(_convert(name, get_args(annotation)[0]) for name in _convert_names(value))
    if annotation is bool:
        return _convert_flag(value)
    if annotation in (int, float):
        return _convert_number(value, annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _convert_name(value, annotation)
    return annotation(value)


def _convert_flag(value: object) -> bool:
    word = str(value).lower()
    if word not in ("true", "false", "yes", "no", "1", "0"):
        raise ValueError("true or false")
    return word in ("true", "yes", "1")


def _convert_number(value: object, kind: type[int] | type[float]) -> float:
    expected = "a whole number" if kind is int else "a number"
    try:
        number = kind(str(value))
    except ValueError:
        raise ValueError(expected) from None
    if not isfinite(number):
        raise ValueError(expected)
    return number


def _convert_names(value: object) -> tuple[str, ...]:
    """Words between commas, with or without brackets around them, or a list of them."""
    listed = value if isinstance(value, list) else str(value).strip(" []()").split(",")
    names = (str(name).strip().strip("'\"").strip() for name in listed)
    return tuple(name for name in names if name)


def _convert_name(value: object, kind: type[Enum]) -> Enum:
    """A member of a closed set by its name in lower case, or by its number."""
    for member in kind:
        if str(value).lower() in (member.name.lower(), str(member.value)):
            return member
    raise ValueError("one of " + ", ".join(member.name.lower() for member in kind))
