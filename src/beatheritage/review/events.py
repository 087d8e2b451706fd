"""Breaks and the sounds of a storyboard."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from beatheritage.osu.mode import Mode
from beatheritage.review.issue import Finding, Group, Severity, problem, warning
from beatheritage.review.rule import ALL_MODES, VERIFIER, MapRule, Rule, lazer
from beatheritage.review.subject import MapSubject

AFTER_OBJECT = 200.0  # ms that the editor leaves from an object to a break
BEFORE_OBJECT = 450.0  # ms from a break to the next object
SHORTEST_BREAK = 650.0  # ms
ROUNDING = 2.0  # ms that cutting to whole numbers, of object and break, may take
_SAMPLE_EVENTS = ("Sample,", "5,")


def breaks(subject: MapSubject) -> Iterator[Finding]:
    """A break that osu!'s editor would not make: too near the objects around it, or too short."""
    starts, ends = subject.starts.tolist(), sorted(subject.ends.tolist())
    for one in subject.beatmap.events.breaks:
        before = bisect_right(starts, one.start)
        after = bisect_left(starts, one.end)
        if ends and before and one.start - ends[before - 1] < AFTER_OBJECT - ROUNDING:
            gap = one.start - ends[before - 1]
            yield problem(f"a break {gap:.0f} ms after the end of an object", time=one.start)
        if after < len(starts) and starts[after] - one.end < BEFORE_OBJECT - ROUNDING:
            gap = starts[after] - one.end
            yield problem(f"a break ends {gap:.0f} ms before the next object", time=one.end)
        if before != after:
            yield problem("a break goes on over objects", *range(before, after), time=one.start)
        elif one.end - one.start < SHORTEST_BREAK:
            yield warning(f"a break of {one.end - one.start:.0f} ms", time=one.start)


def story_hit_sounds(subject: MapSubject) -> Iterator[Finding]:
    """Sounds played by the storyboard, which sound whether or not the player hits."""
    sounds = [line for line in subject.beatmap.events.storyboard if line.startswith(_SAMPLE_EVENTS)]
    if sounds:
        yield warning(f"the storyboard plays {len(sounds)} sounds")


RULES: tuple[Rule, ...] = (
    MapRule(
        name="Breaks",
        group=Group.EVENTS,
        judge=breaks,
        severities=(Severity.PROBLEM, Severity.WARNING),
        thresholds=("AFTER_OBJECT", "BEFORE_OBJECT", "SHORTEST_BREAK", "ROUNDING"),
        sources=(VERIFIER, lazer("Breaks")),
    ),
    MapRule(
        name="StoryHitSounds",
        group=Group.EVENTS,
        judge=story_hit_sounds,
        modes=ALL_MODES - {Mode.MANIA},
        severities=(Severity.WARNING,),
        sources=(VERIFIER,),
    ),
)
