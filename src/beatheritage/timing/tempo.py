"""Tempo: which ones a song could have, and each to a thousandth of a BPM."""

from dataclasses import dataclass

import numpy as np

from beatheritage.timing.novelty import ATTACK_MS

LOWEST_BPM = 60.0
HIGHEST_BPM = 250.0
COMB = ((1, 1.0), (2, 1.0), (3, 0.5), (4, 1.0), (8, 0.5))  # harmonics and their weights
CENTRE_BPM = 150.0  # of osu! maps, with a spread of a factor of 1.5
SPREAD = 0.42
COARSE_MS = 4
CHUNK_BEATS = 4
HARMONICS = 48
DRIFT_MS = 60.0  # how far a coarse tempo may run off over the song
NEAR_TEMPO = 0.015  # of log tempo
BELIEF_BPM = 0.1
WHOLE_LENIENCE = 0.1
HALF_LENIENCE = 0.05
LOOSE = 0.2  # a song whose pieces disagree by this much is played, or heard, no tighter


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A tempo and its comb score, 1 for the best."""

    bpm: float
    score: float


def prior(bpm: np.ndarray | float) -> np.ndarray:
    """How usual a tempo is among osu! maps, 1 for the most usual."""
    return np.exp(-0.5 * (np.log(np.asarray(bpm) / CENTRE_BPM) / SPREAD) ** 2)


def comb(attack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tempos and how strongly the attacks pulse at each and its multiples, as a share of noise.

    The unit is what one harmonic of white noise of the same length and strength would have.
    """
    pulse = _even(attack)
    size = 1 << int(np.ceil(np.log2(len(pulse) * 8)))
    spectrum = np.abs(np.fft.rfft(pulse, size)) / np.sqrt((pulse**2).sum() + 1e-12)
    bins_a_hz = size * COARSE_MS / 1000
    bpm = np.exp(np.arange(np.log(LOWEST_BPM), np.log(HIGHEST_BPM), 1e-4))
    score = np.zeros(len(bpm))
    for multiple, weight in COMB:
        place = bpm / 60 * multiple * bins_a_hz
        low = place.astype(np.int64)
        part = place - low
        score += weight * (spectrum[low] * (1 - part) + spectrum[low + 1] * part)
    return bpm, score


def _even(attack: np.ndarray) -> np.ndarray:
    """Attacks at ``COARSE_MS``, loud and quiet passages alike, without their mean."""
    coarse = attack[: len(attack) // COARSE_MS * COARSE_MS].reshape(-1, COARSE_MS).mean(1)
    second = 1000 // COARSE_MS
    padded = np.pad(coarse, 2 * second, mode="reflect")
    total = np.concatenate([[0], np.cumsum(padded, dtype=float)])
    local = (total[4 * second :] - total[: -4 * second])[: len(coarse)] / (4 * second)
    even = coarse / (local + 0.3 * coarse.mean() + 1e-12)
    even = np.minimum(even, np.percentile(even, 99.5))
    return even - even.mean()


def candidates(attack: np.ndarray, count: int = 6) -> tuple[Candidate, ...]:
    """The likeliest tempos, best first, by comb and prior."""
    bpm, score = comb(attack)
    score = score * prior(bpm)
    found = []
    left = score.copy()
    for _ in range(count):
        best = int(np.argmax(left))
        found.append(Candidate(bpm=float(bpm[best]), score=float(score[best] / score.max())))
        left[np.abs(np.log(bpm / bpm[best])) < 0.004] = 0
    return tuple(found)


def nearest_tempo(attack: np.ndarray, bpm: float) -> float:
    """The strongest tempo within ``NEAR_TEMPO`` of one that is roughly known."""
    tempi, strength = comb(attack)
    near = np.abs(np.log(tempi / bpm)) < NEAR_TEMPO
    return float(tempi[near][np.argmax(strength[near])])


def refine(attack: np.ndarray, bpm: float) -> float:
    """The beat length (ms) near ``bpm``'s whose beats, laid over one another, are sharpest.

    The song is folded in pieces of a few beats; a wrong tempo shows as a drift from piece to piece,
    which the phases of the pieces' harmonics tell to a fraction of a millisecond over the song.
    """
    length = 60_000 / bpm / ATTACK_MS
    spectra = _pieces(attack, length)
    count = len(spectra)
    if count < 2:
        return length * ATTACK_MS
    places = np.arange(count) - (count - 1) / 2
    harmonics = np.arange(1, spectra.shape[1] + 1)

    def sharpness(drifts: np.ndarray) -> np.ndarray:
        turns = np.exp(2j * np.pi / length * drifts[:, None, None] * places[:, None] * harmonics)
        return (np.abs((turns * spectra).sum(1)) ** 2).sum(1)

    span = DRIFT_MS / ATTACK_MS / count
    coarse = np.linspace(-span, span, 61)
    middle = coarse[int(np.argmax(sharpness(coarse)))]
    fine = middle + np.linspace(-1, 1, 41) * span / 30
    scores = sharpness(fine)
    best = int(np.clip(np.argmax(scores), 1, len(fine) - 2))
    drift = fine[best] + _peak(scores[best - 1 : best + 2]) * (fine[1] - fine[0])
    found = float(length + drift / CHUNK_BEATS) * ATTACK_MS
    most = (np.abs(spectra).sum(0) ** 2).sum()
    looseness = float(np.clip((1 - scores[best] / (most + 1e-12)) / LOOSE, 0.05, 1))
    for believed, lenience in _round_tempos(60_000 / found):
        drift = (60_000 / believed / ATTACK_MS - length) * CHUNK_BEATS
        if sharpness(np.array([drift]))[0] > scores[best] * (1 - lenience * looseness):
            return 60_000 / believed
    return found


def _round_tempos(bpm: float) -> tuple[tuple[float, float], ...]:
    """The whole and the half tempo nearby, and how much blunter each may be than the sharpest.

    People make music at whole tempos, seldom at halves, and hardly ever at others.
    """
    near = ((round(bpm), WHOLE_LENIENCE), (round(bpm * 2) / 2, HALF_LENIENCE))
    return tuple((tempo, lenience) for tempo, lenience in near if abs(tempo - bpm) < BELIEF_BPM)


def _pieces(attack: np.ndarray, length: float) -> np.ndarray:
    """Harmonics of each piece of the song folded to one beat, complex (pieces, harmonics)."""
    steps = int(length)
    count = int((len(attack) - 2) // (length * CHUNK_BEATS))
    beats = np.arange(count * CHUNK_BEATS)
    index = np.rint(beats[:, None] * length + np.arange(steps) * (length / steps)).astype(np.int64)
    folded = attack[np.minimum(index, len(attack) - 1)].reshape(count, CHUNK_BEATS, steps).sum(1)
    level = np.sqrt((folded**2).mean(1, keepdims=True))
    folded = folded / (level + 0.2 * np.sqrt((folded**2).mean()) + 1e-9)
    return np.fft.rfft(folded - folded.mean(1, keepdims=True), axis=1)[:, 1 : HARMONICS + 1]


def _peak(three: np.ndarray) -> float:
    """Where a parabola through three values peaks, -1 to 1 from the middle one."""
    curve = three[0] - 2 * three[1] + three[2]
    return float(np.clip((three[0] - three[2]) / (2 * curve), -1, 1)) if curve < 0 else 0.0
