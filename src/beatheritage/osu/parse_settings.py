"""The sections of keys and values, and [Events], as osu!lazer's decoder reads them."""

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

from beatheritage.osu.beatmap import Break, Difficulty, Editor, Events, General, Metadata
from beatheritage.osu.limits import VOLUME, difficulty_ranges
from beatheritage.osu.mode import Mode
from beatheritage.osu.numbers import number, whole

Pairs = Iterable[tuple[int, str, str]]

SAMPLE_SETS = ("None", "Normal", "Soft", "Drum")
COUNTDOWNS = ("None", "Normal", "HalfSpeed", "DoubleSpeed")
VIDEO_SUFFIXES = frozenset([".mp4", ".mov", ".avi", ".flv", ".mpg", ".wmv", ".m4v"])

_DEFAULT_SAMPLE_VOLUME = 100
_EVENT_TYPES = ("Background", "Video", "Break", "Colour", "Sprite", "Sample", "Animation")


def standard_path(text: str) -> str:
    """A file name inside the set: no quotes around it, forward slashes."""
    return text.strip().strip('"').replace("\\\\", "\\").replace("\\", "/")


def _flag(text: str) -> bool:
    return whole(text) == 1


def _sample_set(text: str) -> str:
    if text.isdigit() and int(text) < len(SAMPLE_SETS):
        return SAMPLE_SETS[int(text)]
    if text not in SAMPLE_SETS:
        raise ValueError(f"{text!r} is none of {', '.join(SAMPLE_SETS)}")
    return text


def _countdown(text: str) -> int:
    return COUNTDOWNS.index(text) if text in COUNTDOWNS else whole(text)


def _bookmarks(text: str) -> tuple[int, ...]:
    return tuple(whole(part) for part in text.split(",") if part.strip())


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


Field = tuple[str, Callable[[str], Any]]

_GENERAL: dict[str, Field] = {
    "AudioFilename": ("audio_filename", standard_path),
    "AudioLeadIn": ("audio_lead_in", whole),
    "PreviewTime": ("preview_time", whole),
    "Countdown": ("countdown", _countdown),
    "SampleSet": ("sample_set", _sample_set),
    "StackLeniency": ("stack_leniency", number),
    "Mode": ("mode", lambda text: Mode(whole(text))),
    "LetterboxInBreaks": ("letterbox_in_breaks", _flag),
    "SpecialStyle": ("special_style", _flag),
    "WidescreenStoryboard": ("widescreen_storyboard", _flag),
    "SampleVolume": ("sample_volume", lambda text: int(VOLUME.clamp(whole(text)))),
}
_EDITOR: dict[str, Field] = {
    "Bookmarks": ("bookmarks", _bookmarks),
    "DistanceSpacing": ("distance_spacing", number),
    "BeatDivisor": ("beat_divisor", whole),
    "GridSize": ("grid_size", whole),
    "TimelineZoom": ("timeline_zoom", number),
}
_METADATA: dict[str, Field] = {
    "Title": ("title", str),
    "TitleUnicode": ("title_unicode", str),
    "Artist": ("artist", str),
    "ArtistUnicode": ("artist_unicode", str),
    "Creator": ("creator", str),
    "Version": ("version", str),
    "Source": ("source", str),
    "Tags": ("tags", _words),
    "BeatmapID": ("beatmap_id", whole),
    "BeatmapSetID": ("set_id", whole),
}
_DIFFICULTY: dict[str, Field] = {
    "HPDrainRate": ("hp_drain", number),
    "CircleSize": ("circle_size", number),
    "OverallDifficulty": ("overall_difficulty", number),
    "ApproachRate": ("approach_rate", number),
    "SliderMultiplier": ("slider_multiplier", number),
    "SliderTickRate": ("slider_tick_rate", number),
}


