"""The placer's recipe: how large it is, what it learns from and how.

beatheritage train -cn placer data.corpora=../shared/data
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from beatheritage.engine.weights import WEIGHTS
from beatheritage.errors import WeightsError
from beatheritage.model.placer import Placer, PlacerConfig
from beatheritage.osu.archive import write_file
from beatheritage.tokens import moves
from beatheritage.tokens.shapes import Codebook
from beatheritage.train.first_weights import first_weights
from beatheritage.train.grading import Grading
from beatheritage.train.learner import Parts, hand
from beatheritage.train.optimiser import Optimising
from beatheritage.train.placer_data import PlacerData, load_placer_data
from beatheritage.train.placer_objective import PARTS, placer_totals
from beatheritage.train.placer_windows import Batch, draw_window, gather
from beatheritage.train.places import Placing
from beatheritage.train.recipe import Recipe

JUDGE_SEED = 99
TENSORS, DESCRIPTION = "placer.safetensors", "placer.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacerSource:
    """``corpora`` holds the corpora of charts; ``cache`` keeps what is read of them, once.
    ``leave_out`` are mappers of whose charts nothing is learnt and nothing measured."""

    corpora: Path = Path("../shared/data")
    cache: Path = Path("runs/placer")
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacerSize:
    context: int = 128
    state: int = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacerDropout:
    """How often the model must do without a condition."""

    spacing: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacerRecipe(Recipe):
    """``length``: objects of a window."""

    run: Path = Path("runs/placer")
    steps: int = 1300
    batch: int = 32
    seed: int = 1
    length: int = 160
    data: PlacerSource = field(default_factory=PlacerSource)
    size: PlacerSize = field(default_factory=PlacerSize)
    grading: Grading = field(default_factory=Grading)
    places: Placing = field(default_factory=Placing)
    dropout: PlacerDropout = field(default_factory=PlacerDropout)
    optimiser: Optimising = field(
        default_factory=lambda: Optimising(
            muon=False, rate=3e-3, beta=0.999, warm_up=50, floor=0.0167, average=0.99
        )
    )


class PlacerLearner:
    """The placer, and windows of the charts to learn from, as ``learner.Learner`` has it."""

    stride = 1

    def __init__(self, recipe: PlacerRecipe, data: PlacerData, codebook: Codebook) -> None:
        """Raises WeightsError for weights to begin from that are no placer's."""
        self.recipe, self.data, self.codebook = recipe, data, codebook
        self.weights: Mapping[str, float] = dict.fromkeys(PARTS, 1.0)
        if recipe.start is None:
            self.model: nn.Module = new_placer(codebook, recipe)
        else:
            self.model, self.codebook = read_placer(recipe.start)
        self.learnt = np.flatnonzero(~data.validation)
        self.held = np.flatnonzero(data.validation)

    def draw(self, first_step: int, slots: Sequence[int], deals: int) -> list[Batch]:
        told = (self.recipe.places, 1 - self.recipe.dropout.spacing)
        windows = []
        for slot in slots:
            rng = np.random.default_rng([self.recipe.seed, first_step, slot])
            own = self.learnt[hand(len(self.learnt), slot, deals)]
            windows.append(draw_window(self.data, own, self.recipe.length, told, rng))
        return [gather(self.data, windows)]

    def unseen(self) -> list[Batch]:
        told = (Placing(), 1 - self.recipe.dropout.spacing)
        rng = np.random.default_rng(JUDGE_SEED)
        windows = [
            draw_window(self.data, self.held, self.recipe.length, told, rng)
            for _ in range(self.recipe.running.judged * self.recipe.batch * bool(len(self.held)))
        ]
        size = self.recipe.batch
        return [gather(self.data, windows[k : k + size]) for k in range(0, len(windows), size)]

    def counts(self, batch: Batch) -> Parts:
        return dict.fromkeys(PARTS, batch.counted.sum())

    def totals(self, model: nn.Module, batch: Batch) -> dict[str, Tensor]:
        assert isinstance(model, Placer)
        return placer_totals(model, batch, self.recipe.grading)

    def write(self, model: nn.Module, folder: Path) -> None:
        assert isinstance(model, Placer)
        write_placer(model, self.codebook, folder)


def load_learner(recipe: PlacerRecipe) -> PlacerLearner:
    """Read the data, from its cache where it was read before."""
    source = recipe.data
    data, codebook = load_placer_data(source.corpora, source.cache, recipe.seed, source.leave_out)
    return PlacerLearner(recipe, data, codebook)


def placer_config(codebook: Codebook, size: PlacerSize) -> PlacerConfig:
    return PlacerConfig(
        conditions=moves.CONDITIONS,
        actions=moves.ACTIONS,
        turns=moves.TURNS,
        orientations=moves.ORIENTATIONS,
        anchors=2 * moves.HISTORY,
        shapes=len(codebook.shapes),
        context=size.context,
        state=size.state,
    )


def new_placer(codebook: Codebook, recipe: PlacerRecipe) -> Placer:
    """A placer with weights of the recipe's seed."""
    config = placer_config(codebook, recipe.size)
    with first_weights(recipe.seed):
        model = Placer(config, torch.from_numpy(codebook.polylines))
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if weight.ndim > 1:
                    bound = weight[0].numel() ** -0.5
                    weight.uniform_(-bound, bound)
                elif name.endswith("bias") or "bias_" in name:
                    weight.zero_()
    return model


def write_placer(placer: Placer, codebook: Codebook, folder: Path) -> None:
    """What can be trained on, in half precision, and the codebook."""
    partial = folder / f"{TENSORS}.part"
    halves = {name: weight.half().contiguous() for name, weight in placer.named_parameters()}
    save_file({name: half.cpu() for name, half in halves.items()}, partial)
    partial.replace(folder / TENSORS)
    described = {"config": asdict(placer.config), "shapes": codebook.to_json()}
    write_file(folder / DESCRIPTION, json.dumps(described).encode())


def read_placer(folder: Path = WEIGHTS) -> tuple[Placer, Codebook]:
    """A placer as ``write_placer`` left it. Raises WeightsError."""
    try:
        described = json.loads((folder / DESCRIPTION).read_text("utf-8"))
        codebook = Codebook.from_json(described["shapes"])
        config = PlacerConfig(**described["config"])
        placer = Placer(config, torch.from_numpy(codebook.polylines))
        stored = load_file(folder / TENSORS)
        # Buffers are geometry, not stored.
        weights = {name: stored[name].float() for name, _ in placer.named_parameters()}
        placer.load_state_dict(weights, strict=False)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise WeightsError("holds no placer", where=str(folder), mend=str(error)) from error
    return placer, codebook
