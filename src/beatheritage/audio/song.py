"""A song as a value."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from beatheritage.audio.mel import SAMPLE_RATE, log_mel


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What the file says about itself; empty where it says nothing."""

    title: str = ""
    artist: str = ""
    source: str = ""
    genre: str = ""
    cover: bytes = b""


@dataclass(frozen=True, kw_only=True, eq=False)
class Song:
    """``samples`` is mono float32 at ``SAMPLE_RATE``; sample 0 is what osu! plays at 0 ms."""

    path: Path
    samples: np.ndarray
    codec: str = "wav"
    tags: Tags = field(default_factory=Tags)
    warnings: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        """Milliseconds."""
        return len(self.samples) * 1000 / SAMPLE_RATE

    @cached_property
    def mel(self) -> np.ndarray:
        """Its log-mel spectrogram, (frames, bands)."""
        return log_mel(self.samples)
