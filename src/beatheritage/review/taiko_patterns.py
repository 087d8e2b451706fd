"""Rules about taiko's patterns: how close notes come, how long they go on, and what they mix.

The notes are the circles; drumrolls and dendens end a pattern.
"""

from collections.abc import Iterator
from typing import NamedTuple

from beatheritage.osu.beatmap import Circle, HitObject, HitSound, Spinner
from beatheritage.osu.level import Level
from beatheritage.review.issue import Finding, Group, Scope, Severity, minor, problem, warning
from beatheritage.review.levels import level_of_map, lowest, share_faster
from beatheritage.review.rule import CRITERIA, TAIKO, VERIFIER, MapRule, Rule, SetRule
from beatheritage.review.subject import MapSubject, SetSubject
from beatheritage.review.tempo import RuleBeat, rule_beat

# The longest patterns of a snap, in beats, by level.
PATTERNS = {
    Level.EASY: ((1 / 2, 2), (1.0, 7)),
    Level.NORMAL: ((1 / 3, 2), (1 / 2, 7)),
    Level.HARD: ((1 / 6, 4), (1 / 4, 5)),
    Level.INSANE: ((1 / 8, 2), (1 / 6, 4), (1 / 4, 9)),
}
LOWEST_FUTSUU_HALVES = 5
LOWEST_FUTSUU_SNAP = 1 / 2

# Closest notes in beats: the criteria's rule, and where the verifier already warns.
CLOSEST = {Level.EASY: 1 / 3, Level.NORMAL: 1 / 3, Level.HARD: 1 / 6, Level.INSANE: 1 / 8}
CLOSE = {Level.EASY: 1 / 2, Level.NORMAL: 1 / 3, Level.HARD: 1 / 6, Level.INSANE: 1 / 6}


class Rest(NamedTuple):
    """A rest in beats, or ``several`` shorter ones in a row; beats of play until it is due."""

    beats: float
    minor: float
    warning: float
    several: int = 0
    short_beats: float = 0.0


RESTS = {
    Level.EASY: Rest(3.0, 36.0, 44.0),
    Level.NORMAL: Rest(2.0, 36.0, 44.0),
    Level.HARD: Rest(1.5, 36.0, 44.0, 3, 1.0),
    Level.INSANE: Rest(1.0, 20.0, 32.0),
}

# Beats between an object and the spinner after it.
BEFORE_SPINNER = {
    Level.EASY: 1 / 2,
    Level.NORMAL: 1 / 2,
    Level.HARD: 1 / 2,
    Level.INSANE: 1 / 4,
    Level.EXPERT: 1 / 4,
}

# No big notes in patterns of these beats or faster; in Oni's quarters as the last alone.
NO_FINISHERS = {Level.EASY: 1 / 2, Level.NORMAL: 1 / 3, Level.HARD: 1 / 4, Level.INSANE: 1 / 6}
LAST_FINISHERS = 1 / 4

# Patterns that stay in one colour, and the longest quarters of a Muzukashii with two changes.
ONE_COLOUR = {Level.EASY: 1 / 2, Level.NORMAL: 1 / 3}
SIMPLE_QUARTERS = 3

# The beat that most notes of a level keep to.
MAIN_BEAT = {Level.EASY: 2.0, Level.NORMAL: 1.0, Level.HARD: 0.5, Level.INSANE: 0.5}
MOST_FASTER = 0.5

RIM = HitSound.WHISTLE | HitSound.CLAP


def is_kat(item: HitObject) -> bool:
    return bool(item.sound & RIM)


def is_big(item: HitObject) -> bool:
    return bool(item.sound & HitSound.FINISH)


def patterns(subject: MapSubject, beats: float) -> Iterator[list[int]]:
    """Indices of notes in a row that are so many beats apart or closer; two or more."""
    run: list[int] = []
    for index, item in enumerate(subject.objects):
        if run and isinstance(item, Circle) and _is_within(subject, index, beats):
            run.append(index)
            continue
        if len(run) > 1:
            yield run
        run = [index] if isinstance(item, Circle) else []
    if len(run) > 1:
        yield run


def _beat(subject: MapSubject, index: int) -> RuleBeat:
    return rule_beat(float(subject.beat_lengths[index]))


def _gap(subject: MapSubject, index: int) -> float:
    """Time from the end of the object before to this one, ms."""
    return float(subject.starts[index] - subject.ends[index - 1])


def _is_within(subject: MapSubject, index: int, beats: float) -> bool:
    return _beat(subject, index).at_most(_gap(subject, index), beats)


