"""Full-size models of random weights, to be timed: ours, and transformers' own Whisper, whose
decoder keeps a static cache as the ancestors' original code had it; and the noise that they hear.

transformers comes with the extra ``bench`` and is imported here alone.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from beatheritage.engine.ancestor import AncestorEngine, Told
from beatheritage.engine.torch_ancestor import load_ancestor, open_ancestor
from beatheritage.model.ancestor import AncestorConfig
from beatheritage.model.ancestor_mel import Listening
from beatheritage.model.checkpoint import shapes_of, write_hub_layout
from beatheritage.model.checkpoint_config import write_config

SPREAD = 0.02  # of random weights, as Whisper begins
ANY_TOKEN = 5
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


def write_random(folder: Path, config: AncestorConfig = V30) -> None:
    """A checkpoint of random weights, as the hub would have it."""
    generator = torch.Generator().manual_seed(0)
    tensors = {
        name: torch.empty(shape).normal_(0, SPREAD, generator=generator)
        for name, shape in shapes_of(config).items()
    }
    sizes = {"vocab_size_in": config.vocabulary_in, "vocab_size_out": config.vocabulary_out}
    write_hub_layout(folder, write_config(config), sizes, tensors)


def load(folder: Path, precision: str) -> AncestorEngine:
    """Our engine, as who generates loads it."""
    return load_ancestor(open_ancestor(folder), "cpu", precision)


def write(engine: AncestorEngine, windows: int, known: int, fresh: int) -> None:
    """Hear so many windows, and write in each: so many tokens are known, and so many are fresh."""
    for memory in hear(engine, windows):
        decoding = engine.start([memory], [0])
        decoding.read([prompt(known, 0)])
        for _ in range(fresh - 1):
            decoding.read([[ANY_TOKEN]])


def hear(engine: AncestorEngine, count: int) -> Sequence[Any]:
    """What an engine makes of windows of noise."""
    samples = np.random.default_rng(0).normal(0, 0.1, (count, engine.window_samples))
    span = np.tile(np.array([[0.0, 0.2]], np.float32), (count, 1))
    told = Told(np.full(count, 5.0, np.float32), np.full(count, -1), span)
    return engine.hear(samples.astype(np.float32), told)


def prompt(length: int, seed: int) -> list[int]:
    return np.random.default_rng(seed).integers(3, V30.vocabulary_in, length).tolist()


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
