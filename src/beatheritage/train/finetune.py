"""Fine-tuning on a person's own maps: low-rank changes, merged into weights that run anywhere."""

import shutil
import tempfile
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn

from beatheritage.dataset.places import PlacedChart, read_places
from beatheritage.engine.weights import WEIGHTS
from beatheritage.errors import InputError, OutputError
from beatheritage.osu.mode import Mode
from beatheritage.progress import OnProgress, Progress, ignore
from beatheritage.tokens.moves import Style, measured_spacing, style_vector
from beatheritage.tokens.prompt import KEYS
from beatheritage.tokens.shapes import Codebook
from beatheritage.train.learner import Learner, Parts
from beatheritage.train.loop import judge, train
from beatheritage.train.low_rank import adapt, check_learnt, merged
from beatheritage.train.mapper_data import Example, example_of
from beatheritage.train.mapper_source import Source
from beatheritage.train.native import NativeLearner, NativeRecipe
from beatheritage.train.optimiser import Optimising
from beatheritage.train.own_maps import OwnMap, mels_of
from beatheritage.train.placer import PlacerLearner, PlacerRecipe, read_placer
from beatheritage.train.placer_data import PlacerData, join_charts
from beatheritage.train.publish import publish_mapper, publish_placer
from beatheritage.train.recipe import Running


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How one of the models is tuned, with changes of rank ``rank``."""

    rank: int = 4
    steps: int = 80
    batch: int = 16
    rate: float = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class FinetuneRecipe:
    """``base`` is the folder of weights to begin from."""

    base: Path = WEIGHTS
    seed: int = 0
    threads: int = 1
    placer: Tuning = field(default_factory=Tuning)
    mapper: Tuning = field(default_factory=lambda: Tuning(rank=8, steps=60, batch=8, rate=2e-3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """What became of a model: its loss on held-out maps before and after (nan without any), and
    how large its largest change is."""

    name: str
    maps: int
    before: float
    after: float
    change: float


class LowRankLearner:
    """Another learner, of whose model only low-rank changes learn; it writes them merged."""

    def __init__(self, inner: Learner, tuning: Tuning, seed: int) -> None:
        self.inner, self.model = inner, inner.model
        self.weights, self.stride = inner.weights, inner.stride
        adapt(self.model, tuning.rank, seed)

    def draw(self, first_step: int, slots: Sequence[int], deals: int) -> list[Any]:
        return self.inner.draw(first_step, slots, deals)

    def unseen(self) -> list[Any]:
        return self.inner.unseen()

    def counts(self, batch: Any) -> Parts:
        return self.inner.counts(batch)

    def totals(self, model: nn.Module, batch: Any) -> Parts | dict[str, Tensor]:
        return self.inner.totals(model, batch)

    def write(self, model: nn.Module, folder: Path) -> None:
        self.inner.write(merged(model), folder)


def finetune(
    maps: tuple[tuple[OwnMap, ...], tuple[OwnMap, ...]],
    output: Path,
    recipe: FinetuneRecipe,
    on_progress: OnProgress = ignore,
) -> tuple[Tuned, ...]:
    """Tune the placer on std maps, and the mapper on maps whose songs are here; ``maps`` are those
    to learn from and those to measure on.

    Writes a folder of weights that ``generate --weights`` takes. Raises InputError where there is
    nothing to learn from, NothingLearntError where nothing was learnt, OutputError.
    """
    if output.exists():
        raise OutputError("is there already", where=str(output), mend="choose another -o")
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".finetune-") as scratch:
        made = Path(scratch) / "weights"
        shutil.copytree(recipe.base, made)
        placed = _placer_learner(maps, Path(scratch) / "placer", recipe)
        heard = _native_learner(maps, Path(scratch) / "mapper", recipe)
        if placed is None and heard is None:
            raise InputError("there are no std maps and no maps with their songs to learn from")
        results = []
        if placed is not None:
            results.append(_tune(placed, recipe.placer, recipe.seed, on_progress))
            publish_placer(placed.recipe.run, made)
        if heard is not None:
            results.append(_tune(heard, recipe.mapper, recipe.seed, on_progress))
            publish_mapper(heard.recipe.run, made)
        made.rename(output)
    return tuple(results)


def _tune(
    inner: PlacerLearner | NativeLearner, tuning: Tuning, seed: int, on_progress: OnProgress
) -> Tuned:
    name = "placer" if isinstance(inner, PlacerLearner) else "mapper"
    learner, recipe = LowRankLearner(inner, tuning, seed), inner.recipe
    held = learner.unseen()
    before = judge(deepcopy(learner.model), learner, recipe, held)
    averaged = train(
        learner, recipe, on_progress=lambda at: on_progress(Progress(f"tuning {name}", at.share))
    )
    change = check_learnt(averaged)
    learner.write(averaged, recipe.run)
    after = judge(averaged, learner, recipe, held)
    nothing = float("nan")
    return Tuned(
        name=name,
        maps=len(inner.learnt) if isinstance(inner, PlacerLearner) else inner.learnt.count,
        before=before.get("sum", nothing),
        after=after.get("sum", nothing),
        change=change,
    )


def _common(recipe: FinetuneRecipe, tuning: Tuning, run: Path) -> dict[str, Any]:
    """What both recipes of tuning have."""
    return {
        "run": run,
        "start": recipe.base,
        "steps": tuning.steps,
        "batch": tuning.batch,
        "seed": recipe.seed,
        "optimiser": Optimising(muon=False, rate=tuning.rate, warm_up=10, average=0.95),
        # Judged before and after alone.
        "running": Running(
            threads=recipe.threads, judged=4, judge_every=tuning.steps, save_every=tuning.steps
        ),
    }


def _placer_learner(
    maps: tuple[tuple[OwnMap, ...], tuple[OwnMap, ...]], run: Path, recipe: FinetuneRecipe
) -> PlacerLearner | None:
    _, codebook = read_placer(recipe.base)
    data = placer_data(maps, codebook)
    if data is None:
        return None
    tuned = PlacerRecipe(length=96, **_common(recipe, recipe.placer, run))
    return PlacerLearner(tuned, data, codebook)


def placer_data(
    maps: tuple[tuple[OwnMap, ...], tuple[OwnMap, ...]], codebook: Codebook
) -> PlacerData | None:
    """The std maps among them as the placer learns from them; None where none is to learn from."""
    charts: list[PlacedChart] = []
    styles: list[np.ndarray] = []
    held: list[bool] = []
    for is_held, own in ((False, maps[0]), (True, maps[1])):
        for each in own:
            chart = read_places(each.beatmap) if each.beatmap.mode is Mode.STD else None
            if chart is not None:
                spacing = measured_spacing(chart.rhythm, chart.places)
                size = each.beatmap.difficulty.circle_size
                charts.append(chart)
                styles.append(style_vector(Style(each.stars, size, spacing)))
                held.append(is_held)
    return join_charts(charts, styles, held, codebook) if not all(held) else None


def _native_learner(
    maps: tuple[tuple[OwnMap, ...], tuple[OwnMap, ...]], run: Path, recipe: FinetuneRecipe
) -> NativeLearner | None:
    mels = mels_of((*maps[0], *maps[1]))
    learnt, held = (tuple(_examples(own, mels)) for own in maps)
    if not learnt:
        return None
    tuned = NativeRecipe(**_common(recipe, recipe.mapper, run))
    return NativeLearner(tuned, Source(learnt=learnt, unseen=held, mels=mels))


def _examples(maps: Sequence[OwnMap], mels: dict[str, np.ndarray]) -> list[Example]:
    return [
        example_of(each.beatmap, each.song, each.stars)
        for each in maps
        if each.song in mels and _is_writable(each)
    ]


def _is_writable(own: OwnMap) -> bool:
    keys = round(own.beatmap.difficulty.circle_size)
    return own.beatmap.mode is not Mode.MANIA or keys in KEYS
