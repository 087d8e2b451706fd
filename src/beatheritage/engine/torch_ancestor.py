"""An ancestor's model on torch, on the CPU or a GPU."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from beatheritage.engine.ancestor import Told
from beatheritage.model import ancestor as model
from beatheritage.model.checkpoint import Checkpoint, load_mapper, open_checkpoint
from beatheritage.model.lora import with_lora


class OpenedAncestor(NamedTuple):
    """A checkpoint that was read but not loaded: its tokenizer, and the width of its model."""

    checkpoint: Checkpoint
    tokenizer: dict[str, Any]
    width: int


def open_ancestor(
    folder: Path, mode: int | None = None, lora: Path | None = None
) -> OpenedAncestor:
    """Check a checkpoint, and a LoRA for it, without loading them. Raises WeightsError."""
    checkpoint = open_checkpoint(folder, mode)
    if lora is not None:
        checkpoint = with_lora(checkpoint, lora)
    return OpenedAncestor(checkpoint, checkpoint.tokenizer, checkpoint.config.width)


def load_ancestor(opened: OpenedAncestor, device: str = "cpu") -> "TorchAncestor":
    return TorchAncestor(load_mapper(opened.checkpoint), device)


class TorchAncestor:
    def __init__(self, mapper: model.Mapper, device: str = "cpu") -> None:
        self.mapper = mapper.eval().to(device)
        self.device = device
        self.room = mapper.config.target_positions
        self.window_samples = mapper.config.window_samples

    @torch.inference_mode()
    def hear(self, samples_WS: np.ndarray, told: Told) -> Tensor:
        on_device = model.Told(*(self.tensor(part) for part in told))
        return self.mapper.encode(self.tensor(samples_WS), on_device)

    @torch.inference_mode()
    def start(self, heard: Tensor, windows: Sequence[int]) -> "TorchStepDecoding":
        once = sorted(set(windows))
        layers = self.mapper.decoder.hear(heard[torch.tensor(once, device=self.device)])
        if 1 < len(once) < len(windows):
            rows = torch.tensor([once.index(window) for window in windows], device=self.device)
            layers = [(keys[rows], values[rows]) for keys, values in layers]
        return TorchStepDecoding(self, layers)

    def tensor(self, array: np.ndarray) -> Tensor:
        array = array.astype(np.float32) if array.dtype == np.float64 else array
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)


class TorchStepDecoding:
    """Rows over a cache that grows; prompts are padded on their left to one length."""

    def __init__(self, engine: TorchAncestor, song: list[model.KeysValues]) -> None:
        self._engine = engine
        self._song = song
        self._caches = [model.Cache() for _ in song]
        self._padding: Tensor | None = None

    @torch.inference_mode()
    def read(self, rows: Sequence[Sequence[int]]) -> np.ndarray:
        device, seen = self._engine.device, self._caches[0].seen
        longest = max(len(row) for row in rows)
        padded = [[0] * (longest - len(row)) + list(row) for row in rows]
        tokens_RT = torch.tensor(padded, device=device)
        if self._padding is None:
            self._padding = torch.tensor([longest - len(row) for row in rows], device=device)
        slots_T = torch.arange(seen, seen + longest, device=device)
        places_RT = (slots_T - self._padding[:, None]).clamp(min=0)
        decoder = self._engine.mapper.decoder
        hidden_RTC = decoder(tokens_RT, places_RT, self._song, self._caches, self._seen(slots_T))
        return decoder.head(hidden_RTC[:, -1]).float().cpu().numpy()

    def _seen(self, slots_T: Tensor) -> Tensor | None:
        """What new tokens see; None where nothing is padded, for then nothing has to be masked."""
        assert self._padding is not None
        if not self._padding.any():
            return None
        slots_N = torch.arange(int(slots_T[-1]) + 1, device=slots_T.device)
        before_TN = slots_N <= slots_T[:, None]
        there_RN = slots_N >= self._padding[:, None]
        # Padding sees itself, so that it has something to look at.
        itself_TN = slots_N == slots_T[:, None]
        return (before_TN & there_RN[:, None]) | itself_TN
