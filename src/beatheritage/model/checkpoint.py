"""The ancestors' checkpoint folders: what they hold is checked before anything is allocated.

Either as they lie on the hub (config.json, tokenizer.json, model.safetensors), or as training left
them (pytorch_model.bin, custom_checkpoint_0.pkl), where the tensors themselves say the sizes.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import save_file
from torch import Tensor

from beatheritage.errors import OutputError, WeightsError
from beatheritage.model.ancestor import AncestorConfig, Mapper
from beatheritage.model.checkpoint_config import from_tensors, read_config, write_config
from beatheritage.model.pickled import read_pickled_tensors, read_pickled_tokenizer
from beatheritage.model.placing import Place, Shape, Shapes, placements
from beatheritage.model.tensor_file import read_safetensors

CONFIG, TOKENIZER, TENSORS = "config.json", "tokenizer.json", "model.safetensors"
TRAINED_TENSORS, TRAINED_TOKENIZER = "pytorch_model.bin", "custom_checkpoint_0.pkl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint that fits together. ``tokenizer`` is as tokenizer.json has it.

    ``read`` gives one of its tensors, ``placed`` tells which of them fill each of ours.
    """

    folder: Path
    config: AncestorConfig
    tokenizer: dict[str, Any]
    shapes: Mapping[str, Shape]
    read: Callable[[str], Tensor]
    placed: Mapping[str, Mapping[str, Place]]


def open_checkpoint(folder: Path, mode: int | None = None) -> Checkpoint:
    """A checkpoint, or the one inside it that was trained further for a mode.

    Raises WeightsError for a folder that holds none, and for files that don't fit each other.
    """
    own = folder / f"gamemode={mode}"
    folder = own if mode is not None and own.is_dir() else folder
    stored = read_stored(folder, (TRAINED_TENSORS, TRAINED_TOKENIZER))
    if stored is None:
        mend = f"it needs {CONFIG}, {TOKENIZER} and {TENSORS}"
        raise WeightsError("holds no checkpoint", where=str(folder), mend=mend)
    shapes, read, tokenizer = stored
    try:
        config = _config(folder, shapes, tokenizer)
        _check_vocabulary(config, tokenizer)
        placed = placements(shapes, shapes_of(config))
    except ValueError as error:
        raise WeightsError(str(error), where=str(folder)) from error
    return Checkpoint(
        folder=folder, config=config, tokenizer=tokenizer, shapes=shapes, read=read, placed=placed
    )


class Stored(NamedTuple):
    """A folder's tensors, their shapes and how to read one, and its tokenizer."""

    shapes: Mapping[str, Shape]
    read: Callable[[str], Tensor]
    tokenizer: dict[str, Any]


def read_stored(folder: Path, pickles: tuple[str, str]) -> Stored | None:
    """What a folder holds as pickles of tensors and tokenizer, which are called so, or else in the
    hub's layout; None for neither. Raises WeightsError for what is damaged."""
    trained, its_tokenizer = (folder / name for name in pickles)
    if trained.is_file() and its_tokenizer.is_file():
        tensors = read_pickled_tensors(trained)
        shapes = {name: tuple(item.shape) for name, item in tensors.items()}
        return Stored(shapes, tensors.__getitem__, read_pickled_tokenizer(its_tokenizer))
    if (folder / TENSORS).is_file():
        return Stored(*read_safetensors(folder / TENSORS), read_json(folder / TOKENIZER))
    return None


def shapes_of(config: AncestorConfig) -> dict[str, Shape]:
    """The shapes of a mapper's tensors; nothing is allocated."""
    with torch.device("meta"):
        return {name: tuple(item.shape) for name, item in Mapper(config).state_dict().items()}


def load_mapper(checkpoint: Checkpoint, dtype: torch.dtype = torch.float32) -> Mapper:
    """The mapper with its weights, on the CPU."""
    mapper, tensor = empty_mapper(checkpoint.config), tensors_of(checkpoint, dtype)
    state = {name: tensor(name) for name in shapes_of(checkpoint.config)}
    mapper.load_state_dict(state, assign=True)
    return mapper


def empty_mapper(config: AncestorConfig) -> Mapper:
    """A mapper whose tensors have sizes alone."""
    with torch.device("meta"):
        return Mapper(config).eval().requires_grad_(False)


def tensors_of(
    checkpoint: Checkpoint, dtype: torch.dtype = torch.float32
) -> Callable[[str], Tensor]:
    """Gives each of our tensors by its name, read when it is asked for."""
    shapes = shapes_of(checkpoint.config)

    def tensor(name: str) -> Tensor:
        # Zero is what keys without a bias have.
        made = torch.zeros(shapes[name], dtype=dtype)
        for theirs, goal in checkpoint.placed[name].items():
            rows = shapes[name][0] // goal.parts
            made[goal.part * rows :][:rows] = checkpoint.read(theirs)
        return made

    return tensor


def convert_checkpoint(checkpoint: Checkpoint, output: Path) -> None:
    """Write a checkpoint in the hub's layout, each file whole or not at all. Raises OutputError."""
    told = checkpoint.folder / CONFIG
    config = read_json(told) if told.is_file() else write_config(checkpoint.config)
    tensors = {name: checkpoint.read(name) for name in checkpoint.shapes}
    write_hub_layout(output, config, checkpoint.tokenizer, tensors)


def write_hub_layout(
    output: Path,
    config: Mapping[str, Any],
    tokenizer: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
) -> None:
    """Write config.json, tokenizer.json and model.safetensors, each whole or not at all.

    Raises OutputError.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, content in ((CONFIG, config), (TOKENIZER, tokenizer)):
            partial = output / f"{name}.part"
            partial.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
            os.replace(partial, output / name)
        partial = output / f"{TENSORS}.part"
        whole = {name: tensor.contiguous() for name, tensor in tensors.items()}
        save_file(whole, partial, metadata={"format": "pt"})
        os.replace(partial, output / TENSORS)
    except OSError as error:
        raise OutputError("cannot be written", where=str(output), mend=str(error)) from error


def _config(folder: Path, shapes: Shapes, tokenizer: Mapping[str, Any]) -> AncestorConfig:
    """What config.json states; only a training folder may lack it. Raises ValueError."""
    stored = folder / CONFIG
    if not stored.is_file() and (folder / TRAINED_TENSORS).is_file():
        return from_tensors(shapes, tokenizer)
    return read_config(read_json(stored))


def read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError:
        raise WeightsError("is missing", where=str(path)) from None
    except ValueError as error:
        raise WeightsError("is damaged", where=str(path), mend=str(error)) from error
    if not isinstance(content, dict):
        raise WeightsError("is damaged", where=str(path))
    return content


def _check_vocabulary(config: AncestorConfig, tokenizer: Mapping[str, Any]) -> None:
    """Raise ValueError where the tokenizer is not that of the config."""
    sizes = {"vocab_size_in": config.vocabulary_in, "vocab_size_out": config.vocabulary_out}
    for key, size in sizes.items():
        if tokenizer.get(key) != size:
            raise ValueError(
                f"{key} is {tokenizer.get(key)} in the tokenizer, {size} in the config"
            )
