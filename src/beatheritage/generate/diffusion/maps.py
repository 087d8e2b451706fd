"""Objects of a map as the groups of events that osu-diffusion places, and back."""

from collections.abc import Sequence
from dataclasses import replace

from beatheritage.osu.beatmap import Circle, HitObject, Hold, Point, Slider, Spinner
from beatheritage.osu.curve import slider_path
from beatheritage.osu.pace import Pace
from beatheritage.tokens.steps import Step
from beatheritage.tokens.steps_decode import Group
from beatheritage.tokens.steps_encode import MOST_POINTS, inner_anchors


def spelled(item: HitObject, pace: Pace) -> list[Group]:
    """The groups of one object; of a slider with too many points for the model, and of one with
    none, its head as a circle: it goes along as it is."""
    time = int(item.time)
    match item:
        case Slider() if has_body(item):
            return _slider(item, pace)
        case Circle() | Slider():
            circle = Group(kind=Step.CIRCLE, time=time, new_combo=item.new_combo)
            return [replace(circle, x=item.x, y=item.y)]
        case Spinner():
            end = Group(kind=Step.SPINNER_END, time=int(item.end))
            return [Group(kind=Step.SPINNER, time=time), end]
        case Hold():
            return []


def has_body(item: Slider) -> bool:
    """Whether a slider's path is placed point by point."""
    return 0 < len(item.points) < MOST_POINTS


def _slider(item: Slider, pace: Pace) -> list[Group]:
    time, end = int(item.time), int(pace.end(item))
    turn = int(item.time + (pace.end(item) - item.time) / item.slides)
    head = Group(kind=Step.SLIDER_HEAD, time=time, x=item.x, y=item.y, new_combo=item.new_combo)
    anchors = [
        Group(kind=kind, time=time, x=point.x, y=point.y) for _, kind, point in inner_anchors(item)
    ]
    last, tail = item.points[-1], slider_path(item).end
    return [
        head,
        *anchors,
        Group(kind=Step.LAST_ANCHOR, time=turn, x=last.x, y=last.y),
        Group(kind=Step.SLIDER_END, time=end, x=tail.x, y=tail.y),
    ]


def placed_at(item: HitObject, groups: Sequence[Group]) -> HitObject:
    """The object where its groups are now, in whole pixels; nothing else of it changes."""
    places = [group.place for group in groups]
    match item:
        case Circle() | Slider() if places and places[0] is not None:
            head = places[0]
        case _:
            return item
    if isinstance(item, Circle):
        return replace(item, x=head.x, y=head.y)
    points = [Point(x + head.x - item.x, y + head.y - item.y) for x, y in item.points]
    if has_body(item):
        points = _points(item, [place or head for place in places[1:-1]])
    whole = tuple(Point(float(round(x)), float(round(y))) for x, y in points)
    return replace(item, x=head.x, y=head.y, points=whole)


def _points(item: Slider, anchors: Sequence[Point]) -> list[Point]:
    """The slider's points at the places of its anchors; a corner, one anchor, is two points."""
    points = list(item.points)
    for (index, kind, point), place in zip(inner_anchors(item), anchors, strict=False):
        points[index - 1] = place
        if kind is Step.RED_ANCHOR and point == item.points[index]:
            points[index] = place
    points[-1] = anchors[-1]
    return points
