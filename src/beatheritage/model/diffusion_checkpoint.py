"""Checkpoints of osu-diffusion: what they hold is checked before anything is allocated.

Either as their authors left them (tokenizer.pkl, model_ema.pkl), or as ``beatheritage convert``
writes them (config.json, tokenizer.json, model.safetensors).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from beatheritage.errors import WeightsError
from beatheritage.model.checkpoint import CONFIG, read_json, read_stored, write_hub_layout
from beatheritage.model.diffusion import (
    COORDINATE_WIDTH,
    OUTPUTS,
    Denoiser,
    DenoiserConfig,
)
from beatheritage.model.placing import Place, Shape, Shapes, placements

PICKLED_TENSORS, PICKLED_TOKENIZER = "model_ema.pkl", "tokenizer.pkl"
MODEL_TYPE = "osu_diffusion"

# Tensors don't tell how many heads share a width; the family's four sizes do.
HEADS_BY_WIDTH = {384: 6, 768: 12, 1024: 16, 1152: 16}
MOST_BLOCKS, MOST_WIDTH = 100, 16_384

_RENAMES = (
    (r"^context_embedder\.mlp\.0\.", "points."),
    (r"^t_embedder\.mlp\.", "step."),
    (r"^y_embedder\.class_embedding\.", "classes."),
    (r"^final_layer\.linear\.", "head."),
    (r"^final_layer\.adaLN_modulation\.1\.", "modulation."),
    (r"\.adaLN_modulation\.1\.", ".modulation."),
    (r"\.attn\.in_proj_(weight|bias)$", r".qkv.\1"),
    (r"\.attn\.out_proj\.", ".out."),
    (r"\.mlp\.(fc[12])\.", r".\1."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DenoiserCheckpoint:
    """A checkpoint that fits together. ``placed`` names, for each of our tensors, theirs."""

    folder: Path
    config: DenoiserConfig
    tokenizer: dict[str, Any]
    read: Callable[[str], Tensor]
    placed: Mapping[str, str]


def is_denoiser(folder: Path) -> bool:
    """Whether a folder holds a checkpoint of osu-diffusion, as far as its files' names tell."""
    if (folder / PICKLED_TENSORS).is_file():
        return True
    stored = folder / CONFIG
    return stored.is_file() and read_json(stored).get("model_type") == MODEL_TYPE


def open_denoiser(folder: Path) -> DenoiserCheckpoint:
    """Raises WeightsError for a folder that holds none, and for files that don't fit each other."""
    stored = read_json(folder / CONFIG) if (folder / CONFIG).is_file() else {}
    found = read_stored(folder, (PICKLED_TENSORS, PICKLED_TOKENIZER))
    if found is None:
        mend = f"it needs {PICKLED_TOKENIZER} and {PICKLED_TENSORS}, or what convert makes of them"
        raise WeightsError("holds no checkpoint of osu-diffusion", where=str(folder), mend=mend)
    shapes, read, tokenizer = found
    try:
        config = config_of(shapes, stored)
        placed = placements(shapes, shapes_of(config), place)
    except ValueError as error:
        raise WeightsError(str(error), where=str(folder)) from error
    names = {ours: next(iter(theirs)) for ours, theirs in placed.items()}
    return DenoiserCheckpoint(
        folder=folder, config=config, tokenizer=tokenizer, read=read, placed=names
    )


def config_of(shapes: Shapes, stored: Mapping[str, Any]) -> DenoiserConfig:
    """What the tensors' shapes tell, with the heads from a config where there is one.

    Raises ValueError for what is no osu-diffusion, or a member of the family that isn't known.
    """
    blocks = {int(found[1]) for name in shapes if (found := re.match(r"blocks\.(\d+)\.", name))}
    try:
        width, points = shapes["context_embedder.mlp.0.weight"]
        _, classes = shapes["y_embedder.class_embedding.0.weight"]
        outputs, _ = shapes["final_layer.linear.weight"]
    except (KeyError, ValueError) as error:
        raise ValueError("these are no tensors of osu-diffusion") from error
    if outputs != OUTPUTS:
        raise ValueError(f"it gives {outputs} numbers a point, not {OUTPUTS}")
    heads = stored.get("num_heads", HEADS_BY_WIDTH.get(width))
    if not isinstance(heads, int) or heads < 1 or width % heads or width > MOST_WIDTH:
        known = f"config.json says {heads}" if "num_heads" in stored else "no config.json says"
        raise ValueError(f"how many heads share a width of {width}? {known}")
    if not 0 < len(blocks) <= MOST_BLOCKS:
        raise ValueError(f"it has {len(blocks)} blocks")
    return DenoiserConfig(
        width=width,
        depth=len(blocks),
        heads=heads,
        context=points - 2 * COORDINATE_WIDTH,
        classes=classes,
    )


def place(name: str) -> Place:
    """Where a tensor of theirs goes."""
    for pattern, ours in _RENAMES:
        name = re.sub(pattern, ours, name)
    return Place(name)


def shapes_of(config: DenoiserConfig) -> dict[str, Shape]:
    """The shapes of a denoiser's tensors; nothing is allocated."""
    with torch.device("meta"):
        return {name: tuple(item.shape) for name, item in Denoiser(config).state_dict().items()}


def load_denoiser(checkpoint: DenoiserCheckpoint) -> Denoiser:
    """The denoiser with its weights in float32, on the CPU."""
    with torch.device("meta"):
        denoiser = Denoiser(checkpoint.config)
    state = {ours: checkpoint.read(theirs).float() for ours, theirs in checkpoint.placed.items()}
    denoiser.load_state_dict(state, assign=True)
    return denoiser.eval().requires_grad_(False)


def convert_denoiser(checkpoint: DenoiserCheckpoint, output: Path) -> None:
    """Write a checkpoint without pickles, each file whole or not at all. Raises OutputError."""
    sizes = checkpoint.config
    config = {
        "model_type": MODEL_TYPE,
        "hidden_size": sizes.width,
        "depth": sizes.depth,
        "num_heads": sizes.heads,
        "context_size": sizes.context,
        "class_size": sizes.classes,
        "learn_sigma": True,
    }
    tensors = {theirs: checkpoint.read(theirs) for theirs in checkpoint.placed.values()}
    write_hub_layout(output, config, checkpoint.tokenizer, tensors)
