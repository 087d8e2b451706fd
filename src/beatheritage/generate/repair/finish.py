"""The end of generation: a map gets its form and its quality, is checked, repaired, checked."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from beatheritage.generate.polish import polish, usual_steps
from beatheritage.generate.quality.improve import improved
from beatheritage.generate.quality.options import Quality
from beatheritage.generate.quality.style import kept_style
from beatheritage.generate.repair.edits import subject_of
from beatheritage.generate.repair.table import REPAIRS
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.level import Level
from beatheritage.review.issue import Issue, Scope, Severity, first_of_each, stamp
from beatheritage.review.registry import RULES
from beatheritage.review.review import review_map
from beatheritage.review.rule import MapRule
from beatheritage.tokens.prompt import Style

# What a map alone can be asked; sets and what the user gave are others' business.
MAP_RULES = tuple(rule for rule in RULES if isinstance(rule, MapRule) and rule.scope is Scope.MAP)
LEAST = Severity.WARNING
# So many rounds may go by without fewer faults: mending one may move another along.
PATIENCE = 3
# So often a repair may undo some of the quality that was asked for, and that be seen to again.
AGAIN = 3
AS_ASKED, ANY_STYLE = Quality(), Style()
# What ``auto_correct`` sees to where it is no Problem: screens, and sliders that cannot be read.
UNCORRECTED = ("Offscreen", "Ambiguity", "Burai", "CoveredBodies", "ObscuredReverse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One repair that changed something: the rule, and the map before and after."""

    rule: str
    before: Beatmap
    after: Beatmap


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A map, and what rules still find in it: Problems and Warnings of scope map."""

    beatmap: Beatmap
    left: tuple[Issue, ...] = ()
    applied: tuple[Applied, ...] = ()

    @property
    def problems(self) -> tuple[Issue, ...]:
        return tuple(issue for issue in self.left if issue.severity is Severity.PROBLEM)

    @property
    def badness(self) -> tuple[int, int]:
        """Problems, and then Warnings."""
        return len(self.problems), len(self.left) - len(self.problems)


def finish(
    beatmap: Beatmap,
    level: Level,
    duration: float,
    quality: Quality = AS_ASKED,
    style: Style = ANY_STYLE,
) -> Finished:
    """The map as it can be played, for a level and a song of so many ms."""
    formed = kept_style(polish(beatmap, usual_steps(level, duration)), style)
    spared = UNCORRECTED if quality.auto_correct is False else ()
    finished = repair(improved(formed, quality), spared)
    return _improved_again(finished, quality, spared) if finished.applied else finished


def _improved_again(finished: Finished, quality: Quality, spared: Collection[str]) -> Finished:
    """What repairs moved brought back to what was asked, unless that brings faults back. Flow has
    no number to be brought back to."""
    for _ in range(AGAIN):
        better = improved(finished.beatmap, replace(quality, flow=False))
        if better == finished.beatmap:
            break
        again = repair(better, spared)
        if again.badness > finished.badness:
            break
        finished = replace(again, applied=(*finished.applied, *again.applied))
    return finished


def repair(beatmap: Beatmap, spared: Collection[str] = ()) -> Finished:
    """Check and repair in turn until nothing is found, or nothing changes, or it gets no better.

    What has no faults comes out as it was. Warnings of ``spared`` rules are not repaired.
    """
    best = now = Finished(beatmap=beatmap, left=faults(beatmap))
    since = 0
    while now.left and since < PATIENCE:
        applied = (*now.applied, *_round(now, spared))
        if len(applied) == len(now.applied):
            break
        mended = applied[-1].after
        now = Finished(beatmap=mended, left=faults(mended), applied=applied)
        since += 1
        if now.badness < best.badness:
            best, since = now, 0
    return best


def faults(beatmap: Beatmap) -> tuple[Issue, ...]:
    """What the rules find that matters."""
    found = review_map(subject_of(beatmap), rules=MAP_RULES)
    return tuple(issue for issue in found if issue.severity >= LEAST)


def _round(now: Finished, spared: Collection[str]) -> Iterator[Applied]:
    """Each repair whose rule found something, once."""
    rules = {
        issue.rule
        for issue in now.left
        if issue.severity is Severity.PROBLEM or issue.rule not in spared
    }
    beatmap = now.beatmap
    for rule, mend in REPAIRS.items():
        if rule not in rules:
            continue
        mended = mend(beatmap)
        if mended != beatmap:
            yield Applied(rule=rule, before=beatmap, after=mended)
            beatmap = mended


def told(beatmap: Beatmap, before: Beatmap | None = None) -> tuple[str, ...]:
    """A line for every rule that finds Problems in a map, and others than in the map ``before``."""
    known = {_place(issue) for issue in faults(before)} if before else set()
    problems = [issue for issue in faults(beatmap) if issue.severity is Severity.PROBLEM]
    return tuple(
        f"{issue.rule}{f' at {stamp(issue.time)}' if issue.time is not None else ''}: "
        f"{issue.message}{others} (could not be repaired)"
        for issue, others in first_of_each(
            issue for issue in problems if _place(issue) not in known
        )
    )


def _place(issue: Issue) -> tuple[str, float | None, str]:
    return issue.rule, issue.time, issue.message
