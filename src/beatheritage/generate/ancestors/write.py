"""Writing windows: prompts go in, tokens come out, several rows at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beatheritage.engine.ancestor import AncestorEngine
from beatheritage.generate.ancestors.sample import Sampler, guided
from beatheritage.tokens.steps import PAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One window to write. ``unlike`` is the prompt that guidance leads away from.

    ``window`` is its number among what was heard; ``ends`` are the ids that end it.
    """

    prompt: tuple[int, ...]
    window: int
    sampler: Sampler
    ends: frozenset[int]
    unlike: tuple[int, ...] = ()

    @property
    def is_guided(self) -> bool:
        """Guidance between two prompts that say the same would change nothing."""
        strength = self.sampler.sampling.guidance
        return strength > 1 and bool(self.unlike) and self.unlike != self.prompt


def write(
    engine: AncestorEngine, heard: object, rows: Sequence[Row], room: int | None = None
) -> list[list[int]]:
    """The tokens of each row, its end included; ``room`` is for a prompt and what is written, which
    is one token at least."""
    room = engine.room if room is None else min(room, engine.room)
    against = [index for index, row in enumerate(rows) if row.is_guided]
    prompts = [*(row.prompt for row in rows), *(rows[index].unlike for index in against)]
    windows = [row.window for row in (*rows, *(rows[index] for index in against))]
    decoding = engine.start(heard, windows)
    written: list[list[int]] = [[] for _ in rows]
    ended = [False] * len(rows)
    scores_RV = decoding.read(prompts)
    left = room - max(len(prompt) for prompt in prompts)
    for _ in range(max(1, left)):
        scores_RV = _guide(scores_RV, rows, against)
        for index, row in enumerate(rows):
            if not ended[index]:
                token = row.sampler(scores_RV[index], [*row.prompt, *written[index]])
                written[index].append(token)
                ended[index] = token in row.ends
        if all(ended):
            break
        latest = [PAD if ended[index] else tokens[-1] for index, tokens in enumerate(written)]
        scores_RV = decoding.read([[token] for token in (*latest, *(latest[i] for i in against))])
    return written


def _guide(scores_RV: np.ndarray, rows: Sequence[Row], against: Sequence[int]) -> np.ndarray:
    if not against:
        return scores_RV
    scores_RV = scores_RV.copy()
    for place, index in enumerate(against):
        strength = rows[index].sampler.sampling.guidance
        unlike_V = scores_RV[len(rows) + place]
        scores_RV[index] = guided(scores_RV[index], unlike_V, strength)
    return scores_RV[: len(rows)]
