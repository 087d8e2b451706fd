"""The recipe of the ancestors' architectures: BeatHeritage V1's, and its relatives by preset.

beatheritage train -cn mini data.shards=SHARDS
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from beatheritage.config import nearest
from beatheritage.errors import OptionError
from beatheritage.model.ancestor import AncestorConfig, Mapper, Told
from beatheritage.model.checkpoint import CONFIG, TENSORS, TOKENIZER, load_mapper, open_checkpoint
from beatheritage.model.checkpoint_config import write_config
from beatheritage.osu.archive import write_file
from beatheritage.osu.mode import Mode
from beatheritage.tokens.steps import PAD, Context, Step, Vocabulary
from beatheritage.train.ancestor_versions import VERSIONS, Version, lay_out
from beatheritage.train.ancestor_windows import (
    Contexts,
    HiddenSpan,
    Room,
    Row,
    StepDropout,
    StepNoise,
    StepTelling,
    draw_row,
)
from beatheritage.train.first_weights import first_weights
from beatheritage.train.grading import TokenGrading, graded, rhythm_weights
from beatheritage.train.learner import Parts, hand
from beatheritage.train.optimiser import Optimising
from beatheritage.train.places import Placing
from beatheritage.train.recipe import Recipe
from beatheritage.train.sound import Sound
from beatheritage.train.tracks import Track, load_tracks

JUDGE_SEED = 99
FIRST_DEVIATION = 0.02  # of embeddings, as Whisper's
CONDITION_WIDTH = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class AncestorSource:
    """``shards`` as ``beatheritage dataset build`` wrote them; ``cache`` keeps decoded sound."""

    shards: Path = Path("shards")
    cache: Path = Path("runs/samples")


@dataclass(frozen=True, slots=True, kw_only=True)
class AncestorSize:
    """Whisper small's."""

    width: int = 768
    heads: int = 12
    encoder_layers: int = 12
    decoder_layers: int = 12
    hidden: int = 3072


@dataclass(frozen=True, slots=True, kw_only=True)
class AncestorRecipe(Recipe):
    """``version`` is whose tokens and windows it has; ``lookback``: in which share of the windows
    the first half is given."""

    run: Path = Path("runs/beatheritage_v1")
    steps: int = 80_000
    batch: int = 48
    accumulate: int = 2
    version: str = "beatheritage_v1"
    data: AncestorSource = field(default_factory=AncestorSource)
    size: AncestorSize = field(default_factory=AncestorSize)
    grading: TokenGrading = field(
        default_factory=lambda: TokenGrading(focal=2.0, smoothing=0.1, rhythm=1.2)
    )
    sound: Sound = field(default_factory=lambda: Sound(tempo=0.1, pitch=1.0, gain=2.0, offset=5.0))
    places: Placing = field(
        default_factory=lambda: Placing(flip=0.5, rotation=10.0, scale=0.1, noise=0.05)
    )
    context: Contexts = field(default_factory=Contexts)
    infilling: HiddenSpan = field(default_factory=HiddenSpan)
    dropout: StepDropout = field(default_factory=StepDropout)
    noise: StepNoise = field(default_factory=StepNoise)
    lookback: float = 0.5
    optimiser: Optimising = field(
        default_factory=lambda: Optimising(
            muon=True, muon_rate=3e-3, rate=3e-4, beta=0.95, warm_up=2000, floor=0.0033
        )
    )


