"""Timing of a song: tempo, phase, meter, and where they change."""

from dataclasses import replace

import numpy as np

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song
from beatheritage.errors import InputError
from beatheritage.osu.beatmap import RedLine
from beatheritage.timing.beats import DOWNBEAT, BeatListener, Evidence, find_bar, hear
from beatheritage.timing.character import character
from beatheritage.timing.grid import Timing
from beatheritage.timing.lead import MAP_LEAD_MS
from beatheritage.timing.novelty import ATTACK_MS, attacks
from beatheritage.timing.rank import Tempo, phased, rank
from beatheritage.timing.segments import Span, spans
from beatheritage.timing.tempo import comb, nearest_tempo, refine

NOISE_MARGIN = 1.35  # by how much white noise differs from white noise
SURE = 0.6  # confidence below which runners-up are named
RUNNERS_UP = 3
ANOTHER_TEMPO = 0.02  # relative
EVEN = 0.88  # beats as alike as a metronome's
QUIET_DB = -40.0  # below the loud parts: not begun yet


def find_timing(
    song: Song, listener: BeatListener, *, bpm: float | None = None, offset: float | None = None
) -> Timing:
    """The red lines of a song, in osu!'s convention: each ``MAP_LEAD_MS`` before its sound.

    ``bpm`` and ``offset`` (ms of the first red line), where given, are kept exactly. Raises
    InputError where there is no pulse to be found and no ``bpm`` is given.
    """
    attack = attacks(song.samples)
    evidence = hear(song.mel, listener)
    if bpm is not None:
        return Timing(
            lines=(_line(song, evidence, phased(attack, evidence, 60_000 / bpm), offset),)
        )
    _refuse_noise(song, attack)
    tempos, confidence = rank(attack, evidence, character(song.mel))
    runners_up = _runners_up(tempos)
    parts = spans(attack) if offset is None else ()
    if len(parts) > 1:
        lines = _changing(song, attack, evidence, parts)
    else:
        lines = (_line(song, evidence, tempos[0], offset),)
    warnings = () if confidence >= SURE else (_unsure(tempos[0].bpm, runners_up),)
    return Timing(lines=lines, confidence=confidence, runners_up=runners_up, warnings=warnings)


def _runners_up(tempos: tuple[Tempo, ...]) -> tuple[float, ...]:
    """The next best tempos in BPM, without those that are one of the better ones a little off."""
    found = [tempos[0].bpm]
    for tempo in tempos[1:]:
        if all(abs(tempo.bpm / other - 1) > ANOTHER_TEMPO for other in found):
            found.append(tempo.bpm)
    return tuple(round(bpm, 3) for bpm in found[1 : 1 + RUNNERS_UP])


def _refuse_noise(song: Song, attack: np.ndarray) -> None:
    noise = np.random.default_rng(0).standard_normal(len(song.samples)).astype(np.float32)
    if comb(attack)[1].max() < NOISE_MARGIN * comb(attacks(noise))[1].max():
        what = "no tempo can be heard in it, no more than in noise"
        raise InputError(what, where=str(song.path), mend="give the tempo with --bpm")


def _line(song: Song, evidence: Evidence, tempo: Tempo, offset: float | None) -> RedLine:
    """The red line of a song at constant tempo: on the first downbeat that sounds."""
    begins = max(_first_sound(song.samples), MAP_LEAD_MS)
    line = _downbeat_line(evidence, tempo, begins, song.duration)
    return line if offset is None else replace(line, time=offset)


def _changing(
    song: Song, attack: np.ndarray, evidence: Evidence, parts: tuple[Span, ...]
) -> tuple[RedLine, ...]:
    """A red line for each span, on the first downbeat of its own tempo there."""
    lines: list[RedLine] = []
    begins = max(_first_sound(song.samples), MAP_LEAD_MS)
    for part in parts:
        first, last = round(part.start / ATTACK_MS), round(part.end / ATTACK_MS)
        frames = slice(first, last)
        heard = evidence.between(part.start, part.end)
        tempo = phased(
            attack[frames], heard, refine(attack[frames], nearest_tempo(attack[frames], part.bpm))
        )
        tempo = replace(tempo, phase=(tempo.phase + part.start) % tempo.beat_length)
        lines.append(_downbeat_line(evidence, tempo, max(begins, part.start), part.end))
    return tuple(lines)


def _downbeat_line(evidence: Evidence, tempo: Tempo, begins: float, ends: float) -> RedLine:
    """The first downbeat after ``begins`` (a quarter of a beat of grace), as a red line."""
    length = tempo.beat_length
    first = np.ceil((begins - tempo.phase) / length - 0.25)
    while tempo.phase + first * length < MAP_LEAD_MS:
        first += 1
    count = max(1, int((ends - tempo.phase) // length - first))
    beats = tempo.phase + (first + np.arange(count)) * length
    bar = find_bar(evidence.at(beats, DOWNBEAT), even=tempo.evenness > EVEN)
    time = tempo.phase + (first + bar.first) * length - MAP_LEAD_MS
    return RedLine(time=float(time), beat_length=length, meter=bar.meter)


def _first_sound(samples: np.ndarray) -> float:
    """Milliseconds before the song is first heard."""
    block = SAMPLE_RATE // 100
    peaks = np.abs(samples[: len(samples) // block * block].reshape(-1, block)).max(1)
    heard = peaks > np.percentile(peaks, 95) * 10 ** (QUIET_DB / 20)
    return float(np.argmax(heard)) * 10


def _unsure(bpm: float, runners_up: tuple[float, ...]) -> str:
    others = ", ".join(f"{other:g}" for other in runners_up)
    return f"the tempo is not sure: {bpm:g} BPM is likeliest, then {others}; say which"
