"""Results made by hand: what the report is composed from, without a model."""

from dataclasses import replace
from pathlib import Path

from beatheritage.evaluate.bench import Found
from beatheritage.evaluate.outcome import Habits, Outcome
from beatheritage.evaluate.run import SongResult
from beatheritage.evaluate.subjects import HumanChart, Subject
from beatheritage.osu.beatmap import Beatmap, Circle, General, Metadata, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import Timing

RED = RedLine(time=1000, beat_length=400)
OUTCOME = Outcome(
    song="osu_a",
    kind="osu",
    chart="osu_a/1.osu [Hard]",
    group="std",
    mode="std",
    keys=0,
    timing="found",
    stars_asked=4.0,
    stars=4.25,
    f1=0.5,
    f1_narrow=0.25,
    moved_f1=0.75,
    precision=0.5,
    recall=0.5,
    true_onsets=100,
    objects=90,
    objects_read=90,
    made=Habits(3.0, 0.4, 100.0),
    human=Habits(2.0, 0.3, 120.0),
)


def human_map(mode: Mode = Mode.STD, line: RedLine = RED) -> Beatmap:
    return Beatmap(
        general=General(mode=mode),
        metadata=Metadata(version="Hard"),
        timing_points=(line,),
        objects=tuple(Circle(time=1000 + 400 * beat, x=100, y=100) for beat in range(16)),
    )


def subject(song: str, kind: str = "osu", line: RedLine = RED) -> Subject:
    beatmap = human_map(line=line)
    chart = HumanChart(name=f"{song}/1.osu [Hard]", beatmap=beatmap, stars=1.5, keys=0)
    return Subject(id=song, kind=kind, audio=Path("audio.ogg"), charts=(chart,))


def result(
    song: str, found: RedLine | None = RED, *outcomes: Outcome, kind: str = "osu"
) -> SongResult:
    """A song that people time at 150 BPM from 1000 ms on, and what was found of it."""
    timing = Timing(lines=(found,)) if found else None
    return SongResult(
        subject=subject(song, kind),
        found=Found(timing=timing, duration=120_000, wall_s=2.0, cpu_s=1.0),
        outcomes=tuple(replace(one, song=song) for one in outcomes),
    )
