"""Which tempo a song has: what its attacks pulse at, what the learned head hears, what it is like.

All of it adds up to the odds of a tempo, by the weights in ``preference``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beatheritage.timing.beats import Evidence, beat_profile
from beatheritage.timing.novelty import ATTACK_MS, LATENCY_MS
from beatheritage.timing.preference import LEARNED, USUAL_BPM, Preference
from beatheritage.timing.tempo import HIGHEST_BPM, LOWEST_BPM, candidates, comb, refine

FAMILY = (1.0, 0.5, 2.0, 2 / 3, 1.5, 0.75, 4 / 3)
SAME_TEMPO = 0.004  # of log tempo
USUAL_ODDS = 0.5  # what the best tempo's mean odds count as: the head is timid on some songs
TEMPERATURE = 1.7  # evidence is surer of itself on songs it was fitted to than on others
ALTERNATION_WEIGHT = 0.6
FAR = 4.0  # spreads from what is usual; of what lies further, less is believed the further it is
FAINT = 0.02  # of comb and alternation: less is nothing
ATTACK_WEIGHT = 0.5  # against the head's odds, when a beat's phase is chosen
NEAR_MS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """A tempo with its best phase (ms of a beat, where the sound is), and how likely it is.

    ``heard`` is the head's mean log-odds at its beats, ``between`` halfway between them,
    ``quarters`` a quarter before and after, ``sway`` by how much every other beat differs; ``comb``
    the comb's strength (1 for the song's strongest), ``alternation`` how loud the softer of odd and
    even beats is (1: alike), ``evenness`` the softest of each four.
    """

    beat_length: float
    phase: float
    heard: float = 0.0
    between: float = 0.0
    quarters: float = 0.0
    sway: float = 0.0
    comb: float = 1.0
    alternation: float = 1.0
    evenness: float = 1.0

    @property
    def bpm(self) -> float:
        return 60_000 / self.beat_length


def rank(
    attack: np.ndarray, evidence: Evidence, character: np.ndarray
) -> tuple[tuple[Tempo, ...], float]:
    """Tempos, likeliest first, and how likely the first is among them (0 to 1).

    ``character`` is what ``character.character`` says of the song.
    """
    tempos = possible(attack, evidence)
    scores = score(tempos, character, LEARNED)
    order = np.argsort(-scores)
    confidence = 1 / np.exp((scores - scores.max()) / TEMPERATURE).sum()
    return tuple(tempos[index] for index in order), float(confidence)


def score(tempos: Sequence[Tempo], character: np.ndarray, preference: Preference) -> np.ndarray:
    """Log-odds of each tempo, up to a constant of the song."""
    learned = features(tempos, character, preference) @ preference.weights
    return learned + against_silence(tempos)


def against_silence(tempos: Sequence[Tempo]) -> np.ndarray:
    """What speaks against tempos of which every other beat is silent.

    It is given, not learned: songs are never as empty as a metronome is between its clicks.
    """
    alternations = np.array([tempo.alternation for tempo in tempos])
    return ALTERNATION_WEIGHT * np.log(alternations + FAINT)


def possible(attack: np.ndarray, evidence: Evidence) -> tuple[Tempo, ...]:
    """The tempos that the comb finds, and their simple multiples."""
    tempi, strengths = comb(attack)
    tempos: list[Tempo] = []
    for candidate in candidates(attack):
        for factor in FAMILY:
            bpm = float(candidate.bpm * factor)
            known = any(abs(np.log(other.bpm / bpm)) < SAME_TEMPO for other in tempos)
            if not known and LOWEST_BPM <= bpm <= HIGHEST_BPM:
                strength = float(np.interp(bpm, tempi, strengths) / strengths.max())
                tempos.append(phased(attack, evidence, refine(attack, bpm), strength))
    return tuple(tempos)


def features(tempos: Sequence[Tempo], character: np.ndarray, preference: Preference) -> np.ndarray:
    """What speaks for each tempo and against it, (tempos, features), in the order of the weights.

    The last, the song's character times how fast the tempo is, let a Gaussian over log tempo move
    with the character.
    """
    level = max(tempo.heard for tempo in tempos if tempo.comb > 0.3)
    like = (character - preference.middles) / preference.spreads
    like = like / max(1.0, np.abs(like).max() / FAR) ** 4
    rows = []
    for tempo in tempos:
        speed = np.log(tempo.bpm / USUAL_BPM)
        heard = tempo.heard - level
        row = [
            np.log(tempo.comb + FAINT),
            heard,
            (heard + USUAL_ODDS) * tempo.bpm / 60,
            tempo.between,
            tempo.quarters,
            tempo.sway,
            speed,
            speed**2,
        ]
        rows.append([*row, *(speed * like)])
    return np.array(rows)


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
    phase = float((peak - LATENCY_MS) % beat_length)
    quarters = beat_profile(evidence, beat_length, phase + beat_length * np.arange(1, 4) / 4)
    others = beat_profile(evidence, 2 * beat_length, phase + beat_length * np.arange(2))
    return Tempo(
        beat_length=beat_length,
        phase=phase,
        heard=float(heard[best]),
        between=float(quarters[1]),
        quarters=float(quarters[::2].mean()),
        sway=float(abs(others[0] - others[1])),
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
