"""Drawing the next token.

Chance is tied to places: each tick of the song has luck of its own. What is drawn at a tick does
not hang on how many draws came before: one note more in the first verse leaves the last one alone.
The luck of onsets comes round, so that a song's repeats are met with the same.
"""

from collections.abc import Sequence

import numpy as np

from beatheritage.generate.draw import draw, nucleus
from beatheritage.generate.request import Sampling
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import TICKS_PER_BEAT
from beatheritage.tokens.grammar import KINDS, Choice
from beatheritage.tokens.vocabulary import SIZE, Token, ids, token_id

RHYTHM_TEMPERATURE = 0.3
"""Of a plan's temperature: rhythm follows the song, and chance is for what the song leaves open."""

RHYTHM_BIAS = 0.4
"""Added to the log-odds of every onset. A note that is a little less likely than none is worth
writing: leaving out all of these leaves the map emptier than people's. Tuned on held-out songs."""

TEMPERATURES = {Choice.PLACED_KIND: 0.8, Choice.LENGTH: 0.3, Choice.SLIDES: 0.3}
"""Of a plan's temperature, for choices that belong to rhythm: a slider hides the onsets below it.
Tuned likewise."""

COMBO_BIAS = -0.2
"""Added to the log-odds of every new combo. No nucleus is taken of these: off the downbeat they are
many unlikely events that people write now and then. Tuned on the songs to tune on."""

REPETITION_MEMORY = 48
"""How many tokens back a repetition counts."""

SLOTS = 31  # draws at one tick, its onset's apart
ROUND_BEATS = 16  # four bars, after which the luck of onsets comes round
COLDEST = 1e-3

_BEAT = token_id(Token.BEAT)
_TICKS = ids(Token.TICK)
_KINDS = [ids(kind) for kind in KINDS[Mode.STD]]
_COMBOS = [[token_id(kind, value) for value in (0, 1)] for kind in (Token.CIRCLE, Token.SLIDER)]


class Luck:
    """Uniform noise for every tick from ``first`` on, and for every draw at that tick.

    That of onsets is spread evenly over the beats of each round: none is barren, whatever the seed.
    """

    def __init__(self, rng: np.random.Generator, first: int, count: int) -> None:
        self._first = first
        self._noise = rng.random((count, SLOTS))
        ranks = np.tile(np.arange(ROUND_BEATS)[:, None], (1, TICKS_PER_BEAT))
        aside = rng.random(ranks.shape)
        self._onsets = (rng.permuted(ranks, axis=0) + aside) / ROUND_BEATS

    def of_onsets(self, beat: int) -> np.ndarray:
        """What decides the onsets of a beat's ticks, (48,)."""
        return self._onsets[beat % ROUND_BEATS]

    def at(self, tick: int, draws: int) -> float:
        """What decides the next draw at a tick where ``draws`` were made already."""
        return float(self._noise[tick - self._first, draws % SLOTS])


def sample_time(
    logits: np.ndarray,
    allowed: np.ndarray,
    luck_N: np.ndarray,
    sampling: Sampling,
    bias: float | np.ndarray = 0.0,
) -> int:
    """A tick of this beat, or the next beat.

    Each tick that is allowed is decided by itself, in order, by the odds that the logits give it
    against everything later. Drawing among all of them at once would, near temperature 0, take the
    surest tick and leave out less sure ones in front of it. ``bias`` is added to the log-odds of
    the beat's ticks, to each its own where it is (48,).
    """
    ticks = np.flatnonzero(allowed[_TICKS])
    scores = np.append(logits[_TICKS][ticks], logits[_BEAT]).astype(np.float64)
    later = np.logaddexp.accumulate(scores[::-1])[::-1]
    temperature = max(sampling.temperature * RHYTHM_TEMPERATURE, COLDEST)
    shifts = np.broadcast_to(bias, (TICKS_PER_BEAT,))[ticks]
    odds = (scores[:-1] - later[1:] + RHYTHM_BIAS + shifts) / temperature
    luck = luck_N[ticks]
    written = np.flatnonzero(odds > np.log(luck) - np.log1p(-luck))
    return int(_TICKS.start + ticks[written[0]]) if len(written) else _BEAT


def sample(
    logits: np.ndarray,
    allowed: np.ndarray,
    choice: Choice,
    lately: Sequence[int],
    sampling: Sampling,
    luck: float,
) -> int:
    """One of the allowed ids. Raises ValueError when none is allowed."""
    temperature = sampling.temperature * TEMPERATURES.get(choice, 1.0)
    if sampling.repetition_penalty != 1 and choice is not Choice.CHORD:
        logits = penalise(logits, lately, sampling.repetition_penalty)
    top_p = sampling.top_p
    if choice is Choice.PLACED_KIND:
        allowed = allowed & _likely_kinds(logits, temperature, top_p)
        logits, top_p = with_fewer_combos(logits), 1.0
    drawn = draw(logits, allowed, luck, temperature=temperature, top_p=top_p, top_k=sampling.top_k)
    if drawn is None:
        raise ValueError("the grammar allows nothing")
    return drawn


def with_fewer_combos(logits: np.ndarray) -> np.ndarray:
    """Logits in which as much goes to each kind as before, and less of it to new combos."""
    logits = logits.astype(np.float64)
    for plain, combo in _COMBOS:
        both = np.logaddexp(*logits[[plain, combo]])
        if np.isneginf(both):  # a kind that nobody wants has no combos either
            continue
        odds = logits[combo] - logits[plain]
        logits[[plain, combo]] = both - np.logaddexp(0, [odds + COMBO_BIAS, -odds - COMBO_BIAS])
    return logits


def _likely_kinds(logits: np.ndarray, temperature: float, top_p: float) -> np.ndarray:
    """The nucleus of kinds, whether or not they begin a combo, bool (vocabulary,)."""
    masses = np.array([np.logaddexp.reduce(logits[span]) for span in _KINDS])
    kept = np.zeros(SIZE, bool)
    for place in nucleus(masses, temperature, top_p):
        kept[_KINDS[place]] = True
    return kept


def penalise(logits: np.ndarray, lately: Sequence[int], penalty: float) -> np.ndarray:
    """Make what was written lately less likely (CTRL, Keskar et al. 2019)."""
    logits = logits.copy()
    seen = list(set(lately))
    logits[seen] = np.where(logits[seen] > 0, logits[seen] / penalty, logits[seen] * penalty)
    return logits
