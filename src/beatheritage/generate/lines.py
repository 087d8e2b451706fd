"""Timing points: the red lines, and green ones only where something changes."""

from collections.abc import Sequence
from typing import NamedTuple

from beatheritage.osu.beatmap import GreenLine, RedLine, TimingPoint

SOFT = 2  # the sample set that most people's maps use


class Change(NamedTuple):
    """From ``time`` (ms) on, ``value`` holds."""

    time: float
    value: float


def timing_points(
    red_lines: Sequence[RedLine],
    velocities: Sequence[Change],
    volumes: Sequence[Change],
    kiai: Sequence[tuple[float, float]],
    sample_set: int = SOFT,
) -> tuple[TimingPoint, ...]:
    """Red lines with the volume and kiai of their time, and green lines where they do not suffice.

    ``velocities`` are what the objects at those times need; between them, whatever is in force
    stays. A green line never stands before the first red one, nor where it would change nothing.
    """
    reds = {line.time: line for line in red_lines}
    needed = {change.time: change.value for change in velocities}
    first = min(reds)
    moments = {*reds, *needed, *(change.time for change in volumes)}
    moments |= {edge for span in kiai for edge in span}
    points: list[TimingPoint] = []
    velocity, volume, glowing = 1.0, 0, False
    for time in sorted(moment for moment in moments if moment >= first):
        now_volume, now_glowing = int(_value(volumes, time)), _inside(kiai, time)
        now_velocity = needed.get(time, 1.0 if time in reds else velocity)
        red = reds.get(time)
        if red is not None:
            # The ranking criteria forbid the first line to start a kiai: a green one does.
            velocity, volume, glowing = 1.0, now_volume, now_glowing and time != first
            points.append(_red(red, volume, glowing, sample_set))
        if (velocity, volume, glowing) != (now_velocity, now_volume, now_glowing):
            velocity, volume, glowing = now_velocity, now_volume, now_glowing
            points.append(
                GreenLine(
                    time=time,
                    velocity=velocity,
                    meter=_meter(red_lines, time),
                    sample_set=sample_set,
                    volume=volume,
                    kiai=glowing,
                )
            )
    return tuple(points)


def _red(line: RedLine, volume: int, kiai: bool, sample_set: int) -> RedLine:
    return RedLine(
        time=line.time,
        beat_length=line.beat_length,
        meter=line.meter,
        sample_set=sample_set,
        volume=volume,
        kiai=kiai,
        omit_barline=line.omit_barline,
    )


def _value(changes: Sequence[Change], time: float) -> float:
    """The last value up to a time; before the first change, the first value."""
    current = changes[0].value
    for change in changes:
        if change.time <= time:
            current = change.value
    return current


def _inside(spans: Sequence[tuple[float, float]], time: float) -> bool:
    return any(start <= time < end for start, end in spans)


def _meter(red_lines: Sequence[RedLine], time: float) -> int:
    return [line.meter for line in red_lines if line.time <= time][-1]
