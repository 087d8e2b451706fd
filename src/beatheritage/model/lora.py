"""LoRA (Hu et al. 2022) in PEFT's files: merged into a checkpoint's tensors as they are read.

PiSSA (Meng et al. 2024) begins from a matrix's largest directions, and what is saved stands for
these and all that was learned: so they are taken out of the matrix first.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from beatheritage.errors import WeightsError
from beatheritage.model.checkpoint import Checkpoint

CONFIG, TENSORS = "adapter_config.json", "adapter_model.safetensors"
METADATA = "mapperatorinator_lora_metadata.json"

_NAME = re.compile(r"^base_model\.model\.(.+)\.lora_([AB])\.weight$")
# What would change the sum that is added, if it said otherwise.
_PLAIN = {
    "peft_type": "LORA",
    "use_dora": False,
    "use_rslora": False,
    "fan_in_fan_out": False,
    "rank_pattern": {},
    "alpha_pattern": {},
    "bias": "none",
    "modules_to_save": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is added to one tensor: ``scale`` times ``up`` (out, rank) by ``down`` (rank, in)."""

    down: Tensor
    up: Tensor
    scale: float
    takes_largest: bool

    def on(self, weight: Tensor) -> Tensor:
        weight = weight.float()
        if self.takes_largest:
            left, sizes, right = torch.linalg.svd(weight, full_matrices=False)
            rank = len(self.down)
            weight = weight - (left[:, :rank] * sizes[:rank]) @ right[:rank]
        return weight + self.scale * (self.up.float() @ self.down.float())


def with_lora(checkpoint: Checkpoint, folder: Path) -> Checkpoint:
    """The checkpoint with a LoRA in it. Raises WeightsError for one that doesn't fit it, part of it
    included."""
    config = _read(folder / CONFIG)
    _check_subfolder(checkpoint, folder)
    _check_plain(config, folder)
    try:
        changes = _changes(load_file(folder / TENSORS), config)
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise WeightsError("is no LoRA", where=str(folder), mend=str(error)) from error
    for name, change in changes.items():
        shape = (len(change.up), change.down.shape[1])
        if checkpoint.shapes.get(name) != shape:
            what = f"the LoRA is for another model: it has {name} as {shape}"
            raise WeightsError(what, where=str(folder))

    def read(name: str) -> Tensor:
        weight = checkpoint.read(name)
        return changes[name].on(weight) if name in changes else weight

    return replace(checkpoint, read=read)


def _changes(tensors: Mapping[str, Tensor], config: Mapping[str, Any]) -> dict[str, Change]:
    """What each of the checkpoint's tensors gets. Raises ValueError for halves and strangers."""
    parts: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        match = _NAME.match(name)
        if match is None:
            raise ValueError(f"it holds {name}")
        parts.setdefault(f"{match[1]}.weight", {})[match[2]] = tensor
    rank = int(config["r"])
    changes = {}
    for name, pair in parts.items():
        if pair.keys() != {"A", "B"} or len(pair["A"]) != rank or pair["B"].shape[1] != rank:
            raise ValueError(f"its part for {name} is not of rank {rank}")
        changes[name] = Change(
            down=pair["A"],
            up=pair["B"],
            scale=config["lora_alpha"] / rank,
            takes_largest=config.get("init_lora_weights") == "pissa",
        )
    if not changes:
        raise ValueError("it is empty")
    return changes


def _check_plain(config: Mapping[str, Any], folder: Path) -> None:
    for key, value in _PLAIN.items():
        if config.get(key, value) not in (value, None):
            what = f"{key} is {config[key]} in the LoRA: only {value} can be run"
            raise WeightsError(what, where=str(folder))
    start = config.get("init_lora_weights", True)
    if isinstance(start, str) and start not in ("pissa", "gaussian"):
        raise WeightsError(f"a LoRA begun as {start} can't be run", where=str(folder))


def _check_subfolder(checkpoint: Checkpoint, folder: Path) -> None:
    """A LoRA may say which of a model's folders it is for, "" for the model itself."""
    path = folder / METADATA
    subfolders = _read(path).get("ckpt_subfolders") if path.is_file() else None
    name = checkpoint.folder.name
    own = name if name.startswith("gamemode=") else ""
    if subfolders is not None and own not in subfolders:
        what = f"the LoRA is for {', '.join(map(repr, subfolders))}, not {own!r}"
        raise WeightsError(what, where=str(folder))


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError("can't be read", where=str(path), mend=str(error)) from error
    if not isinstance(content, dict):
        raise WeightsError("is damaged", where=str(path))
    return content
