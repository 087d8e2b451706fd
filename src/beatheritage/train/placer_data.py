"""The placer's training data: every std chart of the corpora as one long table, in a file."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import rosu_pp_py

from beatheritage.dataset.catalogue import ChartFile, load_corpus
from beatheritage.dataset.places import PlacedChart, read_places
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.tokens.moves import (
    SLIDER,
    Style,
    actions,
    anchors,
    conditions,
    distances,
    measured_spacing,
    same_speed_distances,
    style_vector,
)
from beatheritage.tokens.shapes import Codebook
from beatheritage.train.shapes import learn_codebook, nearest_shapes

CORPORA = ("osu_corpus.tar.xz", "osu_corpus2.tar.xz")
STARS_LEARNED = (0.3, 10.0)  # above stand gimmicks, whose moves nobody asks for
SHAPES = 64
FORMS_CLUSTERED = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacerData:
    """Charts one after another: chart k owns rows ``starts[k]`` to ``starts[k + 1]``.

    Pixels, unit vectors and classes as in ``tokens.moves``; ``shapes`` is -1 where no slider is.
    """

    conditions: np.ndarray
    heads: np.ndarray
    anchors: np.ndarray
    exits: np.ndarray
    moved: np.ndarray
    expected: np.ndarray
    actions: np.ndarray
    slots: np.ndarray
    kinds: np.ndarray
    shapes: np.ndarray
    lies: np.ndarray
    mirrored: np.ndarray
    lengths: np.ndarray
    starts: np.ndarray
    styles: np.ndarray
    validation: np.ndarray


def load_placer_data(
    data: Path, run: Path, seed: int, leave_out: Collection[str] = ()
) -> tuple[PlacerData, Codebook]:
    """Read the cache in ``run``, or make it from the corpora in ``data``, but for the charts of
    some mappers."""
    gone = frozenset(name.casefold() for name in leave_out)
    cache = run / cache_name(gone)
    if not cache.exists():
        run.mkdir(parents=True, exist_ok=True)
        files = [one for name in CORPORA for one in load_corpus(data / name)]
        made, codebook = build(files, seed, gone)
        arrays = {field.name: getattr(made, field.name) for field in fields(made)}
        rows = np.array(json.dumps(codebook.to_json()))
        partial = cache.with_suffix(".partial.npz")
        np.savez(partial, codebook=rows, **arrays)
        partial.replace(cache)
    with np.load(cache) as stored:
        codebook = Codebook.from_json(json.loads(str(stored["codebook"])))
        return PlacerData(**{f.name: stored[f.name] for f in fields(PlacerData)}), codebook


def cache_name(leave_out: Collection[str]) -> str:
    """Another file for each choice of mappers to leave out."""
    key = hashlib.sha256("\n".join(sorted(leave_out)).encode()).hexdigest()[:12]
    return f"data-without-{key}.npz" if leave_out else "data.npz"


def build(
    files: Sequence[ChartFile], seed: int, leave_out: Collection[str] = ()
) -> tuple[PlacerData, Codebook]:
    """Take every std chart apart, learn the shapes from those to train on, and label.

    ``leave_out`` are mappers as ``Metadata.mapper`` has them.
    """
    charts: list[PlacedChart] = []
    styles: list[np.ndarray] = []
    validation: list[bool] = []
    for file in files:
        read = _read(file, leave_out)
        if read is not None:
            charts.append(read[0])
            styles.append(read[1])
            validation.append(file.validation)
    rng = np.random.default_rng(seed)
    codebook = _codebook([c for c, held in zip(charts, validation, strict=True) if not held], rng)
    return join_charts(charts, styles, validation, codebook), codebook


def join_charts(
    charts: Sequence[PlacedChart],
    styles: Sequence[np.ndarray],
    validation: Sequence[bool],
    codebook: Codebook,
) -> PlacerData:
    """One table of charts, each with its style's vector and whether it is only measured on."""
    columns = [_columns(chart, codebook) for chart in charts]
    joined = {name: np.concatenate([column[name] for column in columns]) for name in columns[0]}
    return PlacerData(
        **joined,
        starts=np.cumsum([0, *(len(chart.rhythm) for chart in charts)]),
        styles=np.stack(styles),
        validation=np.array(validation),
    )


def _read(file: ChartFile, leave_out: Collection[str]) -> tuple[PlacedChart, np.ndarray] | None:
    beatmap = parse(file.data).beatmap
    if beatmap.mode is not Mode.STD or beatmap.metadata.mapper in leave_out:
        return None
    rated = rosu_pp_py.Beatmap(content=file.data.decode("utf-8", "replace"))
    if rated.is_suspicious():
        return None
    stars = rosu_pp_py.Difficulty().calculate(rated).stars
    chart = read_places(beatmap) if STARS_LEARNED[0] <= stars <= STARS_LEARNED[1] else None
    if chart is None:
        return None
    spacing = measured_spacing(chart.rhythm, chart.places)
    style = Style(stars, beatmap.difficulty.circle_size, spacing)
    return chart, style_vector(style)


def _codebook(charts: list[PlacedChart], rng: np.random.Generator) -> Codebook:
    forms = np.concatenate([chart.forms[chart.rhythm.kinds == SLIDER] for chart in charts])
    chosen = rng.permutation(len(forms))[:FORMS_CLUSTERED]
    return learn_codebook(forms[chosen], SHAPES, rng)


def _columns(chart: PlacedChart, codebook: Codebook) -> dict[str, np.ndarray]:
    rhythm, places = chart.rhythm, chart.places
    moved = distances(places)
    done = actions(rhythm, places)
    is_slider = rhythm.kinds == SLIDER
    shapes = np.full(len(rhythm), -1)
    shapes[is_slider] = nearest_shapes(chart.forms[is_slider], codebook)
    singles = {
        "conditions": conditions(rhythm),
        "heads": places.heads,
        "anchors": anchors(places),
        "exits": places.exits,
        "moved": moved,
        "expected": same_speed_distances(rhythm, moved),
        "lies": chart.lies,
        "lengths": rhythm.lengths_px,
    }
    return {
        **{name: np.asarray(column, np.float32) for name, column in singles.items()},
        "actions": done.actions,
        "slots": done.slots,
        "kinds": rhythm.kinds,
        "shapes": shapes,
        "mirrored": chart.mirrored,
    }