def pattern_length(subject: MapSubject) -> Iterator[Finding]:
    """More notes in a row than the level's patterns have (a Warning), or just as many (a Minor).

    Kantan: seven 1/1, two 1/2; Futsuu: seven 1/2, two 1/3; Muzukashii: five 1/4, four 1/6; Oni:
    nine 1/4, four 1/6, two 1/8.
    """
    for beats, most in PATTERNS.get(level_of_map(subject), ()):
        for run in patterns(subject, beats):
            allowed = _beat(subject, run[0]).notes(most)
            text = f"{len(run)} notes of 1/{1 / beats:g} in a row"
            if len(run) > allowed:
                yield warning(text, run[0], run[-1])
            elif len(run) == allowed and most > 2:
                yield minor(text, run[0], run[-1])


def smallest_snap(subject: MapSubject) -> Iterator[Finding]:
    """Notes closer than 1/3 (Kantan, Futsuu), 1/6 (Muzukashii) or 1/8 (Oni).

    A Warning below 1/2 in a Kantan, where only a swinging song has them, and below 1/6 in an Oni.
    """
    if level_of_map(subject) not in CLOSEST:
        return
    closest, close = CLOSEST[level_of_map(subject)], CLOSE[level_of_map(subject)]
    yield from _closer_than(subject, closest, close)


def _closer_than(subject: MapSubject, closest: float, close: float) -> Iterator[Finding]:
    for index in range(1, len(subject.objects)):
        if not isinstance(subject.objects[index - 1], Circle):
            continue
        beats = _beat(subject, index).gap(_gap(subject, index))
        text = f"{beats:.2f} beats after the note before"
        # Whole milliseconds leave notes a little closer than they are meant.
        if beats < closest * 0.96:
            yield problem(text, index - 1, index)
        elif beats < close * 0.96:
            yield warning(text, index - 1, index)


def rest_moments(subject: MapSubject) -> Iterator[Finding]:
    """Too long without a rest: 3/1 after 36 beats in a Kantan, 2/1 in a Futsuu, 3/2 or three of
    1/1 in a Muzukashii, 1/1 after 20 in an Oni. A Warning after 44, in an Oni 32."""
    rest = RESTS.get(level_of_map(subject))
    if rest is None or not subject.objects:
        return
    since, short = 0, 0
    for index in range(1, len(subject.objects) + 1):
        if index < len(subject.objects):
            beat = _beat(subject, index)
            gap = _gap(subject, index)
            rested = gap >= beat.time(rest.beats) - 2
            short = short + 1 if rest.several and gap >= beat.time(rest.short_beats) - 2 else 0
            if not rested and (not short or short < rest.several):
                continue
        yield from _played(subject, rest, since, index - 1)
        since, short = index, 0


def _played(subject: MapSubject, rest: Rest, first: int, last: int) -> Iterator[Finding]:
    beat = _beat(subject, first)
    beats = beat.gap(float(subject.ends[last] - subject.starts[first]))
    eased = 1 + beat.ease
    text = f"{beats:.0f} beats without a rest of {rest.beats:g}"
    if beats > rest.warning * eased + 0.1:
        yield warning(text, first, last)
    elif beats > rest.minor * eased + 0.1:
        yield minor(text, first, last)


def spinner_readability(subject: MapSubject) -> Iterator[Finding]:
    """A spinner less than 1/2 after the note before, from Oni on 1/4."""
    least = BEFORE_SPINNER[min(level_of_map(subject), Level.EXPERT)]
    for index in range(1, len(subject.objects)):
        beats = _beat(subject, index).gap(_gap(subject, index))
        if isinstance(subject.objects[index], Spinner) and beats < least * 0.96:
            yield minor(f"starts {beats:.2f} beats after the note before", index - 1, index)


def unrankable_finishers(subject: MapSubject) -> Iterator[Finding]:
    """A big note in a pattern of 1/2 (Kantan), 1/3 (Futsuu), 1/4 (Muzukashii) or 1/6 (Oni).

    In an Oni's 1/4 also, but for a last note of the other colour.
    """
    if level_of_map(subject) not in NO_FINISHERS:
        return
    fastest = NO_FINISHERS[level_of_map(subject)]
    found: set[int] = set()
    for run in patterns(subject, fastest):
        found.update(index for index in run if is_big(subject.objects[index]))
    if level_of_map(subject) == Level.INSANE:
        found.update(_misplaced(subject))
    for index in sorted(found):
        yield problem("a big note in a pattern too fast for it", index)


def _misplaced(subject: MapSubject) -> Iterator[int]:
    """Big notes in quarters that are not last, or not of the other colour."""
    for run in patterns(subject, LAST_FINISHERS):
        big = [index for index in run if is_big(subject.objects[index])]
        yield from (index for index in big if index != run[-1])
        last, before = subject.objects[run[-1]], subject.objects[run[-2]]
        if is_big(last) and is_kat(last) == is_kat(before):
            yield run[-1]


