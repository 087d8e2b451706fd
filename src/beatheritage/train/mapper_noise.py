"""What training does to its windows, so that the mapper leans on nothing that it will not have.

Songs come out of codecs that change what is quiet, and the objects behind which it writes are its
own, with slips that people do not make.
"""

from dataclasses import dataclass

import numpy as np

from beatheritage.audio.mel import BANDS, FLOOR, HOP, WINDOW
from beatheritage.tokens.vocabulary import Token, ids

LEAST_NOISE, NOISE_PER_LEVEL = 0.03, 0.065
"""Standard deviation by which Opus at 24 kbit/s changes a loud value of our mel, and how much more
it is a level (20 dB) further down. Measured against the same songs as WAV."""
MOST_NOISE = 1.5  # times what Opus does
STRETCH = 0.1  # of what is quiet, standard deviation
QUIET = -1.5  # levels below the loud parts
MASKED_SHARE, BLURRED_SHARE, CUT_SHARE = 0.3, 0.3, 0.15
HISS_LEVELS = (-3.8, -2.2)
LOWEST_CUT = BANDS * 3 // 4
NOISE_FRAMES = WINDOW // HOP  # frames that share samples change together


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How often, and how much."""

    codec: float = 0.6
    """Share of windows that are heard as through a codec."""
    slipping: float = 0.5
    """Share of windows whose past is told with slips."""
    slips: float = 0.3
    """At most this share of its tokens is told wrong; how much is drawn for each window."""


NO_NOISE = Noise(codec=0, slipping=0, slips=0)


def through_codec(mel: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A log-mel (frames, bands) as another encoding of the same sound might have it."""
    mel = mel + rng.normal(0, STRETCH) * np.minimum(mel - QUIET, 0)
    mel = mel + rng.uniform(0, MOST_NOISE) * _deviation(mel) * _slow_noise(mel.shape, rng)
    if rng.random() < MASKED_SHARE:
        mel = np.logaddexp(mel * _E, rng.uniform(*HISS_LEVELS) * _E) / _E
    if rng.random() < CUT_SHARE:
        mel[:, rng.integers(LOWEST_CUT, BANDS) :] -= rng.uniform(0.5, FLOOR)
    if rng.random() < BLURRED_SHARE:
        mel[1:-1] += rng.uniform(0, 0.5) * ((mel[:-2] + mel[2:]) / 2 - mel[1:-1])
    return np.maximum(mel, -FLOOR).astype(np.float32)


def _deviation(mel: np.ndarray) -> np.ndarray:
    return LEAST_NOISE + NOISE_PER_LEVEL * np.clip(-mel, 0, FLOOR)


def _slow_noise(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Noise of unit variance, alike in neighbouring frames."""
    white = rng.standard_normal((shape[0] + NOISE_FRAMES, shape[1]), np.float32)
    sums = np.cumsum(white, 0)
    return (sums[NOISE_FRAMES:] - sums[:-NOISE_FRAMES]) / np.float32(NOISE_FRAMES**0.5)


def with_slips(tokens: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Tokens of which a share tells of other objects: a slider for a circle, another's length.

    Where and how many objects there are stays as it was.
    """
    tokens = tokens.copy()
    for one, other in SWAPPED:
        first, second = ids(one), ids(other)
        is_first, is_second = _within(tokens, first), _within(tokens, second)
        slips = rng.random(len(tokens)) < share
        tokens[is_first & slips] += second.start - first.start
        tokens[is_second & slips] -= second.start - first.start
    for kind in REDRAWN:
        places = np.flatnonzero(_within(tokens, ids(kind)))
        slipping = places[rng.random(len(places)) < share]
        tokens[slipping] = rng.choice(tokens[places], len(slipping)) if len(slipping) else 0
    return tokens


def _within(tokens: np.ndarray, span: slice) -> np.ndarray:
    return (tokens >= span.start) & (tokens < span.stop)


SWAPPED = ((Token.CIRCLE, Token.SLIDER), (Token.NOTE, Token.HOLD))
"""Kinds of equal sizes that are told for each other."""
REDRAWN = (Token.DRUM, Token.LENGTH, Token.SLIDES, Token.VELOCITY)
"""Kinds whose values are told for each other within a window."""
_E = 2 * np.log(10)  # from levels to natural logarithms of power
