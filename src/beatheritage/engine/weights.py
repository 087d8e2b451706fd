"""The weights that ship inside the package, and whether they are sound."""

import hashlib
import json
from pathlib import Path

import onnxruntime
from onnxruntime.capi import (
    onnxruntime_pybind11_state as onnx_errors,  # pyright: ignore[reportAttributeAccessIssue]
)

from beatheritage.errors import WeightsError

WEIGHTS = Path(__file__).parent.parent / "weights"
MANIFEST = "manifest.json"
"""Maps each weight file's name to its SHA-256, in hexadecimal."""

KINDS = (".onnx", ".safetensors", ".json")
MEND = "install beatheritage again"

UNREADABLE = (
    onnx_errors.Fail,
    onnx_errors.InvalidArgument,
    onnx_errors.InvalidGraph,
    onnx_errors.InvalidProtobuf,
    onnx_errors.NotImplemented,
    onnx_errors.RuntimeException,
)
"""What ONNX Runtime raises for a file that holds no model; they have no base but Exception."""


def weight_file(name: str, folder: Path = WEIGHTS) -> Path:
    """The path of a weight file whose hash is right. Raises WeightsError."""
    expected = read_manifest(folder).get(name)
    path = folder / name
    if expected is None:
        raise WeightsError(f"the manifest does not know {name}", where=str(folder), mend=MEND)
    if not path.is_file():
        raise WeightsError("the weights are missing", where=str(path), mend=MEND)
    if file_hash(path) != expected:
        raise WeightsError(
            "the weights are damaged: their hash differs", where=str(path), mend=MEND
        )
    return path


def read_manifest(folder: Path = WEIGHTS) -> dict[str, str]:
    """File names and hashes. Raises WeightsError where the manifest is missing or broken."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except OSError:
        raise WeightsError("the weights' manifest is missing", where=str(path), mend=MEND) from None
    except ValueError:
        raise WeightsError("the weights' manifest is damaged", where=str(path), mend=MEND) from None
    if not isinstance(manifest, dict):
        raise WeightsError("the weights' manifest is damaged", where=str(path), mend=MEND)
    return {str(name): str(expected) for name, expected in manifest.items()}


def make_manifest(folder: Path = WEIGHTS) -> str:
    """The manifest, as JSON, of every model in a folder as it stands."""
    models = sorted(path for path in folder.iterdir() if path.suffix in KINDS)
    hashes = {path.name: file_hash(path) for path in models if path.name != MANIFEST}
    return json.dumps(hashes, indent=2) + "\n"


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """A model of the weights' folder, ready to run. Raises WeightsError.

    One thread: models this small only wait for others, and results stay the same on any machine.
    """
    weight_file(path.name, path.parent)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except UNREADABLE as error:
        raise WeightsError(
            "the weights are damaged: ONNX Runtime cannot read them", where=str(path), mend=MEND
        ) from error
