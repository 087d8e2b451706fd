"""Text of a .osu file to a Beatmap: the tolerant reader.

What osu! skips is skipped here, and told as a warning that names the line. Follows osu!lazer's
``LegacyBeatmapDecoder`` in defaults, limits and fallbacks, for format versions 3 to 14 and 128.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from beatheritage.errors import InputError
from beatheritage.osu.beatmap import Beatmap, Colour, GreenLine, HitObject, TimingPoint
from beatheritage.osu.numbers import whole
from beatheritage.osu.parse_objects import read_object
from beatheritage.osu.parse_settings import (
    SAMPLE_SETS,
    EventReader,
    read_difficulty,
    read_editor,
    read_general,
    read_metadata,
)
from beatheritage.osu.parse_timing import TimingDefaults, read_timing_points

LATEST_VERSION = 14
LAZER_VERSION = 128  # the first to keep fractions of pixels

# Versions 3 and 4 stand early by this much (osu!stable has it so).
_EARLY_OFFSET = 24
_EARLY_VERSIONS_END = 5

_HEADER = re.compile(r"osu file format v\s*(-?\d+)")
_PAIR_SECTIONS = ("General", "Editor", "Metadata", "Difficulty", "Colours")
_LINE_SECTIONS = ("Variables", "Events", "TimingPoints", "HitObjects")
_SECTIONS = frozenset((*_PAIR_SECTIONS, *_LINE_SECTIONS))


class Parsed(NamedTuple):
    """A beatmap, and what was skipped or mended on the way to it; each warning names its line."""

    beatmap: Beatmap
    warnings: tuple[str, ...]


class Line(NamedTuple):
    number: int
    text: str


def read(path: Path | str) -> Parsed:
    """Parse a file; InputError where there is none, or where it is no .osu file."""
    return parse(read_bytes(path))


def read_bytes(path: Path | str) -> bytes:
    """What a .osu file holds; InputError where there is none, or where it is no such file."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError("cannot be read", where=str(path), mend=error.strerror or "") from error
    if not is_osu(data):
        raise InputError(
            "is no .osu file: it has neither the header nor a section", where=str(path)
        )
    return data


def parse(data: bytes | str) -> Parsed:
    """Parse what a .osu file holds. Raises nothing: of rubbish, an empty beatmap comes."""
    lines = _lines(data)
    warnings: list[str] = []
    version = _format_version(lines)
    if version is None:
        warnings.append(f"line 1: no format version, read as version {LATEST_VERSION}")
        version = LATEST_VERSION
    sections = _split_sections(lines, warnings)
    beatmap = _read_sections(version, sections, warnings)
    return Parsed(beatmap, tuple(sorted(warnings, key=_line_number)))


def raw_sections(data: bytes | str) -> dict[str, tuple[str, ...]]:
    """The lines of each section as they stand, without comments; of rubbish, nothing."""
    sections = _split_sections(_lines(data), [])
    return {name: tuple(line.text for line in lines) for name, lines in sections.items()}


def early_offset(version: int) -> int:
    """What is added to every time of a file of this format version, ms."""
    return _EARLY_OFFSET if version < _EARLY_VERSIONS_END else 0


def is_osu(data: bytes | str) -> bool:
    """Whether there is anything of a .osu file in this: its header, or one of its sections."""
    lines = _lines(data)
    headings = {f"[{name}]" for name in _SECTIONS}
    return _format_version(lines) is not None or any(line.rstrip() in headings for line in lines)


