"""Rules about std's sliders: whether their ways and arrows can be read."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from beatheritage.osu.beatmap import CurveKind, Point, Slider
from beatheritage.osu.level import Level
from beatheritage.osu.mode import circle_radius_px
from beatheritage.review.issue import Finding, Group, Severity, minor, problem, warning
from beatheritage.review.levels import level_of_map
from beatheritage.review.rule import CRITERIA, STD, VERIFIER, MapRule, Rule, lazer
from beatheritage.review.stacking import Laid, distance, lay
from beatheritage.review.subject import MapSubject
from beatheritage.review.tempo import rule_beat

AMBIGUOUS_PX = 5.0
FOLLOW_CIRCLE_RADII = 2.4  # how far from the ball a slider still counts as followed

# A slider that runs back over itself: so much of it, so close, in nearly the same line.
BURAI_PX = 5.0
BURAI_LENGTH_PX = 20.0
BURAI_COSINE = 0.94  # 20 degrees
BURAI_APART_PX = 15.0  # along the path
MOST_PLACES = 200

SHORT_SLIDER = 125.0  # ms
SHORT_SLIDER_BEATS = 0.5
FASTEST_SLIDER = 1.3  # slider velocity

# The longest slide with so many reverses that is too short for them, ms: problem and warning.
MULTIPLE_REVERSES = 2
REVERSE_SLIDES = {Level.EASY: (250.0, 333.0), Level.NORMAL: (125.0, 167.0)}

ONLY_SLIDERS = 6
ONLY_SLIDERS_TIME = 5000.0  # ms

# For how many beats an arrow or a body must lie open, and what covers it whole.
OPEN_BEATS = {Level.EASY: 4.0, Level.NORMAL: 3.0, Level.HARD: 2.0, Level.INSANE: 0.5}
COVER_RADII = 0.25
BODY_COVER_PX = 5.0
# Maps made to break readers have more objects at a time, and longer bodies (2000 px).
MOST_SEEN = 64
MOST_BODY_PLACES = 400


def _sliders(subject: MapSubject) -> Iterator[tuple[Laid, Slider]]:
    for one in lay(subject):
        if isinstance(one.item, Slider):
            yield one, one.item


def _slide(one: Laid, slider: Slider) -> float:
    """How long one way of a slider takes, ms."""
    return (one.end - one.time) / slider.slides


def ambiguity(subject: MapSubject) -> Iterator[Finding]:
    """A slider whose ends, or a corner and an end, lie within 5 px, so that its way is unclear.

    From Expert on not where it can be followed from its head.
    """
    follow = FOLLOW_CIRCLE_RADII * circle_radius_px(subject.beatmap.difficulty.circle_size)
    for one, slider in _sliders(subject):
        if slider.length <= 2 * AMBIGUOUS_PX:
            continue
        ends = (one.head, one.slide_end)
        text = ""
        if distance(*ends) <= AMBIGUOUS_PX:
            text = "starts where it ends"
        elif any(
            distance(_moved(corner, one.shift), end) <= AMBIGUOUS_PX
            for corner in _corners(slider)
            for end in ends
        ):
            text = "has a corner on one of its ends"
        if text and not (level_of_map(subject) >= Level.EXPERT and _reach(one) <= follow):
            yield warning(text, one.index)


def _moved(place: Point, shift: float) -> Point:
    return Point(place.x + shift, place.y + shift)


def _reach(one: Laid) -> float:
    """How far a slider's body goes from its head, px."""
    return float(np.hypot(*(one.body - one.body[0]).T).max())


def _corners(slider: Slider) -> list[Point]:
    """The red anchors between head and end."""
    points = list(slider.points)
    if slider.kind is CurveKind.LINEAR:
        return points[:-1]
    if slider.kind is not CurveKind.BEZIER:
        return []
    return [one for one, two in pairwise(points[:-1]) if one == two]


def burai(subject: MapSubject) -> Iterator[Finding]:
    """A slider that runs back over at least 20 px of itself."""
    for one, slider in _sliders(subject):
        if _may_return(one, slider) and _overlaid_px(one) >= BURAI_LENGTH_PX:
            yield warning("runs back over itself", one.index)


