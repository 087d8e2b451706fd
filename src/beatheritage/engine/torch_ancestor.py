"""An ancestor's model on torch, on the CPU or a GPU."""

import ctypes
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn

from beatheritage.engine.ancestor import StepDecoding, Told
from beatheritage.engine.ancestor_onnx import DecoderParts, OnnxDecoder, OnnxStepDecoding
from beatheritage.errors import OptionError
from beatheritage.model import ancestor as model
from beatheritage.model.ancestor_graph import step_graph
from beatheritage.model.checkpoint import (
    Checkpoint,
    empty_mapper,
    load_mapper,
    open_checkpoint,
    tensors_of,
)
from beatheritage.model.lora import with_lora
from beatheritage.model.quantised import quantise

M_MMAP_THRESHOLD = -3  # of malloc.h
LARGE_BYTES = 1 << 18


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


def load_ancestor(
    opened: OpenedAncestor, device: str = "cpu", precision: str = "fp32"
) -> "TorchAncestor":
    """Load a checkpoint onto a device (auto: a GPU where there is one). Raises OptionError for a
    device that isn't there, or a precision that it doesn't have."""
    device = chosen_device(device)
    if precision == "bf16" and device == "cpu":
        raise OptionError("bf16 is for a GPU", where="ancestor.precision", mend="fp32 or int8")
    if precision == "int8" and device != "cpu":
        raise OptionError("int8 is for a CPU", where="ancestor.precision", mend="fp32 or bf16")
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    if device != "cpu":
        return TorchAncestor(load_mapper(opened.checkpoint, dtype), device)
    tensor = tensors_of(opened.checkpoint)
    return CpuAncestor(opened.checkpoint.config, tensor, int8=precision == "int8")


def chosen_device(name: str) -> str:
    """The device of a name, "auto" the best there is. Raises OptionError for one there isn't."""
    there = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if name == "auto":
        return next((kind for kind, is_there in there.items() if is_there()), "cpu")
    kind, _, number = name.partition(":")
    is_there = there.get(kind, lambda: kind == "cpu")()
    if not is_there or (number and not number.isdigit()):
        known = ", ".join(["cpu", *(each for each, has in there.items() if has())])
        raise OptionError(f"there is no device {name!r}", mend=f"auto, {known}")
    if kind == "cuda" and int(number or 0) >= torch.cuda.device_count():
        raise OptionError(f"there is no device {name!r}", mend="auto")
    return name


class TorchAncestor:
    def __init__(self, mapper: model.Mapper, device: str = "cpu") -> None:
        self.mapper = mapper.eval().to(device)
        self.device = device
        self._dtype = mapper.encoder.conv1.weight.dtype
        self.room = mapper.config.target_positions
        self.window_samples = mapper.config.window_samples

    @torch.inference_mode()
    def hear(self, samples_WS: np.ndarray, told: Told) -> Sequence[Tensor]:
        stars, mapper, span = (self.tensor(part) for part in told)
        on_device = model.Told(stars.to(self._dtype), mapper, span.to(self._dtype))
        return self.mapper.encode(self.tensor(samples_WS), on_device).unbind()

    @torch.inference_mode()
    def start(self, heard: Sequence[Tensor], windows: Sequence[int]) -> StepDecoding:
        return TorchStepDecoding(self, self.remember(heard, windows))

    def remember(self, heard: Sequence[Tensor], windows: Sequence[int]) -> list[model.KeysValues]:
        """Keys and values of what rows hear, layer by layer; once where all hear one window."""
        once = sorted(set(windows))
        memory_WPC = torch.stack([heard[window] for window in once])
        layers = self.mapper.decoder.hear(memory_WPC)
        if 1 < len(once) < len(windows):
            rows = torch.tensor([once.index(window) for window in windows], device=self.device)
            layers = [(keys[rows], values[rows]) for keys, values in layers]
        return layers

    def tensor(self, array: np.ndarray) -> Tensor:
        array = array.astype(np.float32) if array.dtype == np.float64 else array
        return torch.from_numpy(np.require(array, requirements=["C", "W"])).to(self.device)


class CpuAncestor(TorchAncestor):
    """The encoder on torch, the decoder's steps on ONNX Runtime, which measure better on a CPU.

    ``tensor`` gives the weights by name; ``int8`` makes them smaller and it faster. Each is there
    once at any time.
    """

    def __init__(
        self, config: model.AncestorConfig, tensor: Callable[[str], Tensor], *, int8: bool = False
    ) -> None:
        give_back_what_is_large()
        mapper = empty_mapper(config)
        fill = model.filling(mapper, tensor)
        self._decoder = _onnx_decoder(mapper, fill, int8=int8)
        if int8:
            quantise(mapper.encoder.layers, fill)
            for layer in mapper.decoder.layers:
                quantise(cast(model.Layer, layer).cross, fill, only="kv")
        for module in mapper.modules():
            fill(module)
        super().__init__(mapper)

    def hear(self, samples_WS: np.ndarray, told: Told) -> Sequence[Tensor]:
        """One window after the other: a processor gains nothing by more, and they need memory."""
        heard: list[Tensor] = []
        for window in range(len(samples_WS)):
            one = slice(window, window + 1)
            heard += super().hear(samples_WS[one], Told(*(part[one] for part in told)))
        return heard

    @torch.inference_mode()
    def start(self, heard: Sequence[Tensor], windows: Sequence[int]) -> OnnxStepDecoding:
        song = [(keys.numpy(), values.numpy()) for keys, values in self.remember(heard, windows)]
        return self._decoder.start(song, len(windows))


def give_back_what_is_large() -> None:
    """To the system, as soon as it is freed. The GNU C library would keep more and more of it for
    later: loading takes many pieces, and half as much again would stay."""
    if sys.platform == "linux":
        said = getattr(ctypes.CDLL(None), "mallopt", None)
        if said is not None:
            said(M_MMAP_THRESHOLD, LARGE_BYTES)


def _onnx_decoder(
    mapper: model.Mapper, fill: Callable[[nn.Module], None], *, int8: bool
) -> OnnxDecoder:
    """The decoder's steps; the mapper's modules give up what goes into them."""
    decoder, config = mapper.decoder, mapper.config
    graph = step_graph(decoder, config, fill, int8=int8)
    fill(decoder)
    fill(decoder.embedding)
    table_VC, positions = decoder.embedding.weight.numpy(), decoder.positions
    del decoder.embedding  # which steps do without
    return OnnxDecoder(
        DecoderParts(
            model=graph.model,
            weights=graph.weights,
            table_VC=table_VC.astype(np.float16) if int8 else table_VC,
            positions_NC=None if positions is None else positions.numpy(),
            layers=config.decoder_layers,
            heads=config.heads,
        )
    )


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

    @torch.inference_mode()
    def follow(self, rows: Sequence[int]) -> None:
        chosen = torch.tensor(rows, device=self._engine.device)
        for cache in self._caches:
            cache.follow(chosen)
        if self._padding is not None:
            self._padding = self._padding[chosen]

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
