"""The search for the stars that were asked for: which knobs to turn, and how far.

It knows nothing of maps: ``rate`` says what a setting of the knobs comes to. A push writes the
draft anew and costs much; a trim changes a draft that is there and costs little. So a draft is
pushed only where trimming the last one did not do.
"""

from collections.abc import Callable
from typing import NamedTuple

MOST_PUSH = 3.0
MOST_REDRAFTS = 2
MOST_BETWEEN = 2  # more of them, where one draft came out too soft and one too hard
MOST_TRIMS = 8
CLOSE = 0.03  # stars: near enough
MET = 0.06  # stars: not worth another draft, nor trimming on and on
FEW_TRIMS = 4  # a rating that goes by steps gets no nearer than these bring it
MISSED = 0.15  # stars: not met
LEAST_SLOPE, MOST_SLOPE = 0.4, 3.0  # stars a push, where a secant says otherwise


class Knobs(NamedTuple):
    """``push``, in stars: how much harder (softer, below 0) the mapper is told to write than was
    asked. ``trim``, from -1 to 1: how far the draft is then thinned or filled, or its places are
    brought together or apart."""

    push: float = 0.0
    trim: float = 0.0


AS_PLANNED = Knobs()
Rate = Callable[[Knobs], float]


class Met(NamedTuple):
    """The knobs that came nearest, and the stars there."""

    knobs: Knobs
    stars: float


def search(rate: Rate, target: float, reach: float) -> Met:
    """The nearest to ``target`` that few trials find: never further off than as planned.

    ``reach`` is what a full trim changes, as a share of the stars; it need not be exact.
    """
    drafts, found = list[Met](), list[Met]()
    push: float | None = AS_PLANNED.push
    while push is not None and all(push != draft.knobs.push for draft in drafts):
        knobs = Knobs(push=push)
        drafts.append(Met(knobs, rate(knobs)))
        found.append(trim(rate, drafts[-1], target, reach))
        if _apart(found[-1], target) <= MET:
            break
        push = next_push(drafts, target) if len(drafts) <= MOST_REDRAFTS else None
        if push is None and _apart(_nearest(found, target), target) > MISSED:
            push = push_between(drafts, target)
    return _nearest(found, target)


def push_between(drafts: list[Met], target: float) -> float | None:
    """Where the next draft should come out right, between the nearest on either side: drafts may
    leap. None where all are on one side, or this was tried often enough."""
    softer = [draft for draft in drafts if draft.stars < target]
    harder = [draft for draft in drafts if draft.stars > target]
    if not softer or not harder or len(drafts) > MOST_REDRAFTS + MOST_BETWEEN:
        return None
    low, high = max(softer, key=lambda each: each.stars), min(harder, key=lambda each: each.stars)
    share = (target - low.stars) / (high.stars - low.stars)
    return low.knobs.push + share * (high.knobs.push - low.knobs.push)


def next_push(drafts: list[Met], target: float) -> float:
    """Where the next draft should come out right, by the two nearest on a line."""
    ranked = sorted(drafts, key=lambda each: _apart(each, target))
    first = ranked[0]
    slope = 1.0
    if len(ranked) > 1:
        second = ranked[1]
        slope = (first.stars - second.stars) / (first.knobs.push - second.knobs.push)
    slope = min(max(slope, LEAST_SLOPE), MOST_SLOPE)
    push = first.knobs.push + (target - first.stars) / slope
    return min(max(push, -MOST_PUSH), MOST_PUSH)


def trim(rate: Rate, draft: Met, target: float, reach: float) -> Met:
    """Trim one draft by false position (Illinois), the nearest of what was tried."""
    tried = [draft]
    side = 1.0 if target > draft.stars else -1.0
    # Between these two trims the target lies, with the error at each.
    near, far = (0.0, draft.stars - target), None
    at = side * min(1.0, _apart(draft, target) / max(reach * target, CLOSE))
    while not _good_enough(tried, target):
        knobs = draft.knobs._replace(trim=at)
        tried.append(Met(knobs, rate(knobs)))
        error = tried[-1].stars - target
        if error * side < 0:  # not far enough
            if abs(at) == 1:
                break
            near = (at, error)
            far = far and (far[0], far[1] / 2)
        else:
            far = (at, error)
            near = (near[0], near[1] / 2) if len(tried) > 2 else near
        at = _between(near, far) if far else side * min(1.0, 2 * abs(at))
    return _nearest(tried, target)


def _good_enough(tried: list[Met], target: float) -> bool:
    """Whether trimming is at its end: near by now, or tried often enough. The draft is one."""
    trims, apart = len(tried) - 1, _apart(_nearest(tried, target), target)
    return trims >= MOST_TRIMS or apart <= (CLOSE if trims < FEW_TRIMS else MET)


def _between(near: tuple[float, float], far: tuple[float, float]) -> float:
    """Where a line through both errors crosses 0."""
    return near[0] - near[1] * (far[0] - near[0]) / (far[1] - near[1])


def _apart(found: Met, target: float) -> float:
    return abs(found.stars - target)


def _nearest(found: list[Met], target: float) -> Met:
    return min(found, key=lambda each: _apart(each, target))
