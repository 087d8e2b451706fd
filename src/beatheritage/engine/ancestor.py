"""What writing asks of an ancestor's model, on whatever runs it: numpy in, numpy out.

Shapes: W windows, S samples, R rows being written, V vocabulary.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np


class Told(NamedTuple):
    """What the encoder is told of each window: ``stars`` (W,), ``mapper`` (W,) an index or -1,
    ``span`` (W, 2), where the window begins and ends as shares of the song."""

    stars: np.ndarray
    mapper: np.ndarray
    span: np.ndarray


class StepDecoding(Protocol):
    """Rows of tokens being written, all of them token by token."""

    def read(self, rows: Sequence[Sequence[int]]) -> np.ndarray:
        """Take tokens in, at first the prompts and then one for each row; logits (R, V)."""
        ...

    def follow(self, rows: Sequence[int]) -> None:
        """Each row goes on from what the row that is named for it has read."""
        ...


class AncestorEngine(Protocol):
    """``room`` is how many tokens a row may have; ``window_samples`` how much audio a window."""

    room: int
    window_samples: int

    def hear(self, samples_WS: np.ndarray, told: Told) -> Sequence[Any]:
        """What the encoder makes of each window; goes into ``start``."""
        ...

    def start(self, heard: Sequence[Any], windows: Sequence[int]) -> StepDecoding:
        """Begin rows, each in one of the windows that were heard."""
        ...
