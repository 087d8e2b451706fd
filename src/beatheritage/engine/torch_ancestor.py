"""An ancestor's model on torch, on the CPU or a GPU."""

import ctypes
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from beatheritage.engine.ancestor import AncestorEngine, StepDecoding, Told
from beatheritage.engine.ancestor_onnx import (
    DecoderParts,
    OnnxDecoder,
    OnnxStepDecoding,
    open_session,
)
from beatheritage.engine.torch_steps import TorchStepDecoding
from beatheritage.errors import OptionError
from beatheritage.model import ancestor as model
from beatheritage.model.ancestor_cache import KeysValues
from beatheritage.model.ancestor_graph import step_graph
from beatheritage.model.ancestor_hearing import keeping_graph, layers_graph
from beatheritage.model.checkpoint import (
    Checkpoint,
    empty_mapper,
    load_mapper,
    open_checkpoint,
    tensors_of,
)
from beatheritage.model.graph_writer import FLOAT, GraphWriter
from beatheritage.model.lora import with_lora

M_MMAP_THRESHOLD = -3  # of malloc.h
LARGE_BYTES = 1 << 18
BYTE, ASKED = 127, 64


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
    opened: OpenedAncestor,
    device: str = "cpu",
    precision: str = "fp32",
    *,
    cuda_graphs: bool = False,
) -> AncestorEngine:
    """Load a checkpoint onto a device (auto: a GPU where there is one). Raises OptionError for a
    device that isn't there, or what it doesn't have."""
    device = chosen_device(device)
    if precision == "bf16" and device == "cpu":
        raise OptionError("bf16 is for a GPU", where="ancestor.precision", mend="fp32 or int8")
    if precision == "int8" and device != "cpu":
        raise OptionError("int8 is for a CPU", where="ancestor.precision", mend="fp32 or bf16")
    if cuda_graphs and not device.startswith("cuda"):
        what, mend = f"{device} has no CUDA graphs", "leave it out"
        raise OptionError(what, where="ancestor.cuda_graphs", mend=mend)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    if device != "cpu":
        return TorchAncestor(load_mapper(opened.checkpoint, dtype), device, in_place=cuda_graphs)
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
    """``in_place`` makes single steps over memory that stays where it is, and on an NVIDIA GPU
    records them as CUDA graphs."""

    def __init__(
        self, mapper: model.Mapper, device: str = "cpu", *, in_place: bool = False
    ) -> None:
        self.mapper = mapper.eval().to(device)
        self.device = device
        self._in_place = in_place
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
        song = self.remember(heard, windows)
        return TorchStepDecoding(self.mapper.decoder, song, self.device, in_place=self._in_place)

    def remember(self, heard: Sequence[Tensor], windows: Sequence[int]) -> list[KeysValues]:
        """Keys and values of what rows hear, layer by layer; once where all hear one window."""
        once, rows = unique(windows)
        layers = self.mapper.decoder.hear(torch.stack([heard[window] for window in once]))
        if rows is not None:
            layers = [(keys[rows], values[rows]) for keys, values in layers]
        return layers

    def tensor(self, array: np.ndarray) -> Tensor:
        return tensor_of(array, self.device)


