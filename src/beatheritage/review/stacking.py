"""Where osu! draws objects: stacks leave the places that the file says.

After osu!lazer's ``OsuBeatmapProcessor`` (files of version 6 and later).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import hypot

import numpy as np

from beatheritage.osu.beatmap import Circle, HitObject, Point, Slider, Spinner
from beatheritage.osu.curve import Path
from beatheritage.osu.mode import circle_radius_px, preempt
from beatheritage.review.subject import MapSubject

SAME_PLACE_PX = 3.0
# A level of a stack goes up and left by a tenth of a radius.
STEP_OF_RADIUS = 0.1
BODY_STEP_PX = 5.0
# So many objects below one another are looked through; maps made to break readers have more.
DEEPEST_STACK = 200


@dataclass(frozen=True, kw_only=True)
class Laid:
    """An object where it is seen. ``height`` counts how far up its stack it lies.

    ``head`` and ``tail`` are where it starts and ends, ``path`` a slider's one slide as the file
    says it, and ``shift`` what the stack adds to both x and y.
    """

    index: int
    item: HitObject
    end: float
    head: Point
    tail: Point
    path: Path | None = None
    height: int = 0
    shift: float = 0.0

    @property
    def time(self) -> float:
        return self.item.time

    @property
    def is_spinner(self) -> bool:
        return isinstance(self.item, Spinner)

    @cached_property
    def bounds(self) -> tuple[Point, Point]:
        """The least and the greatest x and y of the object's middle line."""
        if self.path is None:
            return self.head, self.head
        low, high = self.path.points.min(axis=0), self.path.points.max(axis=0)
        return Point(*(low + self.shift).tolist()), Point(*(high + self.shift).tolist())

    @cached_property
    def slide_end(self) -> Point:
        """Where the way ends that a slider shows, whether or not it returns."""
        if self.path is None:
            return self.head
        return Point(self.path.end.x + self.shift, self.path.end.y + self.shift)

    @cached_property
    def body(self) -> np.ndarray:
        """Places (N, 2) along the object, both ends among them; a circle's is one."""
        if self.path is None or self.path.length <= 0:
            return np.array([self.head])
        steps = max(2, int(self.path.length / BODY_STEP_PX) + 1)
        return self.path.places(np.linspace(0, self.path.length, steps)) + self.shift


@lru_cache(maxsize=32)  # several rules ask for the same map's
def lay(subject: MapSubject) -> tuple[Laid, ...]:
    """Every object of a map with its end and the place that stacking gives it."""
    flat = _flat(subject)
    difficulty = subject.beatmap.difficulty
    reach = preempt(difficulty.approach_rate) * subject.beatmap.general.stack_leniency
    step = STEP_OF_RADIUS * circle_radius_px(difficulty.circle_size)
    heights = stack_heights(flat, reach)
    return tuple(_raised(one, height, step) for one, height in zip(flat, heights, strict=True))


def distance(first: Point, second: Point) -> float:
    return hypot(first.x - second.x, first.y - second.y)


def _same_place(first: Point, second: Point) -> bool:
    dx, dy = first[0] - second[0], first[1] - second[1]
    return dx * dx + dy * dy < SAME_PLACE_PX * SAME_PLACE_PX


def stack_heights(laid: Sequence[Laid], reach: float) -> list[int]:
    """How high each object lies; ``reach`` is how far back in ms one looks for the one below."""
    heights = [0] * len(laid)
    for top in range(len(laid) - 1, 0, -1):
        if heights[top] == 0 and not laid[top].is_spinner:
            if isinstance(laid[top].item, Circle):
                _stack_below_circle(laid, heights, top, reach)
            else:
                _stack_below_slider(laid, heights, top, reach)
    return heights


def _stack_below_circle(laid: Sequence[Laid], heights: list[int], top: int, reach: float) -> None:
    current = top
    for index in range(top - 1, max(top - 1 - DEEPEST_STACK, -1), -1):
        one, above = laid[index], laid[current]
        if one.is_spinner:
            continue
        if above.time - one.end > reach:
            return
        if isinstance(one.item, Slider) and _same_place(one.tail, above.head):
            # What lies on a slider's end goes down, so that the slider itself stays.
            sink = heights[current] - heights[index] + 1
            for between in range(index + 1, top + 1):
                if _same_place(one.tail, laid[between].head):
                    heights[between] -= sink
            return
        if _same_place(one.head, above.head):
            heights[index] = heights[current] + 1
            current = index


def _stack_below_slider(laid: Sequence[Laid], heights: list[int], top: int, reach: float) -> None:
    current = top
    for index in range(top - 1, max(top - 1 - DEEPEST_STACK, -1), -1):
        one, above = laid[index], laid[current]
        if one.is_spinner:
            continue
        if above.time - one.time > reach:
            return
        if _same_place(one.tail, above.head):
            heights[index] = heights[current] + 1
            current = index


def _flat(subject: MapSubject) -> list[Laid]:
    """Every object where the file says it is."""
    flat = []
    for index, (item, end) in enumerate(zip(subject.objects, subject.ends.tolist(), strict=True)):
        head, path = Point(item.x, item.y), subject.paths.get(index)
        returns = not isinstance(item, Slider) or item.slides % 2 == 0
        tail = head if path is None or returns else path.end
        flat.append(Laid(index=index, item=item, end=end, head=head, tail=tail, path=path))
    return flat


def _raised(one: Laid, height: int, step: float) -> Laid:
    if not height:
        return one
    shift = -height * step
    head = Point(one.head.x + shift, one.head.y + shift)
    tail = Point(one.tail.x + shift, one.tail.y + shift)
    return replace(one, head=head, tail=tail, height=height, shift=shift)
