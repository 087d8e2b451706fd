"""The models that generation needs, loaded once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from beatheritage.engine.mapper import MapperEngine
from beatheritage.engine.mapper_onnx import OnnxMapper
from beatheritage.engine.onnx import OnnxBeats
from beatheritage.engine.placer_onnx import OnnxPlacer, PlacerEngine
from beatheritage.engine.weights import WEIGHTS, weight_file


class BeatsEngine(Protocol):
    def listen(self, mel: np.ndarray) -> np.ndarray:
        """Log-mel (frames, bands) to how likely a beat and a downbeat are (outputs, 2)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """``name`` is what maps say that they were made by."""

    beats: BeatsEngine
    mapper: MapperEngine
    placer: PlacerEngine
    name: str = "native"


def load_models(folder: Path = WEIGHTS) -> Models:
    """The native models on ONNX Runtime. Raises WeightsError for what is missing or damaged."""
    return Models(
        beats=OnnxBeats(weight_file("beats.onnx", folder)),
        mapper=OnnxMapper(folder),
        placer=OnnxPlacer(folder),
    )
