"""Weights run on ONNX Runtime: numpy in, numpy out."""

from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

from beatheritage.errors import WeightsError

DAMAGED = (runtime.Fail, runtime.InvalidArgument, runtime.InvalidGraph, runtime.InvalidProtobuf)
BEAT_FRAME_MS = 16.0
"""The hop of the beat head's output."""


class OnnxBeats:
    """The beat head: how sure it is, frame by frame, of a beat and of a downbeat."""

    def __init__(self, weights: Path) -> None:
        """Raises WeightsError for weights that are missing or damaged."""
        options = onnxruntime.SessionOptions()
        # One thread: a head this small only waits for others, and results stay the same anywhere.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        if not weights.is_file():
            raise WeightsError("the beat head's weights are missing", where=str(weights))
        try:
            self._session = onnxruntime.InferenceSession(
                weights, options, providers=["CPUExecutionProvider"]
            )
        except DAMAGED as error:
            raise WeightsError("the beat head's weights are damaged", where=str(weights)) from error

    def listen(self, mel: np.ndarray) -> np.ndarray:
        """Log-mel (frames, bands) to activations 0 to 1, float32 (outputs, 2): beat, downbeat.

        Output k stands at ``k * BEAT_FRAME_MS``, where the sound is.
        """
        (activations,) = self._session.run(None, {"mel": mel[None].astype(np.float32)})
        return np.asarray(activations)[0]
