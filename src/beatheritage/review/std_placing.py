"""Rules about where std's objects lie: on the screen, on one another, and how far apart.

Places are those that players see, with stacks spread; ``gap`` is the time from the end of one
object to the start of the next, as osu!'s own tools measure it.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from beatheritage.osu.beatmap import Circle, Slider
from beatheritage.osu.level import Level
from beatheritage.osu.limits import Range
from beatheritage.osu.mode import circle_radius_px, preempt
from beatheritage.review.issue import Finding, Group, Severity, minor, problem, warning
from beatheritage.review.levels import level_of_map
from beatheritage.review.rule import CRITERIA, STD, VERIFIER, MapRule, Rule, lazer
from beatheritage.review.stacking import Laid, distance, lay, stack_heights
from beatheritage.review.subject import MapSubject
from beatheritage.review.tempo import rule_beat

# What of the playfield's surroundings a 4:3 screen shows, px.
SCREEN_X, SCREEN_Y = Range(-67, 579), Range(-60, 428)

# Abnormal spacing: px a ms against the mean of recent gaps as long.
FAST_GAP = 180.0  # ms
RECENT_GAPS = 8
FEWEST_RECENT = 3
SIMILAR_GAP = 16.0  # ms, a sixteenth at 240 BPM
ABNORMAL_PROBLEM, ABNORMAL_WARNING, ABNORMAL_MINOR = 15.0, 4.0, 2.0
ROUNDING = 1e-9

# Time-distance equality.
PATTERN_GAP = 600.0  # ms
MEMORY = 4000.0  # ms
MOST_REMEMBERED = 100  # gaps: no Normal has more in that time
STACKED_PX = 12.0
SPACING_SLACK_PX, SPACING_SLACK_SHARE = 10.0, 0.15
SPACING_FAULT_PX, SPACING_FAULT_SHARE = 20.0, 0.3

# Overlaps of low difficulties, ms: lazer's, and for the warning the verifier's (lazer has 175).
MUST_OVERLAP = 150.0
SHOULD_OVERLAP = 188.0
MUST_NOT_OVERLAP = 250.0
OVERLAP_SLACK_PX = 5.0

# How close in time two objects may not lie right on one another: 1/1, 1/1, 1/2, 1/4 at 160 BPM.
STACK_GAPS = {Level.EASY: 375.0, Level.NORMAL: 375.0, Level.HARD: 187.5, Level.INSANE: 93.75}
FAILED_STACK_RADII = 1 / 14
SAME_PLACE_PX = 0.5
HARD_ROCK_APPROACH = 1.4  # times the AR
HIGHEST_APPROACH = 10.0

# Spacing over what a slider moves in the same time.
DISTANCE_SNAP = {Level.EASY: Range(0.8, 1.2), Level.NORMAL: Range(0.8, 1.3)}
MOST_ODD_SNAPS = 0.1  # of a map's gaps

CROSS_SCREEN_PX = 400.0
CROSS_SCREEN_BEATS = 0.5
STREAM_BEATS = 0.25
SHORTEST_STREAM = 5  # objects


class Gap(NamedTuple):
    """Two objects in a row, no spinners."""

    first: Laid
    second: Laid
    time: float
    px: float


@lru_cache(maxsize=32)
def gaps(subject: MapSubject) -> tuple[Gap, ...]:
    """Every two objects in a row of which neither is a spinner."""
    return tuple(
        Gap(one, two, two.time - one.end, distance(one.tail, two.head))
        for one, two in pairwise(lay(subject))
        if not (one.is_spinner or two.is_spinner)
    )


def _radius(subject: MapSubject) -> float:
    return circle_radius_px(subject.beatmap.difficulty.circle_size)


def offscreen(subject: MapSubject) -> Iterator[Finding]:
    """A circle, or part of a slider's body, that a 4:3 screen does not show whole.

    A Problem for heads, ends and circles, a Warning for bodies.
    """
    radius = _radius(subject)
    x = Range(SCREEN_X.low + radius, SCREEN_X.high - radius)
    y = Range(SCREEN_Y.low + radius, SCREEN_Y.high - radius)
    for one in lay(subject):
        if one.is_spinner:
            continue
        if any(place.x not in x or place.y not in y for place in (one.head, one.slide_end)):
            yield problem("is partly off a 4:3 screen", one.index)
        elif any(place.x not in x or place.y not in y for place in one.bounds):
            yield warning("has a body that is partly off a 4:3 screen", one.index)


def abnormal_spacing(subject: MapSubject) -> Iterator[Finding]:
    """Spacing for its time at least twice (Minor), 4 (Warning) or 15 times (Problem) that before.

    Only gaps of up to 180 ms, against the mean of the last gaps as long; stacks do not count, nor
    does spacing at which circles touch.
    """
    touching = 2 * _radius(subject)
    recent: deque[Gap] = deque(maxlen=RECENT_GAPS)
    for gap in gaps(subject):
        if not 0 < gap.time <= FAST_GAP:
            continue
        usual = usual_speed(recent, gap) if gap.px > touching else 0.0
        if usual:
            share = gap.px / gap.time / usual
            for least, make in (
                (ABNORMAL_PROBLEM, problem),
                (ABNORMAL_WARNING, warning),
                (ABNORMAL_MINOR, minor),
            ):
                if share >= least - ROUNDING:
                    text = f"{gap.px:.0f} px in {gap.time:.0f} ms, {share:.1f} times as before"
                    yield make(text, gap.first.index, gap.second.index)
                    break
        if gap.px >= STACKED_PX:
            recent.append(gap)


def usual_speed(recent: Iterable[Gap], gap: Gap) -> float:
    """How fast, px a ms, the last gaps about as long as this one were; 0 where they are too few."""
    alike = [one for one in recent if abs(one.time - gap.time) <= SIMILAR_GAP]
    if len(alike) < FEWEST_RECENT:
        return 0.0
    return sum(one.px / one.time for one in alike) / len(alike)


def space_variation(subject: MapSubject) -> Iterator[Finding]:
    """Easy, Normal: spacing unlike that of the same rhythm in the last four seconds.

    A Warning past 15 % and 10 px, a Problem past 30 % and 20 px; stacks and gaps over 600 ms apart.
    """
    if level_of_map(subject) > Level.NORMAL:
        return
    seen: deque[Gap] = deque(maxlen=MOST_REMEMBERED)
    for gap in gaps(subject):
        if gap.time > PATTERN_GAP or gap.px < STACKED_PX:
            continue
        expected = expected_px(seen, gap)
        off = abs(expected - gap.px)
        text = f"{gap.px:.0f} px apart, {expected:.0f} would be as before"
        if expected and off > SPACING_FAULT_PX + SPACING_FAULT_SHARE * gap.px:
            yield problem(text, gap.first.index, gap.second.index)
        elif expected and off > SPACING_SLACK_PX + SPACING_SLACK_SHARE * gap.px:
            yield warning(text, gap.first.index, gap.second.index)
        else:  # what is wrong is no measure for what follows
            seen.append(gap)


def expected_px(seen: Sequence[Gap], gap: Gap) -> float:
    """The spacing that the last gaps of the same rhythm suggest; 0 where there are none."""
    speeds = []
    for before in reversed(seen):
        too_old = gap.second.time - before.second.time > MEMORY
        if too_old or abs(gap.time - before.time) > SIMILAR_GAP:
            break
        speeds.append(before.px / max(before.time, 1))
    return fmean(speeds) * gap.time if speeds else 0.0


def close_overlap(subject: MapSubject) -> Iterator[Finding]:
    """Easy, Normal: objects under 150 ms apart that do not overlap (Warning: under 188 ms).

    Easy also, a Warning: objects over 250 ms apart that do, while both are seen. The criteria ask
    for it as a guideline; lazer calls it a Problem, which half of people's Easies would have.
    """
    if level_of_map(subject) > Level.NORMAL:
        return
    diameter = 2 * (_radius(subject) - OVERLAP_SLACK_PX)
    visible = preempt(subject.beatmap.difficulty.approach_rate)
    for gap in gaps(subject):
        overlap, pair = gap.px < diameter, (gap.first.index, gap.second.index)
        text = f"only {gap.time:.0f} ms apart, but do not overlap"
        # A slider's end need not be overlapped: it may be left early.
        if not overlap and isinstance(gap.first.item, Circle):
            if gap.time < MUST_OVERLAP:
                yield problem(text, *pair)
            elif gap.time < SHOULD_OVERLAP:
                yield warning(text, *pair)
        is_easy = level_of_map(subject) == Level.EASY
        if is_easy and overlap and MUST_NOT_OVERLAP < gap.time < visible:
            yield warning(f"{gap.time:.0f} ms apart, but overlap", *pair)


def stack_leniency(subject: MapSubject) -> Iterator[Finding]:
    """Objects right on one another closer in time than 1/1 (Easy, Normal), 1/2 (Hard) or 1/4
    (Insane) at 160 BPM: a Problem, from Insane on a Warning; a failed stack is a Warning."""
    level = level_of_map(subject)
    if level not in STACK_GAPS:
        return
    failed = FAILED_STACK_RADII * _radius(subject)
    for gap in gaps(subject):
        pair = (gap.first.index, gap.second.index)
        if gap.time > STACK_GAPS[level] or gap.px >= failed:
            continue
        # What a slider's own body shows is exempt from Hard on.
        if isinstance(gap.first.item, Slider) and level >= Level.HARD:
            continue
        if gap.px >= SAME_PLACE_PX:
            yield warning(f"a failed stack: {gap.px:.1f} px apart", *pair)
        else:
            make = problem if level < Level.INSANE else warning
            yield make(f"right on one another, {gap.time:.0f} ms apart", *pair)


def hard_rock_stacks(subject: MapSubject) -> Iterator[Finding]:
    """A stack that spreads, but not with Hard Rock, where objects appear later."""
    level, beatmap = level_of_map(subject), subject.beatmap
    if level not in STACK_GAPS:
        return
    approach = min(beatmap.difficulty.approach_rate * HARD_ROCK_APPROACH, HIGHEST_APPROACH)
    reach = preempt(approach) * beatmap.general.stack_leniency
    laid = lay(subject)
    flat = [_unstacked(one) for one in laid]
    heights = stack_heights(flat, reach)
    for gap in gaps(subject):
        one, two = gap.first.index, gap.second.index
        spreads = gap.first.height != gap.second.height
        if spreads and heights[one] == heights[two] and gap.time <= STACK_GAPS[level]:
            yield minor("a stack that does not spread with Hard Rock", one, two)


def _unstacked(one: Laid) -> Laid:
    """The object where the file says it is."""
    head = one.head._replace(x=one.head.x - one.shift, y=one.head.y - one.shift)
    tail = one.tail._replace(x=one.tail.x - one.shift, y=one.tail.y - one.shift)
    return Laid(index=one.index, item=one.item, end=one.end, head=head, tail=tail, path=one.path)


def distance_snap(subject: MapSubject) -> Iterator[Finding]:
    """Easy, Normal: over a tenth of the gaps spaced outside 0.8 to 1.2 times (Normal: 1.3) what a
    slider moves in that time."""
    allowed = DISTANCE_SNAP.get(level_of_map(subject))
    if allowed is None:
        return
    measured = [gap for gap in gaps(subject) if 0 < gap.time <= PATTERN_GAP and gap.px > STACKED_PX]
    odd = [gap for gap in measured if round(_snap(subject, gap), 3) not in allowed]
    if len(odd) > MOST_ODD_SNAPS * len(measured):
        text = f"{len(odd)} of {len(measured)} gaps outside {allowed.low}x to {allowed.high}x"
        yield minor(text, odd[0].first.index, odd[0].second.index)


def _snap(subject: MapSubject, gap: Gap) -> float:
    """Spacing over what a slider would move in the gap."""
    return gap.px * subject.pace.slide_length(gap.second.time, 1.0) / gap.time


def cross_screen_jumps(subject: MapSubject) -> Iterator[Finding]:
    """Insane: a jump of 400 px or more within half a beat."""
    if level_of_map(subject) != Level.INSANE:
        return
    for gap in gaps(subject):
        beat = rule_beat(float(subject.beat_lengths[gap.second.index]))
        if gap.px >= CROSS_SCREEN_PX and beat.at_most(gap.time, CROSS_SCREEN_BEATS):
            text = f"a jump of {gap.px:.0f} px across the screen"
            yield minor(text, gap.first.index, gap.second.index)


def spaced_streams(subject: MapSubject) -> Iterator[Finding]:
    """Insane: a stream of five or more objects a quarter apart whose circles do not overlap."""
    if level_of_map(subject) != Level.INSANE:
        return
    diameter, run = 2 * _radius(subject), []
    for gap in (*gaps(subject), None):
        if gap is not None:
            beat = rule_beat(float(subject.beat_lengths[gap.second.index]))
            circles = isinstance(gap.first.item, Circle)
            if circles and gap.px > diameter and beat.at_most(gap.time, STREAM_BEATS):
                run.append(gap)
                continue
        if len(run) >= SHORTEST_STREAM - 1:
            yield minor(f"a spaced stream of {len(run) + 1}", run[0].first.index)
        run = []


_ALL = (Severity.MINOR, Severity.WARNING, Severity.PROBLEM)
_GRAVE = (Severity.WARNING, Severity.PROBLEM)
_LIGHT = (Severity.MINOR,)

RULES: tuple[Rule, ...] = (
    MapRule(
        name="Offscreen",
        group=Group.COMPOSE,
        judge=offscreen,
        modes=STD,
        severities=_GRAVE,
        thresholds=("SCREEN_X", "SCREEN_Y"),
        sources=(VERIFIER, lazer("OffscreenObjects"), CRITERIA),
    ),
    MapRule(
        name="AbnormalSpacing",
        group=Group.COMPOSE,
        judge=abnormal_spacing,
        modes=STD,
        severities=_ALL,
        thresholds=("FAST_GAP", "ABNORMAL_PROBLEM", "ABNORMAL_WARNING", "ABNORMAL_MINOR"),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="SpaceVariation",
        group=Group.SPREAD,
        judge=space_variation,
        modes=STD,
        severities=_GRAVE,
        thresholds=(
            "PATTERN_GAP",
            "MEMORY",
            "SPACING_SLACK_PX",
            "SPACING_SLACK_SHARE",
            "SPACING_FAULT_PX",
            "SPACING_FAULT_SHARE",
        ),
        sources=(VERIFIER, lazer("TimeDistanceEquality"), CRITERIA),
    ),
    MapRule(
        name="CloseOverlap",
        group=Group.SPREAD,
        judge=close_overlap,
        modes=STD,
        severities=_GRAVE,
        thresholds=("MUST_OVERLAP", "SHOULD_OVERLAP", "MUST_NOT_OVERLAP"),
        sources=(VERIFIER, lazer("LowDiffOverlaps"), CRITERIA),
    ),
    MapRule(
        name="StackLeniency",
        group=Group.SPREAD,
        judge=stack_leniency,
        modes=STD,
        severities=_GRAVE,
        thresholds=("STACK_GAPS", "FAILED_STACK_RADII"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="HardRockPerfectStacks",
        group=Group.SPREAD,
        judge=hard_rock_stacks,
        modes=STD,
        severities=_LIGHT,
        thresholds=("STACK_GAPS", "HARD_ROCK_APPROACH"),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="DistanceSnap",
        group=Group.SPREAD,
        judge=distance_snap,
        modes=STD,
        severities=_LIGHT,
        thresholds=("DISTANCE_SNAP", "MOST_ODD_SNAPS"),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="CrossScreenJumps",
        group=Group.SPREAD,
        judge=cross_screen_jumps,
        modes=STD,
        severities=_LIGHT,
        thresholds=("CROSS_SCREEN_PX", "CROSS_SCREEN_BEATS"),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="SpacedStreams",
        group=Group.SPREAD,
        judge=spaced_streams,
        modes=STD,
        severities=_LIGHT,
        thresholds=("STREAM_BEATS", "SHORTEST_STREAM"),
        sources=(CRITERIA,),
    ),
)
