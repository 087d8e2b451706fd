"""Levels: what players call a difficulty of so many stars."""

from collections.abc import Sequence
from enum import IntEnum

from beatheritage.osu.mode import Mode


class Level(IntEnum):
    """The steps of a spread, as osu! counts them by stars."""

    EASY = 0
    NORMAL = 1
    HARD = 2
    INSANE = 3
    EXPERT = 4
    EXPERT_PLUS = 5


# The star rating at which each level after the first begins (osu!'s own icons change there).
LEVEL_STARS = (2.0, 2.7, 4.0, 5.3, 6.5)

LEVEL_NAMES = {
    Mode.STD: ("Easy", "Normal", "Hard", "Insane", "Expert", "Expert+"),
    Mode.TAIKO: ("Kantan", "Futsuu", "Muzukashii", "Oni", "Inner Oni", "Ura Oni"),
    Mode.CATCH: ("Cup", "Salad", "Platter", "Rain", "Overdose", "Deluge"),
    Mode.MANIA: ("EZ", "NM", "HD", "MX", "SC", "SHD"),
}


def level_of(stars: float) -> Level:
    """The level of a star rating; a threshold itself belongs to the harder side."""
    return Level(sum(stars >= threshold for threshold in LEVEL_STARS))


def level_name(mode: Mode, stars: float, keys: int = 4, shade: str = "{}") -> str:
    """What a mapper would call this difficulty; mania says its keys first. ``shade`` tells it from
    others of its level."""
    name = shade.format(LEVEL_NAMES[mode][level_of(stars)])
    return f"{keys}K {name}" if mode is Mode.MANIA else name


# What difficulties of one level are called, the easiest first, by how many they are.
_SHADES = {1: ("{}",), 2: ("Light {}", "{}"), 3: ("Light {}", "{}", "Heavy {}")}


def level_names(mode: Mode, stars: Sequence[float], keys: int = 4) -> tuple[str, ...]:
    """Names for the difficulties of a set, the easiest first: each says its level, no two agree."""
    levels = [level_of(each) for each in stars]
    seen = dict.fromkeys(levels, 0)
    names = []
    for level, each in zip(levels, stars, strict=True):
        count = levels.count(level)
        shades = _SHADES.get(count) or tuple(f"{{}} {number}" for number in range(1, count + 1))
        names.append(level_name(mode, each, keys, shades[seen[level]]))
        seen[level] += 1
    return tuple(names)
