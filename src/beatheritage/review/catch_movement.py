"""Rules about what the catcher has to do: dashes and hyperdashes, by level.

``basic`` and ``higher`` are the criteria's words for a gap that is usual at a level and for one
that is half as long; see their snapping table.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from beatheritage.osu.level import Level
from beatheritage.review.catcher import Move, Part, Step, fruits, missed, ways
from beatheritage.review.issue import Finding, Group, Severity, minor, problem, warning
from beatheritage.review.levels import level_of_map
from beatheritage.review.rule import CATCH, CRITERIA, VERIFIER, MapRule, Rule
from beatheritage.review.subject import MapSubject

# The shortest gaps, ms, of a dash (Salad, Platter, Rain) and a hyperdash: higher, then basic.
# The criteria's whole milliseconds: a quarter at 240 BPM is 62.5 ms.
DASH_GAPS = {Level.NORMAL: (125.0, 250.0), Level.HARD: (62.0, 125.0), Level.INSANE: (62.0, 125.0)}
HYPER_GAPS = {Level.HARD: (125.0, 250.0), Level.INSANE: (62.0, 125.0)}

# How many basic ones may follow each other.
MOST_DASHES = {Level.NORMAL: 2, Level.HARD: 4}
MOST_HYPERS = {Level.HARD: 2, Level.INSANE: 4}
MOST_HYPERS_IN_SLIDER = 2
MOST_HIGHER_HYPERS = 1
MOST_HIGHER_DASHES = 2  # Platter, in one direction

# A dash that so few px more would make a hyperdash is an edge dash.
EDGE_PX = 5.0

# Gaps this much apart are of different snaps, ms and share.
OTHER_SNAP, OTHER_SNAP_SHARE = 4.0, 0.1

BORDER_LEFT, BORDER_RIGHT = 16.0, 496.0


class Kind(NamedTuple):
    """Whether a step is a dash or a hyperdash of a level, and if so a higher-snapped one."""

    move: Move
    is_higher: bool


def kind_of(step: Step, level: Level) -> Kind:
    gaps = {Move.DASH: DASH_GAPS, Move.HYPER: HYPER_GAPS}.get(step.move, {}).get(level)
    return Kind(step.move, gaps is not None and round(step.gap) < gaps[1])


def _runs(steps: tuple[Step, ...], wanted: Callable[[Step], bool]) -> Iterator[list[Step]]:
    """Stretches of steps that are all wanted."""
    run: list[Step] = []
    for step in steps:
        if wanted(step):
            run.append(step)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _pair(step: Step) -> tuple[int, ...]:
    """The objects of a step, each once."""
    return tuple(dict.fromkeys((step.start.index, step.end.index)))


def uncatchable(subject: MapSubject) -> Iterator[Finding]:
    """A fruit or drop that nobody can catch who caught all before it."""
    for step in missed(ways(subject), subject.beatmap.difficulty.circle_size):
        text = f"nobody gets from x {step.start.x:.0f} to {step.end.x:.0f} in {step.gap:.0f} ms"
        yield problem(text, *_pair(step), time=step.end.time)


def has_dash(subject: MapSubject) -> Iterator[Finding]:
    """Cup: a dash of any kind."""
    if level_of_map(subject) != Level.EASY:
        return
    for step in ways(subject):
        if step.move is Move.DASH:
            text = f"a dash: {-step.to_dash:.0f} px further than one walks"
            yield problem(text, *_pair(step), time=step.start.time)


def has_hyperdash(subject: MapSubject) -> Iterator[Finding]:
    """Cup, Salad: a hyperdash. Platter: one that a drop or a repeat starts or ends."""
    level = level_of_map(subject)
    for step in ways(subject):
        if step.move is not Move.HYPER:
            continue
        if level <= Level.NORMAL:
            yield problem("a hyperdash", *_pair(step), time=step.start.time)
        elif level == Level.HARD and _on_slider(step):
            text = "a hyperdash on a drop or a repeat"
            yield problem(text, *_pair(step), time=step.start.time)


def _on_slider(step: Step) -> bool:
    return any(one.part in (Part.DROP, Part.REPEAT) for one in (step.start, step.end))


def dash_snap(subject: MapSubject) -> Iterator[Finding]:
    """A dash over less than 125 ms (Salad) or 62 ms (Platter, Rain)."""
    level = level_of_map(subject)
    yield from _too_quick(subject, Move.DASH, DASH_GAPS.get(level))


def hyperdash_snap(subject: MapSubject) -> Iterator[Finding]:
    """A hyperdash over less than 125 ms (Platter) or 62 ms (Rain)."""
    level = level_of_map(subject)
    yield from _too_quick(subject, Move.HYPER, HYPER_GAPS.get(level))


def _too_quick(
    subject: MapSubject, move: Move, gaps: tuple[float, float] | None
) -> Iterator[Finding]:
    if gaps is None:
        return
    for step in ways(subject):
        if step.move is move and round(step.gap) < gaps[0]:
            text = f"a {move.name.lower()} within {step.gap:.0f} ms, at least {gaps[0]:.0f}"
            yield problem(text, *_pair(step), time=step.start.time)


def edge_dash(subject: MapSubject) -> Iterator[Finding]:
    """A dash up to 5 px short of a hyperdash: a Problem in Cup, Salad and Platter.

    In a Rain a Warning next to another dash or hyperdash, in an Overdose a Minor after a hyperdash.
    """
    level = level_of_map(subject)
    steps = ways(subject)
    for index, step in enumerate(steps):
        if step.move is not Move.DASH or step.to_hyper > EDGE_PX:
            continue
        text = f"an edge dash, {step.to_hyper:.1f} px short of a hyperdash"
        around = [one.move for one in steps[max(0, index - 1) : index + 2]]
        after_hyper = index > 0 and steps[index - 1].move is Move.HYPER
        if level <= Level.HARD:
            yield problem(text, *_pair(step), time=step.start.time)
        elif level == Level.INSANE and sum(move > Move.WALK for move in around) > 1:
            yield warning(text, *_pair(step), time=step.start.time)
        elif level > Level.INSANE and after_hyper:
            yield minor(text, *_pair(step), time=step.start.time)


def consecutive_hyperdash(subject: MapSubject) -> Iterator[Finding]:
    """More hyperdashes in a row than two (Platter) or four (Rain, in a slider two).

    Of higher-snapped ones not more than one; a Platter's stands beside no dash either.
    """
    level = level_of_map(subject)
    if level not in MOST_HYPERS:
        return
    for run in _runs(ways(subject), lambda step: step.move is Move.HYPER):
        higher = any(kind_of(step, level).is_higher for step in run)
        most = MOST_HIGHER_HYPERS if higher else MOST_HYPERS[level]
        within = max((len(part) for part in _runs(tuple(run), _is_within)), default=0)
        if len(run) > most:
            text = f"{len(run)} hyperdashes in a row, at most {most}"
            yield problem(text, *_pair(run[0]), time=run[0].start.time)
        elif level == Level.INSANE and within > (0 if higher else MOST_HYPERS_IN_SLIDER):
            text = f"{within} hyperdashes within a slider"
            yield problem(text, *_pair(run[0]), time=run[0].start.time)
    if level == Level.HARD:
        yield from _accompanied(ways(subject), level)


def _is_within(step: Step) -> bool:
    return step.within_slider


def _accompanied(steps: tuple[Step, ...], level: Level) -> Iterator[Finding]:
    """Higher-snapped hyperdashes next to a dash."""
    for before, step in pairwise(steps):
        kinds = (kind_of(before, level), kind_of(step, level))
        moves = {kind.move for kind in kinds}
        if moves == {Move.DASH, Move.HYPER} and Kind(Move.HYPER, True) in kinds:
            text = "a higher-snapped hyperdash beside a dash"
            yield problem(text, *_pair(step), time=step.start.time)


def consecutive_dash(subject: MapSubject) -> Iterator[Finding]:
    """More basic dashes in a row than two (Salad) or four (Platter).

    Higher-snapped ones: none beside another in a Salad, two in one direction in a Platter.
    """
    level = level_of_map(subject)
    if level not in MOST_DASHES:
        return
    basic, higher = Kind(Move.DASH, False), Kind(Move.DASH, True)
    for run in _runs(ways(subject), lambda step: kind_of(step, level) == basic):
        if len(run) > MOST_DASHES[level]:
            text = f"{len(run)} dashes in a row, at most {MOST_DASHES[level]}"
            yield problem(text, *_pair(run[0]), time=run[0].start.time)
    if level == Level.NORMAL:
        for before, step in pairwise(ways(subject)):
            if kind_of(before, level) == higher and step.move is not Move.WALK:
                text = "a higher-snapped dash that no walk follows"
                yield problem(text, *_pair(before), time=before.start.time)
        return
    for run in _runs(ways(subject), lambda step: kind_of(step, level) == higher):
        turns = len({step.direction for step in run}) > 1
        if len(run) > MOST_HIGHER_DASHES or turns:
            text = f"{len(run)} higher-snapped dashes in a row" + (" that turn" if turns else "")
            yield problem(text, *_pair(run[0]), time=run[0].start.time)


def mixed_snaps(subject: MapSubject) -> Iterator[Finding]:
    """Two hyperdashes in a row over different gaps: a Problem in a Platter, a Warning in a Rain."""
    level = level_of_map(subject)
    if level not in HYPER_GAPS:
        return
    make = problem if level == Level.HARD else warning
    for before, step in pairwise(ways(subject)):
        if before.move is not Move.HYPER or step.move is not Move.HYPER:
            continue
        slack = max(OTHER_SNAP, OTHER_SNAP_SHARE * max(before.gap, step.gap))
        if abs(before.gap - step.gap) > slack:
            text = f"hyperdashes over {before.gap:.0f} and {step.gap:.0f} ms in a row"
            yield make(text, *_pair(step), time=step.start.time)


def higher_antiflow(subject: MapSubject) -> Iterator[Finding]:
    """Platter: a higher-snapped hyperdash after which the catcher turns; Rain: where it dashes
    back."""
    level = level_of_map(subject)
    if level not in HYPER_GAPS:
        return
    for before, step in pairwise(ways(subject)):
        if kind_of(before, level) != Kind(Move.HYPER, True):
            continue
        turns = step.direction * before.direction < 0
        if turns and (level == Level.HARD or step.move is not Move.WALK):
            text = "the catcher turns after a higher-snapped hyperdash"
            yield warning(text, *_pair(step), time=step.start.time)


def hyperdash_slider(subject: MapSubject) -> Iterator[Finding]:
    """Rain: a hyperdash that a drop or a repeat starts or ends."""
    if level_of_map(subject) != Level.INSANE:
        return
    for step in ways(subject):
        if step.move is Move.HYPER and _on_slider(step):
            text = "a hyperdash on a drop or a repeat"
            yield warning(text, *_pair(step), time=step.start.time)


def border_dash(subject: MapSubject) -> Iterator[Finding]:
    """A dash or hyperdash that ends beyond x 16 or 496, where the catcher is stopped."""
    for step in ways(subject):
        if step.move is not Move.WALK and not BORDER_LEFT <= step.end.x <= BORDER_RIGHT:
            text = f"a {step.move.name.lower()} to x {step.end.x:.0f}"
            yield minor(text, *_pair(step), time=step.start.time)


def fruits_outside(subject: MapSubject) -> Iterator[Finding]:
    """A fruit that the file puts outside the playfield, where the game moves it to its edge."""
    for one in fruits(subject):
        item = subject.objects[one.index]
        if one.part in (Part.FRUIT, Part.SLIDER_HEAD) and not 0 <= item.x <= 512:
            yield problem(f"stands at x {item.x:.0f}", one.index)


_MINOR, _WARNING, _PROBLEM = (Severity.MINOR,), (Severity.WARNING,), (Severity.PROBLEM,)
_ALL = (Severity.MINOR, Severity.WARNING, Severity.PROBLEM)

RULES: tuple[Rule, ...] = (
    MapRule(
        name="Uncatchable",
        group=Group.COMPOSE,
        judge=uncatchable,
        modes=CATCH,
        severities=_PROBLEM,
        sources=(CRITERIA,),
    ),
    MapRule(
        name="FruitsOutside",
        group=Group.COMPOSE,
        judge=fruits_outside,
        modes=CATCH,
        severities=_PROBLEM,
        sources=(CRITERIA,),
    ),
    MapRule(
        name="HasDash",
        group=Group.COMPOSE,
        judge=has_dash,
        modes=CATCH,
        severities=_PROBLEM,
        sources=(CRITERIA,),
    ),
    MapRule(
        name="HasHyperdash",
        group=Group.COMPOSE,
        judge=has_hyperdash,
        modes=CATCH,
        severities=_PROBLEM,
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="HasEdgeDash",
        group=Group.COMPOSE,
        judge=edge_dash,
        modes=CATCH,
        severities=_ALL,
        thresholds=("EDGE_PX",),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="DashSnap",
        group=Group.COMPOSE,
        judge=dash_snap,
        modes=CATCH,
        severities=_PROBLEM,
        thresholds=("DASH_GAPS",),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="HyperdashSnap",
        group=Group.COMPOSE,
        judge=hyperdash_snap,
        modes=CATCH,
        severities=_PROBLEM,
        thresholds=("HYPER_GAPS",),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="ConsecutiveDash",
        group=Group.COMPOSE,
        judge=consecutive_dash,
        modes=CATCH,
        severities=_PROBLEM,
        thresholds=("MOST_DASHES", "MOST_HIGHER_DASHES"),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="ConsecutiveHyperdash",
        group=Group.COMPOSE,
        judge=consecutive_hyperdash,
        modes=CATCH,
        severities=_PROBLEM,
        thresholds=("MOST_HYPERS", "MOST_HYPERS_IN_SLIDER", "MOST_HIGHER_HYPERS"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="RainConsistentHyperdashSnaps",
        group=Group.COMPOSE,
        judge=mixed_snaps,
        modes=CATCH,
        severities=(Severity.WARNING, Severity.PROBLEM),
        thresholds=("OTHER_SNAP", "OTHER_SNAP_SHARE"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="PlatterHigherSnappedHyperdash",
        group=Group.COMPOSE,
        judge=higher_antiflow,
        modes=CATCH,
        severities=_WARNING,
        thresholds=("HYPER_GAPS",),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="RainHyperdashSlider",
        group=Group.COMPOSE,
        judge=hyperdash_slider,
        modes=CATCH,
        severities=_WARNING,
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="BorderDash",
        group=Group.COMPOSE,
        judge=border_dash,
        modes=CATCH,
        severities=_MINOR,
        thresholds=("BORDER_LEFT", "BORDER_RIGHT"),
        sources=(CRITERIA,),
    ),
)
