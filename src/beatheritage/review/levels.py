"""What every mode's criteria ask of a level: its settings, and the beat that its notes keep to."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from beatheritage.osu.level import Level
from beatheritage.osu.limits import Range
from beatheritage.review.issue import Finding, warning
from beatheritage.review.subject import MapSubject, SetSubject
from beatheritage.review.tempo import SNAP_SLACK, rule_beat

ANY = Range(0, 10)
# Settings are kept to one decimal.
SETTING_SLACK = 0.049


class Settings(NamedTuple):
    """The difficulty settings of a level."""

    approach_rate: Range = ANY
    overall_difficulty: Range = ANY
    hp_drain: Range = ANY
    circle_size: Range = ANY


SHORT_NAMES = {
    "approach_rate": "AR",
    "overall_difficulty": "OD",
    "hp_drain": "HP",
    "circle_size": "CS",
}


def unusual_settings(
    subject: MapSubject, table: Mapping[Level, Settings]
) -> Iterator[tuple[str, Finding]]:
    """A Warning for each setting outside its level's range; the level above Expert is as Expert."""
    usual = table.get(min(subject.level, Level.EXPERT))
    if usual is None:
        return
    for name, limits in usual._asdict().items():
        value = getattr(subject.beatmap.difficulty, name)
        if not limits.low - SETTING_SLACK <= value <= limits.high + SETTING_SLACK:
            text = f"{SHORT_NAMES[name]} {value:g}, usual are {limits.low:g} to {limits.high:g}"
            yield name, warning(text)


def share_faster(subject: MapSubject, beats: float) -> float:
    """The share of the gaps from start to start that are faster than so many beats.

    Chords count once.
    """
    starts, first = np.unique(subject.starts, return_index=True)
    if len(starts) < 2:
        return 0.0
    lengths = subject.beat_lengths[first][1:]
    ruled = {one: rule_beat(float(one)) for one in np.unique(lengths)}
    counted = zip(np.diff(starts).tolist(), lengths.tolist(), strict=True)
    faster = [ruled[length].gap(gap) < beats - SNAP_SLACK for gap, length in counted]
    return float(np.mean(faster))


def lowest(subject: SetSubject) -> tuple[int, MapSubject] | None:
    """The easiest map of a set, with its index."""
    rated = [(one.stars, index) for index, one in enumerate(subject.maps) if one.stars is not None]
    if not rated:
        return None
    index = min(rated)[1]
    return index, subject.maps[index]
