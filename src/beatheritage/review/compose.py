"""What stands where and when: rules about objects that every mode shares."""

import re
from collections.abc import Iterator
from math import sqrt

from beatheritage.osu.beatmap import Circle, Slider
from beatheritage.osu.mode import Mode
from beatheritage.review.issue import Finding, Group, Scope, Severity, problem, warning
from beatheritage.review.rule import VERIFIER, MapRule, Rule, lazer
from beatheritage.review.subject import MapSubject

NODES_PER_ROOT_PX = 10  # nodes a slider may have for each square root of a pixel of its length
CONCURRENT = 2.0  # ms; objects this near are at one time
ALMOST_CONCURRENT = 10.0  # ms
ALMOST_CONCURRENT_MANIA = 30.0  # ms, within a column
SHORTEST_DRAIN = 30_000.0  # ms
ZERO_LENGTH = 0.5  # ms
# Time and length in the line of a slider whose length is below zero; the reader mends those.
_NEGATIVE_LENGTH = re.compile(
    rb"^[\d.-]+,[\d.-]+,([\d.-]+),\d+,\d+,[A-Z]\|[^,\r\n]*,\d+,(-[\d.]+)", re.MULTILINE
)


def abnormal_nodes(subject: MapSubject) -> Iterator[Finding]:
    """A slider with more nodes than ten times the square root of its length in pixels."""
    for index, item in enumerate(subject.objects):
        if not isinstance(item, Slider):
            continue
        nodes, allowed = 1 + len(item.points), NODES_PER_ROOT_PX * sqrt(item.length)
        if nodes > allowed:
            yield warning(f"has {nodes} nodes on {item.length:.0f} px", index)


def concurrent(subject: MapSubject) -> Iterator[Finding]:
    """Objects that overlap in time, or follow each other too closely (mania: in one column)."""
    mania = subject.mode is Mode.MANIA
    nearest = ALMOST_CONCURRENT_MANIA if mania else ALMOST_CONCURRENT
    lanes = subject.columns if mania else (0,) * len(subject.objects)
    until: dict[int, tuple[float, int]] = {}
    for index, (start, end, lane) in enumerate(
        zip(subject.starts.tolist(), subject.ends.tolist(), lanes, strict=True)
    ):
        before, other = until.get(lane, (-float("inf"), -1))
        if start - before < CONCURRENT:
            yield problem("is concurrent with the object before it", other, index)
        elif start - before < nearest:
            gap = start - before
            yield problem(f"comes {gap:.0f} ms after the object before it", other, index)
        until[lane] = max((before, other), (end, index))


def drain_time(subject: MapSubject) -> Iterator[Finding]:
    """Less than 30 s from the first object to the last, breaks apart."""
    if subject.objects and subject.drain < SHORTEST_DRAIN:
        yield problem(f"drain time is {subject.drain / 1000:.1f} s")


def invisible_slider(subject: MapSubject) -> Iterator[Finding]:
    """A slider without a body: no nodes, all of them at its head, or a negative length."""
    for index, item in enumerate(subject.objects):
        if isinstance(item, Slider):
            if not item.points:
                yield problem("has a head and no other node", index)
            elif all(point == (item.x, item.y) for point in item.points):
                yield problem("has all its nodes at its head", index)
    for time, length in _NEGATIVE_LENGTH.findall(subject.data):
        yield problem(f"the slider at {time.decode()} ms has a length of {length.decode()}")


def zero_length_objects(subject: MapSubject) -> Iterator[Finding]:
    """A slider, spinner or hold that ends as it begins."""
    for index, (item, end) in enumerate(zip(subject.objects, subject.ends, strict=True)):
        if not isinstance(item, Circle) and end - item.time < ZERO_LENGTH:
            yield problem(f"a {type(item).__name__.lower()} that ends as it begins", index)


RULES: tuple[Rule, ...] = (
    MapRule(
        name="AbnormalNodes",
        group=Group.COMPOSE,
        judge=abnormal_nodes,
        severities=(Severity.WARNING,),
        thresholds=("NODES_PER_ROOT_PX",),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="Concurrent",
        group=Group.COMPOSE,
        judge=concurrent,
        severities=(Severity.PROBLEM,),
        thresholds=("CONCURRENT", "ALMOST_CONCURRENT", "ALMOST_CONCURRENT_MANIA"),
        sources=(VERIFIER, lazer("ConcurrentObjects", "ManiaConcurrentObjects")),
    ),
    MapRule(
        name="DrainTime",
        group=Group.COMPOSE,
        judge=drain_time,
        scope=Scope.MATERIAL,
        severities=(Severity.PROBLEM,),
        thresholds=("SHORTEST_DRAIN",),
        sources=(VERIFIER, lazer("DrainLength")),
    ),
    MapRule(
        name="InvisibleSlider",
        group=Group.COMPOSE,
        judge=invisible_slider,
        severities=(Severity.PROBLEM,),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="ZeroLengthObjects",
        group=Group.COMPOSE,
        judge=zero_length_objects,
        severities=(Severity.PROBLEM,),
        thresholds=("ZERO_LENGTH",),
        sources=(lazer("ZeroLengthObjects"),),
    ),
)
