"""The lines of [TimingPoints] to red and green lines, as osu!lazer's decoder reads them."""

import math
from dataclasses import dataclass

from beatheritage.osu.beatmap import GreenLine, RedLine, TimingPoint
from beatheritage.osu.limits import BEAT_LENGTH, VOLUME, velocity_range
from beatheritage.osu.mode import Mode
from beatheritage.osu.numbers import number, velocity_of, whole

_KIAI, _OMIT_BARLINE = 1, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingDefaults:
    """What holds where a line stops short, and what the whole file says about its times."""

    offset: float
    mode: Mode
    sample_set: int
    volume: int


def read_timing_points(line: str, defaults: TimingDefaults) -> tuple[TimingPoint, ...]:
    """The points of one line: one, or two where a red line also sets a velocity (ValueError)."""
    fields = line.split(",")
    if len(fields) < 2:
        raise ValueError("a timing point has at least a time and a beat length")
    beat_length = _beat_length(fields[1])
    shared = {
        "time": number(fields[0]) + defaults.offset,
        "meter": _meter(fields[2]) if len(fields) > 2 else 4,
        "sample_set": whole(fields[3]) if len(fields) > 3 else defaults.sample_set,
        "sample_index": whole(fields[4]) if len(fields) > 4 else 0,
        "volume": _volume(fields[5]) if len(fields) > 5 else defaults.volume,
    }
    effects = whole(fields[7]) if len(fields) > 7 else 0
    shared |= {"kiai": bool(effects & _KIAI), "omit_barline": bool(effects & _OMIT_BARLINE)}
    velocity = velocity_range(defaults.mode).clamp(velocity_of(beat_length))
    is_red = len(fields) < 7 or fields[6].strip()[:1] == "1"
    if not is_red:
        return (GreenLine(velocity=velocity, **shared),)
    if math.isnan(beat_length):
        raise ValueError("the beat length of a red line is not a number")
    red = RedLine(beat_length=BEAT_LENGTH.clamp(beat_length), **shared)
    # osu! takes a negative beat length for a velocity even here.
    return (red, GreenLine(velocity=velocity, **shared)) if beat_length < 0 else (red,)


def _beat_length(text: str) -> float:
    # NaN is the one that osu! takes here: a green line with it hides the slider ticks.
    return math.nan if text.strip().lower() == "nan" else number(text)


def _volume(text: str) -> int:
    return int(VOLUME.clamp(whole(text)))


def _meter(text: str) -> int:
    if text.strip()[:1] == "0":
        return 4
    meter = whole(text)
    if meter < 1:
        raise ValueError(f"a bar has at least one beat, not {meter}")
    return meter
