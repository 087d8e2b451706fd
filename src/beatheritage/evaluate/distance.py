"""How far the placer's maps are from people's, with people's rhythm given.

python -m beatheritage.evaluate.distance --data ../shared/data

Every std chart that was kept from training is placed anew with its own stars asked for. Distances
are Wasserstein's between pooled measurements; beside them stand those between two halves of
people's maps, below which nothing can be told.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rosu_pp_py

from beatheritage.dataset.catalogue import load_corpus
from beatheritage.dataset.places import PlacedChart, read_places
from beatheritage.engine.placer_onnx import OnnxPlacer, PlacerEngine
from beatheritage.generate.place_moves import Look, Placed, walk
from beatheritage.osu.beatmap import Beatmap, Circle, HitObject, Slider
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.osu.write import write
from beatheritage.tokens.moves import CIRCLE, FIELD, SLIDER, SPINNER, Places, Rhythm, Style

CORPORA = ("osu_corpus.tar.xz", "osu_corpus2.tar.xz")
STARS_MEASURED = (0.5, 8.0)
STREAM_GAP = 115.5  # ms
LEAST_STREAM = 5  # circles
LEAST_MOVE_PX = 8.0  # a shorter move has no direction worth measuring
STACK_PX = 3.0
SAME_PLACE_PX = 1.5
LOOK_BACK = 8  # objects
QUANTILES = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a map's places come to: samples to compare, and shares."""

    spacings: np.ndarray  # px, head to head
    turns: np.ndarray  # degrees, 0 straight on to 180 back
    xs: np.ndarray
    unevenness: np.ndarray  # of each stream: deviation of its steps over their mean
    reaches: np.ndarray  # of each slider: end from head over length
    stacked: np.ndarray  # bool, of each object
    back_again: np.ndarray  # bool: at an earlier place, but not the last
    outside: np.ndarray  # bool


class Subject(NamedTuple):
    """A map to measure on."""

    beatmap: Beatmap
    chart: PlacedChart
    stars: float


class Row(NamedTuple):
    """One line of the table; ``halves`` is what people come to among themselves."""

    name: str
    placer: float
    people: float | None
    halves: float | None = None


def wasserstein(first: np.ndarray, second: np.ndarray) -> float:
    """The distance of two samples on a line, in their unit; nan where one is empty."""
    if not len(first) or not len(second):
        return float("nan")
    at = (np.arange(QUANTILES) + 0.5) / QUANTILES
    return float(np.abs(np.quantile(first, at) - np.quantile(second, at)).mean())


def measure(rhythm: Rhythm, places: Places) -> Measured:
    """Take a map's places apart; spinners are left out."""
    is_placed = rhythm.kinds != SPINNER
    heads, ends = places.heads[is_placed], places.ends[is_placed]
    kinds, times = rhythm.kinds[is_placed], rhythm.times[is_placed]
    moves = np.diff(heads, axis=0)
    steps = np.hypot(*moves.T)
    sliders = (rhythm.kinds == SLIDER) & (rhythm.slides % 2 == 1)
    reach = np.hypot(*(places.ends - places.heads)[sliders].T)
    both, middle = np.concatenate([heads, ends], axis=1), np.tile(FIELD, 2) / 2
    return Measured(
        spacings=steps,
        turns=_turns(moves, steps),
        xs=heads[:, 0],
        unevenness=unevenness_in_streams(kinds, times, steps),
        reaches=reach / np.maximum(rhythm.lengths_px[sliders], 1),
        stacked=steps <= STACK_PX,
        back_again=_back_again(heads, ends),
        outside=np.asarray((np.abs(both - middle) > middle + 0.5).any(axis=1)),
    )


def _turns(moves: np.ndarray, steps: np.ndarray) -> np.ndarray:
    counted = (steps[1:] > LEAST_MOVE_PX) & (steps[:-1] > LEAST_MOVE_PX)
    along = (moves[1:] * moves[:-1]).sum(axis=1)[counted]
    return np.degrees(np.arccos(np.clip(along / (steps[1:] * steps[:-1])[counted], -1, 1)))


