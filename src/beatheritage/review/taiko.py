"""Rules of taiko's own: settings, bar lines, scrolling, kiai; those of patterns stand apart."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise, zip_longest
from math import inf

from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.level import Level
from beatheritage.osu.limits import Range
from beatheritage.review import taiko_patterns
from beatheritage.review.issue import Finding, Group, Scope, Severity, minor, problem, warning
from beatheritage.review.levels import ANY, Settings, level_of_map, unusual_settings
from beatheritage.review.rule import CRITERIA, TAIKO, VERIFIER, MapRule, Rule, SetRule, lazer
from beatheritage.review.subject import MapSubject, SetSubject
from beatheritage.review.tempo import rule_beat
from beatheritage.review.timing import kiai_changes

USUAL_SETTINGS = {
    Level.EASY: Settings(ANY, Range(0, 3), Range(8, 10)),
    Level.NORMAL: Settings(ANY, Range(0, 4), Range(7, 10)),
    Level.HARD: Settings(ANY, Range(0, 5), Range(6, 10)),
    Level.INSANE: Settings(ANY, Range(5, 10), Range(5, 10)),
    Level.EXPERT: Settings(ANY, Range(5, 10), Range(5, 10)),
}
# The verifier's ranges of HP for songs of usual length; longer ones take less, shorter ones more.
USUAL_DRAIN = Range(60_000, 225_000)
DRAIN_HP = {
    Level.EASY: Range(8, 9),
    Level.NORMAL: Range(7, 8),
    Level.HARD: Range(6, 7),
    Level.INSANE: Range(5.5, 6.5),
}

BASE_VELOCITY = 1.4
TICK_RATES = (1.0, 3.0)
SAME_TIME = 1.0  # ms

# The game draws bar lines until so much after the last object ends (osu!lazer's BarLineGenerator);
# an end further before the line than the second is no longer meant to be on it.
LAST_LINE_AFTER, LAST_LINE_MEANT = 1.0, 5.0  # ms
# A green line so little after a bar line leaves it with the old speed.
LATE_GREEN_LINE = 5.0  # ms
MOST_BAR_LINES = 100_000  # ten hours at 240 BPM have fewer
# Bar lines closer than these, in beats, look like a fault.
CLOSE_BARLINES_PROBLEM, CLOSE_BARLINES_WARNING = 0.25, 1.0

FLASH_MINOR, FLASH_WARNING = 0.5, 1 / 3  # beats

# How far from a low difficulty's usual scroll speed others may be.
SLOWEST_SCROLL, FASTEST_SCROLL = 0.8, 1.25


def unusual_difficulty(subject: MapSubject) -> Iterator[Finding]:
    """OD or HP outside what the criteria advise for the level; as a Minor, HP outside the range
    that suits songs of 1:00 to 3:45."""
    named = set()
    for name, finding in unusual_settings(subject, USUAL_SETTINGS):
        named.add(name)
        yield finding
    usual = DRAIN_HP.get(level_of_map(subject))
    if usual is None or "hp_drain" in named:
        return
    low = -inf if subject.drain > USUAL_DRAIN.high else usual.low
    high = inf if subject.drain < USUAL_DRAIN.low else usual.high
    hp = subject.beatmap.difficulty.hp_drain
    if not low <= hp <= high:
        yield minor(f"HP {hp:g}, usual for this length are {usual.low:g} to {usual.high:g}")


def base_velocity(subject: MapSubject) -> Iterator[Finding]:
    """A base slider velocity other than 1.40, or a tick rate other than 1 (3 for songs in 1/3)."""
    difficulty = subject.beatmap.difficulty
    if abs(difficulty.slider_multiplier - BASE_VELOCITY) > 1e-3:
        yield minor(f"base slider velocity {difficulty.slider_multiplier:g}, usual is 1.4")
    if difficulty.slider_tick_rate not in TICK_RATES:
        yield minor(f"tick rate {difficulty.slider_tick_rate:g}, usual is 1, or 3 for 1/3")


def base_velocity_progression(subject: SetSubject) -> Iterator[Finding]:
    """A base slider velocity that goes up and down again from level to level."""
    rated = [one for one in subject.maps if one.stars is not None]
    rated.sort(key=lambda one: one.stars or 0.0)
    bases = [one.beatmap.difficulty.slider_multiplier for one in rated]
    moves = [after - before for before, after in pairwise(bases) if after != before]
    if any(move > 0 for move in moves) and any(move < 0 for move in moves):
        listed = ", ".join(f"{base:g}" for base in bases)
        yield warning(f"base slider velocities {listed} go up and down")


def bar_lines(beatmap: Beatmap) -> list[float]:
    """When bar lines pass, ms, to the end of the last object's bar; omitted ones left out."""
    if not beatmap.objects or not beatmap.red_lines:
        return []
    end = beatmap.objects[-1].time + 1
    stops = [line.time for line in beatmap.red_lines[1:]] + [max(end, beatmap.red_lines[-1].time)]
    times = []
    for line, stop in zip(beatmap.red_lines, stops, strict=True):
        bar = line.beat_length * max(1, line.meter)
        count = int(max(0.0, (stop - line.time - SAME_TIME) // bar)) + 1
        count = min(count, MOST_BAR_LINES - len(times))
        skip = 1 if line.omit_barline else 0
        # The next line's own bar line is counted with it.
        times += [line.time + bar * number for number in range(skip, count)]
    return times


def last_note_hiding_barline(subject: MapSubject) -> Iterator[Finding]:
    """A last note that ends 1 to 5 ms before its bar line, so that the line is not drawn."""
    lines = subject.beatmap.red_lines
    if not subject.objects or not lines:
        return
    last = len(subject.objects) - 1
    end = float(subject.ends[last])
    line = lines[int(subject.timing.line_index(end))]
    bar = line.beat_length * max(1, line.meter)
    # How far the end is before the next bar line; on it or after it is 0 or a whole bar.
    before = -(end - line.time) % bar
    if LAST_LINE_AFTER < before <= LAST_LINE_MEANT:
        yield problem(f"ends {before:.2f} ms before a bar line, which is hidden then", last)


def barline_unaffected_by_velocity(subject: MapSubject) -> Iterator[Finding]:
    """A green line up to 5 ms after a bar line, which therefore scrolls at the old speed."""
    points = subject.beatmap.timing_points
    lines = bar_lines(subject.beatmap)
    for point in points:
        index = bisect_left(lines, point.time) - 1
        if index < 0 or point.time - lines[index] > LATE_GREEN_LINE:
            continue
        line, late = lines[index], point.time - lines[index]
        if subject.pace.at(line).velocity != subject.pace.at(point.time).velocity:
            yield warning(f"slider velocity changes {late:.0f} ms after its bar line", time=line)


def close_barlines(subject: MapSubject) -> Iterator[Finding]:
    """Bar lines less than a beat apart (Warning), or less than a quarter (Problem)."""
    for first, second in pairwise(bar_lines(subject.beatmap)):
        beats = (second - first) / subject.pace.at(first).beat_length
        text = f"bar lines {second - first:.0f} ms apart; omit one"
        if beats < CLOSE_BARLINES_PROBLEM:
            yield problem(text, time=first)
        elif beats < CLOSE_BARLINES_WARNING - 0.01:
            yield warning(text, time=first)


def inconsistent_bar_lines(subject: SetSubject) -> Iterator[Finding]:
    """A red line whose first bar line is omitted in some difficulties and not in others."""
    if len(subject.maps) < 2:
        return
    first, *others = subject.maps
    omits = {line.time: line.omit_barline for line in first.beatmap.red_lines}
    for index, other in enumerate(others, 1):
        for line in other.beatmap.red_lines:
            if omits.get(line.time, line.omit_barline) != line.omit_barline:
                text = f"omits the first bar line where {first.label} does not, or the reverse"
                yield problem(text, time=line.time, of=index)


def kiai_times(subject: MapSubject) -> list[tuple[float, float]]:
    """When kiai starts and ends, ms; an end that never comes is infinite."""
    times = [time for time, _ in kiai_changes(subject.beatmap.timing_points)]
    return list(zip_longest(times[::2], times[1::2], fillvalue=inf))


def kiai_consistency(subject: SetSubject) -> Iterator[Finding]:
    """Kiai at other times than in the first difficulty."""
    if len(subject.maps) < 2:
        return
    first, *others = subject.maps
    usual = kiai_times(first)
    for index, other in enumerate(others, 1):
        if kiai_times(other) != usual:
            yield minor(f"kiai differs from {first.label}", of=index)


def kiai_flash(subject: MapSubject) -> Iterator[Finding]:
    """Kiai for half a beat or less, a Warning for a third."""
    for start, end in kiai_times(subject):
        beats = rule_beat(subject.pace.at(start).beat_length).gap(end - start)
        text = f"kiai lasts {beats:.2f} beats"
        if beats <= FLASH_WARNING + 0.01:
            yield warning(text, time=start)
        elif beats <= FLASH_MINOR + 0.01:
            yield minor(text, time=start)


def low_scroll_speed(subject: MapSubject) -> Iterator[Finding]:
    """Kantan, Futsuu: notes that scroll slower than 0.8 or faster than 1.25 times the usual."""
    if level_of_map(subject) > Level.NORMAL or not subject.objects:
        return
    speeds = [subject.scroll_speed(item.time) for item in subject.objects]
    usual = sorted(speeds)[len(speeds) // 2]
    odd = [
        (speed / usual, index)
        for index, speed in enumerate(speeds)
        if not SLOWEST_SCROLL - 1e-6 <= speed / usual <= FASTEST_SCROLL + 1e-6
    ]
    if odd:
        text = f"{len(odd)} notes scroll at another speed, the first at {odd[0][0]:.2f}x"
        yield warning(text, odd[0][1])


def background_offset(subject: SetSubject) -> Iterator[Finding]:
    """A background that is moved sideways, or up and down otherwise than in other difficulties."""
    offsets = [_background_offset(one) for one in subject.maps]
    for index, (x, y) in enumerate(offsets):
        if x:
            yield warning(f"background moved sideways by {x}", of=index)
        if y != offsets[0][1]:
            yield warning(
                f"background moved by {y}, in {subject.maps[0].label} {offsets[0][1]}", of=index
            )


def _background_offset(subject: MapSubject) -> tuple[int, int]:
    """x and y that the file moves its background by."""
    for line in subject.raw.get("Events", ()):
        fields = [field.strip() for field in line.split(",")]
        if fields[0] in ("0", "Background") and len(fields) >= 5:
            try:
                return int(fields[3]), int(fields[4])
            except ValueError:
                return 0, 0
    return 0, 0


_MINOR, _WARNING, _PROBLEM = (Severity.MINOR,), (Severity.WARNING,), (Severity.PROBLEM,)

RULES: tuple[Rule, ...] = (
    *taiko_patterns.RULES,
    MapRule(
        name="LastNoteHidingBarline",
        group=Group.COMPOSE,
        judge=last_note_hiding_barline,
        modes=TAIKO,
        severities=_PROBLEM,
        thresholds=("LAST_LINE_AFTER", "LAST_LINE_MEANT"),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="DiffSettingsTaiko",
        group=Group.SETTINGS,
        judge=unusual_difficulty,
        modes=TAIKO,
        severities=(Severity.MINOR, Severity.WARNING),
        thresholds=("USUAL_SETTINGS", "DRAIN_HP", "USUAL_DRAIN"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="BaseSv",
        group=Group.SETTINGS,
        judge=base_velocity,
        modes=TAIKO,
        severities=_MINOR,
        thresholds=("BASE_VELOCITY", "TICK_RATES"),
        sources=(CRITERIA,),
    ),
    SetRule(
        name="BaseSvProgression",
        group=Group.SETTINGS,
        scope=Scope.SET,
        judge=base_velocity_progression,
        modes=TAIKO,
        severities=_WARNING,
        sources=(VERIFIER,),
    ),
    SetRule(
        name="BgOffsetIssues",
        group=Group.RESOURCES,
        scope=Scope.SET,
        judge=background_offset,
        modes=TAIKO,
        severities=_WARNING,
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="BarlineUnaffectedBySv",
        group=Group.TIMING,
        judge=barline_unaffected_by_velocity,
        modes=TAIKO,
        severities=_WARNING,
        thresholds=("LATE_GREEN_LINE",),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="CloseBarlines",
        group=Group.TIMING,
        judge=close_barlines,
        modes=TAIKO,
        severities=(Severity.WARNING, Severity.PROBLEM),
        thresholds=("CLOSE_BARLINES_PROBLEM", "CLOSE_BARLINES_WARNING"),
        sources=(VERIFIER, CRITERIA),
    ),
    SetRule(
        name="InconsistentBarLines",
        group=Group.TIMING,
        scope=Scope.SET,
        judge=inconsistent_bar_lines,
        modes=TAIKO,
        severities=_PROBLEM,
        sources=(VERIFIER, lazer("TaikoInconsistentSkipBarLine")),
    ),
    SetRule(
        name="KiaiConsistency",
        group=Group.TIMING,
        scope=Scope.SET,
        judge=kiai_consistency,
        modes=TAIKO,
        severities=_MINOR,
        sources=(VERIFIER,),
    ),
    MapRule(
        name="KiaiFlash",
        group=Group.TIMING,
        judge=kiai_flash,
        modes=TAIKO,
        severities=(Severity.MINOR, Severity.WARNING),
        thresholds=("FLASH_MINOR", "FLASH_WARNING"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="LowDiffScrollSpeed",
        group=Group.TIMING,
        judge=low_scroll_speed,
        modes=TAIKO,
        severities=_WARNING,
        thresholds=("SLOWEST_SCROLL", "FASTEST_SCROLL"),
        sources=(VERIFIER, CRITERIA),
    ),
)