class CpuAncestor:
    """What hears a song on torch, all layers on ONNX Runtime, which measure better on a CPU.

    ``tensor`` gives the weights by name; ``int8`` makes them smaller and it faster. Each is there
    once at any time.
    """

    def __init__(
        self, config: model.AncestorConfig, tensor: Callable[[str], Tensor], *, int8: bool = False
    ) -> None:
        give_back_what_is_large()
        mapper = empty_mapper(config)
        fill = model.filling(mapper, tensor)
        greatest = greatest_whole() if int8 else 0
        self._decoder = _onnx_decoder(mapper, fill, greatest)
        self._layers = open_session(*layers_graph(mapper.encoder, config, fill, greatest))
        self._keeping = open_session(*keeping_graph(mapper.decoder, config, fill, greatest))
        mapper.encoder.layers = mapper.decoder.layers = nn.ModuleList()
        for module in mapper.modules():
            fill(module)
        self._mapper = mapper.eval()
        self.room, self.window_samples = config.target_positions, config.window_samples

    def hear(self, samples_WS: np.ndarray, told: Told) -> Sequence[np.ndarray]:
        """One window after the other: a processor gains nothing by more, and they need memory."""
        windows = (slice(window, window + 1) for window in range(len(samples_WS)))
        return [
            self._memory(samples_WS[one], Told(*(part[one] for part in told)))[0] for one in windows
        ]

    @torch.inference_mode()
    def _memory(self, samples_1S: np.ndarray, told: Told) -> np.ndarray:
        stars, mapper, span = map(tensor_of, told)
        features_1FK = self._mapper.features(tensor_of(samples_1S), model.Told(stars, mapper, span))
        hidden_1PC = self._mapper.encoder.begin(features_1FK).numpy()
        (memory_1PC,) = self._layers.run(None, {"hidden": hidden_1PC})
        return np.asarray(memory_1PC)

    def start(self, heard: Sequence[np.ndarray], windows: Sequence[int]) -> OnnxStepDecoding:
        once, rows = unique(windows)
        memory_WPC = np.stack([heard[window] for window in once])
        kept = map(np.asarray, self._keeping.run(None, {"memory": memory_WPC}))
        kept = [each if rows is None else each[rows] for each in kept]
        return self._decoder.start(list(zip(kept[::2], kept[1::2], strict=True)), len(windows))


def unique(windows: Sequence[int]) -> tuple[list[int], list[int] | None]:
    """Each window that rows hear, once, and where that of each row is among them: None where they
    are the rows', or one is all of theirs."""
    once = sorted(set(windows))
    if len(once) == 1 or once == list(windows):
        return once, None
    return once, [once.index(window) for window in windows]


def tensor_of(array: np.ndarray, device: str = "cpu") -> Tensor:
    """An array that nobody else writes, doubles in single precision."""
    array = array.astype(np.float32) if array.dtype == np.float64 else array
    return torch.from_numpy(np.require(array, requirements=["C", "W"])).to(device)


def greatest_whole() -> int:
    """The greatest whole number for weights: some processors add products of bytes in sixteen bits
    that run over, and then weights have to do with half. Asked of the processor by such a sum."""
    ones = nn.Linear(ASKED, 1, bias=False)
    nn.init.ones_(ones.weight)
    writer = GraphWriter(lambda module: None, BYTE)
    writer.inputs = [("ones", FLOAT, [1, ASKED])]
    writer.outputs = [writer.product("weights", "ones", ones)]
    session = open_session(*writer.graph("sum"))
    (total,) = session.run(None, {"ones": np.ones((1, ASKED), np.float32)})
    return BYTE if abs(float(np.asarray(total).item()) - ASKED) < 1 else BYTE // 2


def give_back_what_is_large() -> None:
    """To the system, as soon as it is freed. The GNU C library would keep more and more of it for
    later: loading takes many pieces, and half as much again would stay."""
    if sys.platform == "linux":
        said = getattr(ctypes.CDLL(None), "mallopt", None)
        if said is not None:
            said(M_MMAP_THRESHOLD, LARGE_BYTES)


def _onnx_decoder(
    mapper: model.Mapper, fill: Callable[[nn.Module], None], greatest: int
) -> OnnxDecoder:
    """The decoder's steps; the mapper's modules give up what goes into them."""
    decoder, config = mapper.decoder, mapper.config
    graph = step_graph(decoder, config, fill, greatest)
    fill(decoder)
    fill(decoder.embedding)
    table_VC, positions = decoder.embedding.weight.numpy(), decoder.positions
    del decoder.embedding  # which steps do without
    return OnnxDecoder(
        DecoderParts(
            model=graph.model,
            weights=graph.weights,
            table_VC=table_VC.astype(np.float16) if greatest else table_VC,
            positions_NC=None if positions is None else positions.numpy(),
            layers=config.decoder_layers,
            heads=config.heads,
        )
    )
