"""Rules of std's own: settings, spinners and rhythm; those of places and sliders stand apart."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from beatheritage.osu.beatmap import Circle, Slider, Spinner
from beatheritage.osu.level import Level
from beatheritage.osu.limits import Range
from beatheritage.osu.mode import circle_radius_px
from beatheritage.review import std_placing, std_sliders
from beatheritage.review.issue import Finding, Group, Scope, Severity, minor, problem, warning
from beatheritage.review.levels import (
    Settings,
    level_of_map,
    lowest,
    share_faster,
    unusual_settings,
)
from beatheritage.review.rule import CRITERIA, STD, VERIFIER, MapRule, Rule, SetRule, lazer
from beatheritage.review.stacking import distance, lay
from beatheritage.review.std_sliders import faster_than_easy
from beatheritage.review.subject import MapSubject, SetSubject
from beatheritage.review.tempo import RuleBeat, rule_beat

USUAL_SETTINGS = {
    Level.EASY: Settings(Range(0, 5), Range(1, 3), Range(1, 3), Range(0, 4)),
    Level.NORMAL: Settings(Range(4, 6), Range(3, 5), Range(3, 5), Range(0, 5)),
    Level.HARD: Settings(Range(6, 8), Range(5, 7), Range(4, 6), Range(0, 6)),
    Level.INSANE: Settings(Range(7, 9.3), Range(7, 9), Range(5, 8), Range(0, 7)),
    Level.EXPERT: Settings(Range(8, 10), Range(8, 10), Range(5, 10), Range(0, 7)),
}

# Spinners too short to be spun, ms at OD 5, and how that changes with each OD below and above.
NINJA_SPINNER, NINJA_SLOPE = 450.0, (17.0, 17.0)
SHORT_SPINNER, SHORT_SLOPE = 500.0, (21.8, 20.0)

# How long a spinner and what follows it need, ms; the warning comes a fifth earlier.
SPINNER_LENGTH = {Level.EASY: 1000.0, Level.NORMAL: 750.0, Level.HARD: 500.0}
SPINNER_RECOVERY = {Level.EASY: 1000.0, Level.NORMAL: 500.0, Level.HARD: 250.0}
SPINNER_MARGIN = 1.2
# The same in beats, as the criteria advise.
SPINNER_BEATS = {Level.EASY: (4.0, 4.0), Level.NORMAL: (3.0, 2.0), Level.HARD: (2.0, 1.0)}

# The beat that most notes of a level keep to, and how many may be faster.
MAIN_BEAT = {Level.EASY: 1.0, Level.NORMAL: 1.0, Level.HARD: 0.5}
MOST_FASTER = 0.5

STREAM_BEATS = 0.25
LONGEST_STREAM = 5  # notes, Hard

# A Normal that is the lowest difficulty.
HALF = 0.5  # beats
MOST_ACTIVE_HALVES = 3
MOST_HALF_SLIDERS = 4
REST_BEATS = 1.0
REST_EVERY_MEASURES = 2
LONG_SLIDER_MEASURES = 2


def unusual_difficulty(subject: MapSubject) -> Iterator[Finding]:
    """AR, OD, HP or CS outside what the criteria advise for the level."""
    for _, finding in unusual_settings(subject, USUAL_SETTINGS):
        yield finding


def ninja_spinner(subject: MapSubject) -> Iterator[Finding]:
    """A spinner too short for 1000 points of bonus: about 450 ms at OD 5, a Warning about 500."""
    difficulty = subject.beatmap.difficulty.overall_difficulty
    least = _spin_time(NINJA_SPINNER, NINJA_SLOPE, difficulty)
    advised = _spin_time(SHORT_SPINNER, SHORT_SLOPE, difficulty)
    for index, item in enumerate(subject.objects):
        if not isinstance(item, Spinner):
            continue
        length = item.end - item.time
        if length < least:
            yield problem(f"spins for {length:.0f} ms, too short by {least - length:.0f}", index)
        elif length < advised:
            yield warning(f"spins for {length:.0f} ms, at least {advised:.0f} are safe", index)


def _spin_time(at_five: float, slopes: tuple[float, float], difficulty: float) -> float:
    """ms that a spinner needs at an overall difficulty."""
    below, above = slopes
    return at_five + (difficulty - 5) * (below if difficulty < 5 else above)


def spinner_recovery(subject: MapSubject) -> Iterator[Finding]:
    """A spinner, or the time after it, shorter than 1000/750/500 and 1000/500/250 ms in Easy,
    Normal, Hard: a Problem; under 1.2 times that, or 4/3/2 and 4/2/1 beats, a Warning."""
    level = level_of_map(subject)
    if level not in SPINNER_BEATS:
        return
    for index, item in enumerate(subject.objects):
        if not isinstance(item, Spinner):
            continue
        beat = rule_beat(float(subject.beat_lengths[index]))
        length_beats, rest_beats = SPINNER_BEATS[level]
        spin = item.end - item.time
        yield from _too_short("lasts", spin, SPINNER_LENGTH[level], beat.time(length_beats), index)
        if index + 1 < len(subject.objects):
            rest = float(subject.starts[index + 1]) - item.end
            least = SPINNER_RECOVERY[level]
            yield from _too_short("recovery is", rest, least, beat.time(rest_beats), index)


def _too_short(
    what: str, time: float, least: float, advised: float, index: int
) -> Iterator[Finding]:
    advised = max(advised, SPINNER_MARGIN * least)
    if time < least:
        yield problem(f"{what} {time:.0f} ms, at least {least:.0f} are needed", index)
    elif time < advised - 0.5:
        yield warning(f"{what} {time:.0f} ms, {advised:.0f} are advised", index)


def density(subject: MapSubject) -> Iterator[Finding]:
    """More than half of the notes closer than 1/1 (Easy, Normal) or 1/2 (Hard)."""
    main = MAIN_BEAT.get(level_of_map(subject))
    share = 0.0 if main is None else share_faster(subject, main)
    if main is not None and share > MOST_FASTER:
        yield minor(f"{share:.0%} of the notes are closer than {main:g} beats")


def long_streams(subject: MapSubject) -> Iterator[Finding]:
    """Hard: more than five notes in a row a quarter apart or closer."""
    if level_of_map(subject) != Level.HARD:
        return
    for run in runs(subject, STREAM_BEATS):
        beat = _beat(subject, run[0])
        if len(run) > beat.notes(LONGEST_STREAM):
            yield warning(f"a stream of {len(run)} notes", *run[:1])


def runs(subject: MapSubject, beats: float) -> Iterator[list[int]]:
    """Indices of circles, and sliders at the end, so many beats apart or closer; two or more."""
    run: list[int] = []
    for index, item in enumerate(subject.objects):
        near = bool(run) and isinstance(subject.objects[index - 1], Circle)
        if near and not isinstance(item, Spinner):
            gap = float(subject.starts[index] - subject.starts[index - 1])
            near = _beat(subject, index).at_most(gap, beats)
        if near and not isinstance(item, Spinner):
            run.append(index)
            continue
        if len(run) > 1:
            yield run
        run = [index]
    if len(run) > 1:
        yield run


def _beat(subject: MapSubject, index: int) -> RuleBeat:
    return rule_beat(float(subject.beat_lengths[index]))


def lowest_normal(subject: SetSubject) -> Iterator[Finding]:
    """A Normal that is the lowest difficulty: over three active 1/2 in a row, over four 1/2 sliders
    in a row, no 1/1 gap in two measures, active 1/2 that do not overlap, sliders over 1.3."""
    found = lowest(subject)
    if found is None or level_of_map(found[1]) != Level.NORMAL:
        return
    index, one = found
    for rule in (active_halves, half_sliders, rests, apart_halves, faster_than_easy):
        for finding in rule(one):
            yield replace(finding, map_index=index)


def active_halves(subject: MapSubject) -> Iterator[Finding]:
    """More clicked 1/2 gaps in a row than a new player can keep up."""
    for run in runs(subject, HALF):
        if len(run) - 1 > _beat(subject, run[0]).notes(MOST_ACTIVE_HALVES):
            yield warning(f"{len(run) - 1} clicked 1/2 gaps in a row", run[0])


def half_sliders(subject: MapSubject) -> Iterator[Finding]:
    """Too many sliders in a row whose slides last half a beat."""
    run: list[int] = []
    for index, item in enumerate((*subject.objects, None)):
        if isinstance(item, Slider):
            slide = (float(subject.ends[index]) - item.time) / item.slides
            if _beat(subject, index).at_most(slide, HALF):
                run.append(index)
                continue
        if len(run) > MOST_HALF_SLIDERS:
            yield warning(f"{len(run)} sliders of 1/2 in a row", run[0])
        run = []


def rests(subject: MapSubject) -> Iterator[Finding]:
    """Two measures and more without a gap of a beat; a long slider is a rest of its own."""
    since = 0
    for index in range(1, len(subject.objects)):
        gap = float(subject.starts[index] - subject.ends[index - 1])
        beat, meter = _beat(subject, index), subject.pace.at(subject.objects[index].time).meter
        measure = meter * beat.length
        lasts = float(subject.ends[index - 1] - subject.starts[index - 1])
        if lasts > LONG_SLIDER_MEASURES * measure or not gap < beat.time(REST_BEATS) - 1:
            since = index
        played = float(subject.ends[index] - subject.starts[since])
        if played > REST_EVERY_MEASURES * measure * (1 + beat.ease) + 1:
            yield warning(f"{played / 1000:.1f} s without a gap of a beat", since)
            since = index


def apart_halves(subject: MapSubject) -> Iterator[Finding]:
    """Circles half a beat apart that do not overlap, in one finding."""
    laid = lay(subject)
    diameter = 2 * circle_radius_px(subject.beatmap.difficulty.circle_size)
    pairs = [pair for run in runs(subject, HALF) for pair in pairwise(run)]
    apart = [one for one in pairs if distance(laid[one[0]].tail, laid[one[1]].head) > diameter]
    if apart:
        yield warning(f"{len(apart)} pairs half a beat apart do not overlap", *apart[0])


_GRAVE = (Severity.WARNING, Severity.PROBLEM)

RULES: tuple[Rule, ...] = (
    *std_placing.RULES,
    *std_sliders.RULES,
    MapRule(
        name="NinjaSpinner",
        group=Group.COMPOSE,
        judge=ninja_spinner,
        modes=STD,
        severities=_GRAVE,
        thresholds=("NINJA_SPINNER", "NINJA_SLOPE", "SHORT_SPINNER", "SHORT_SLOPE"),
        sources=(VERIFIER, lazer("TooShortSpinners"), CRITERIA),
    ),
    MapRule(
        name="SpinnerRecovery",
        group=Group.SPREAD,
        judge=spinner_recovery,
        modes=STD,
        severities=_GRAVE,
        thresholds=("SPINNER_LENGTH", "SPINNER_RECOVERY", "SPINNER_MARGIN", "SPINNER_BEATS"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="DiffSettingsStandard",
        group=Group.SETTINGS,
        judge=unusual_difficulty,
        modes=STD,
        severities=(Severity.WARNING,),
        thresholds=("USUAL_SETTINGS",),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="DensityStandard",
        group=Group.SPREAD,
        judge=density,
        modes=STD,
        severities=(Severity.MINOR,),
        thresholds=("MAIN_BEAT", "MOST_FASTER"),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="LongStreams",
        group=Group.SPREAD,
        judge=long_streams,
        modes=STD,
        severities=(Severity.WARNING,),
        thresholds=("STREAM_BEATS", "LONGEST_STREAM"),
        sources=(CRITERIA,),
    ),
    SetRule(
        name="LowestNormal",
        group=Group.SPREAD,
        scope=Scope.SET,
        judge=lowest_normal,
        modes=STD,
        severities=(Severity.WARNING,),
        thresholds=("MOST_ACTIVE_HALVES", "MOST_HALF_SLIDERS", "REST_EVERY_MEASURES"),
        sources=(CRITERIA,),
    ),
)
