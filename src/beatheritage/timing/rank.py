"""Which tempo a song has: what its attacks pulse at, weighed by what the learned head hears.

The weights of the four kinds of evidence were fitted (conditional logit) on the tempos people gave
124 osu! songs used for training; between a few such fits the songs kept for validation decided.
"""

from dataclasses import dataclass

import numpy as np

from beatheritage.timing.beats import Evidence, beat_profile
from beatheritage.timing.novelty import ATTACK_MS, LATENCY_MS
from beatheritage.timing.tempo import (
    HIGHEST_BPM,
    LOWEST_BPM,
    candidates,
    comb,
    prior,
    refine,
)

FAMILY = (1.0, 0.5, 2.0, 2 / 3, 1.5, 0.75, 4 / 3)
SAME_TEMPO = 0.004  # of log tempo
HEARD_WEIGHT = 1.7  # a second of the song
COMB_WEIGHT = 1.1
PRIOR_WEIGHT = 1.5
ALTERNATION_WEIGHT = 0.3
USUAL_ODDS = 0.5  # what the best tempo's mean odds count as: the head is timid on some songs
TEMPERATURE = 1.7  # evidence is surer of itself on songs it was fitted to than on others
ATTACK_WEIGHT = 0.5  # against the head's odds, when a beat's phase is chosen
NEAR_MS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """A tempo with its best phase (ms of a beat, where the sound is), and how likely it is.

    ``heard`` is the head's mean log-odds at its beats, ``comb`` the comb's strength (1 for the
    song's strongest), ``alternation`` how loud the softer of odd and even beats is (1: alike),
    ``evenness`` the softest of each four.
    """

    beat_length: float
    phase: float
    heard: float = 0.0
    comb: float = 1.0
    alternation: float = 1.0
    evenness: float = 1.0

    @property
    def bpm(self) -> float:
        return 60_000 / self.beat_length


def rank(attack: np.ndarray, evidence: Evidence) -> tuple[tuple[Tempo, ...], float]:
    """Tempos, likeliest first, and how likely the first is among them (0 to 1)."""
    tempi, strengths = comb(attack)
    tempos: list[Tempo] = []
    for candidate in candidates(attack):
        for factor in FAMILY:
            bpm = float(candidate.bpm * factor)
            known = any(abs(np.log(other.bpm / bpm)) < SAME_TEMPO for other in tempos)
            if not known and LOWEST_BPM <= bpm <= HIGHEST_BPM:
                strength = float(np.interp(bpm, tempi, strengths) / strengths.max())
                tempos.append(phased(attack, evidence, refine(attack, bpm), strength))
    level = max(tempo.heard for tempo in tempos if tempo.comb > 0.3)
    scores = np.array([_score(tempo, level) for tempo in tempos])
    order = np.argsort(-scores)
    confidence = 1 / np.exp((scores - scores.max()) / TEMPERATURE).sum()
    return tuple(tempos[index] for index in order), float(confidence)


def _score(tempo: Tempo, level: float) -> float:
    """Log-odds of a tempo, up to a constant of the song."""
    heard = tempo.heard - level + USUAL_ODDS
    return (
        HEARD_WEIGHT * heard * tempo.bpm / 60
        + COMB_WEIGHT * float(np.log(tempo.comb + 1e-3))
        + PRIOR_WEIGHT * float(np.log(prior(tempo.bpm)))
        + ALTERNATION_WEIGHT * float(np.log(tempo.alternation + 0.02))
    )


def phased(
    attack: np.ndarray, evidence: Evidence, beat_length: float, strength: float = 1.0
) -> Tempo:
    """A tempo with the phase that the head and the attacks agree on, read from the attacks."""
    profile = fold(attack, beat_length)
    bins = len(profile)
    heard = beat_profile(evidence, beat_length, np.arange(bins) * beat_length / bins - LATENCY_MS)
    best = int(np.argmax(heard + ATTACK_WEIGHT * np.log(profile / (profile.max() + 1e-9) + 0.05)))
    peak = _climb(profile, best) * beat_length / bins
    bar = fold(attack, 4 * beat_length)
    near = np.arange(-NEAR_MS, NEAR_MS + 1)
    beats = (peak + np.arange(4) * beat_length) * len(bar) / (4 * beat_length)
    loud = np.array([bar[(round(beat) + near) % len(bar)].max() for beat in beats]) + 1e-9
    sides = loud[::2].sum(), loud[1::2].sum()
    return Tempo(
        beat_length=beat_length,
        phase=float((peak - LATENCY_MS) % beat_length),
        heard=float(heard[best]),
        comb=strength,
        alternation=float(min(sides) / max(sides)),
        evenness=float(loud.min() / loud.max()),
    )


def fold(attack: np.ndarray, beat_length: float) -> np.ndarray:
    """Mean attack over a beat, in bins of about ``ATTACK_MS``."""
    bins = max(1, int(beat_length / ATTACK_MS))
    phase = np.arange(len(attack)) * ATTACK_MS / beat_length
    index = np.rint((phase % 1) * bins).astype(np.int64) % bins
    total = np.bincount(index, attack, bins)
    return total / np.maximum(np.bincount(index, minlength=bins), 1)


def _climb(profile: np.ndarray, start: int) -> float:
    """From a bin up to the peak of its hill, read to a fraction of a bin."""
    at, count = start, len(profile)
    while profile[(at + 1) % count] > profile[at % count]:
        at += 1
    while profile[(at - 1) % count] > profile[at % count]:
        at -= 1
    left, middle, right = (profile[(at + step) % count] for step in (-1, 0, 1))
    curve = left - 2 * middle + right
    return at + (left - right) / (2 * curve) if curve < 0 else float(at)
