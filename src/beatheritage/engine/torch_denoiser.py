"""osu-diffusion on torch, on the CPU or a GPU."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from beatheritage.engine.torch_ancestor import chosen_device
from beatheritage.model import diffusion as model
from beatheritage.model.diffusion_checkpoint import (
    DenoiserCheckpoint,
    load_denoiser,
    open_denoiser,
)


class OpenedDenoiser(NamedTuple):
    """A checkpoint that was read but not loaded: its tokenizer, and how many classes its model has
    and what it is told of a point."""

    checkpoint: DenoiserCheckpoint
    tokenizer: dict[str, Any]
    classes: int
    context: int


def open_placer(folder: Path) -> OpenedDenoiser:
    """Check a checkpoint without loading it. Raises WeightsError."""
    checkpoint = open_denoiser(folder)
    config = checkpoint.config
    return OpenedDenoiser(checkpoint, checkpoint.tokenizer, config.classes, config.context)


def load_placer(opened: OpenedDenoiser, device: str = "cpu") -> "TorchDenoiser":
    """Load a checkpoint onto a device (auto: a GPU where there is one). Raises OptionError for a
    device that isn't there."""
    return TorchDenoiser(load_denoiser(opened.checkpoint), chosen_device(device))


class TorchDenoiser:
    def __init__(self, denoiser: model.Denoiser, device: str = "cpu") -> None:
        self.denoiser = denoiser.eval().to(device)
        self.device = device

    @torch.inference_mode()
    def start(self, context_NC: np.ndarray, classes_RK: np.ndarray, reach: int) -> "TorchDenoising":
        scene = self.denoiser.set_up(self.tensor(context_NC), self.tensor(classes_RK), reach)
        return TorchDenoising(self, scene)

    def tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array, np.float32)).to(self.device)


class TorchDenoising:
    """One run of points; what doesn't change with the steps is computed already."""

    def __init__(self, engine: TorchDenoiser, scene: model.Scene) -> None:
        self._engine = engine
        self._scene = scene

    @torch.inference_mode()
    def denoise(self, places_N2: np.ndarray, step: int) -> np.ndarray:
        now = torch.tensor([float(step)], device=self._engine.device)
        places = self._engine.tensor(places_N2)
        return self._engine.denoiser(places, now, self._scene).cpu().numpy()