def decode(data: bytes) -> str:
    """Bytes to text: UTF-8 or UTF-16 by their marks, plain UTF-8, else Shift-JIS or Latin-1."""
    if data.startswith(codecs.BOM_UTF8):
        return data[3:].decode("utf-8", "replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        return data.decode("latin-1")
    # Accented Latin letters often decode as kanji; kana do not come about by accident.
    return text if re.search("[\u3040-\u30ff]", text) else data.decode("latin-1")


def _lines(data: bytes | str) -> list[str]:
    text = data.removeprefix("\ufeff") if isinstance(data, str) else decode(data)
    # Only these end a line for osu!; str.splitlines knows more.
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _format_version(lines: list[str]) -> int | None:
    first = next((line for line in lines if line.strip()), "")
    match = _HEADER.search(first)
    return int(match[1]) if match else None


def _split_sections(lines: list[str], warnings: list[str]) -> dict[str, list[Line]]:
    """The lines that say something, by section; comments are cut as osu! cuts them."""
    sections: dict[str, list[Line]] = {}
    current: list[Line] | None = None
    keeps_comments = keeps_indent = False
    for index, text in enumerate(lines, start=1):
        if not text or text.isspace() or text.startswith("//"):
            continue
        bare = text.rstrip()
        if bare[0] == "[" and bare[-1] == "]":
            name = bare[1:-1]
            keeps_comments, keeps_indent = name == "Metadata", name == "Events"
            current = sections.setdefault(name, []) if name in _SECTIONS else None
            if current is None:
                warnings.append(f"line {index}: section [{name}] is unknown and was left out")
            continue
        if current is None or (text[0] in " _" and not keeps_indent):
            continue
        if not keeps_comments and (comment := text.find("//")) > 0:
            bare = text[:comment].rstrip()
        current.append(Line(index, bare))
    return sections


def _read_sections(version: int, sections: dict[str, list[Line]], warnings: list[str]) -> Beatmap:
    offset = early_offset(version)
    general, sample_volume = read_general(_pairs(sections, "General", warnings), offset, warnings)
    defaults = TimingDefaults(
        offset=offset,
        mode=general.mode,
        sample_set=SAMPLE_SETS.index(general.sample_set),
        volume=sample_volume,
    )
    events = EventReader(offset, dict(_variables(sections.get("Variables", ()))))
    for line in sections.get("Events", ()):
        _try(events.read, line, "event", warnings)
    colours, other_colours = _read_colours(_pairs(sections, "Colours", warnings), warnings)
    return Beatmap(
        format_version=version,
        general=general,
        editor=read_editor(_pairs(sections, "Editor", warnings), warnings),
        metadata=read_metadata(_pairs(sections, "Metadata", warnings), warnings),
        difficulty=read_difficulty(
            _pairs(sections, "Difficulty", warnings), general.mode, warnings
        ),
        events=events.result(),
        timing_points=_read_timing(sections.get("TimingPoints", []), defaults, warnings),
        combo_colours=colours,
        other_colours=other_colours,
        objects=_read_objects(sections.get("HitObjects", []), version, offset, warnings),
    )


def _read_objects(
    lines: list[Line], version: int, offset: float, warnings: list[str]
) -> tuple[HitObject, ...]:
    fractions = version >= LAZER_VERSION
    objects = []
    for index, text in lines:
        try:
            objects.append(read_object(text, offset, fractions))
        except ValueError as error:
            warnings.append(f"line {index}: hit object left out: {error}")
    objects.sort(key=lambda item: item.time)
    return tuple(objects)


def _read_timing(
    lines: list[Line], defaults: TimingDefaults, warnings: list[str]
) -> tuple[TimingPoint, ...]:
    points: list[TimingPoint] = []
    for line in lines:
        read_points = _try(
            lambda text: read_timing_points(text, defaults), line, "timing point", warnings
        )
        points.extend(read_points or ())
    # Of a red and a green line at one time, osu! lets the green one hold, in whatever order.
    points.sort(key=lambda point: (point.time, isinstance(point, GreenLine)))
    return tuple(points)


def _read_colours(
    pairs: Iterator[tuple[int, str, str]], warnings: list[str]
) -> tuple[tuple[Colour, ...], tuple[tuple[str, str], ...]]:
    combo: list[Colour] = []
    other: dict[str, str] = {}
    for index, key, value in pairs:
        if not key.startswith("Combo"):
            other[key] = value
            continue
        try:
            red, green, blue = (whole(part) for part in value.split(",")[:3])
            if not all(0 <= part <= 255 for part in (red, green, blue)):
                raise ValueError("a colour goes from 0 to 255")
            combo.append(Colour(red, green, blue))
        except ValueError as error:
            warnings.append(f"line {index}: colour left out: {error}")
    return tuple(combo), tuple(other.items())


def _pairs(
    sections: dict[str, list[Line]], name: str, warnings: list[str]
) -> Iterator[tuple[int, str, str]]:
    for index, text in sections.get(name, ()):
        key, colon, value = text.partition(":")
        if colon:
            yield index, key.strip(), value.strip()
        else:
            warnings.append(f"line {index}: [{name}] has `key: value` lines, this one was left out")


def _variables(lines) -> Iterator[tuple[str, str]]:
    for line in lines:
        key, _, value = line.text.partition("=")
        if key.startswith("$"):
            yield key, value


def _try(read_line, line: Line, what: str, warnings: list[str]):
    try:
        return read_line(line.text)
    except ValueError as error:
        warnings.append(f"line {line.number}: {what} left out: {error}")
        return None


def _line_number(warning: str) -> int:
    return int(warning.removeprefix("line ").partition(":")[0])
