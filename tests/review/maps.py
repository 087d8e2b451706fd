"""Maps and sets written in a line, for the tests of rules."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    Colour,
    CurveKind,
    Difficulty,
    EdgeSound,
    Events,
    General,
    HitObject,
    HitSound,
    Metadata,
    Point,
    RedLine,
    Slider,
    Spinner,
)
from beatheritage.osu.mode import Mode
from beatheritage.review.files import MemoryFiles
from beatheritage.review.issue import Finding, Severity
from beatheritage.review.subject import MapSubject, SetSubject

BEAT = 500.0  # ms


def circle(time: float, x: float = 256, y: float = 192, **more: Any) -> Circle:
    return Circle(time=time, x=x, y=y, **more)


def slider(time: float, length: float = 140, slides: int = 1, **more: Any) -> Slider:
    """A straight one; 140 px are a beat of ``BEAT``."""
    given: dict[str, Any] = {"x": 100, "y": 100, "points": (Point(100 + length, 100),)}
    kind = {"kind": CurveKind.LINEAR, "length": length, "slides": slides}
    return Slider(time=time, **(given | kind | more))


def spinner(time: float, end: float, **more: Any) -> Spinner:
    return Spinner(time=time, end=end, **more)


def subject(
    *objects: HitObject,
    mode: Mode = Mode.STD,
    lines: tuple = (RedLine(time=0, beat_length=BEAT),),
    **changes: Any,
) -> MapSubject:
    """A map of these objects; ``changes`` go to its sections, or to the map itself."""
    sections: dict[str, Any] = {
        "general": General(mode=mode, preview_time=1000),
        "metadata": Metadata(version="Hard"),
        "difficulty": Difficulty(),
        "events": Events(),
    }
    for name, section in sections.items():
        own = {key: changes.pop(key) for key in list(changes) if hasattr(section, key)}
        sections[name] = replace(section, **own)
    return MapSubject(beatmap=Beatmap(objects=objects, timing_points=lines, **sections, **changes))


def mapset(*maps: MapSubject, files: dict[str, bytes] | None = None) -> SetSubject:
    return SetSubject(maps=maps, files=None if files is None else MemoryFiles(content=files))


def severities(judge: Callable[[Any], Iterator[Finding]], judged: Any) -> str:
    """The severities that a rule finds, in order, as letters: P, W, M."""
    return letters(judge(judged))


def letters(findings: Iterable[Finding]) -> str:
    return "".join(Severity(finding.severity).name[0] for finding in findings)


def clean_map() -> MapSubject:
    """A map that no absolute rule has anything against."""
    clap = {"sound": HitSound.CLAP}
    circles = [
        circle(index * BEAT, 100 + 40 * (index % 8), 200, new_combo=index % 8 == 0, **clap)
        for index in range(100)
    ]
    edges = (EdgeSound(HitSound.CLAP), EdgeSound(HitSound.CLAP))
    return subject(
        *circles,
        slider(50_500, new_combo=True, edges=edges, **clap),
        spinner(52_000, 55_000, new_combo=True, **clap),
        combo_colours=(Colour(200, 100, 100), Colour(100, 200, 100)),
        tags=("rock", "english"),
        artist="A",
        title="B",
        creator="C",
    )
