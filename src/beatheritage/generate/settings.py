"""Difficulty settings that fit a star rating, as people choose them.

The tables hold medians over people's maps by stars; ``python -m beatheritage.generate.settings
manifest.csv...`` fits them again. The ranges are those of osu!'s ranking criteria.
"""

import csv
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from beatheritage.errors import UserError
from beatheritage.generate.plan import Plan
from beatheritage.generate.request import Settings
from beatheritage.osu.beatmap import Beatmap, Difficulty
from beatheritage.osu.level import Level, level_of
from beatheritage.osu.limits import Range
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import read

# A row per whole star from 1 to 8: HP, CS, OD, AR, slider multiplier.
# Fitted to 1,364 std, 136 taiko, 55 catch and 638 mania maps.
Row = tuple[float, float, float, float, float]
FIRST_STARS = 1
TABLES: dict[Mode, tuple[Row, ...]] = {
    Mode.STD: (
        (2.0, 3.0, 2.0, 3.0, 0.9),
        (3.0, 3.0, 3.5, 4.2, 1.0),
        (5.0, 4.0, 6.0, 7.0, 1.4),
        (5.0, 4.0, 7.0, 8.0, 1.5),
        (5.8, 4.0, 8.0, 9.0, 1.7),
        (5.8, 4.0, 8.5, 9.3, 1.8),
        (5.8, 4.0, 9.0, 9.6, 1.9),
        (5.8, 4.0, 9.0, 9.8, 1.9),
    ),
    # CS and AR change nothing in taiko: 5, whatever people left there.
    Mode.TAIKO: (
        (8.0, 5.0, 3.0, 5.0, 1.4),
        (7.0, 5.0, 4.0, 5.0, 1.4),
        (5.8, 5.0, 5.0, 5.0, 1.4),
        (5.5, 5.0, 6.0, 5.0, 1.4),
        (5.2, 5.0, 6.0, 5.0, 1.4),
        (5.2, 5.0, 6.0, 5.0, 1.4),
        (5.0, 5.0, 6.8, 5.0, 1.4),
        (5.0, 5.0, 6.8, 5.0, 1.4),
    ),
    Mode.CATCH: (
        (3.0, 2.5, 6.0, 6.0, 1.4),
        (4.0, 3.0, 6.4, 6.4, 1.5),
        (5.0, 3.6, 8.0, 8.0, 1.7),
        (6.0, 4.0, 8.8, 8.8, 1.9),
        (6.0, 4.0, 9.2, 9.2, 1.9),
        (6.0, 4.0, 9.4, 9.4, 1.9),
        (6.0, 4.0, 9.5, 9.5, 1.9),
        (6.0, 4.0, 9.5, 9.5, 1.9),
    ),
    Mode.MANIA: (
        (7.0, 4.0, 7.0, 5.0, 1.4),
        (7.0, 4.0, 7.0, 5.0, 1.4),
        (7.5, 4.0, 7.5, 5.0, 1.4),
        (8.0, 4.0, 8.0, 5.0, 1.4),
        (8.0, 4.0, 8.0, 5.0, 1.4),
        (8.0, 4.0, 8.0, 5.0, 1.4),
        (8.0, 4.0, 8.0, 5.0, 1.4),
        (8.0, 4.0, 8.0, 5.0, 1.4),
    ),
}

ANY = Range(0, 10)
# By level up to Expert: HP, CS, OD, AR. In mania CS is the key count.
RANGES: dict[Mode, tuple[tuple[Range, Range, Range, Range], ...]] = {
    Mode.STD: (
        (Range(1, 3), Range(2, 4), Range(1, 3), Range(0, 5)),
        (Range(3, 5), Range(2, 5), Range(3, 5), Range(4, 6)),
        (Range(4, 6), Range(2, 6), Range(5, 7), Range(6, 8)),
        (Range(5, 8), Range(2, 7), Range(7, 9), Range(7, 9.3)),
        (Range(5, 10), Range(2, 7), Range(8, 10), Range(8, 10)),
    ),
    Mode.TAIKO: (
        (Range(8, 10), ANY, Range(0, 3), ANY),
        (Range(7, 10), ANY, Range(0, 4), ANY),
        (Range(6, 10), ANY, Range(0, 5), ANY),
        (Range(5, 10), ANY, Range(5, 10), ANY),
        (Range(5, 10), ANY, Range(5.1, 10), ANY),
    ),
    Mode.CATCH: (
        (Range(2, 3), Range(0, 2.5), Range(0, 6), Range(0, 6)),
        (Range(3, 4), Range(0, 3), Range(0, 7), Range(0, 7)),
        (Range(4, 5), Range(0, 3.5), Range(0, 8), Range(0, 8)),
        (Range(5, 6), Range(0, 4), Range(0, 9), Range(0, 9)),
        (Range(5, 10), Range(4, 10), Range(9, 10), Range(9, 10)),
    ),
    Mode.MANIA: (
        (Range(0, 7), ANY, Range(0, 7), ANY),
        (Range(0, 7.5), ANY, Range(0, 7.5), ANY),
        (Range(0, 8), ANY, Range(0, 8), ANY),
        (ANY, ANY, ANY, ANY),
        (ANY, ANY, ANY, ANY),
    ),
}


