"""Small maps that tests of the rules write: one tempo, objects given, a level by its name."""

from collections.abc import Iterable

from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    CurveKind,
    Difficulty,
    General,
    HitObject,
    HitSound,
    Hold,
    Metadata,
    Point,
    RedLine,
    Slider,
    Spinner,
    TimingPoint,
)
from beatheritage.osu.mode import Mode, column_x
from beatheritage.review.issue import Finding, Severity
from beatheritage.review.subject import MapSubject

# 200 BPM: the criteria hold strictly, and every snap to 1/12 is a whole millisecond.
BEAT = 300.0
RED = RedLine(time=0, beat_length=BEAT)
LEVELS = {
    Mode.STD: ("Easy", "Normal", "Hard", "Insane", "Expert"),
    Mode.TAIKO: ("Kantan", "Futsuu", "Muzukashii", "Oni", "Inner Oni"),
    Mode.CATCH: ("Cup", "Salad", "Platter", "Rain", "Overdose"),
    Mode.MANIA: ("EZ", "NM", "HD", "MX", "SC"),
}


def chart(
    *objects: HitObject,
    mode: Mode = Mode.STD,
    name: str = "Easy",
    timing: Iterable[TimingPoint] = (RED,),
    stack_leniency: float = 0.7,
    **difficulty: float,
) -> MapSubject:
    """A map; its level is the one that ``name`` says (its own stars are few)."""
    settings = {"circle_size": 4.0, "slider_multiplier": 1.0} | difficulty
    return MapSubject(
        beatmap=Beatmap(
            general=General(mode=mode, stack_leniency=stack_leniency),
            metadata=Metadata(version=name),
            difficulty=Difficulty(**settings),
            timing_points=tuple(timing),
            objects=objects,
        )
    )


def circle(time: float, x: float = 256, y: float = 192, sound: HitSound = HitSound.NONE) -> Circle:
    return Circle(time=time, x=x, y=y, sound=sound)


def line(
    time: float, length: float, x: float = 100, y: float = 192, slides: int = 1, dy: float = 0
) -> Slider:
    """A straight slider to the right, or with ``dy`` 1 downwards; 100 px are a beat."""
    end = Point(x, y + length) if dy else Point(x + length, y)
    return Slider(
        time=time, x=x, y=y, kind=CurveKind.LINEAR, points=(end,), slides=slides, length=length
    )


def spinner(time: float, end: float) -> Spinner:
    return Spinner(time=time, end=end)


def note(time: float, column: int, keys: int = 4, sound: HitSound = HitSound.NONE) -> Circle:
    return Circle(time=time, x=column_x(column, keys), y=192, sound=sound)


def hold(time: float, end: float, column: int, keys: int = 4) -> Hold:
    return Hold(time=time, end=end, x=column_x(column, keys))


def severities(findings: Iterable[Finding]) -> list[Severity]:
    return [finding.severity for finding in findings]
