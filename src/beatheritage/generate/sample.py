"""Drawing the next token."""

from collections.abc import Sequence

import numpy as np

from beatheritage.generate.draw import draw
from beatheritage.generate.plan import Sampling
from beatheritage.tokens.grammar import Choice

RHYTHM = frozenset({Choice.TIME, Choice.CHORD})
RHYTHM_TEMPERATURE = 0.5
"""Of a plan's temperature: rhythm follows the song, and chance is for what it leaves open."""

REPETITION_MEMORY = 48
"""How many tokens back a repetition counts."""


def sample(
    logits: np.ndarray,
    allowed: np.ndarray,
    choice: Choice,
    lately: Sequence[int],
    sampling: Sampling,
    rng: np.random.Generator,
) -> int:
    """One of the allowed ids. Raises ValueError when none is allowed."""
    options = np.flatnonzero(allowed)
    if len(options) == 1:
        return int(options[0])
    temperature = sampling.temperature
    if choice in RHYTHM:
        temperature *= RHYTHM_TEMPERATURE
    elif sampling.repetition_penalty != 1:
        logits = penalise(logits, lately, sampling.repetition_penalty)
    drawn = draw(
        logits, allowed, rng, temperature=temperature, top_p=sampling.top_p, top_k=sampling.top_k
    )
    if drawn is None:
        raise ValueError("the grammar allows nothing")
    return drawn


def penalise(logits: np.ndarray, lately: Sequence[int], penalty: float) -> np.ndarray:
    """Make what was written lately less likely (CTRL, Keskar et al. 2019)."""
    logits = logits.copy()
    seen = list(set(lately))
    logits[seen] = np.where(logits[seen] > 0, logits[seen] / penalty, logits[seen] * penalty)
    return logits
