"""How fast a map runs at any time, and so when its objects end."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from beatheritage.osu.beatmap import (
    Beatmap,
    GreenLine,
    HitObject,
    Hold,
    RedLine,
    Slider,
    Spinner,
    TimingPoint,
)

# osu! takes a line to hold for an object that was rounded to just before it.
GRACE = 0.5
DEFAULT_BEAT_LENGTH = 500.0


class State(NamedTuple):
    """What the timing points up to a moment come to."""

    beat_length: float = DEFAULT_BEAT_LENGTH
    meter: int = 4
    velocity: float = 1.0
    volume: int = 100
    kiai: bool = False
    sample_set: int = 0
    sample_index: int = 0


class Pace:
    """Looks up a beatmap's timing points; of several at one time the last holds."""

    def __init__(self, beatmap: Beatmap) -> None:
        self._multiplier = beatmap.difficulty.slider_multiplier
        self._times = [point.time for point in beatmap.timing_points]
        self._red_lines = beatmap.red_lines
        first_red = next(iter(self._red_lines), None)
        # Before the first red line osu! counts by it already.
        length = first_red.beat_length if first_red else DEFAULT_BEAT_LENGTH
        self._states = [State(beat_length=length, meter=first_red.meter if first_red else 4)]
        for point in beatmap.timing_points:
            self._states.append(_after(self._states[-1], point))

    def at(self, time: float) -> State:
        """What holds at a time, a line that begins within half a millisecond of it included."""
        return self._states[bisect_right(self._times, time + GRACE)]

    def red_line(self, time: float) -> RedLine | None:
        """The red line that counts the beats at a time: the first one for all before it."""
        after = bisect_right(self._red_lines, time, key=lambda line: line.time)
        return self._red_lines[max(0, after - 1)] if self._red_lines else None

    def slide_length(self, time: float, px: float) -> float:
        """How long one slide over so many pixels takes at a time, ms."""
        state = self.at(time)
        return px * state.beat_length / (100 * self._multiplier * state.velocity)

    def end(self, item: HitObject) -> float:
        """When an object ends, ms; a circle as it begins."""
        match item:
            case Slider():
                return item.time + item.slides * self.slide_length(item.time, item.length)
            case Spinner() | Hold():
                return item.end
            case _:
                return item.time


def usual_beat_length(lines: Sequence[RedLine], end: float) -> float:
    """The beat length that lasts longest up to ``end`` ms."""
    ends = [*(line.time for line in lines[1:]), max(end, lines[-1].time)]
    lasting: dict[float, float] = {}
    for line, line_end in zip(lines, ends, strict=True):
        lasting[line.beat_length] = lasting.get(line.beat_length, 0.0) + line_end - line.time
    return max(lasting, key=lambda length: lasting[length])


def _after(before: State, point: TimingPoint) -> State:
    is_red = isinstance(point, RedLine)
    return State(
        beat_length=point.beat_length if isinstance(point, RedLine) else before.beat_length,
        meter=point.meter if is_red else before.meter,
        velocity=point.velocity if isinstance(point, GreenLine) else 1.0,
        volume=point.volume,
        kiai=point.kiai,
        sample_set=point.sample_set,
        sample_index=point.sample_index,
    )
