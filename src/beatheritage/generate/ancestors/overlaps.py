"""Objects that all but share a place share it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from math import hypot

from beatheritage.tokens.steps import Step
from beatheritage.tokens.steps_decode import Group

NEAR_PX = 3.8
NEAR_MS = 1000.0
_MEETING = (
    Step.CIRCLE,
    Step.SLIDER_HEAD,
    Step.RED_ANCHOR,
    Step.LAST_ANCHOR,
    Step.SLIDER_END,
)


def met(groups: Iterable[Group]) -> list[Group]:
    """The groups, each on the place of an earlier one that is nearly where it is."""
    moved: list[Group] = []
    lately: deque[Group] = deque()
    for group in groups:
        if group.kind in _MEETING and group.x is not None and group.y is not None:
            while lately and group.time - lately[0].time > NEAR_MS:
                lately.popleft()
            near = (other for other in lately if _distance(group, other) < NEAR_PX)
            other = next(near, group)
            group = replace(group, x=other.x, y=other.y)
            lately.append(group)
        moved.append(group)
    return moved


def _distance(group: Group, other: Group) -> float:
    assert group.place is not None
    assert other.place is not None
    return hypot(group.place.x - other.place.x, group.place.y - other.place.y)
