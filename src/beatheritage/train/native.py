"""The native mapper's recipe: how large it is, what it learns from and how.

beatheritage train -cn native data.cache=runs
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from beatheritage.audio.grid import PATCH
from beatheritage.errors import OptionError, WeightsError
from beatheritage.model.mapper import Mapper, MapperConfig
from beatheritage.osu.archive import write_file
from beatheritage.tokens import prompt, vocabulary
from beatheritage.tokens.grammar import MASKS
from beatheritage.tokens.vocabulary import Token, ids
from beatheritage.train.first_weights import first_weights
from beatheritage.train.grading import TokenGrading
from beatheritage.train.learner import Parts
from beatheritage.train.mapper_data import WINDOW_BEATS, stacked
from beatheritage.train.mapper_noise import NO_NOISE, Noise
from beatheritage.train.mapper_source import Source, load_shards, load_source
from beatheritage.train.native_windows import (
    Charts,
    Dropout,
    Infilling,
    MelSound,
    Mix,
    Row,
    Telling,
    draw_row,
)
from beatheritage.train.objective import WEIGHTS, glance_totals, mapper_counts, mapper_totals
from beatheritage.train.optimiser import Optimising
from beatheritage.train.recipe import Recipe

JUDGE_SEED = 99
TENSORS, DESCRIPTION = "mapper.safetensors", "config.json"
PUBLISHED_DESCRIPTION = (
    "mapper.json"  # of a folder of weights, where other models are described too
)

SHARES = (
    (ids(Token.BEAT), ids(Token.TICK), 0.25),
    (ids(Token.CIRCLE), ids(Token.SPINNER), 0.25),
    (ids(Token.LENGTH), ids(Token.SLIDES), 0.25),
)
"""From the first of which tokens to the last, how much of what was written before is heeded when
they are drawn. With all of it, another encoding of a song is another map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeSource:
    """``shards`` as ``beatheritage dataset build`` wrote them, whose sound is kept as mels in
    ``cache``; without them, ``cache`` is what ``dataset.prepare`` filled."""

    shards: Path | None = None
    cache: Path = Path("runs")


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeSize:
    width: int = 160
    heads: int = 5
    layers: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeRecipe(Recipe):
    """``beats`` of a window; ``glance``: learn the answers at a glance alone, the rest left as it
    stands."""

    run: Path = Path("runs/native")
    steps: int = 3600
    batch: int = 16
    beats: int = WINDOW_BEATS
    data: NativeSource = field(default_factory=NativeSource)
    size: NativeSize = field(default_factory=NativeSize)
    glance: bool = False
    grading: TokenGrading = field(default_factory=TokenGrading)
    mix: Mix = field(default_factory=Mix)
    sound: MelSound = field(default_factory=MelSound)
    noise: Noise = field(default_factory=Noise)
    dropout: Dropout = field(default_factory=Dropout)
    infilling: Infilling = field(default_factory=Infilling)
    optimiser: Optimising = field(
        default_factory=lambda: Optimising(muon=False, rate=2e-3, average=0.998)
    )