def read_general(pairs: Pairs, offset: float, warnings: list[str]) -> tuple[General, int]:
    """[General], and the sample volume that timing points without one have."""
    values = _read_fields(pairs, _GENERAL, warnings)
    volume = values.pop("sample_volume", _DEFAULT_SAMPLE_VOLUME)
    if values.get("preview_time", -1) != -1:
        values["preview_time"] += int(offset)
    return General(**values), volume


def read_editor(pairs: Pairs, warnings: list[str]) -> Editor:
    return Editor(**_read_fields(pairs, _EDITOR, warnings))


def read_metadata(pairs: Pairs, warnings: list[str]) -> Metadata:
    return Metadata(**_read_fields(pairs, _METADATA, warnings))


def read_difficulty(pairs: Pairs, mode: Mode, warnings: list[str]) -> Difficulty:
    """[Difficulty], within the ranges of osu!lazer's ``applyDifficultyRestrictions``."""
    values = _read_fields(pairs, _DIFFICULTY, warnings)
    # Files from before approach rates were set apart have none: it follows the overall difficulty.
    values.setdefault("approach_rate", values.get("overall_difficulty", 5.0))
    for name, allowed in difficulty_ranges(mode).items():
        if name in values:
            values[name] = float(allowed.clamp(values[name]))
    return Difficulty(**values)


def _read_fields(pairs: Pairs, fields: dict[str, Field], warnings: list[str]) -> dict[str, Any]:
    """Keyword arguments of a section's dataclass; keys it has no field for go to ``other``."""
    values: dict[str, Any] = {}
    other: dict[str, str] = {}
    for index, key, text in pairs:
        if key not in fields:
            other[key] = text
            continue
        name, read_value = fields[key]
        try:
            values[name] = read_value(text)
        except ValueError as error:
            warnings.append(f"line {index}: {key} keeps its default: {error}")
    if other:
        values["other"] = tuple(other.items())
    return values


class EventReader:
    """Gathers [Events] line by line."""

    def __init__(self, offset: float, variables: dict[str, str]) -> None:
        self._offset, self._variables = offset, variables
        self._background = self._video = ""
        self._video_offset = 0
        self._breaks: list[Break] = []
        self._storyboard: list[str] = []

    def read(self, line: str) -> None:
        """Take in one line; ValueError for an event that does not exist or is broken."""
        for name, value in self._variables.items():
            line = line.replace(name, value)
        if line[0] in " _":
            self._storyboard.append(line)
            return
        fields = line.split(",")
        match _event_type(fields[0].strip()):
            case "Background":
                self._background = _quoted(line)
            case "Video":
                self._read_video(fields, _quoted(line))
            case "Break":
                self._read_break(fields)
            case _:
                self._storyboard.append(line)

    def result(self) -> Events:
        return Events(
            background=self._background,
            video=self._video,
            video_offset=self._video_offset,
            breaks=tuple(self._breaks),
            storyboard=tuple(self._storyboard),
        )

    def _read_video(self, fields: list[str], filename: str) -> None:
        # Very old maps call their background a video.
        if PurePosixPath(filename).suffix.lower() not in VIDEO_SUFFIXES:
            self._background = filename
            return
        self._video_offset = int(number(fields[1]))
        self._video = filename

    def _read_break(self, fields: list[str]) -> None:
        if len(fields) < 3:
            raise ValueError("a break has a start and an end")
        start, end = number(fields[1]) + self._offset, number(fields[2]) + self._offset
        self._breaks.append(Break(start, max(start, end)))


def _event_type(text: str) -> str:
    if text.isdigit() and int(text) < len(_EVENT_TYPES):
        return _EVENT_TYPES[int(text)]
    if text not in _EVENT_TYPES:
        raise ValueError(f"{text!r} is no event")
    return text


def _quoted(line: str) -> str:
    """The file name of a background or video: in quotes, or the third field."""
    match = re.search('"([^"]*)"', line)
    fields = line.split(",")
    if match:
        return standard_path(match[1])
    if len(fields) < 3:
        raise ValueError("the file name is missing")
    return standard_path(fields[2])
