"""The mapper on torch: the same numbers as on ONNX Runtime, and the way to a GPU."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from beatheritage.engine.mapper import Memory, Score, blocks, joined
from beatheritage.engine.weights import weight_file
from beatheritage.model.export import SLOTS
from beatheritage.model.mapper import Heard, Mapper, MapperConfig, Past, Written


def load_mapper(folder: Path, device: str = "cpu") -> "TorchMapper":
    """The mapper that ships. Raises WeightsError for weights that are missing or damaged."""
    config = json.loads((folder / "mapper.json").read_text("utf-8"))
    mapper = Mapper(MapperConfig.read(config))
    state = load_file(weight_file("mapper.safetensors", folder))
    mapper.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    return TorchMapper(mapper, device)


class TorchMapper:
    def __init__(self, mapper: Mapper, device: str = "cpu") -> None:
        self.mapper = mapper.eval().to(device)
        self.device = device

    @torch.inference_mode()
    def encode(self, score: Score, condition: np.ndarray) -> Memory:
        parts = []
        for hear, keep in blocks(len(score.phases)):
            memory, onsets, kiai = self.mapper.encoder(
                self.tensor(score.patches[hear]),
                self.tensor(score.phases[hear]),
                self.tensor(score.tempos[hear]),
                torch.ones(1, device=self.device),
                self.tensor(condition),
            )
            by_position = onsets.view(memory.shape[1], -1)
            parts.append(
                (
                    memory[0, keep].cpu().numpy(),
                    by_position[keep].reshape(-1).cpu().numpy(),
                    kiai[0, keep].cpu().numpy(),
                )
            )
        return joined(parts, condition)

    def start(self, memory: Memory) -> "TorchDecoding":
        return TorchDecoding(self, memory)

    def tensor(self, array: np.ndarray) -> torch.Tensor:
        """An array as a batch of one."""
        return torch.from_numpy(np.ascontiguousarray(array))[None].to(self.device)


class TorchDecoding:
    """One sequence being written, over a cache of a fixed size."""

    def __init__(self, engine: TorchMapper, memory: Memory) -> None:
        self._engine = engine
        self._heard = Heard(
            memory_BPD=engine.tensor(memory.memory),
            onsets_BN=engine.tensor(memory.onsets),
            condition_BC=engine.tensor(memory.condition),
        )
        config = engine.mapper.config
        shape = (1, config.heads, SLOTS, config.width // config.heads)
        self._past: list[Past] = [
            (torch.zeros(shape, device=engine.device), torch.zeros(shape, device=engine.device))
            for _ in range(config.layers)
        ]
        self._seen = 0

    @property
    def room(self) -> int:
        return SLOTS - self._seen

    @torch.inference_mode()
    def step(self, tokens: np.ndarray, ticks: np.ndarray, floors: np.ndarray) -> np.ndarray:
        engine = self._engine
        written = Written(
            tokens_BT=engine.tensor(tokens.astype(np.int64)),
            ticks_BT=engine.tensor(ticks.astype(np.int64)),
            floors_BT=engine.tensor(floors.astype(np.float32)),
        )
        seen = torch.tensor(self._seen, device=engine.device)
        logits, new = engine.mapper.decoder(written, self._heard, self._past, seen)
        end = self._seen + len(tokens)
        for (keys, values), (new_keys, new_values) in zip(self._past, new, strict=True):
            keys[:, :, self._seen : end] = new_keys
            values[:, :, self._seen : end] = new_values
        self._seen = end
        return logits[0, -1].cpu().numpy()