class NativeLearner:
    """The mapper, and windows of the charts to learn from, as ``learner.Learner`` has it."""

    stride = 4

    def __init__(self, recipe: NativeRecipe, source: Source) -> None:
        """Raises OptionError where there is nothing to learn from, WeightsError for weights to
        begin from that are no mapper's."""
        self.recipe = recipe
        self.learnt = Charts(source.learnt, source.mels)
        self.held = Charts(source.unseen, source.mels)
        if not self.learnt.count:
            raise OptionError("there are no charts to learn from", where=str(recipe.data.cache))
        self.masks = torch.from_numpy(MASKS)
        self.model: nn.Module = _first_mapper(recipe)
        self.weights: Mapping[str, float] = WEIGHTS
        if recipe.glance:
            self.weights = {"glance": 1.0}
            for name, weight in self.model.named_parameters():
                weight.requires_grad_(name.startswith("decoder.glance."))
        told = {each.name: getattr(recipe, each.name) for each in fields(Telling)}
        self.telling = Telling(**told)

    def draw(self, first_step: int, slots: Sequence[int], deals: int) -> list[dict[str, Tensor]]:
        order = np.random.default_rng([self.recipe.seed, first_step]).permutation(self.stride)
        drawn = [self._rows(first_step, slot, deals) for slot in slots]
        return [_tensors([rows[index] for rows in drawn]) for index in order]

    def _rows(self, first_step: int, slot: int, deals: int) -> list[Row]:
        """A slot's rows for a stride, the shortest first: the like meet, and little is padding."""
        rng = np.random.default_rng([self.recipe.seed, first_step, slot])
        rows = [draw_row(self.learnt, self.telling, (slot, deals), rng) for _ in range(self.stride)]
        return sorted(rows, key=lambda row: len(row["tokens_BT"]))

    def unseen(self) -> list[dict[str, Tensor]]:
        if not self.held.count:
            return []
        telling = replace(self.telling, noise=NO_NOISE, sound=replace(self.telling.sound, tempo=0))
        rng = np.random.default_rng(JUDGE_SEED)
        size = self.recipe.batch
        rows = [
            draw_row(self.held, telling, (0, 1), rng)
            for _ in range(self.recipe.running.judged * size)
        ]
        rows.sort(key=lambda row: len(row["tokens_BT"]))
        return [_tensors(rows[first : first + size]) for first in range(0, len(rows), size)]

    def counts(self, batch: dict[str, Tensor]) -> Parts:
        counts = mapper_counts(batch, self.recipe.grading)
        return {name: counts[name] for name in self.weights}

    def totals(self, model: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        assert isinstance(model, Mapper)
        grade = glance_totals if self.recipe.glance else mapper_totals
        masks = self.masks.to(batch["choices_BT"].device)
        return grade(model, batch, masks, self.recipe.grading)

    def write(self, model: nn.Module, folder: Path) -> None:
        assert isinstance(model, Mapper)
        write_mapper(model, folder)


def load_learner(recipe: NativeRecipe) -> NativeLearner:
    """Read the data, from its cache where it was read before. Raises InputError without any."""
    data = recipe.data
    source = (
        load_source(data.cache) if data.shards is None else load_shards(data.shards, data.cache)
    )
    return NativeLearner(recipe, source)


def native_config(size: NativeSize | None = None) -> MapperConfig:
    size = size or NativeSize()
    return MapperConfig(
        vocabulary=vocabulary.SIZE,
        beat_token=vocabulary.token_id(vocabulary.Token.BEAT),
        conditions=prompt.SIZE,
        patch=PATCH,
        width=size.width,
        heads=size.heads,
        layers=size.layers,
        shares=tuple((first.start, last.stop, share) for first, last, share in SHARES),
    )


def write_mapper(mapper: Mapper, folder: Path) -> None:
    """The weights in single precision, and their config."""
    partial = folder / f"{TENSORS}.part"
    save_file({name: each.cpu() for name, each in mapper.state_dict().items()}, partial)
    partial.replace(folder / TENSORS)
    write_file(folder / DESCRIPTION, (json.dumps(asdict(mapper.config), indent=1) + "\n").encode())


def read_mapper(folder: Path) -> Mapper:
    """A mapper as a run or a folder of weights has it. Raises WeightsError."""
    published = folder / PUBLISHED_DESCRIPTION
    described = published if published.is_file() else folder / DESCRIPTION
    try:
        mapper = Mapper(MapperConfig.read(json.loads(described.read_text("utf-8"))))
        stored = load_file(folder / TENSORS)
        mapper.load_state_dict({name: each.float() for name, each in stored.items()})
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise WeightsError("holds no mapper", where=str(folder), mend=str(error)) from error
    return mapper


def _first_mapper(recipe: NativeRecipe) -> Mapper:
    if recipe.start is not None:
        return read_mapper(recipe.start)
    with first_weights(recipe.seed):
        return Mapper(native_config(recipe.size))


def _tensors(rows: Sequence[Row]) -> dict[str, Tensor]:
    batch = stacked(rows)
    return {each.name: torch.from_numpy(getattr(batch, each.name)) for each in fields(batch)}
