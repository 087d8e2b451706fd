"""Timing of a song: tempo, phase, meter, and where they change."""

from dataclasses import dataclass

import numpy as np

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song
from beatheritage.errors import InputError
from beatheritage.osu.beatmap import RedLine
from beatheritage.timing.beats import DOWNBEAT, BeatListener, Evidence, beat_profile, find_bar, hear
from beatheritage.timing.grid import Timing
from beatheritage.timing.lead import MAP_LEAD_MS
from beatheritage.timing.novelty import ATTACK_MS, LATENCY_MS, attacks
from beatheritage.timing.tempo import (
    HIGHEST_BPM,
    LOWEST_BPM,
    candidates,
    comb,
    prior,
    refine,
)

FAMILY = (1.0, 0.5, 2.0, 2 / 3, 1.5, 0.75, 4 / 3)
NOISE_MARGIN = 1.35  # white noise differs by this much from one to another
EVIDENCE_WEIGHT = 1.2
COMB_WEIGHT = 1.2
PRIOR_WEIGHT = 1.6
ATTACK_WEIGHT = 0.5
SURE = 0.5  # confidence below which runners-up are named
QUIET_DB = -40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """A tempo with its best phase (ms of a beat, where the sound is), and how likely it is."""

    beat_length: float
    phase: float
    coherence: float
    score: float  # log-odds, up to a constant of the song

    @property
    def bpm(self) -> float:
        return 60_000 / self.beat_length


def find_timing(
    song: Song, listener: BeatListener, *, bpm: float | None = None, offset: float | None = None
) -> Timing:
    """The red lines of a song, in osu!'s convention: each ``MAP_LEAD_MS`` before its sound.

    ``bpm`` and ``offset`` (ms of the first red line), where given, are kept exactly. Raises
    InputError where there is no pulse to be found and no ``bpm`` is given.
    """
    attack = attacks(song.samples)
    evidence = hear(song.samples, listener)
    if bpm is None:
        _refuse_noise(song, attack)
        tempos = rank(attack, evidence)
    else:
        tempos = (_phased(attack, evidence, 60_000 / bpm, coherence=1.0, comb_score=1.0),)
    best, confidence = tempos[0], _confidence(tempos)
    line = _first_line(song, attack, evidence, best, offset)
    runners_up = tuple(round(tempo.bpm, 3) for tempo in tempos[1:4])
    warnings = () if confidence >= SURE else (_unsure(best.bpm, runners_up),)
    return Timing(lines=(line,), confidence=confidence, runners_up=runners_up, warnings=warnings)


def _refuse_noise(song: Song, attack: np.ndarray) -> None:
    noise = np.random.default_rng(0).standard_normal(len(song.samples)).astype(np.float32)
    if comb(attack)[1].max() < NOISE_MARGIN * comb(attacks(noise))[1].max():
        what = "no tempo can be heard, no more than in noise"
        raise InputError(what, where=str(song.path), mend="give it with --bpm")


def rank(attack: np.ndarray, evidence: Evidence) -> tuple[Tempo, ...]:
    """Tempos, likeliest first: what the attacks pulse at and its family, as the head hears them."""
    tempi, strengths = comb(attack)
    tempos: list[Tempo] = []
    for candidate in candidates(attack):
        for factor in FAMILY:
            tempo = float(candidate.bpm * factor)
            known = any(abs(np.log(other.bpm / tempo)) < 0.004 for other in tempos)
            if known or not LOWEST_BPM <= tempo <= HIGHEST_BPM:
                continue
            precise = refine(attack, tempo)
            strength = float(np.interp(tempo, tempi, strengths) / strengths.max())
            tempos.append(
                _phased(
                    attack,
                    evidence,
                    precise.beat_length,
                    coherence=precise.coherence,
                    comb_score=strength,
                )
            )
    return tuple(sorted(tempos, key=lambda tempo: -tempo.score))


def _phased(
    attack: np.ndarray,
    evidence: Evidence,
    beat_length: float,
    *,
    coherence: float,
    comb_score: float,
) -> Tempo:
    profile = fold(attack, beat_length)
    phases = np.arange(len(profile)) * beat_length / len(profile)
    heard = beat_profile(evidence, beat_length, phases - LATENCY_MS)
    total = heard + ATTACK_WEIGHT * np.log(profile / profile.max() + 0.05)
    best = int(np.argmax(total))
    a_second = 1000 / beat_length
    score = EVIDENCE_WEIGHT * heard[best] * a_second
    score += COMB_WEIGHT * np.log(comb_score + 1e-3)
    score += PRIOR_WEIGHT * np.log(prior(60_000 / beat_length) + 1e-3)
    return Tempo(
        beat_length=beat_length,
        phase=(_peak_near(profile, best) * beat_length / len(profile) - LATENCY_MS) % beat_length,
        coherence=coherence,
        score=float(score),
    )


def fold(attack: np.ndarray, beat_length: float) -> np.ndarray:
    """Mean attack over a beat, in bins of about ``ATTACK_MS``."""
    bins = max(1, int(beat_length / ATTACK_MS))
    phase = np.arange(len(attack)) * ATTACK_MS / beat_length
    index = np.rint((phase % 1) * bins).astype(np.int64) % bins
    total = np.bincount(index, attack, bins)
    return total / np.maximum(np.bincount(index, minlength=bins), 1)


def _peak_near(profile: np.ndarray, start: int) -> float:
    """Climb from a bin to the peak of its hill, and read it to a fraction of a bin."""
    at, count = start, len(profile)
    while profile[(at + 1) % count] > profile[at % count]:
        at += 1
    while profile[(at - 1) % count] > profile[at % count]:
        at -= 1
    left, middle, right = (profile[(at + step) % count] for step in (-1, 0, 1))
    curve = left - 2 * middle + right
    return at + (left - right) / (2 * curve) if curve < 0 else float(at)


def _first_line(
    song: Song, attack: np.ndarray, evidence: Evidence, tempo: Tempo, offset: float | None
) -> RedLine:
    """A red line on the first downbeat of the song that sounds."""
    if offset is not None:
        return RedLine(time=offset, beat_length=tempo.beat_length)
    count = int((song.duration - tempo.phase) // tempo.beat_length)
    beats = tempo.phase + np.arange(count) * tempo.beat_length
    bar = find_bar(evidence.at(beats, DOWNBEAT))
    begins = max(_first_sound(song.samples) - tempo.beat_length / 2, MAP_LEAD_MS)
    starts = beats[bar.first :: bar.meter]
    start = starts[min(int(np.searchsorted(starts, begins)), len(starts) - 1)]
    return RedLine(time=float(start - MAP_LEAD_MS), beat_length=tempo.beat_length, meter=bar.meter)


def _first_sound(samples: np.ndarray) -> float:
    """Milliseconds before the song is first heard."""
    block = SAMPLE_RATE // 100
    peaks = np.abs(samples[: len(samples) // block * block].reshape(-1, block)).max(1)
    heard = peaks > np.percentile(peaks, 95) * 10 ** (QUIET_DB / 20)
    return float(np.argmax(heard)) * 10


def _confidence(tempos: tuple[Tempo, ...]) -> float:
    """How likely the first tempo is among all that were looked at."""
    scores = np.array([tempo.score for tempo in tempos])
    return float(1 / np.exp(scores - scores[0]).sum())


def _unsure(bpm: float, runners_up: tuple[float, ...]) -> str:
    others = ", ".join(f"{other:g}" for other in runners_up)
    return f"the tempo is not sure: {bpm:g} BPM is likeliest, then {others}; --bpm settles it"
