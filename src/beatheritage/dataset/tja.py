"""The .tja charts of taiko simulators, as osu! taiko.

A course is a stretch between ``#START`` and ``#END``. Its digits divide each bar evenly; commands
stand between them and act from there on. Time runs in seconds of the audio, with bar 1 at
``-OFFSET``. Where a course branches, the master branch is taken.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from beatheritage.dataset.charts import Charts, Skipped
from beatheritage.dataset.lines import Mark, red_lines
from beatheritage.errors import InputError
from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    CurveKind,
    Difficulty,
    General,
    GreenLine,
    HitObject,
    HitSound,
    Metadata,
    Point,
    RedLine,
    Slider,
    Spinner,
)
from beatheritage.osu.mode import Mode
from beatheritage.timing.lead import MAP_LEAD_MS

COURSES = {"0": "Easy", "1": "Normal", "2": "Hard", "3": "Oni", "4": "Edit", "ura": "Edit"}
# Overall difficulty of the ranked level that each course comes nearest to.
OVERALL_DIFFICULTY = {"Easy": 3.0, "Normal": 4.0, "Hard": 5.0, "Oni": 5.5, "Edit": 5.5}
DEFAULT_BPM = 120.0
LONGEST_BAR_BEATS = 1000
BRANCHES = ("#M", "#E", "#N")  # the first that a course has is taken
SOUNDS = {
    "1": HitSound.NONE,
    "2": HitSound.CLAP,
    "3": HitSound.FINISH,
    "4": HitSound.CLAP | HitSound.FINISH,
    "A": HitSound.FINISH,  # big, hit by two players
    "B": HitSound.CLAP | HitSound.FINISH,
}
LONG = frozenset("5679")
CENTRE = Point(256, 192)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One course as written: the header in force, and the lines between its start and end."""

    header: Mapping[str, str]
    player: str
    lines: tuple[str, ...]

    @property
    def name(self) -> str:
        name = self.header.get("COURSE", "Oni").strip().lower()
        return COURSES.get(name, name.capitalize())


class Note(NamedTuple):
    """``end`` is past ``time`` for a roll or a balloon. Times are the audio's."""

    time: float
    end: float
    digit: str


@dataclass(slots=True)
class Walk:
    """Where reading stands in a course, and what has been found so far."""

    time: float
    bpm: float
    beats: float = 4.0
    kiai: bool = False
    marks: list[Mark] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    kiai_changes: list[tuple[float, bool]] = field(default_factory=list)
    roll: tuple[float, str] | None = None


def read_tja(data: bytes) -> Charts:
    """Every single-player course of a file; courses that cannot be used are named.

    Exams of several songs (Dan, Tower) and the second player's part are left out.
    """
    beatmaps, skipped = [], []
    for course in _courses(decode(data)):
        try:
            beatmaps.append(_beatmap(course))
        except (InputError, ValueError, ArithmeticError) as error:
            skipped.append(Skipped(name=course.name, reason=str(error)))
    if not beatmaps and not skipped:
        raise InputError("no course between #START and #END")
    return Charts(beatmaps=tuple(beatmaps), skipped=tuple(skipped))


def decode(data: bytes) -> str:
    """The text, in the encodings that chart editors write; what is left unread becomes U+FFFD."""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", errors="replace")


def _courses(text: str) -> Iterator[Course]:
    header: dict[str, str] = {}
    lines: list[str] | None = None
    player = ""
    for raw in text.splitlines():
        line = raw.split("//")[0].strip()
        if line.startswith("#START"):
            lines, player = [], line.removeprefix("#START").strip().upper()
        elif line.startswith("#END") and lines is not None:
            yield Course(header=dict(header), player=player, lines=tuple(lines))
            lines = None
        elif lines is not None:
            lines.append(line)
        elif ":" in line:
            key, _, value = line.partition(":")
            header[key.strip().upper()] = value.strip()


def _beatmap(course: Course) -> Beatmap:
    if course.name not in OVERALL_DIFFICULTY:
        raise InputError(f"a course of the kind {course.name}, which is not one song's")
    if course.player not in ("", "P1"):
        raise InputError("the second player's part")
    walk = _walk(course)
    lines = red_lines(mark._replace(time=mark.time - MAP_LEAD_MS) for mark in walk.marks)
    greens = (
        GreenLine(time=round(time - MAP_LEAD_MS), kiai=kiai) for time, kiai in walk.kiai_changes
    )
    header = course.header
    return Beatmap(
        general=General(mode=Mode.TAIKO),
        metadata=Metadata(
            title=header.get("TITLE", ""),
            artist=header.get("SUBTITLE", "").lstrip("-+ "),
            creator=header.get("MAKER", ""),
            version=course.name,
        ),
        difficulty=Difficulty(overall_difficulty=OVERALL_DIFFICULTY[course.name]),
        timing_points=tuple(sorted((*lines, *greens), key=lambda point: point.time)),
        objects=tuple(_object(note, lines) for note in sorted(walk.notes)),
    )


