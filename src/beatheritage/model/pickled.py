"""What the ancestors' training folders hold as pickles, read without running anything.

A pickle may name any function of any module and call it. Here it may name plain containers and the
three small classes that their tokenizers use, whatever module they once lived in; these become
plain values. Tensors are left to torch's own restricted reader.
"""

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from beatheritage.errors import WeightsError

_ENUMS = ("EventType", "ContextType")
_RANGE = "EventRange"
_PLAIN = {
    ("collections", "OrderedDict"): OrderedDict,
    ("builtins", "set"): set,
    ("builtins", "frozenset"): frozenset,
}
_MODULES = ("osuT5", "libs")

_BROKEN = (
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    TypeError,
)
"""What reading a damaged pickle raises."""


class _Range(dict):
    """Stands for their EventRange: its fields, as ``tokenizer.json`` has them."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.update(state)


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN:
            return _PLAIN[module, name]
        if module.split(".")[0] in _MODULES:
            if name in _ENUMS:
                return str
            if name == _RANGE:
                return _Range
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def read_pickled_tokenizer(path: Path) -> dict[str, Any]:
    """A tokenizer's state as ``tokenizer.json`` would have it. Raises WeightsError."""
    try:
        data = path.read_bytes()
        if zipfile.is_zipfile(io.BytesIO(data)):
            data = _inner_pickle(data)
        state = _Reader(io.BytesIO(data)).load()
    except _BROKEN as error:
        raise WeightsError("is no tokenizer that is safe to read", where=str(path)) from error
    if not isinstance(state, dict):
        raise WeightsError("holds no tokenizer", where=str(path))
    return _as_json(state)


def read_pickled_tensors(path: Path) -> dict[str, Tensor]:
    """A state dict, left on the disk until it is used. Raises WeightsError."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except (*_BROKEN, RuntimeError) as error:
        raise WeightsError("holds no tensors that are safe to read", where=str(path)) from error
    if not isinstance(state, dict) or not all(isinstance(item, Tensor) for item in state.values()):
        raise WeightsError("holds something else than tensors", where=str(path))
    return state


def _inner_pickle(data: bytes) -> bytes:
    """The pickle inside the archive that torch.save writes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        name = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        return archive.read(name)


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    return value


def _key(key: Any) -> str:
    return key if isinstance(key, str) else str(key)
