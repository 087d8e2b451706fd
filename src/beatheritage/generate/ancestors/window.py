"""Cutting a song into windows that overlap: behind each is what was written, ahead what comes."""

from dataclasses import dataclass

import numpy as np

SAMPLES_PER_MS = 16  # every ancestor hears 16 kHz


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Shares of a window: ``lookback`` was written by the windows before, and ``lookahead`` is left
    to those after it. ``guarded``: no time in the lookback is written again."""

    lookback: float = 0.5
    lookahead: float = 0.4
    guarded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windows:
    """``samples`` (W, S) float32, peak 1; ``starts`` are whole milliseconds of a song of ``song``
    ms; each window lasts ``length`` ms."""

    samples: np.ndarray
    starts: tuple[int, ...]
    song: float
    length: float

    def __len__(self) -> int:
        return len(self.starts)

    def between(self, start: float | None, end: float | None, overlap: Overlap) -> "Windows":
        """The windows that write what lies between two times; at least one."""
        kept = list(range(len(self)))
        if start is not None:
            first = start - (1 - overlap.lookahead) * self.length
            kept = [index for index in kept if self.starts[index] > first] or kept[-1:]
        if end is not None:
            last = end - overlap.lookback * self.length
            kept = [index for index in kept if self.starts[index] < last] or kept[:1]
        starts = tuple(self.starts[index] for index in kept)
        return Windows(
            samples=self.samples[kept[0] : kept[-1] + 1],
            starts=starts,
            song=self.song,
            length=self.length,
        )


def cut(samples: np.ndarray, window_samples: int, overlap: Overlap) -> Windows:
    """Windows over a song (mono, 16 kHz), silence behind its end."""
    stride = max(1, int(window_samples * (1 - overlap.lookback - overlap.lookahead)))
    peak = float(np.abs(samples).max(initial=0.0)) or 1.0
    firsts = range(0, stride * _count(len(samples), window_samples, stride), stride)
    padded = np.zeros(firsts[-1] + window_samples, np.float32)
    padded[: len(samples)] = samples / peak
    return Windows(
        samples=np.lib.stride_tricks.sliding_window_view(padded, window_samples)[::stride],
        starts=tuple(int(first / SAMPLES_PER_MS) for first in firsts),
        song=len(samples) / SAMPLES_PER_MS,
        length=window_samples / SAMPLES_PER_MS,
    )


def _count(count: int, window_samples: int, stride: int) -> int:
    """How many windows it takes until one reaches the song's end."""
    return 1 + max(0, -(-(count - window_samples) // stride))
