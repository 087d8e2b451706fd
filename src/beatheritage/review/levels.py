"""What every mode's criteria ask of a level: its settings, and the beat that its notes keep to."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
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


# So many levels harder than its name a map is no longer what it is called.
UNTRUE_NAME = 2

# What mappers call the levels; a word counts wherever it stands in a difficulty's name, and of
# several the last one. The longer names come first.
_WORDS = {
    Level.EXPERT: (
        *("inner oni", "ura oni", "hell oni", "overdose", "deluge", "black another"),
        *("extreme", "extra", "expert", "exhaust", "shd", "sc"),
    ),
    Level.INSANE: ("insane", "another", "oni", "rain", "mx"),
    Level.HARD: ("hard", "hyper", "muzukashii", "platter", "hd"),
    Level.NORMAL: ("normal", "futsuu", "salad", "nm"),
    Level.EASY: ("easy", "beginner", "kantan", "cup", "ez"),
}
_LEVELS = {word: level for level, words in _WORDS.items() for word in words}
_NAMED = re.compile(rf"\b({'|'.join(_LEVELS)})\b", re.IGNORECASE)

SHORT_NAMES = {
    "approach_rate": "AR",
    "overall_difficulty": "OD",
    "hp_drain": "HP",
    "circle_size": "CS",
}


@lru_cache(maxsize=64)
def level_of_map(subject: MapSubject) -> Level:
    """The level that a map says it is; what its stars make it where its name does not tell, or
    where they are two levels harder.

    Mapset Verifier reads names first, too: stars alone put a taiko Muzukashii among the Kantan.
    """
    named = _NAMED.findall(subject.beatmap.metadata.version)
    level = _LEVELS[named[-1].casefold()] if named else subject.level
    too_hard = subject.stars is not None and subject.level >= level + UNTRUE_NAME
    return subject.level if too_hard else level


def unusual_settings(
    subject: MapSubject, table: Mapping[Level, Settings]
) -> Iterator[tuple[str, Finding]]:
    """A Warning for each setting outside its level's range; the level above Expert is as Expert."""
    usual = table.get(min(level_of_map(subject), Level.EXPERT))
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
    lengths, which = np.unique(subject.beat_lengths[first][1:], return_inverse=True)
    ruled = np.array([rule_beat(length).length for length in lengths.tolist()])[which]
    return float(np.mean(np.diff(starts) / ruled < beats - SNAP_SLACK))


def lowest(subject: SetSubject) -> tuple[int, MapSubject] | None:
    """The easiest map of a set, with its index."""
    rated = [(one.stars, index) for index, one in enumerate(subject.maps) if one.stars is not None]
    if not rated:
        return None
    index = min(rated)[1]
    return index, subject.maps[index]
