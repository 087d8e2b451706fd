"""The mapper on ONNX Runtime."""

from pathlib import Path

import numpy as np
import onnxruntime

from beatheritage.engine.mapper import Memory, Score, blocks, joined
from beatheritage.engine.weights import open_session


class OnnxMapper:
    """The shipped mapper. ``folder`` holds ``mapper_encoder.onnx`` and ``mapper_decoder.onnx``."""

    def __init__(self, folder: Path) -> None:
        """Raises WeightsError for weights that are missing or damaged."""
        self._encoder = open_session(folder / "mapper_encoder.onnx")
        self._decoder = open_session(folder / "mapper_decoder.onnx")

    def encode(self, score: Score, condition: np.ndarray) -> Memory:
        parts = []
        for hear, keep in blocks(len(score.phases)):
            inputs = {
                "patch": score.patches[None, hear],
                "phase": score.phases[None, hear],
                "tempo": score.tempos[None, hear],
                "heard": np.ones(1, np.float32),
                "condition": condition[None],
            }
            memory, onsets, kiai = (np.asarray(out)[0] for out in self._encoder.run(None, inputs))
            parts.append(
                (memory[keep], onsets.reshape(len(memory), -1)[keep].reshape(-1), kiai[keep])
            )
        return joined(parts, condition)

    def start(self, memory: Memory) -> "OnnxDecoding":
        return OnnxDecoding(self._decoder, memory)


class OnnxDecoding:
    """One sequence being written. The cache is ours; the graph reads it in place."""

    def __init__(self, session: onnxruntime.InferenceSession, memory: Memory) -> None:
        self._session = session
        self._heard = {
            "memory": memory.memory[None],
            "onsets": memory.onsets[None],
            "condition": memory.condition[None],
        }
        self._past: dict[str, np.ndarray] = {
            each.name: np.zeros(tuple(each.shape), np.float32)
            for each in session.get_inputs()
            if each.name.startswith("past_")
        }
        self._slots = next(iter(self._past.values())).shape[2]
        self._seen = 0

    @property
    def room(self) -> int:
        return self._slots - self._seen

    def step(self, tokens: np.ndarray, ticks: np.ndarray, floors: np.ndarray) -> np.ndarray:
        inputs = {
            "tokens": tokens[None].astype(np.int64),
            "ticks": ticks[None].astype(np.int64),
            "floors": floors[None].astype(np.float32),
            "seen": np.array(self._seen),
        }
        logits, *new = self._session.run(None, inputs | self._heard | self._past)
        end = self._seen + len(tokens)
        for past, part in zip(self._past.values(), new, strict=True):
            past[:, :, self._seen : end] = np.asarray(part)
        self._seen = end
        return np.asarray(logits)[0]
