"""Torch models to ONNX, so that they run where torch is not installed."""

from pathlib import Path

import torch
from torch import Tensor, nn

from beatheritage.model.mapper import Heard, Mapper, Written

SLOTS = 1024
"""How many tokens the exported decoder can look back on."""


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
    config = mapper.config
    beats = 8
    positions = torch.export.Dim("positions", min=24, max=200_000)
    patch = torch.randn(1, beats * 12, config.patch)
    inputs = (
        patch,
        torch.arange(beats * 12)[None] % 48,
        torch.zeros(1, beats * 12),
        torch.ones(1),
        torch.zeros(1, config.conditions),
    )
    _export(
        mapper.encoder,
        inputs,
        encoder_path,
        (["patch", "phase", "tempo", "heard", "condition"], ["memory", "onsets", "kiai"]),
        {
            "patch_BPM": {1: positions},
            "phase_BP": {1: positions},
            "tempo_BP": {1: positions},
            "heard_B": {},
            "cond_BC": {},
        },
    )
    shape = (1, config.heads, SLOTS, config.width // config.heads)
    past = [torch.zeros(shape) for _ in range(2 * config.layers)]
    step_inputs = (
        torch.zeros(1, 3, dtype=torch.long),
        torch.zeros(1, 3, dtype=torch.long),
        torch.zeros(1, 3),
        torch.randn(1, beats * 12, config.width),
        torch.randn(1, beats * 48),
        torch.zeros(1, config.conditions),
        torch.tensor(5),
        past,
    )
    tokens, beat_count = torch.export.Dim("tokens", min=1, max=SLOTS), torch.export.Dim("beats")
    names = [f"{part}{layer}" for layer in range(config.layers) for part in ("key", "value")]
    _export(
        _Step(mapper),
        step_inputs,
        decoder_path,
        (
            ["tokens", "ticks", "floors", "memory", "onsets", "condition", "seen"]
            + [f"past_{name}" for name in names],
            ["logits", *(f"new_{name}" for name in names)],
        ),
        {
            "tokens": {1: tokens},
            "ticks": {1: tokens},
            "floors": {1: tokens},
            "memory": {1: 12 * beat_count},
            "onsets": {1: 48 * beat_count},
            "condition": {},
            "seen": {},
            "past": [{} for _ in past],
        },
    )


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
