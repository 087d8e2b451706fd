"""Tensors of a safetensors file, one by one: each is read into memory of its own, so that of a file
no more is ever held than what is asked for. A mapped one would stay, and count, as it is read."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from beatheritage.errors import WeightsError
from beatheritage.model.placing import Shape

LENGTH_BYTES = 8  # which say how long the header is that follows
KINDS = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


def read_safetensors(path: Path) -> tuple[dict[str, Shape], Callable[[str], Tensor]]:
    """The shapes of a file's tensors, and how to read one. Both raise WeightsError."""
    try:
        with safe_open(path, framework="pt"):
            pass  # it holds the header against the length of the file
        first, header = _header(path)
    except (SafetensorError, OSError) as error:
        raise WeightsError("the tensors are damaged", where=str(path), mend=str(error)) from error
    strange = {str(each["dtype"]) for each in header.values()} - set(KINDS)
    if strange:
        raise WeightsError(f"there is no reading tensors of {min(strange)}", where=str(path))
    shapes = {name: tuple(each["shape"]) for name, each in header.items()}

    def read(name: str) -> Tensor:
        kind, shape = KINDS[header[name]["dtype"]], shapes[name]
        tensor = torch.empty(math.prod(shape) * kind.itemsize, dtype=torch.uint8)
        try:
            with path.open("rb") as file:
                file.seek(first + header[name]["data_offsets"][0])
                count = file.readinto(tensor.numpy().data)
        except OSError as error:
            raise WeightsError("cannot be read", where=str(path), mend=str(error)) from error
        if count != len(tensor):
            raise WeightsError("became shorter while it was read", where=str(path))
        return tensor.view(kind).view(shape)

    return shapes, read


def _header(path: Path) -> tuple[int, dict[str, Any]]:
    """Where the first tensor begins, and what is said of each; of a file known to be sound."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    return LENGTH_BYTES + length, header