def _walk(course: Course) -> Walk:
    """Read a course from its first line to its last."""
    offset_s = float(course.header.get("OFFSET") or 0)
    bpm = float(course.header.get("BPM") or DEFAULT_BPM)
    walk = Walk(time=-1000 * offset_s, bpm=_tempo(bpm))
    for bar in _bars(one_branch(course.lines)):
        _walk_bar(walk, bar)
    return walk


def one_branch(lines: Iterable[str]) -> list[str]:
    """The lines as one path through the course's branches."""
    kept: list[str] = []
    branches: dict[str, list[str]] = {}
    current = kept
    for line in [*lines, "#BRANCHEND"]:
        if line.startswith(("#BRANCHSTART", "#BRANCHEND")):
            kept += next((branches[name] for name in BRANCHES if name in branches), [])
            branches, current = {}, kept
        elif line in BRANCHES:
            current = branches.setdefault(line, [])
        else:
            current.append(line)
    return kept


def _bars(lines: Iterable[str]) -> Iterator[list[str]]:
    """Each bar's commands (whole lines) and digits (single letters), in order."""
    bar: list[str] = []
    for line in lines:
        if line.startswith("#"):
            bar.append(line)
            continue
        for letter in re.sub(r"\s", "", line):
            if letter == ",":
                yield bar
                bar = []
            elif letter.isalnum():
                bar.append(letter.upper())
    if bar:
        yield bar


def _walk_bar(walk: Walk, bar: list[str]) -> None:
    digits = sum(len(item) == 1 for item in bar)
    begun = False
    for item in bar:
        if len(item) > 1:
            _command(walk, item, inside=begun)
            continue
        if not begun:
            _begin_bar(walk)
            begun = True
        _digit(walk, item)
        walk.time += _bar_length(walk) / digits
    if not begun:
        _begin_bar(walk)
        walk.time += _bar_length(walk)


def _bar_length(walk: Walk) -> float:
    return 60_000 / walk.bpm * walk.beats


def _begin_bar(walk: Walk) -> None:
    # Bars shorter than a beat are there for their lines' looks: the beat goes on through them.
    if walk.beats >= 1 or not walk.marks:
        _mark(walk, bar=True)


def _command(walk: Walk, line: str, inside: bool) -> None:
    """Carry out the commands that matter for what is played and when; the rest is looks."""
    name, _, value = line.partition(" ")
    before = (walk.bpm, walk.time)
    match name:
        case "#BPMCHANGE":
            walk.bpm = _tempo(float(value))
        case "#DELAY":
            walk.time += 1000 * float(value)
        case "#MEASURE":
            over, _, under = value.partition("/")
            walk.beats = 4 * float(over) / (float(under) or inf)
            if not 0 < walk.beats <= LONGEST_BAR_BEATS:
                raise InputError(f"a bar of {value}")
        case "#GOGOSTART" | "#GOGOEND":
            walk.kiai = name == "#GOGOSTART"
            walk.kiai_changes.append((walk.time, walk.kiai))
    if (inside or walk.beats < 1) and (walk.bpm, walk.time) != before:
        _mark(walk, bar=False)


def _mark(walk: Walk, bar: bool) -> None:
    # A bar of three and a half beats counts as four, cut short by the next line.
    meter = max(1, -int(-(walk.beats - 1e-6) // 1))
    walk.marks.append(Mark(walk.time, 60_000 / walk.bpm, meter, bar))


def _digit(walk: Walk, digit: str) -> None:
    if walk.roll is not None and (digit == "8" or digit in SOUNDS):
        start, kind = walk.roll
        if walk.time > start:
            walk.notes.append(Note(start, walk.time, kind))
        walk.roll = None
    if digit in SOUNDS:
        walk.notes.append(Note(walk.time, walk.time, digit))
    elif digit in LONG and walk.roll is None:
        walk.roll = (walk.time, digit)


def _object(note: Note, lines: tuple[RedLine, ...]) -> HitObject:
    time, end = round(note.time - MAP_LEAD_MS), round(note.end - MAP_LEAD_MS)
    x, y = CENTRE
    if note.digit in SOUNDS:
        return Circle(time=time, x=x, y=y, sound=SOUNDS[note.digit])
    if note.digit in "79":
        return Spinner(time=time, end=end)
    active = next((line for line in reversed(lines) if line.time <= time + 1), lines[0])
    length = 100 * Difficulty().slider_multiplier * (end - time) / active.beat_length
    return Slider(
        time=time,
        x=x,
        y=y,
        kind=CurveKind.LINEAR,
        points=(Point(x + length, y),),
        slides=1,
        length=length,
        sound=HitSound.FINISH if note.digit == "6" else HitSound.NONE,
    )


def _tempo(bpm: float) -> float:
    if not 1 <= bpm <= 2000:
        raise InputError(f"a tempo of {bpm:g} BPM")
    return bpm
