"""Rules of catch's own: settings, combos, spinners; those of dashes stand apart."""

from collections.abc import Iterator
from itertools import groupby

from beatheritage.osu.beatmap import Spinner
from beatheritage.osu.level import Level
from beatheritage.osu.limits import Range
from beatheritage.review import catch_movement
from beatheritage.review.catcher import Part, fruits
from beatheritage.review.issue import Finding, Group, Severity, minor, problem, warning
from beatheritage.review.levels import (
    Settings,
    level_of_map,
    share_faster,
    unusual_settings,
)
from beatheritage.review.rule import CATCH, CRITERIA, VERIFIER, MapRule, Rule, lazer
from beatheritage.review.subject import MapSubject

USUAL_SETTINGS = {
    Level.EASY: Settings(Range(0, 6), Range(0, 6), Range(2, 3), Range(0, 2.5)),
    Level.NORMAL: Settings(Range(0, 7), Range(0, 7), Range(3, 4), Range(0, 3)),
    Level.HARD: Settings(Range(0, 8), Range(0, 8), Range(4, 5), Range(0, 3.5)),
    Level.INSANE: Settings(Range(0, 9), Range(0, 9), Range(5, 6), Range(0, 4)),
    Level.EXPERT: Settings(Range(9, 10), Range(9, 10), Range(5, 10), Range(4, 10)),
}
SAME_SETTING = 0.049

# ms that a spinner needs free before and after it.
BEFORE_SPINNER = {
    Level.EASY: 250.0,
    Level.NORMAL: 250.0,
    Level.HARD: 125.0,
    Level.INSANE: 125.0,
    Level.EXPERT: 62.0,
}
AFTER_SPINNER = {
    Level.EASY: 250.0,
    Level.NORMAL: 250.0,
    Level.HARD: 250.0,
    Level.INSANE: 125.0,
    Level.EXPERT: 125.0,
}

# Fruits on the plate in one combo.
LONGEST_COMBO = {Level.EASY: 8, Level.NORMAL: 10, Level.HARD: 12, Level.INSANE: 16}
COMBO_WARNING = 1.5  # times that

# The beat that most notes of a level keep to.
MAIN_BEAT = {Level.EASY: 1.0, Level.NORMAL: 0.5, Level.HARD: 0.5, Level.INSANE: 0.25}
MOST_FASTER = 0.5


def unusual_difficulty(subject: MapSubject) -> Iterator[Finding]:
    """AR, OD, HP or CS outside what the criteria advise for the level, or an OD that is not AR."""
    for _, finding in unusual_settings(subject, USUAL_SETTINGS):
        yield finding
    difficulty = subject.beatmap.difficulty
    approach, overall = difficulty.approach_rate, difficulty.overall_difficulty
    if abs(approach - overall) > SAME_SETTING:
        yield warning(f"OD {overall:g} is not AR {approach:g}")


def spinner_gap(subject: MapSubject) -> Iterator[Finding]:
    """A spinner too close to the fruits around it: before it 250, 250, 125, 125, 62 ms by level,
    after it 250, 250, 250, 125, 125."""
    level = min(level_of_map(subject), Level.EXPERT)
    for index, item in enumerate(subject.objects):
        if not isinstance(item, Spinner):
            continue
        before = item.time - float(subject.ends[index - 1])
        if _is_caught(subject, index - 1) and round(before) < BEFORE_SPINNER[level]:
            text = f"{before:.0f} ms before a spinner, at least {BEFORE_SPINNER[level]:.0f}"
            yield problem(text, index - 1, index)
        if _is_caught(subject, index + 1):
            after = float(subject.starts[index + 1]) - item.end
            if round(after) < AFTER_SPINNER[level]:
                text = f"{after:.0f} ms after a spinner, at least {AFTER_SPINNER[level]:.0f}"
                yield problem(text, index, index + 1)


def _is_caught(subject: MapSubject, index: int) -> bool:
    """Whether there is such an object, and it drops fruits."""
    inside = 0 <= index < len(subject.objects)
    return inside and not isinstance(subject.objects[index], Spinner)


def has_spinner(subject: MapSubject) -> Iterator[Finding]:
    """A map without a spinner: one tells the best players apart."""
    if subject.objects and not any(isinstance(item, Spinner) for item in subject.objects):
        yield minor("there is no spinner")


def max_combo(subject: MapSubject) -> Iterator[Finding]:
    """More than 8, 10, 12, 16 fruits in a combo (Cup to Rain); a Warning from half as many more."""
    most = LONGEST_COMBO.get(level_of_map(subject))
    if most is None:
        return
    numbers, number = [], 0
    for item in subject.objects:
        number += item.new_combo or isinstance(item, Spinner)
        numbers.append(number)
    caught = (one for one in fruits(subject) if one.part is not Part.DROP)
    for _, combo in groupby(caught, key=lambda one: numbers[one.index]):
        found = list(combo)
        text = f"{len(found)} fruits in a combo, at most {most}"
        if len(found) >= COMBO_WARNING * most:
            yield warning(text, found[0].index, found[-1].index)
        elif len(found) > most:
            yield minor(text, found[0].index, found[-1].index)


def density(subject: MapSubject) -> Iterator[Finding]:
    """More than half of the notes closer than 1/1 (Cup), 1/2 (Salad, Platter) or 1/4 (Rain)."""
    main = MAIN_BEAT.get(level_of_map(subject))
    share = 0.0 if main is None else share_faster(subject, main)
    if main is not None and share > MOST_FASTER:
        yield minor(f"{share:.0%} of the notes are closer than {main:g} beats")


RULES: tuple[Rule, ...] = (
    *catch_movement.RULES,
    MapRule(
        name="SpinnerGap",
        group=Group.COMPOSE,
        judge=spinner_gap,
        modes=CATCH,
        severities=(Severity.PROBLEM,),
        thresholds=("BEFORE_SPINNER", "AFTER_SPINNER"),
        sources=(VERIFIER, lazer("BananaShowerGap"), CRITERIA),
    ),
    MapRule(
        name="HasSpinner",
        group=Group.COMPOSE,
        judge=has_spinner,
        modes=CATCH,
        severities=(Severity.MINOR,),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="MaxCombo",
        group=Group.COMPOSE,
        judge=max_combo,
        modes=CATCH,
        severities=(Severity.MINOR, Severity.WARNING),
        thresholds=("LONGEST_COMBO", "COMBO_WARNING"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="DiffSettingsCatch",
        group=Group.SETTINGS,
        judge=unusual_difficulty,
        modes=CATCH,
        severities=(Severity.WARNING,),
        thresholds=("USUAL_SETTINGS",),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="DensityCatch",
        group=Group.SPREAD,
        judge=density,
        modes=CATCH,
        severities=(Severity.MINOR,),
        thresholds=("MAIN_BEAT", "MOST_FASTER"),
        sources=(CRITERIA,),
    ),
)
