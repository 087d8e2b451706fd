"""Writing windows: prompts go in, tokens come out, several rows at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from beatheritage.engine.ancestor import AncestorEngine
from beatheritage.generate.ancestors.sample import StepSampling, guided
from beatheritage.tokens.steps import PAD


class Chooser(Protocol):
    """Says which token comes next: scores (V,) and all tokens of the row so far."""

    @property
    def sampling(self) -> StepSampling: ...

    def __call__(self, scores: np.ndarray, tokens: Sequence[int]) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One window to write. ``unlike`` is the prompt that guidance leads away from.

    ``window`` is its number among what was heard; ``ends`` are the ids that end it.
    """

    prompt: tuple[int, ...]
    window: int
    sampler: Chooser
    ends: frozenset[int]
    unlike: tuple[int, ...] = ()

    @property
    def is_guided(self) -> bool:
        """Guidance between two prompts that say the same would change nothing."""
        strength = self.sampler.sampling.guidance
        return strength > 1 and bool(self.unlike) and self.unlike != self.prompt


def write(
    engine: AncestorEngine,
    heard: Sequence[object],
    rows: Sequence[Row],
    room: int | Sequence[int] | None = None,
) -> list[list[int]]:
    """The tokens of each row, its end included; ``room``, of each row or of all, is for its prompt
    and what is written, which is one token at least."""
    rooms = list(room) if isinstance(room, Sequence) else [room or engine.room] * len(rows)
    against = [index for index, row in enumerate(rows) if row.is_guided]
    prompts = [*(row.prompt for row in rows), *(rows[index].unlike for index in against)]
    windows = [row.window for row in (*rows, *(rows[index] for index in against))]
    decoding = engine.start(heard, windows)
    written: list[list[int]] = [[] for _ in rows]
    ended = [False] * len(rows)
    scores_RV = decoding.read(prompts)
    while True:
        scores_RV = lead(scores_RV, rows, against)
        for index, row in enumerate(rows):
            if not ended[index]:
                token = row.sampler(scores_RV[index], [*row.prompt, *written[index]])
                written[index].append(token)
                is_full = len(row.prompt) + len(written[index]) >= min(rooms[index], engine.room)
                ended[index] = is_full or token in row.ends
        if all(ended):
            return written
        latest = [PAD if ended[index] else tokens[-1] for index, tokens in enumerate(written)]
        scores_RV = decoding.read([[token] for token in (*latest, *(latest[i] for i in against))])


def lead(scores_RV: np.ndarray, rows: Sequence[Row], against: Sequence[int]) -> np.ndarray:
    """The scores of the rows, guided where the last ones are of what to lead away from."""
    if not against:
        return scores_RV
    scores_RV = scores_RV.copy()
    for place, index in enumerate(against):
        strength = rows[index].sampler.sampling.guidance
        unlike_V = scores_RV[len(rows) + place]
        scores_RV[index] = guided(scores_RV[index], unlike_V, strength)
    return scores_RV[: len(rows)]
