"""Songs made up by a seed, whose rhythm is known to the sample: what ``reproduce`` learns from.

They are played by the demo song's instruments; which drums and which notes, chance decides.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from beatheritage.audio.demo import (
    BEATS_A_BAR,
    DEMO_BPM,
    DEMO_OFFSET_MS,
    DEMO_RATE,
    Mix,
    Section,
    notes,
    play_bass,
    play_chords,
    play_drums,
    play_melody,
)
from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song

SECTIONS, BARS = 4, 8
SPEEDS = (0.8, 1.25)
KICKS = ("x...x...x...x...", "x.....x.x.......", "x...x.....x.x...", "x..x..x...x.....")
SNARES = ("....x.......x...", "....x.......x..x", "........x.......")
HATS = ("x.x.x.x.x.x.x.x.", "xoxoxoxoxoxoxoxo", "..x...x...x...x.", "")
CHORDS = ("Am", "F", "C", "G", "Em")
NOTES = ("A4", "C5", "D5", "E5", "G5", "A5")
LENGTHS = (0.5, 0.5, 0.75, 1.0, 1.0, 1.5, 2.0)
REST_SHARE = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    """``onsets``: the beats, from the offset (ms) on, at which the melody or the kick strikes."""

    song: Song
    bpm: float
    offset: float
    onsets: tuple[float, ...]


def make_up(seed: int) -> MadeUp:
    """A song of thirty-two bars at 120 to 187 beats a minute; the same for the same seed."""
    rng = np.random.default_rng(seed)
    speed = float(rng.uniform(*SPEEDS))
    mix = Mix(SECTIONS * BARS)
    struck: set[float] = set()
    for index in range(SECTIONS):
        section = _section(rng)
        for play in (play_drums, play_bass, play_chords, play_melody):
            play(mix, section, index * BARS)
        struck |= {index * BARS * BEATS_A_BAR + beat for beat in _strikes(section)}
    mono = np.tanh(mix.stereo.mean(axis=1))
    # Played faster or slower, and so higher or lower.
    samples = soxr.resample(mono, DEMO_RATE * speed, SAMPLE_RATE).astype(np.float32)
    return MadeUp(
        song=Song(path=Path(f"made-up {seed}.wav"), samples=samples),
        bpm=DEMO_BPM * speed,
        offset=DEMO_OFFSET_MS / speed,
        onsets=tuple(sorted(struck)),
    )


def _section(rng: np.random.Generator) -> Section:
    kick, snare, hat = (str(rng.choice(patterns)) for patterns in (KICKS, SNARES, HATS))
    return Section(
        name="made up",
        chords=" ".join(str(chord) for chord in rng.choice(CHORDS, BARS)),
        kick=kick,
        snare=snare,
        hat=hat,
        bass=float(rng.choice((0.0, 0.6))),
        pad=0.5,
        arpeggio=int(rng.choice((0, 8))),
        melody="\n".join(_line(rng) for _ in range(BARS)),
        lead=0.9,
    )


def _line(rng: np.random.Generator) -> str:
    """A bar of melody, as ``demo.notes`` reads it."""
    words, left = [], float(BEATS_A_BAR)
    while left > 0:
        length = min(left, float(rng.choice(LENGTHS)))
        name = "-" if rng.random() < REST_SHARE else str(rng.choice(NOTES))
        words.append(f"{name} {length:g}")
        left -= length
    return " ".join(words)


def _strikes(section: Section) -> set[float]:
    """The beats of a section at which its melody or its kick strikes."""
    struck = set()
    for bar, line in enumerate(section.melody.splitlines()):
        first = bar * BEATS_A_BAR
        struck |= {first + beat for beat, _, _ in notes(line)}
        struck |= {first + step / 4 for step, mark in enumerate(section.kick) if mark == "x"}
    return struck