class AncestorLearner:
    """The model, and windows of the songs to learn from, as ``learner.Learner`` has it."""

    stride = 1

    def __init__(
        self, recipe: AncestorRecipe, learnt: Sequence[Track], held: Sequence[Track]
    ) -> None:
        """Raises OptionError for contexts that the version hasn't or where there are no songs,
        WeightsError for a checkpoint to begin from that is none."""
        self.recipe = recipe
        self.weights: Mapping[str, float] = {"tokens": 1.0}
        if recipe.start is None:
            self.tokenizer = lay_out(_version(recipe), _mappers(learnt), _descriptors(learnt))
            self.model: nn.Module = _new(recipe, self.tokenizer)
        else:
            opened = open_checkpoint(recipe.start)
            self.tokenizer = opened.tokenizer
            self.model = load_mapper(opened).requires_grad_(True)
        self.config = _mapper(self.model).config
        self.vocabulary = Vocabulary(self.tokenizer, self.config.width)
        _check_contexts(recipe.context, self.vocabulary)
        self.learnt, self.held = (_writable(side, self.vocabulary) for side in (learnt, held))
        if not self.learnt:
            raise OptionError("there are no songs to learn from", where=str(recipe.data.shards))
        self.room = Room(samples=self.config.window_samples, tokens=self.config.target_positions)
        self.telling = StepTelling(
            **{each.name: getattr(recipe, each.name) for each in fields(StepTelling)}
        )
        time = self.vocabulary.ids(Step.TIME)
        self.times = time.start, time.stop

    def draw(self, first_step: int, slots: Sequence[int], deals: int) -> list[dict[str, Tensor]]:
        rows = []
        for slot in slots:
            rng = np.random.default_rng([self.recipe.seed, first_step, slot])
            own = hand(len(self.learnt), slot, deals)
            track = self.learnt[own[int(rng.integers(len(own)))]]
            rows.append(draw_row(track, self.vocabulary, self.room, self.telling, rng))
        return [_stacked(rows)]

    def unseen(self) -> list[dict[str, Tensor]]:
        rng = np.random.default_rng(JUDGE_SEED)
        plain = StepTelling(places=Placing(flip=0), context=self.recipe.context, lookback=0)
        batches = []
        for _ in range(self.recipe.running.judged * bool(self.held)):
            tracks = [
                self.held[int(rng.integers(len(self.held)))] for _ in range(self.recipe.batch)
            ]
            rows = [draw_row(track, self.vocabulary, self.room, plain, rng) for track in tracks]
            batches.append(_stacked(rows))
        return batches

    def counts(self, batch: dict[str, Tensor]) -> Parts:
        return {
            "tokens": rhythm_weights(batch["targets_T"], *self.times, self.recipe.grading).sum()
        }

    def totals(self, model: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        mapper, tokens = _mapper(model), batch["tokens_T"]
        told = Told(stars=batch["stars"], mapper=batch["mapper"], span=batch["span_2"])
        heard = mapper.decoder.hear(mapper.encode(batch["samples_S"], told))
        places = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
        hidden = mapper.decoder(tokens, places, heard)
        learnt = batch["targets_T"] >= 0
        answers = batch["targets_T"][learnt]
        losses = graded(mapper.decoder.head(hidden[learnt]), answers, self.recipe.grading)
        weights = rhythm_weights(answers, *self.times, self.recipe.grading)
        return {"tokens": (losses * weights).sum()}

    def write(self, model: nn.Module, folder: Path) -> None:
        """A checkpoint in the hub's layout, which ``generate --model FOLDER`` runs."""
        mapper = _mapper(model)
        partial = folder / f"{TENSORS}.part"
        save_file(
            {name: each.cpu().contiguous() for name, each in mapper.state_dict().items()}, partial
        )
        partial.replace(folder / TENSORS)
        for name, content in ((CONFIG, write_config(mapper.config)), (TOKENIZER, self.tokenizer)):
            write_file(folder / name, (json.dumps(content, indent=1) + "\n").encode())


def load_learner(recipe: AncestorRecipe) -> AncestorLearner:
    """Open the shards; songs are decoded at the first time. Raises UserError."""
    _version(recipe)
    source = recipe.data
    learnt, held = (
        load_tracks(source.shards, source.cache, split) for split in ("training", "validation")
    )
    return AncestorLearner(recipe, learnt, held)


def config_of(recipe: AncestorRecipe, vocabulary_in: int, vocabulary_out: int) -> AncestorConfig:
    version, size = _version(recipe), recipe.size
    return AncestorConfig(
        listening=version.listening,
        rotary=version.rotary,
        width=size.width,
        heads=size.heads,
        encoder_layers=size.encoder_layers,
        decoder_layers=size.decoder_layers,
        hidden=size.hidden,
        source_positions=version.source_positions,
        target_positions=version.target_positions,
        vocabulary_in=vocabulary_in,
        vocabulary_out=vocabulary_out,
        projects_mel=not version.rotary,
        condition_width=CONDITION_WIDTH,
        mappers=0,
        conditions=version.conditions,
    )


def _new(recipe: AncestorRecipe, tokenizer: Mapping[str, int]) -> Mapper:
    config = config_of(recipe, tokenizer["vocab_size_in"], tokenizer["vocab_size_out"])
    config = replace(config, mappers=tokenizer["num_mapper_classes"])
    with first_weights(recipe.seed):
        mapper = Mapper(config)
        for module in mapper.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=FIRST_DEVIATION)
        for stack in (mapper.encoder, mapper.decoder):
            if stack.positions is not None:
                nn.init.normal_(stack.positions, std=FIRST_DEVIATION)
    return mapper


def _mapper(model: nn.Module) -> Mapper:
    assert isinstance(model, Mapper)
    return model


def _version(recipe: AncestorRecipe) -> Version:
    if recipe.version not in VERSIONS:
        what, mend = (
            f"there is no version {recipe.version!r}",
            nearest(recipe.version, tuple(VERSIONS)),
        )
        raise OptionError(what, mend=mend)
    return VERSIONS[recipe.version]


def _check_contexts(contexts: Contexts, vocabulary: Vocabulary) -> None:
    for context in Context:
        wanted = getattr(contexts, context.value)
        if wanted and context is not Context.NONE and context not in vocabulary.sos:
            there = ", ".join(each.value for each in vocabulary.sos) or "nothing"
            mend = f"it can be given {there}; context.{context.value}=0"
            raise OptionError(f"this version can't be given {context.value}", mend=mend)


def _writable(tracks: Sequence[Track], vocabulary: Vocabulary) -> list[Track]:
    """The songs with charts of modes that the version writes: one that isn't told the mode, std."""
    modes = tuple(Mode) if Step.GAMEMODE in vocabulary else (Mode.STD,)
    kept = (
        replace(track, lessons=tuple(each for each in track.lessons if each.mode in modes))
        for track in tracks
    )
    return [track for track in kept if track.lessons]


def _mappers(tracks: Sequence[Track]) -> list[int]:
    return sorted({each.mapper for track in tracks for each in track.lessons if each.mapper})


def _descriptors(tracks: Sequence[Track]) -> list[str]:
    return sorted({name for track in tracks for each in track.lessons for name in each.descriptors})


def _stacked(rows: Sequence[Row]) -> dict[str, Tensor]:
    longest = max(len(row["tokens_T"]) for row in rows)
    stacked = {}
    for name in rows[0]:
        arrays = [row[name] for row in rows]
        if name.endswith("_T"):
            fill = PAD if name == "tokens_T" else -1
            arrays = [
                np.pad(each, (0, longest - len(each)), constant_values=fill) for each in arrays
            ]
        stacked[name] = torch.from_numpy(np.stack(arrays))
    return stacked
