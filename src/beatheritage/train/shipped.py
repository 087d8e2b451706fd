"""What ships: the models of a weights folder with their files, sizes and parameters.

Counted from the files themselves, without torch.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

from beatheritage.engine.weights import WEIGHTS, file_hash, read_manifest, weight_file
from beatheritage.errors import WeightsError

MODELS = ("mapper", "placer", "beats")
# Kept beside the parameters by batch normalisation; no gradient reaches them.
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedFile:
    name: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedModel:
    name: str
    parameters: int
    files: tuple[ShippedFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)


def shipped_models(folder: Path = WEIGHTS) -> tuple[ShippedModel, ...]:
    """The three models. Raises WeightsError for what is missing or not as the manifest has it."""
    names = sorted(read_manifest(folder))
    return tuple(
        ShippedModel(
            name=model,
            parameters=count_parameters(folder / f"{model}.safetensors"),
            files=tuple(
                _file(weight_file(name, folder)) for name in names if name.startswith(model)
            ),
        )
        for model in MODELS
    )


def count_parameters(path: Path) -> int:
    """How many numbers of a safetensors file were learnt. Raises WeightsError."""
    try:
        content = path.read_bytes()
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        header.pop("__metadata__", None)
        shapes = {name: tensor["shape"] for name, tensor in header.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise WeightsError("no weights that can be read", where=str(path)) from error
    learnt = [shape for name, shape in shapes.items() if not name.endswith(STATISTICS)]
    return sum(math.prod(shape) for shape in learnt)


def _file(path: Path) -> ShippedFile:
    return ShippedFile(name=path.name, size=path.stat().st_size, sha256=file_hash(path))
