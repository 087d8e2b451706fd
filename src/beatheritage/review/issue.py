"""What a review finds: one issue, how bad it is, and the link that opens it in osu!'s editor."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum

from beatheritage.osu.beatmap import HitObject
from beatheritage.osu.mode import Mode, column_of


class Severity(IntEnum):
    """How bad an issue is, the worst highest; lazer's *negligible* is a Minor here."""

    MINOR = 1
    WARNING = 2
    PROBLEM = 3


class Scope(Enum):
    """What an issue is about, and so who can mend it.

    MATERIAL is what the user gave: the song, its tags, pictures, samples.
    """

    MAP = "map"
    SET = "set"
    MATERIAL = "material"


class Group(Enum):
    """The chapters in which mappers look for a rule."""

    COMPOSE = "Compose"
    EVENTS = "Events"
    AUDIO = "Audio"
    FILES = "Files"
    METADATA = "Metadata"
    RESOURCES = "Resources"
    HIT_SOUNDS = "Hit sounds"
    SETTINGS = "Settings"
    SPREAD = "Spread"
    TIMING = "Timing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says about one place; ``objects`` are indices into the map's objects.

    ``time`` is None where the finding is about no moment; ``map_index`` names the map of a set, and
    is None where the finding is about all of it.
    """

    severity: Severity
    message: str
    time: float | None = None
    objects: tuple[int, ...] = ()
    map_index: int | None = None


def problem(
    message: str, *objects: int, time: float | None = None, of: int | None = None
) -> Finding:
    """A finding that must be mended; ``of`` is the index of the map in its set."""
    return Finding(
        severity=Severity.PROBLEM, message=message, time=time, objects=objects, map_index=of
    )


def warning(
    message: str, *objects: int, time: float | None = None, of: int | None = None
) -> Finding:
    """A finding that is mostly a fault, and sometimes meant."""
    return Finding(
        severity=Severity.WARNING, message=message, time=time, objects=objects, map_index=of
    )


def minor(message: str, *objects: int, time: float | None = None, of: int | None = None) -> Finding:
    """A finding to know of."""
    return Finding(
        severity=Severity.MINOR, message=message, time=time, objects=objects, map_index=of
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A finding in full: the rule that made it, the difficulty, and a link for the editor.

    ``difficulty`` is empty where it is about a whole set; ``link`` where it is about no moment.
    """

    rule: str
    group: Group
    scope: Scope
    severity: Severity
    message: str
    difficulty: str = ""
    time: float | None = None
    objects: tuple[int, ...] = ()
    link: str = ""


def first_of_each(issues: Iterable[Issue]) -> list[tuple[Issue, str]]:
    """The first issue that each rule has with each difficulty, and how to speak of the others."""
    alike: dict[tuple[str, str], list[Issue]] = {}
    for issue in issues:
        alike.setdefault((issue.rule, issue.difficulty), []).append(issue)
    return [
        (first, f" (and {len(others)} more)" if others else "") for first, *others in alike.values()
    ]


def stamp(time: float) -> str:
    """Milliseconds as the editor shows them: 00:12:345."""
    whole = max(0, round(time))
    return f"{whole // 60_000:02d}:{whole // 1000 % 60:02d}:{whole % 1000:03d}"


def edit_link(time: float, notes: Iterable[str] = ()) -> str:
    """A link that the game's editor opens at a time, with notes selected."""
    chosen = ",".join(notes)
    return f"osu://edit/{stamp(time)}" + (f" ({chosen})" if chosen else "")


def combo_numbers(objects: Iterable[HitObject]) -> list[int]:
    """The number that each object shows in its combo; a spinner shows none and starts a new one."""
    numbers, last = [], 0
    for item in objects:
        last = 1 if item.new_combo else last + 1
        numbers.append(last)
    return numbers


def note_names(objects: tuple[HitObject, ...], mode: Mode, keys: int) -> list[str]:
    """What the editor calls each object: its combo number, in mania its time and column."""
    if mode is Mode.MANIA:
        return [f"{round(item.time)}|{column_of(item.x, keys)}" for item in objects]
    return [str(number) for number in combo_numbers(objects)]