def colour_changes(subject: MapSubject) -> Iterator[Finding]:
    """Both colours in a pattern of 1/2 (Kantan) or 1/3 (Futsuu); in a Muzukashii's 1/4 of more
    than three notes, a change that is neither first nor last, as a Warning."""
    if level_of_map(subject) in ONE_COLOUR:
        for run in patterns(subject, ONE_COLOUR[level_of_map(subject)]):
            if len({is_kat(subject.objects[index]) for index in run}) > 1:
                yield problem("two colours in a pattern that stays simple", run[0], run[-1])
    if level_of_map(subject) != Level.HARD:
        return
    for run in patterns(subject, LAST_FINISHERS):
        colours = [is_kat(subject.objects[index]) for index in run]
        changes = [at for at in range(1, len(run)) if colours[at] != colours[at - 1]]
        at_edge = len(changes) <= 1 and set(changes) <= {1, len(run) - 1}
        if len(run) > SIMPLE_QUARTERS and not at_edge:
            yield warning(f"colours change inside {len(run)} notes of 1/4", run[0], run[-1])


def density(subject: MapSubject) -> Iterator[Finding]:
    """More than half of the notes closer than 2/1 (Kantan), 1/1 (Futsuu) or 1/2 (others)."""
    main = MAIN_BEAT.get(level_of_map(subject))
    share = 0.0 if main is None else share_faster(subject, main)
    if main is not None and share > MOST_FASTER:
        yield minor(f"{share:.0%} of the notes are closer than {main:g} beats")


def lowest_futsuu(subject: SetSubject) -> Iterator[Finding]:
    """A Futsuu that is the lowest difficulty: notes closer than 1/2 (1/3 where the song swings),
    over five of 1/2 in a row."""
    found = lowest(subject)
    if found is None or level_of_map(found[1]) != Level.NORMAL:
        return
    of, one = found
    for finding in _closer_than(one, LOWEST_FUTSUU_SNAP, LOWEST_FUTSUU_SNAP):
        yield warning(finding.message, *finding.objects, of=of)
    for run in patterns(one, LOWEST_FUTSUU_SNAP):
        if len(run) > _beat(one, run[0]).notes(LOWEST_FUTSUU_HALVES):
            yield warning(f"{len(run)} notes of 1/2 in a row", run[0], run[-1], of=of)


_LIGHT = (Severity.MINOR,)
_GRAVE = (Severity.WARNING, Severity.PROBLEM)

RULES: tuple[Rule, ...] = (
    MapRule(
        name="PatternLength",
        group=Group.COMPOSE,
        judge=pattern_length,
        modes=TAIKO,
        severities=(Severity.MINOR, Severity.WARNING),
        thresholds=("PATTERNS",),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="SmallestSnap",
        group=Group.COMPOSE,
        judge=smallest_snap,
        modes=TAIKO,
        severities=_GRAVE,
        thresholds=("CLOSEST", "CLOSE"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="RestMoments",
        group=Group.COMPOSE,
        judge=rest_moments,
        modes=TAIKO,
        severities=(Severity.MINOR, Severity.WARNING),
        thresholds=("RESTS",),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="SpinnerReadability",
        group=Group.COMPOSE,
        judge=spinner_readability,
        modes=TAIKO,
        severities=_LIGHT,
        thresholds=("BEFORE_SPINNER",),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="UnrankableFinishers",
        group=Group.COMPOSE,
        judge=unrankable_finishers,
        modes=TAIKO,
        severities=(Severity.PROBLEM,),
        thresholds=("NO_FINISHERS", "LAST_FINISHERS"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="ColourChanges",
        group=Group.COMPOSE,
        judge=colour_changes,
        modes=TAIKO,
        severities=_GRAVE,
        thresholds=("ONE_COLOUR", "SIMPLE_QUARTERS"),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="DensityTaiko",
        group=Group.SPREAD,
        judge=density,
        modes=TAIKO,
        severities=_LIGHT,
        thresholds=("MAIN_BEAT", "MOST_FASTER"),
        sources=(CRITERIA,),
    ),
    SetRule(
        name="LowestFutsuu",
        group=Group.SPREAD,
        scope=Scope.SET,
        judge=lowest_futsuu,
        modes=TAIKO,
        severities=(Severity.WARNING,),
        thresholds=("LOWEST_FUTSUU_HALVES", "LOWEST_FUTSUU_SNAP"),
        sources=(CRITERIA,),
    ),
)
