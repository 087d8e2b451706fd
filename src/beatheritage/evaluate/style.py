"""How far maps are from a person's own in how they are placed: the distance that a style has."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from beatheritage.dataset.places import PlacedChart, read_places
from beatheritage.engine.placer_onnx import OnnxPlacer, PlacerEngine
from beatheritage.evaluate.distance import Measured, measure, places_of, pool, wasserstein
from beatheritage.generate.place_moves import Look, walk
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.tokens.moves import Style

MEASURES = ("spacings", "turns", "xs", "reaches", "unevenness", "stacked", "back_again")
LEAST_SPREAD = 0.05
LEAST_SAMPLES = 8


RatedMap = tuple[Beatmap, float]
"""A beatmap and its stars."""


def style_distances(
    held: Sequence[RatedMap], weights: Path, seeds: Iterable[int]
) -> tuple[float, ...]:
    """The style distance of maps to themselves when the placer of a folder of weights has placed
    them anew, for each seed; nothing where none of them is std."""
    charts = _charts(held)
    if not charts:
        return ()
    own, engine = own_measures(held), OnnxPlacer(weights)
    return tuple(style_distance(placed_anew(charts, engine, seed), own) for seed in seeds)


def own_measures(maps: Sequence[RatedMap]) -> list[Measured]:
    """What the std maps among some come to as they are."""
    return [measure(chart.rhythm, chart.places) for chart, _ in _charts(maps)]


def _charts(maps: Sequence[RatedMap]) -> list[tuple[PlacedChart, Style]]:
    return [
        (chart, Style(stars, beatmap.difficulty.circle_size))
        for beatmap, stars in maps
        if beatmap.mode is Mode.STD and (chart := read_places(beatmap)) is not None
    ]


def style_distance(made: Sequence[Measured], own: Sequence[Measured]) -> float:
    """The mean over the measures of Wasserstein's distance, each in units of the own maps' spread;
    0 for the same maps, nan without any."""
    if not made or not own:
        return float("nan")
    ours, theirs = pool(made), pool(own)
    return float(
        np.mean([apart for name in MEASURES if (apart := _apart(ours, theirs, name)) >= 0])
    )


def _apart(ours: Measured, theirs: Measured, name: str) -> float:
    """The distance in one measure, nan where there is too little to tell."""
    first, second = (np.asarray(getattr(one, name), float) for one in (ours, theirs))
    if min(len(first), len(second)) < LEAST_SAMPLES:
        return float("nan")
    return wasserstein(first, second) / max(float(second.std()), LEAST_SPREAD)


def placed_anew(
    maps: Sequence[tuple[PlacedChart, Style]], engine: PlacerEngine, seed: int = 0
) -> list[Measured]:
    """What comes of placing people's rhythms anew."""
    made = []
    for index, (chart, style) in enumerate(maps):
        rng = np.random.default_rng((seed, index))
        placed = walk(chart.rhythm, style, Look(), engine, rng)
        made.append(measure(chart.rhythm, places_of(placed)))
    return made
