"""What the catcher has to do: walk, dash or hyperdash from one fruit to the next.

After osu!lazer's ``CatchBeatmapProcessor`` (which fruits send the catcher into a hyperdash),
``JuiceStream`` (what a slider drops) and ``Catcher`` (widths and speeds).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import lru_cache
from itertools import pairwise

from beatheritage.osu.beatmap import Circle, Point, Slider
from beatheritage.osu.limits import Range
from beatheritage.review.subject import MapSubject

WALK_SPEED, DASH_SPEED = 0.5, 1.0  # px a ms
CATCHER_PX = 106.75  # the catcher's width at circle size 5
CAUGHT_SHARE = 0.8  # of that width catches
FRAME_GRACE = 1000 / 60 / 4  # ms of each gap that the game does not count
# A hyperdash is as fast as brings the catcher under its fruit a frame early; then it dashes on.
HYPER_EARLY = 1000 / 60  # ms
FIELD_X = Range(0, 512)
# osu! drops nothing in the last 10 ms of a slide. We count no more than so many a slider.
TICK_TO_END = 10.0
MOST_DROPS = 1000
FIRST_VERSION_WITH_SCALED_TICKS = 8


class Part(Enum):
    """What of a map is caught."""

    FRUIT = "fruit"
    SLIDER_HEAD = "slider head"
    DROP = "drop"
    REPEAT = "slider repeat"
    SLIDER_END = "slider end"


class Move(IntEnum):
    """How hard it is to get somewhere, the easiest first."""

    WALK = 0
    DASH = 1
    HYPER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fruit:
    """Something to catch; ``index`` is its object's in the map."""

    time: float
    x: float
    part: Part
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The way from one fruit to the next.

    ``to_hyper`` is how many more px would make a hyperdash of it (below 0 where it is one), and
    ``to_dash`` how many more would ask for a dash (below 0 where the catcher must dash).
    """

    start: Fruit
    end: Fruit
    to_hyper: float
    to_dash: float

    @property
    def move(self) -> Move:
        if self.to_hyper < 0:
            return Move.HYPER
        return Move.DASH if self.to_dash < 0 else Move.WALK

    @property
    def gap(self) -> float:
        return self.end.time - self.start.time

    @property
    def direction(self) -> int:
        """1 to the right, -1 to the left, 0 for a fruit right below."""
        return (self.end.x > self.start.x) - (self.end.x < self.start.x)

    @property
    def within_slider(self) -> bool:
        return self.start.index == self.end.index


def catcher_width_px(circle_size: float) -> float:
    """How wide the catcher is drawn."""
    return CATCHER_PX * (1 - 0.7 * (circle_size - 5) / 5)


@lru_cache(maxsize=32)  # several rules ask for the same map's
def fruits(subject: MapSubject) -> tuple[Fruit, ...]:
    """Everything that must be caught, in order of time; no bananas and no tiny droplets."""
    caught: list[Fruit] = []
    for index, item in enumerate(subject.objects):
        if isinstance(item, Circle):
            x = FIELD_X.clamp(item.x)
            caught.append(Fruit(time=item.time, x=x, part=Part.FRUIT, index=index))
        elif isinstance(item, Slider):
            caught += _stream(subject, item, index)
    return tuple(sorted(caught, key=lambda fruit: fruit.time))


@lru_cache(maxsize=32)
def ways(subject: MapSubject) -> tuple[Step, ...]:
    """Every way from fruit to fruit of a map."""
    return steps(fruits(subject), subject.beatmap.difficulty.circle_size)


def steps(caught: Sequence[Fruit], circle_size: float) -> tuple[Step, ...]:
    """Every way from fruit to fruit, as the game rates it: from the middle of the catcher, or from
    where the step before, in the same direction, could leave it."""
    half = catcher_width_px(circle_size) / 2
    before, room = 0, {DASH_SPEED: half, WALK_SPEED: half}
    rated = []
    for start, end in pairwise(caught):
        direction = 1 if end.x > start.x else -1
        gap = end.time - start.time - FRAME_GRACE
        spare = {
            speed: gap * speed - abs(end.x - start.x) + (left if before == direction else half)
            for speed, left in room.items()
        }
        rated.append(
            Step(start=start, end=end, to_hyper=spare[DASH_SPEED], to_dash=spare[WALK_SPEED])
        )
        room = {
            DASH_SPEED: _left(half, spare[DASH_SPEED]),
            WALK_SPEED: _left(half, spare[WALK_SPEED], spare[DASH_SPEED]),
        }
        before = direction
    return tuple(rated)


def _left(half: float, *spare: float) -> float:
    """How far beyond a fruit one can be who got there the easiest way there is; who flies to it
    has the whole plate."""
    made = next((px for px in spare if px >= 0), half)
    return min(made, half)


def missed(rated: Sequence[Step], circle_size: float) -> Iterator[Step]:
    """The steps that nobody can make, hyperdashes and all: the map could not be caught whole.

    Follows the set of places where a perfect player may stand, an interval, from fruit to fruit.
    """
    if not rated:
        return
    half = catcher_width_px(circle_size) * CAUGHT_SHARE / 2
    stand = _plate(rated[0].start.x, half)
    for step in rated:
        plate = _plate(step.end.x, half)
        far = step.gap * DASH_SPEED
        arrive = Range(max(plate.low, stand.low - far), min(plate.high, stand.high + far))
        if step.move is Move.HYPER:
            beyond = plate.clamp(step.end.x + step.direction * HYPER_EARLY * DASH_SPEED)
            arrive = Range(min(arrive.low, beyond), max(arrive.high, beyond))
        if arrive.low > arrive.high:
            yield step
            arrive = plate
        stand = arrive


def _plate(x: float, half: float) -> Range:
    """Where the catcher's middle may be to catch what falls at ``x``."""
    return Range(max(x - half, FIELD_X.low), min(x + half, FIELD_X.high))


def _stream(subject: MapSubject, slider: Slider, index: int) -> Iterator[Fruit]:
    """What a slider drops, slide by slide: its head, drops at ticks, repeats and its end."""
    path = subject.paths[index]
    slide = (float(subject.ends[index]) - slider.time) / slider.slides
    marks = _tick_shares(subject, slider, slide)
    places = {share: _x(path.at(share * slider.length)) for share in (0.0, *marks, 1.0)}
    yield Fruit(time=slider.time, x=places[0.0], part=Part.SLIDER_HEAD, index=index)
    for number in range(slider.slides):
        start, back = slider.time + number * slide, number % 2 == 1
        for share in reversed(marks) if back else marks:
            time = start + (1 - share if back else share) * slide
            yield Fruit(time=time, x=places[share], part=Part.DROP, index=index)
        part = Part.SLIDER_END if number == slider.slides - 1 else Part.REPEAT
        yield Fruit(time=start + slide, x=places[float(not back)], part=part, index=index)


def _tick_shares(subject: MapSubject, slider: Slider, slide: float) -> list[float]:
    """Where along one slide, of so many ms, the drops are: shares of its length."""
    beatmap, state = subject.beatmap, subject.pace.at(slider.time)
    scaled = beatmap.format_version >= FIRST_VERSION_WITH_SCALED_TICKS
    every = state.beat_length / beatmap.difficulty.slider_tick_rate
    every /= 1 if scaled else state.velocity
    count = int(min(slide / every, MOST_DROPS / slider.slides))
    times = (every * number for number in range(1, count + 1))
    return [time / slide for time in times if time < slide - TICK_TO_END]


def _x(place: Point) -> float:
    return FIELD_X.clamp(place.x)