def unevenness_in_streams(kinds: np.ndarray, times: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Of every run of at least five circles in a stream: deviation of its steps over their mean.

    ``steps`` (N - 1,) are px from head to head of the N objects."""
    quick = (np.diff(times) <= STREAM_GAP) & (kinds[1:] == CIRCLE) & (kinds[:-1] == CIRCLE)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quick, [False]])))
    runs = [steps[a:b] for a, b in edges.reshape(-1, 2) if b - a + 1 >= LEAST_STREAM]
    return np.array([run.std() / run.mean() for run in runs if run.mean() > LEAST_MOVE_PX])


def _back_again(heads: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Whether each object stands where an earlier one began or ended, the last one left out."""
    found = np.zeros(len(heads), bool)
    for back in range(2, LOOK_BACK + 1):
        for earlier in (heads[:-back], ends[:-back]):
            apart = np.hypot(*(heads[back:] - earlier).T)
            found[back:] |= apart <= SAME_PLACE_PX
    found[1:] &= np.hypot(*(heads[1:] - ends[:-1]).T) > STACK_PX
    return found


def pool(measured: Sequence[Measured]) -> Measured:
    """Many maps' measurements as one."""
    return Measured(
        **{
            name: np.concatenate([getattr(one, name) for one in measured])
            for name in Measured.__dataclass_fields__
        }
    )


def compare(placer: Sequence[Measured], people: Sequence[Measured]) -> list[Row]:
    """The table's lines."""
    ours, theirs = pool(placer), pool(people)
    halves = (pool(people[::2]), pool(people[1::2])) if len(people) > 1 else (theirs, theirs)
    names = {"spacings": "spacing, W px", "turns": "turn, W degrees", "xs": "x, W px"}
    distances = [
        Row(
            label,
            wasserstein(getattr(ours, name), getattr(theirs, name)),
            None,
            wasserstein(*(getattr(half, name) for half in halves)),
        )
        for name, label in names.items()
    ]
    means: list[tuple[str, Callable[[Measured], np.ndarray]]] = [
        ("mean spacing, px", lambda one: one.spacings),
        ("mean turn, degrees", lambda one: one.turns),
        ("turns over 150 degrees", lambda one: one.turns > 150),
        ("stacked", lambda one: one.stacked),
        ("back at an earlier place", lambda one: one.back_again),
        ("unevenness in streams", lambda one: one.unevenness),
        ("slider reach / length", lambda one: one.reaches),
        ("outside the field", lambda one: one.outside),
    ]
    return distances + [Row(name, _mean(of(ours)), _mean(of(theirs))) for name, of in means]


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def validation_subjects(data: Path, most: int) -> list[Subject]:
    """Std charts that were kept from training, evenly chosen."""
    found = []
    for name in CORPORA:
        for file in load_corpus(data / name):
            beatmap = parse(file.data).beatmap if file.validation else None
            if beatmap is None or beatmap.mode is not Mode.STD:
                continue
            stars = rate(beatmap)
            chart = read_places(beatmap)
            if chart is not None and STARS_MEASURED[0] <= stars <= STARS_MEASURED[1]:
                found.append(Subject(beatmap, chart, stars))
    found.sort(key=lambda subject: subject.stars)
    return found[:: max(1, -(-len(found) // most))]


def rate(beatmap: Beatmap) -> float:
    """rosu-pp's stars."""
    return rosu_pp_py.Difficulty().calculate(rosu_pp_py.Beatmap(content=write(beatmap))).stars


def placed_anew(subject: Subject, placed: Sequence[Placed]) -> Beatmap:
    """The map with its objects at other places."""
    pairs = zip(subject.beatmap.objects, placed, strict=True)
    return replace(subject.beatmap, objects=tuple(_moved(item, to) for item, to in pairs))


def _moved(item: HitObject, to: Placed) -> HitObject:
    x, y = (float(value) for value in to.head)
    match item:
        case Slider() if to.body is not None:
            return replace(item, x=x, y=y, kind=to.body.kind, points=to.body.points)
        case Circle():
            return replace(item, x=x, y=y)
        case _:
            return item


def places_of(placed: Sequence[Placed]) -> Places:
    return Places(
        np.array([item.head for item in placed]),
        np.array([item.end for item in placed]),
        np.array([item.facing for item in placed]),
    )


def evaluate(subjects: Sequence[Subject], engine: PlacerEngine, look: Look) -> list[Row]:
    """Place every subject anew and compare; the last lines are of stars and of time."""
    ours, errors, spent, count = [], [], 0.0, 0
    for index, subject in enumerate(subjects):
        rhythm = subject.chart.rhythm
        style = Style(subject.stars, subject.beatmap.difficulty.circle_size)
        started = time.process_time()
        placed = walk(rhythm, style, look, engine, np.random.default_rng(index))
        spent += time.process_time() - started
        count += len(rhythm)
        ours.append(measure(rhythm, places_of(placed)))
        errors.append(rate(placed_anew(subject, placed)) - subject.stars)
    people = [measure(subject.chart.rhythm, subject.chart.places) for subject in subjects]
    return [
        *compare(ours, people),
        Row("stars, mean error", float(np.abs(errors).mean()), None),
        Row("stars, bias", float(np.mean(errors)), None),
        Row("ms an object", 1000 * spent / max(count, 1), None),
    ]


def table(rows: Sequence[Row]) -> str:
    """Markdown."""

    def cell(value: float | None) -> str:
        return "" if value is None else f"{value:.3f}"

    lines = ["| | placer | people | people, by halves |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {r.name} | {cell(r.placer)} | {cell(r.people)} | {cell(r.halves)} |" for r in rows
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="How far placed maps are from people's.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--weights", type=Path, default=Path(str(files("beatheritage"))) / "weights"
    )
    parser.add_argument("--most", type=int, default=100)
    parser.add_argument("--top-p", type=float, default=Look().top_p)
    parser.add_argument("--temperature", type=float, default=Look().temperature)
    parser.add_argument("--evenness", type=float, default=Look().evenness)
    options = parser.parse_args()
    look = Look(top_p=options.top_p, temperature=options.temperature, evenness=options.evenness)
    subjects = validation_subjects(options.data, options.most)
    rows = evaluate(subjects, OnnxPlacer(options.weights), look)
    print(table([Row("charts", len(subjects), None), *rows]))


if __name__ == "__main__":
    main()
