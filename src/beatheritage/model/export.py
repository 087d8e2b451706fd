"""Torch models to ONNX, so that they run where torch is not installed."""

from pathlib import Path

import torch
from torch import Tensor, nn

from beatheritage.model.mapper import (
    POSITIONS_PER_BEAT,
    TICKS_PER_BEAT,
    Heard,
    Mapper,
    Written,
)

SLOTS = 1024
"""How many tokens the exported decoder can look back on."""
BEATS = 8  # of the example that is traced; any number runs


class _Step(nn.Module):
    """The decoder with its cache as flat inputs and outputs, as ONNX wants it."""

    def __init__(self, mapper: Mapper) -> None:
        super().__init__()
        self.decoder = mapper.decoder

    def forward(
        self,
        tokens: Tensor,
        ticks: Tensor,
        floors: Tensor,
        memory: Tensor,
        onsets: Tensor,
        condition: Tensor,
        seen: Tensor,
        past: list[Tensor],
    ) -> tuple[Tensor, ...]:
        written = Written(tokens_BT=tokens, ticks_BT=ticks, floors_BT=floors)
        heard = Heard(memory_BPD=memory, onsets_BN=onsets, condition_BC=condition)
        pairs = list(zip(past[::2], past[1::2], strict=True))
        logits, new = self.decoder(written, heard, pairs, seen)
        return (logits[:, -1], *(tensor for pair in new for tensor in pair))


def export_mapper(mapper: Mapper, encoder_path: Path, decoder_path: Path) -> None:
    """Write the encoder and the decoder's step."""
    mapper = mapper.eval()
    _export_encoder(mapper, encoder_path)
    _export_decoder(mapper, decoder_path)


def _export_encoder(mapper: Mapper, path: Path) -> None:
    config = mapper.config
    positions = torch.export.Dim("positions", min=24, max=200_000)
    inputs = (
        torch.randn(1, BEATS * POSITIONS_PER_BEAT, config.patch),
        torch.arange(BEATS * POSITIONS_PER_BEAT)[None] % (4 * POSITIONS_PER_BEAT),
        torch.zeros(1, BEATS * POSITIONS_PER_BEAT),
        torch.ones(1),
        torch.zeros(1, config.conditions),
    )
    names = (["patch", "phase", "tempo", "heard", "condition"], ["memory", "onsets", "kiai"])
    along = {1: positions}
    dynamic: dict[str, object] = {
        "patch_BPM": along,
        "phase_BP": along,
        "tempo_BP": along,
        "heard_B": {},
        "cond_BC": {},
    }
    _export(mapper.encoder, inputs, path, names, dynamic)


def _export_decoder(mapper: Mapper, path: Path) -> None:
    config = mapper.config
    tokens, beats = torch.export.Dim("tokens", min=1, max=SLOTS), torch.export.Dim("beats")
    # Each input with how it may grow.
    inputs: dict[str, tuple[Tensor, dict[int, object]]] = {
        "tokens": (torch.zeros(1, 3, dtype=torch.long), {1: tokens}),
        "ticks": (torch.zeros(1, 3, dtype=torch.long), {1: tokens}),
        "floors": (torch.zeros(1, 3), {1: tokens}),
        "memory": (
            torch.randn(1, BEATS * POSITIONS_PER_BEAT, config.width),
            {1: POSITIONS_PER_BEAT * beats},
        ),
        "onsets": (torch.randn(1, BEATS * TICKS_PER_BEAT), {1: TICKS_PER_BEAT * beats}),
        "condition": (torch.zeros(1, config.conditions), {}),
        "seen": (torch.tensor(5), {}),
    }
    shape = (1, config.heads, SLOTS, config.width // config.heads)
    past = [torch.zeros(shape) for _ in range(2 * config.layers)]
    caches = [f"{part}{layer}" for layer in range(config.layers) for part in ("key", "value")]
    names = (
        [*inputs, *(f"past_{name}" for name in caches)],
        ["logits", *(f"new_{name}" for name in caches)],
    )
    tensors = [tensor for tensor, _ in inputs.values()]
    dynamic: dict[str, object] = {name: grows for name, (_, grows) in inputs.items()}
    dynamic["past"] = [{} for _ in past]
    _export(_Step(mapper), (*tensors, past), path, names, dynamic)


def _export(
    module: nn.Module,
    inputs: tuple[object, ...],
    path: Path,
    names: tuple[list[str], list[str]],
    dynamic: dict[str, object],
) -> None:
    with torch.no_grad():
        torch.onnx.export(
            module.eval(),
            inputs,
            path,
            input_names=names[0],
            output_names=names[1],
            dynamic_shapes=dynamic,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
