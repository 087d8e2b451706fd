"""Full-size models of random weights, to be timed: ours, and transformers' own Whisper, whose
decoder keeps a static cache as the ancestors' original code had it.

transformers comes with the extra ``bench`` and is imported here alone.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from beatheritage.engine.ancestor import Told
from beatheritage.engine.torch_ancestor import CpuAncestor
from beatheritage.model.ancestor import AncestorConfig
from beatheritage.model.ancestor_mel import Listening
from beatheritage.model.checkpoint import shapes_of

SPREAD = 0.02  # of random weights, as Whisper begins
V30 = AncestorConfig(
    listening=Listening(
        slaney=False, bands=80, lowest_hz=20, highest_hz=8000, padding="reflect", log=True
    ),
    rotary=True,
    width=768,
    heads=12,
    encoder_layers=12,
    decoder_layers=12,
    hidden=3072,
    source_positions=2048,
    target_positions=5120,
    vocabulary_in=4607,
    vocabulary_out=4607,
    projects_mel=False,
    condition_width=128,
    mappers=10,
    conditions=("difficulty", "mapper", "position"),
)


def random_ancestor(config: AncestorConfig = V30, *, int8: bool = False) -> CpuAncestor:
    """Our engine with random weights."""
    generator = torch.Generator().manual_seed(0)
    shapes = shapes_of(config)

    def tensor(name: str) -> Tensor:
        return torch.zeros(shapes[name]).normal_(0, SPREAD, generator=generator)

    return CpuAncestor(config, tensor, int8=int8)


class WhisperBaseline:
    """transformers' Whisper at a config's sizes. It has no rotary turns and hears mel frames that
    nothing was told of: a little less to do than the original had."""

    def __init__(self, config: AncestorConfig = V30) -> None:
        from transformers import (  # pyright: ignore[reportMissingImports]
            WhisperConfig,
            WhisperForConditionalGeneration,
        )

        self.room, self.window_samples = config.target_positions, config.window_samples
        self._config = WhisperConfig(
            vocab_size=config.vocabulary_in,
            d_model=config.width,
            encoder_layers=config.encoder_layers,
            decoder_layers=config.decoder_layers,
            encoder_attention_heads=config.heads,
            decoder_attention_heads=config.heads,
            encoder_ffn_dim=config.hidden,
            decoder_ffn_dim=config.hidden,
            num_mel_bins=config.listening.bands,
            max_source_positions=config.source_positions,
            max_target_positions=config.target_positions,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
            decoder_start_token_id=1,
            suppress_tokens=[],
            begin_suppress_tokens=[],
        )
        self.model = WhisperForConditionalGeneration(self._config).eval().requires_grad_(False)

    @torch.inference_mode()
    def hear(self, samples_WS: np.ndarray, told: Told) -> list[Tensor]:
        """One window after the other, as the original did; the mel is left out."""
        mel_BMF = torch.zeros(1, self._config.num_mel_bins, 2 * self._config.max_source_positions)
        encoder = self.model.get_encoder()
        return [encoder(mel_BMF).last_hidden_state[0] for _ in samples_WS]

    def start(self, heard: Sequence[Tensor], windows: Sequence[int]) -> "WhisperSteps":
        memory_RPC = torch.stack([heard[window] for window in windows])
        return WhisperSteps(self.model, self._config, memory_RPC)


class WhisperSteps:
    """Rows over a cache that has all its slots from the beginning."""

    def __init__(self, whisper: Any, config: Any, memory_RPC: Tensor) -> None:
        from transformers.cache_utils import (  # pyright: ignore[reportMissingImports]
            DynamicCache,
            EncoderDecoderCache,
            StaticCache,
        )

        self._model, self._memory_RPC, self._seen = whisper, memory_RPC, 0
        slots = config.max_target_positions
        own = StaticCache(config=config, max_cache_len=slots)
        self._cache: Any = EncoderDecoderCache(own, DynamicCache())

    @torch.inference_mode()
    def read(self, rows: Sequence[Sequence[int]]) -> np.ndarray:
        """Take tokens of rows that are as long as each other; logits (R, V)."""
        tokens_RT = torch.tensor(rows)
        places_T = torch.arange(self._seen, self._seen + tokens_RT.shape[1])
        hidden_RTC = self._model.model.decoder(
            input_ids=tokens_RT,
            encoder_hidden_states=self._memory_RPC,
            past_key_values=self._cache,
            position_ids=places_T[None],
            use_cache=True,
        ).last_hidden_state
        self._seen += tokens_RT.shape[1]
        return self._model.proj_out(hidden_RTC[:, -1]).numpy()

    def follow(self, rows: Sequence[int]) -> None:
        """Each row goes on from what the row that is named for it has read."""
        self._cache.reorder_cache(torch.tensor(rows))