def plan_settings(plan: Plan) -> Difficulty:
    """The settings of a plan: what it pins, and for the rest what fits its stars."""
    fitting = difficulty_settings(plan.mode, plan.stars, plan.keys)
    pinned = {
        name: value
        for name in Settings.__dataclass_fields__
        if (value := getattr(plan.settings, name)) is not None
    }
    return replace(fitting, **pinned)


def difficulty_settings(mode: Mode, stars: float, keys: int = 4) -> Difficulty:
    """AR, OD, HP, CS and slider multiplier for a star rating, inside the ranges of its level.

    To one decimal, as the editor makes them; ``keys`` matters in mania alone.
    """
    table = np.array(TABLES[mode])
    knots = np.arange(FIRST_STARS, FIRST_STARS + len(table))
    values = [float(np.interp(stars, knots, column)) for column in table.T]
    ranges = RANGES[mode][min(level_of(stars), Level.EXPERT)]
    hp, size, overall, approach = (
        round(limits.clamp(value), 1) for limits, value in zip(ranges, values, strict=False)
    )
    return Difficulty(
        hp_drain=hp,
        circle_size=float(keys) if mode is Mode.MANIA else size,
        overall_difficulty=overall,
        approach_rate=overall if mode is Mode.CATCH else approach,
        slider_multiplier=round(values[4], 1),
        slider_tick_rate=1.0,
    )


def fit_table(stars: np.ndarray, settings: np.ndarray, knots: int = 8) -> np.ndarray:
    """Monotone medians of settings by whole stars, float (knots, columns), to one decimal.

    A knot's median is over the maps within half a star, or over the nearest ten if those are fewer.
    """
    medians, weights = [], []
    for knot in range(FIRST_STARS, FIRST_STARS + knots):
        apart = np.abs(stars - knot)
        near = apart <= max(0.5, np.sort(apart)[min(9, len(apart) - 1)])
        medians.append(np.median(settings[near], axis=0))
        weights.append(near.sum())
    columns = np.array(medians).T
    return np.round([monotone(column, np.array(weights)) for column in columns], 1).T


def monotone(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The nearest sequence (weighted least squares) that only rises, or only falls: pool adjacent
    violators both ways, and keep the better."""
    both = [_rising(values, weights), -_rising(-values, weights)]
    return min(both, key=lambda fit: float((weights * (fit - values) ** 2).sum()))


def _rising(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    pools: list[tuple[float, float, int]] = []  # mean, weight, length
    for value, weight in zip(values, weights, strict=True):
        pools.append((float(value), float(weight), 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (mean, heavy, long), (other, light, short) = pools[-2:]
            pooled = (mean * heavy + other * light) / (heavy + light)
            pools[-2:] = [(pooled, heavy + light, long + short)]
    return np.repeat([pool[0] for pool in pools], [pool[2] for pool in pools])


def read_settings(manifests: Sequence[Path]) -> dict[Mode, tuple[np.ndarray, np.ndarray]]:
    """Stars (maps,) and settings (maps, 5) of people's maps by mode.

    A manifest is a CSV with ``md5`` and ``stars``, the maps lie beside it. Raises InputError for a
    map that is missing.
    """
    rows: dict[Mode, list[tuple[float, Row]]] = {}
    for manifest in manifests:
        with manifest.open(encoding="utf-8", newline="") as lines:
            for entry in csv.DictReader(lines):
                beatmap = read(manifest.parent / f"{entry['md5']}.osu").beatmap
                rows.setdefault(beatmap.mode, []).append((float(entry["stars"]), _row(beatmap)))
    return {
        mode: (np.array([stars for stars, _ in pairs]), np.array([row for _, row in pairs]))
        for mode, pairs in rows.items()
    }


def _row(beatmap: Beatmap) -> Row:
    said = beatmap.difficulty
    return (
        said.hp_drain,
        said.circle_size,
        said.overall_difficulty,
        said.approach_rate,
        said.slider_multiplier,
    )


def main(arguments: Sequence[str]) -> int:
    """Fit the tables to the maps of manifests and write them out as they stand above."""
    try:
        maps = read_settings([Path(argument) for argument in arguments])
    except (OSError, UserError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for mode in sorted(maps):
        stars, settings = maps[mode]
        sys.stdout.write(f"{mode.name}: {len(stars)} maps\n")
        for row in fit_table(stars, settings).tolist():
            sys.stdout.write(f"    {tuple(row)},\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
