"""Drawing an ancestor's next token: what may not come, what is likelier, and when a window ends.

Each step takes scores (V,) and gives scores; they are applied in the order of ``Sampler``. Follows
what the ancestors' checkpoints were run with; what was wrong there is right here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beatheritage.generate.ancestors.grid import Grid
from beatheritage.generate.draw import draw
from beatheritage.generate.sample import REPETITION_MEMORY, penalise
from beatheritage.tokens.steps import (
    ANCHORS,
    BEATS,
    EOS,
    SOS,
    STEP,
    TYPES,
    Context,
    Step,
    Vocabulary,
)

_FORBIDDEN = np.float32(-np.inf)
_HITS = (Step.CIRCLE, Step.HOLD_NOTE, Step.HOLD_NOTE_END)
COLDEST = 1e-3
_COLUMN_DISTANCE = 3  # tokens from an object's type to its column, where the type comes first


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSampling:
    """How tokens are drawn. ``top_k`` and ``temperature`` 0 are off and greedy.

    ``guidance`` over 1 leads towards the prompt and away from the other one; the ``*_temperature``
    hold where a type comes first; ``time_bias`` is added to every time.
    """

    temperature: float = 0.9
    timing_temperature: float = 0.1
    column_temperature: float = 0.8
    hit_temperature: float = 0.8
    top_p: float = 0.9
    top_k: int = 0
    repetition_penalty: float = 1.0
    guidance: float = 1.0
    time_bias: float = 0.0
    greedy: bool = False


def guided(told: np.ndarray, unlike: np.ndarray, scale: float) -> np.ndarray:
    """Scores led away from those of another prompt (Ho and Salimans 2022)."""
    return unlike + scale * (told - unlike)


def monotonic(scores: np.ndarray, tokens: Sequence[int], vocabulary: Vocabulary) -> np.ndarray:
    """No time before the last one of this context."""
    times = vocabulary.ids(Step.TIME)
    openers = {SOS, *vocabulary.sos.values()}
    for token in reversed(tokens):
        if token in openers:
            return scores
        if times.start <= token < times.stop:
            scores = scores.copy()
            scores[times.start : token] = _FORBIDDEN
            return scores
    return scores


def biased(scores: np.ndarray, vocabulary: Vocabulary, bias: float) -> np.ndarray:
    if not bias:
        return scores
    scores = scores.copy()
    scores[vocabulary.ids(Step.TIME)] += np.float32(bias)
    return scores


def temperature_of(tokens: Sequence[int], vocabulary: Vocabulary, sampling: StepSampling) -> float:
    """Versions that name a type first draw what follows some types at a temperature of its own."""
    if not vocabulary.family.types_first or not tokens:
        return sampling.temperature
    last = _kind(vocabulary, tokens[-1])
    if last in BEATS:
        return sampling.timing_temperature
    is_column = Step.COLUMN in vocabulary and len(tokens) >= _COLUMN_DISTANCE
    if is_column and _kind(vocabulary, tokens[-_COLUMN_DISTANCE]) in _HITS:
        return sampling.column_temperature
    return sampling.hit_temperature if last is Step.SCROLL_SPEED else sampling.temperature


@dataclass(slots=True)
class Lookback:
    """Keeps a window from ending in the part that was written before.

    A time in it, one of ``inside``, would end the window. Where types come last it is forbidden.
    Where they come first it follows a type that could not be taken back, so its chance goes to the
    other times, and as much of it as an end had to the end.
    """

    vocabulary: Vocabulary
    inside: range
    before: np.ndarray | None = None

    def __call__(self, scores: np.ndarray, tokens: Sequence[int]) -> np.ndarray:
        before, self.before = self.before, scores
        inside = slice(self.inside.start, self.inside.stop)
        if not self.vocabulary.family.types_first:
            scores = scores.copy()
            scores[inside] = _FORBIDDEN
            return scores
        if before is None or not tokens or not self._names_a_timed_type(tokens[-1]):
            return scores
        chances = _softmax(scores)
        ends = [EOS, *self.vocabulary.eos.values()]
        ended = float(_softmax(before)[ends].sum())
        outside = 1 - float(chances[inside].sum())
        scale = 1 / (outside * (1 - ended) + ended)
        chances *= scale
        chances[inside] = 0
        if ended < 1:
            chances[inside.start] = np.clip((scale - 1) * ended / (1 - ended), 0, 1)
        with np.errstate(divide="ignore"):
            return np.log(chances)

    def _names_a_timed_type(self, token: int) -> bool:
        kind = _kind(self.vocabulary, token)
        return kind in TYPES and kind not in ANCHORS


def early_ids(vocabulary: Vocabulary, lookback: float) -> range:
    """Ids of times in the first ``lookback`` ms of a window, and of those before it."""
    times = vocabulary.range(Step.TIME)
    return range(times.start, times.start - times.low + int(lookback / STEP))


def late_ids(vocabulary: Vocabulary, lookahead: float) -> range:
    """Ids of times in the last ``lookahead`` ms of a window."""
    end = vocabulary.ids(Step.TIME).stop
    return range(end - int(lookahead / STEP), end)


def end_marks(vocabulary: Vocabulary, context: Context) -> set[int]:
    """Ids that say that a context, or all, has been written."""
    return {EOS, vocabulary.eos.get(context, EOS)}


@dataclass(slots=True)
class Sampler:
    """Draws one row's tokens."""

    vocabulary: Vocabulary
    sampling: StepSampling
    lookback: Lookback | None
    rng: np.random.Generator
    grid: Grid | None = None

    def weighed(self, scores: np.ndarray, tokens: Sequence[int]) -> np.ndarray:
        """The scores with all that speaks for and against each token."""
        sampling = self.sampling
        if sampling.repetition_penalty != 1:
            scores = penalise(scores, tokens[-REPETITION_MEMORY:], sampling.repetition_penalty)
        scores = monotonic(scores, tokens, self.vocabulary)
        scores = biased(scores, self.vocabulary, sampling.time_bias)
        scores = scores / np.float32(max(self.temperature(tokens), COLDEST))
        if self.grid is not None:
            scores = self.grid(scores, tokens)
        if self.lookback is not None:
            scores = self.lookback(scores, tokens)
        return scores

    def temperature(self, tokens: Sequence[int]) -> float:
        return temperature_of(tokens, self.vocabulary, self.sampling)

    def __call__(self, scores: np.ndarray, tokens: Sequence[int]) -> int:
        sampling = self.sampling
        scores = self.weighed(scores, tokens)
        if sampling.greedy:
            return int(np.argmax(scores))
        drawn = draw(
            scores,
            np.isfinite(scores),
            float(self.rng.random()),
            temperature=1.0,
            top_p=sampling.top_p,
            top_k=sampling.top_k,
        )
        return EOS if drawn is None else drawn


def _kind(vocabulary: Vocabulary, token: int) -> Step | None:
    event = vocabulary.event(token)
    return event.kind if event else None


def _softmax(scores: np.ndarray) -> np.ndarray:
    chances = np.exp(scores - scores.max())
    return chances / chances.sum()
