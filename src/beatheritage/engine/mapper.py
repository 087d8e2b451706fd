"""What writing asks of a mapper, on whatever runs it: numpy in, numpy out.

Shapes as in ``model.mapper``, without the batch: P positions, N ticks, T tokens, V vocabulary.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

BLOCK_POSITIONS = 256 * 12
MARGIN_POSITIONS = 8 * 12
"""More than the encoder's convolutions reach: a block with it is heard as in the whole song."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Score:
    """A song along its beats: patches (P, values), phases and tempos (P,)."""

    patches: np.ndarray
    phases: np.ndarray
    tempos: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Memory:
    """What the encoder made of it: memory (P, D), logits of onsets (N,) and of kiai (P,).

    ``condition`` (C,) is what it was told, for the decoder to be told the same.
    """

    memory: np.ndarray
    onsets: np.ndarray
    kiai: np.ndarray
    condition: np.ndarray


class Decoding(Protocol):
    """One sequence being written."""

    @property
    def room(self) -> int:
        """How many more tokens can be taken."""
        ...

    def step(self, tokens: np.ndarray, ticks: np.ndarray, floors: np.ndarray) -> np.ndarray:
        """Take tokens with where each stands (T,); logits (V,) of what follows the last."""
        ...


class MapperEngine(Protocol):
    def encode(self, score: Score, condition: np.ndarray) -> Memory: ...

    def start(self, memory: Memory) -> Decoding: ...


def blocks(positions: int) -> list[tuple[slice, slice]]:
    """Pieces of a song to encode one by one: what each hears, and which part of that it keeps."""
    pieces = []
    for start in range(0, positions, BLOCK_POSITIONS):
        stop = min(start + BLOCK_POSITIONS, positions)
        first, last = max(0, start - MARGIN_POSITIONS), min(positions, stop + MARGIN_POSITIONS)
        pieces.append((slice(first, last), slice(start - first, stop - first)))
    return pieces


def joined(parts: list[tuple[np.ndarray, ...]], condition: np.ndarray) -> Memory:
    """One memory out of the kept parts of blocks."""
    memory, onsets, kiai = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Memory(memory=memory, onsets=onsets, kiai=kiai, condition=condition)
