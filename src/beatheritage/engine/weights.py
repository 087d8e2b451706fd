"""The weights that ship inside the package, and whether they are sound."""

import hashlib
import json
from pathlib import Path

import onnxruntime

from beatheritage.errors import WeightsError

WEIGHTS = Path(__file__).parent.parent / "weights"
MANIFEST = "manifest.json"
"""Maps each weight file's name to its SHA-256, in hexadecimal."""

KINDS = (".onnx", ".safetensors", ".json")
MEND = "install beatheritage again"


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
    # Its hash is right, so this is no damage: ONNX Runtime's errors have no base but these two.
    except (RuntimeError, ValueError) as error:
        raise WeightsError("ONNX Runtime cannot open it", where=str(path), mend=MEND) from error


if __name__ == "__main__":
    # After training: python -m beatheritage.engine.weights
    (WEIGHTS / MANIFEST).write_text(make_manifest(), "utf-8")
