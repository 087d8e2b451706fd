"""The beat head on ONNX Runtime: numpy in, numpy out."""

from pathlib import Path

import numpy as np

from beatheritage.engine.weights import open_session


class OnnxBeats:
    """How sure the head is, frame by frame, of a beat and of a downbeat."""

    def __init__(self, weights: Path) -> None:
        """Raises WeightsError for weights that are missing or damaged."""
        self._session = open_session(weights)

    def listen(self, mel: np.ndarray) -> np.ndarray:
        """Log-mel (frames, bands) to activations 0 to 1, float32 (outputs, 2): beat, downbeat.

        Output k stands at four times k log-mel frames, where the sound is.
        """
        (activations,) = self._session.run(None, {"mel": mel[None].astype(np.float32)})
        return np.asarray(activations)[0]