def _may_return(one: Laid, slider: Slider) -> bool:
    """Whether a slider is long enough for the room it takes, which is quickly told."""
    low, high = one.bounds
    width, height = high.x - low.x, high.y - low.y
    if slider.kind is CurveKind.PERFECT and slider.length < 3 * max(width, height):
        return False  # less than a full circle
    return len(slider.points) > 1 and width + height < slider.length - BURAI_LENGTH_PX


def _overlaid_px(one: Laid) -> float:
    """How many px of a slider lie on an earlier part of it, in nearly the same line."""
    places = one.body[:: max(1, len(one.body) // MOST_PLACES)]
    step = np.diff(places, axis=0)
    length = np.hypot(*step.T)
    if len(step) < 2 or not length.all():
        return 0.0
    facing, middle = step / length[:, None], (places[1:] + places[:-1]) / 2
    along = np.cumsum(length)
    apart = np.hypot(*(middle[:, None] - middle[None]).transpose(2, 0, 1))
    parallel = np.abs(facing @ facing.T) >= BURAI_COSINE
    earlier = along[None] < along[:, None] - BURAI_APART_PX
    return float(length[((apart <= BURAI_PX) & parallel & earlier).any(axis=1)].sum())


def short_sliders(subject: MapSubject) -> Iterator[Finding]:
    """Easy: a slide under 125 ms is a Problem, one under half a beat a Warning."""
    if level_of_map(subject) != Level.EASY:
        return
    for one, slider in _sliders(subject):
        slide = _slide(one, slider)
        beat = rule_beat(float(subject.beat_lengths[one.index]))
        if slide < SHORT_SLIDER:
            yield problem(f"lasts only {slide:.0f} ms", one.index)
        elif slide < beat.time(SHORT_SLIDER_BEATS) - 1:
            yield warning(f"lasts only {beat.gap(slide):.2f} beats", one.index)


def multiple_reverses(subject: MapSubject) -> Iterator[Finding]:
    """A slider that turns twice or more, with slides up to 250 ms (Easy) or 125 ms (Normal).

    A Warning up to 333 ms and 167 ms.
    """
    if level_of_map(subject) not in REVERSE_SLIDES:
        return
    short, shortish = REVERSE_SLIDES[level_of_map(subject)]
    for one, slider in _sliders(subject):
        slide, text = _slide(one, slider), f"turns {slider.slides - 1} times"
        if slider.slides <= MULTIPLE_REVERSES:
            continue
        if slide <= short:
            yield problem(f"{text}, every {slide:.0f} ms", one.index)
        elif slide <= shortish:
            yield warning(f"{text}, every {slide:.0f} ms", one.index)


def slider_only_sections(subject: MapSubject) -> Iterator[Finding]:
    """Easy, Normal: more than six sliders and five seconds without a circle."""
    if level_of_map(subject) > Level.NORMAL:
        return
    run: list[Laid] = []
    for one in (*lay(subject), None):
        if one is not None and isinstance(one.item, Slider):
            run.append(one)
            continue
        if len(run) > ONLY_SLIDERS and run[-1].end - run[0].time > ONLY_SLIDERS_TIME:
            seconds = (run[-1].end - run[0].time) / 1000
            yield minor(f"{len(run)} sliders in {seconds:.1f} s and no circle", run[0].index)
        run = []


def fast_sliders(subject: MapSubject) -> Iterator[Finding]:
    """Easy: sliders faster than a velocity of 1.3."""
    if level_of_map(subject) == Level.EASY:
        yield from faster_than_easy(subject)


def faster_than_easy(subject: MapSubject) -> Iterator[Finding]:
    """Sliders faster than a new player's velocity, in one finding."""
    base = subject.beatmap.difficulty.slider_multiplier
    fast = [(base * subject.pace.at(one.time).velocity, one.index) for one, _ in _sliders(subject)]
    fast = [(speed, index) for speed, index in fast if speed > FASTEST_SLIDER + 1e-6]
    if fast:
        text = f"{len(fast)} sliders faster than {FASTEST_SLIDER}, up to {max(fast)[0]:.2f}"
        yield warning(text, fast[0][1])


def obscured_reverse(subject: MapSubject) -> Iterator[Finding]:
    """A reverse arrow that another object covers 4 (Easy), 3, 2 or half a beat (Insane) before
    it is reached."""
    if level_of_map(subject) not in OPEN_BEATS:
        return
    cover = COVER_RADII * circle_radius_px(subject.beatmap.difficulty.circle_size)
    laid = lay(subject)
    for one, slider in _sliders(subject):
        if slider.slides < 2:
            continue
        reached = one.time + _slide(one, slider)
        open_time = _open_time(subject, one)
        # Earlier objects are drawn above later ones.
        for above in laid[max(0, one.index - MOST_SEEN) : one.index][::-1]:
            if above.end <= reached - open_time:
                break
            places = () if above.is_spinner else (above.head, above.tail)
            if any(distance(place, one.slide_end) <= cover for place in places):
                yield warning("has an arrow that another object covers", one.index, above.index)
                break


def _open_time(subject: MapSubject, one: Laid) -> float:
    """How long an arrow or a body of the level must lie open, ms."""
    beat = rule_beat(float(subject.beat_lengths[one.index]))
    return beat.time(OPEN_BEATS[level_of_map(subject)])


def covered_bodies(subject: MapSubject) -> Iterator[Finding]:
    """A slider whose body lies wholly under an earlier one's that ended 4 (Easy), 3, 2 or half a
    beat (Insane) before it or less."""
    if level_of_map(subject) not in OPEN_BEATS:
        return
    found = [one for one, _ in _sliders(subject)]
    for number, one in enumerate(found):
        open_time = _open_time(subject, one)
        for above in found[max(0, number - MOST_SEEN) : number][::-1]:
            if above.end <= one.time - open_time:
                break
            few = max(len(one.body), len(above.body)) <= MOST_BODY_PLACES
            if few and _holds(above, one):
                apart = one.body[:, None] - above.body[None]
                near = np.hypot(*apart.transpose(2, 0, 1)).min(axis=1)
                if float(near.max()) <= BODY_COVER_PX:
                    yield warning("lies wholly under another slider", one.index, above.index)
                    break


def _holds(outer: Laid, inner: Laid) -> bool:
    """Whether one slider's room holds another's: quickly told, and needed for covering it."""
    (low, high), (least, greatest) = outer.bounds, inner.bounds
    return all(
        low[axis] - BODY_COVER_PX <= least[axis] and greatest[axis] <= high[axis] + BODY_COVER_PX
        for axis in (0, 1)
    )


_WARNING, _MINOR = (Severity.WARNING,), (Severity.MINOR,)
_GRAVE = (Severity.WARNING, Severity.PROBLEM)

RULES: tuple[Rule, ...] = (
    MapRule(
        name="Ambiguity",
        group=Group.COMPOSE,
        judge=ambiguity,
        modes=STD,
        severities=_WARNING,
        thresholds=("AMBIGUOUS_PX", "FOLLOW_CIRCLE_RADII"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="Burai",
        group=Group.COMPOSE,
        judge=burai,
        modes=STD,
        severities=_WARNING,
        thresholds=("BURAI_PX", "BURAI_LENGTH_PX"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="ObscuredReverse",
        group=Group.COMPOSE,
        judge=obscured_reverse,
        modes=STD,
        severities=_WARNING,
        thresholds=("OPEN_BEATS", "COVER_RADII"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="CoveredBodies",
        group=Group.COMPOSE,
        judge=covered_bodies,
        modes=STD,
        severities=_WARNING,
        thresholds=("OPEN_BEATS", "BODY_COVER_PX"),
        sources=(CRITERIA,),
    ),
    MapRule(
        name="SliderOnlySections",
        group=Group.COMPOSE,
        judge=slider_only_sections,
        modes=STD,
        severities=_MINOR,
        thresholds=("ONLY_SLIDERS", "ONLY_SLIDERS_TIME"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="MultipleReverses",
        group=Group.SPREAD,
        judge=multiple_reverses,
        modes=STD,
        severities=_GRAVE,
        thresholds=("MULTIPLE_REVERSES", "REVERSE_SLIDES"),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="ShortSliders",
        group=Group.SPREAD,
        judge=short_sliders,
        modes=STD,
        severities=_GRAVE,
        thresholds=("SHORT_SLIDER", "SHORT_SLIDER_BEATS"),
        sources=(VERIFIER, lazer("TooShortSliders"), CRITERIA),
    ),
    MapRule(
        name="FastSliders",
        group=Group.SPREAD,
        judge=fast_sliders,
        modes=STD,
        severities=_WARNING,
        thresholds=("FASTEST_SLIDER",),
        sources=(CRITERIA,),
    ),
)
