"""Whether the difficulties of a set make a spread."""

from collections.abc import Iterator
from itertools import pairwise

from beatheritage.osu.level import Level
from beatheritage.osu.mode import MODES, Mode
from beatheritage.review.issue import Finding, Group, Scope, Severity, problem
from beatheritage.review.levels import level_of_map
from beatheritage.review.rule import CRITERIA, VERIFIER, Rule, SetRule, lazer
from beatheritage.review.subject import MapSubject, SetSubject

# Under how much drain the lowest difficulty may be no harder than Normal, Hard and Insane, by
# source, minutes:seconds. The sources disagree; of each number the highest is the strictest.
LEVELS = (Level.NORMAL, Level.HARD, Level.INSANE)
DRAIN_TABLES: dict[Mode, dict[str, tuple[str, str, str]]] = {
    Mode.STD: {
        "ranking criteria": ("2:30", "3:15", "4:00"),
        "Mapset Verifier": ("3:30", "4:15", "5:00"),
        "osu!lazer": ("3:30", "4:15", "5:00"),
    },
    Mode.TAIKO: {
        "ranking criteria": ("3:30", "4:15", "5:00"),
        "Mapset Verifier": ("2:30", "3:15", "4:00"),
        "osu!lazer": ("2:30", "3:15", "4:00"),
    },
    Mode.CATCH: {
        "ranking criteria": ("2:30", "3:15", "4:00"),
        "Mapset Verifier": ("2:30", "3:15", "4:00"),
        "osu!lazer": ("2:30", "3:15", "4:00"),
    },
    Mode.MANIA: {
        "ranking criteria": ("2:30", "3:15", "4:00"),
        "Mapset Verifier": ("2:00", "2:45", "3:30"),
        "osu!lazer": ("2:30", "2:45", "3:30"),
    },
}
COUNTED_BREAKS = 30_000.0  # ms of the hardest map's breaks that count as drain


def _ms(text: str) -> float:
    minutes, seconds = text.split(":")
    return (int(minutes) * 60 + int(seconds)) * 1000.0


def strictest_drains(mode: Mode) -> tuple[float, ...]:
    """The drain, ms, under which each of ``LEVELS`` must be there."""
    tables = DRAIN_TABLES[mode].values()
    return tuple(max(map(_ms, column)) for column in zip(*tables, strict=True))


def _by_mode(subject: SetSubject) -> Iterator[list[MapSubject]]:
    """The maps that have objects, mode by mode, the easiest first."""
    for mode in Mode:
        maps = [one for one in subject.maps if one.mode is mode and one.objects]
        if maps:
            yield sorted(maps, key=lambda one: one.stars or 0.0)


def lowest_difficulty(subject: SetSubject) -> Iterator[Finding]:
    """A lowest difficulty that is too hard for a song of this length."""
    for maps in _by_mode(subject):
        lowest, hardest = maps[0], maps[-1]
        drain = hardest.drain + min(hardest.break_time, COUNTED_BREAKS)
        for level, needed in zip(LEVELS, strictest_drains(lowest.mode), strict=True):
            if drain < needed:
                if level_of_map(lowest) > level:
                    yield problem(_too_hard(lowest, level, needed), of=subject.maps.index(lowest))
                break


def _too_hard(lowest: MapSubject, level: Level, needed: float) -> str:
    name, wanted = (_name(one) for one in (level_of_map(lowest), level))
    length = f"{needed // 60_000:.0f}:{needed // 1000 % 60:02.0f}"
    mode = MODES[lowest.mode].name
    return f"the lowest difficulty of {mode} is {name}; under {length} it must be {wanted} or below"


def _name(level: Level) -> str:
    return level.name.replace("_PLUS", "+").capitalize()


def spread(subject: SetSubject) -> Iterator[Finding]:
    """A step between two difficulties that leaves a level out."""
    for maps in _by_mode(subject):
        for easier, harder in pairwise(maps):
            below = level_of_map(easier)
            if level_of_map(harder) - below > 1:
                missing = _name(Level(below + 1))
                message = f"there is no {missing} between {easier.label!r} and {harder.label!r}"
                yield problem(message, of=subject.maps.index(harder))


RULES: tuple[Rule, ...] = (
    SetRule(
        name="LowestDiff",
        group=Group.SPREAD,
        judge=lowest_difficulty,
        scope=Scope.SET,
        completeness=True,
        severities=(Severity.PROBLEM,),
        thresholds=("DRAIN_TABLES", "COUNTED_BREAKS"),
        sources=(VERIFIER, lazer("OsuLowestDiffDrainTime and its like"), CRITERIA),
    ),
    SetRule(
        name="Spread",
        group=Group.SPREAD,
        judge=spread,
        scope=Scope.SET,
        completeness=True,
        severities=(Severity.PROBLEM,),
        sources=(CRITERIA,),
    ),
)
