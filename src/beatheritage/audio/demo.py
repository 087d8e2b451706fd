"""The demo song: "First Light", written by a small synthesiser.

It ships so that a first run needs nothing, and because its tempo and the sample of its first
downbeat are known exactly, which no recording can offer. Every beat falls on a whole sample.
"""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

DEMO_RATE = 44_100
DEMO_BPM = 150.0
DEMO_OFFSET_MS = 730.0  # where the first kick begins to sound
DEMO_TITLE = "First Light"
DEMO_ARTIST = "BeatHeritage"

BEATS_A_BAR = 4
BEAT_SAMPLES = 17_640  # 60 / 150 s, exactly
OFFSET_SAMPLES = 32_193  # 730 ms, exactly
TAIL_S = 2.4  # the last chord and its room die away
NOISE_SEED = 20_260_923
PEAK = 0.89  # -1 dBFS

CHORDS = {
    "Am": ("A3", "C4", "E4"),
    "F": ("F3", "A3", "C4"),
    "C": ("G3", "C4", "E4"),
    "G": ("G3", "B3", "D4"),
    "Em": ("G3", "B3", "E4"),
}
ROOTS = {"Am": "A1", "F": "F1", "C": "C2", "G": "G1", "Em": "E1"}
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

# A bar a line: notes and their lengths in beats; "-" rests.
VERSE_MELODY = """
A4 1 C5 .5 E5 1.5 D5 .5 C5 .5
C5 1 A4 .5 C5 1.5 - 1
G4 1 C5 .5 E5 1.5 D5 .5 E5 .5
D5 2 B4 1 - 1
A4 1 C5 .5 E5 1.5 G5 .5 E5 .5
F5 1 E5 .5 C5 1.5 A4 1
E5 1 D5 .5 C5 1.5 G4 1
B4 1 C5 1 D5 1 - 1
"""
CHORUS_MELODY = """
A5 .75 G5 .75 F5 .5 C5 .5 F5 .5 A5 1
B5 .75 A5 .75 G5 .5 D5 .5 G5 .5 B5 1
G5 .75 E5 .75 B4 .5 E5 .5 G5 .5 B5 .5 G5 .5
C6 1.5 B5 .5 A5 1 E5 .5 G5 .5
A5 .75 G5 .75 F5 .5 A5 .5 C6 .5 A5 1
B5 .75 A5 .75 G5 .5 B5 .5 D6 .5 B5 1
C6 1.5 G5 .5 E5 .5 G5 .5 C6 1
D6 .5 C6 .5 B5 .5 G5 .5 A5 2
"""
BREAK_MELODY = """
E5 3 - 1
C5 2 D5 2
E5 3 - 1
G5 2 D5 2
C5 3 - 1
D5 2 B4 2
"""


class Section(NamedTuple):
    """A part of the song. A drum's pattern is one bar of sixteenths, ``x`` a hit and ``o`` a soft
    one; ``arpeggio`` counts the plucks of a bar; gains are linear."""

    name: str
    chords: str
    kick: str = ""
    snare: str = ""
    hat: str = ""
    open_hat: str = ""
    bass: float = 0.0
    pad: float = 0.0
    arpeggio: int = 0
    melody: str = ""
    lead: float = 0.0
    crash: bool = False
    fill: bool = False

    @property
    def bars(self) -> int:
        return len(self.chords.split())


CHORUS = Section(
    name="chorus",
    chords="F G Em Am F G C Am",
    kick="x...x...x...x...",
    snare="....x.......x..o",
    hat="xooxxooxxooxxoox",
    open_hat="..x...x...x...x.",
    bass=1.0,
    pad=0.9,
    arpeggio=16,
    melody=CHORUS_MELODY,
    lead=1.0,
    crash=True,
    fill=True,
)
BUILD = Section(
    name="build",
    chords="F G Am G",
    kick="x...x...x...x...",
    snare="x.......x.......",
    hat="x.x.x.x.x.x.x.x.",
    bass=0.6,
    pad=0.7,
    arpeggio=16,
    crash=True,
    fill=True,
)
SONG = (
    Section(name="intro", chords="Am F C G", kick="x...............", pad=0.4, arpeggio=8),
    Section(
        name="verse",
        chords="Am F C G Am F C G",
        kick="x.....x.x.......",
        snare="....x.......x...",
        hat="x.o.x.o.x.o.x.o.",
        bass=0.8,
        pad=0.4,
        arpeggio=8,
        melody=VERSE_MELODY,
        lead=0.7,
        crash=True,
    ),
    BUILD,
    CHORUS,
    Section(
        name="break", chords="Am F C G F G", pad=0.35, melody=BREAK_MELODY, lead=0.35, crash=True
    ),
    BUILD,
    CHORUS,
    Section(
        name="outro",
        chords="F G Am Am",
        kick="x...............",
        hat="x...x...x...x...",
        pad=0.5,
        arpeggio=8,
        crash=True,
    ),
)


class Mix:
    """A stereo canvas that voices are laid on by beat."""

    def __init__(self, bars: int) -> None:
        length = OFFSET_SAMPLES + bars * BEATS_A_BAR * BEAT_SAMPLES + int(TAIL_S * DEMO_RATE)
        self.stereo = np.zeros((length, 2), np.float32)

    def add(self, beat: float, voice: np.ndarray, gain: float, pan: float = 0.0) -> None:
        """Lay a mono voice down; ``pan`` runs from -1 (left) to 1, at constant power."""
        start = OFFSET_SAMPLES + round(beat * BEAT_SAMPLES)
        voice = voice[: len(self.stereo) - start]
        angle = (pan + 1) * np.pi / 4
        for channel, share in enumerate((np.cos(angle), np.sin(angle))):
            self.stereo[start : start + len(voice), channel] += np.float32(gain * share) * voice


def render_demo() -> np.ndarray:
    """The whole song, float32 (samples, 2) at ``DEMO_RATE``; the same samples every time."""
    bars = sum(section.bars for section in SONG) + 1  # the last chord
    drums, music, lead, bass = Mix(bars), Mix(bars), Mix(bars), Mix(bars)
    first_bar = 0
    for section in SONG:
        play_drums(drums, section, first_bar)
        play_bass(bass, section, first_bar)
        play_chords(music, section, first_bar)
        play_melody(lead, section, first_bar)
        first_bar += section.bars
    play_ending(drums, music, first_bar)
    dry = music.stereo + bass.stereo
    dry *= duck(first_bar, len(dry))[:, None]
    wet = reverb(music.stereo * 0.5 + echo(lead.stereo))
    mixed = drums.stereo + dry + lead.stereo + 0.22 * wet
    mixed = np.tanh(1.15 * mixed)
    mixed[:OFFSET_SAMPLES] = 0  # what rounding in the reverb left before the first sound
    return (mixed * (PEAK / np.abs(mixed).max())).astype(np.float32)


def write_demo(path: Path) -> None:
    """Render the song into an Ogg Vorbis file with its title and artist."""
    import soundfile

    samples = render_demo()
    written = path.with_name(f".{path.name}.part")
    with soundfile.SoundFile(
        written, "w", DEMO_RATE, 2, format="OGG", subtype="VORBIS", compression_level=0.6
    ) as file:
        file.title, file.artist = DEMO_TITLE, DEMO_ARTIST
        for start in range(0, len(samples), 65_536):  # libsndfile's Vorbis writer wants small bites
            file.write(samples[start : start + 65_536])
    written.replace(path)


def play_drums(mix: Mix, section: Section, first_bar: int) -> None:
    parts = (
        (section.kick, kick(), 0.95, 0.0),
        (section.snare, snare(), 0.55, 0.05),
        (section.hat, noise_hit(7_000, 0.035, seed=1), 0.22, 0.3),
        (section.open_hat, noise_hit(6_000, 0.14, seed=2), 0.16, -0.3),
    )
    for bar in range(section.bars):
        last = section.fill and bar == section.bars - 1
        for pattern, voice, gain, pan in parts:
            for step, mark in enumerate(pattern):
                if mark != "." and not (last and step >= 8 and pattern is section.snare):
                    beat = (first_bar + bar) * BEATS_A_BAR + step / 4
                    mix.add(beat, voice, gain * (0.45 if mark == "o" else 1.0), pan)
        if last:
            play_fill(mix, first_bar + bar)
    if section.crash:
        mix.add(first_bar * BEATS_A_BAR, noise_hit(3_500, 0.5, seed=3), 0.3, -0.2)


def play_fill(mix: Mix, bar: int) -> None:
    """Half a bar of sixteenths on the snare that swells into the next section."""
    for step in range(8):
        mix.add(bar * BEATS_A_BAR + 2 + step / 4, snare(), 0.22 + 0.05 * step, (step - 4) / 10)


def play_bass(mix: Mix, section: Section, first_bar: int) -> None:
    if not section.bass:
        return
    for bar, chord in enumerate(section.chords.split()):
        for eighth in range(8):
            octave = 12 if section.lead == 1.0 and eighth % 2 else 0
            voice = tone(pitch(ROOTS[chord]) + octave, 0.19, brightness=1.3, decay=3.0)
            mix.add((first_bar + bar) * BEATS_A_BAR + eighth / 2, voice, 0.42 * section.bass)


def play_chords(mix: Mix, section: Section, first_bar: int) -> None:
    for bar, chord in enumerate(section.chords.split()):
        beat = (first_bar + bar) * BEATS_A_BAR
        for note in CHORDS[chord]:
            for detune, pan in ((-0.06, -0.6), (0.06, 0.6)):
                mix.add(beat, pad(pitch(note) + detune), 0.13 * section.pad, pan)
        for step in range(section.arpeggio):
            note = CHORDS[chord][(0, 1, 2, 1)[step % 4]]
            octave = 24 if step % 8 >= 4 else 12
            voice = tone(pitch(note) + octave, 0.3, brightness=1.6, decay=7.0)
            gain = 0.15 if step % 4 == 0 else 0.1
            mix.add(beat + step * BEATS_A_BAR / section.arpeggio, voice, gain, 0.4 * (-1) ** step)


def play_melody(mix: Mix, section: Section, first_bar: int) -> None:
    for bar, line in enumerate(section.melody.strip().splitlines()):
        for beat, note, beats in notes(line):
            length_s = beats * BEAT_SAMPLES / DEMO_RATE
            voice = tone(pitch(note), length_s * 0.95, brightness=1.1, decay=0.9, vibrato=0.004)
            mix.add((first_bar + bar) * BEATS_A_BAR + beat, voice, 0.3 * section.lead)


def play_ending(drums: Mix, music: Mix, bar: int) -> None:
    beat = bar * BEATS_A_BAR
    drums.add(beat, kick(), 0.9)
    drums.add(beat, noise_hit(3_500, 0.6, seed=4), 0.3)
    for note in ("A2", "E3", "A3", "C4", "E4", "A4"):
        music.add(beat, tone(pitch(note), 2.8, brightness=1.2, decay=1.2), 0.2)


def notes(line: str) -> Iterator[tuple[float, str, float]]:
    """Beat in the bar, name and length in beats of each note of a line."""
    words, beat = line.split(), 0.0
    for name, length in zip(words[::2], words[1::2], strict=True):
        if name != "-":
            yield beat, name, float(length)
        beat += float(length)


def pitch(name: str) -> float:
    """The MIDI number of a note such as A4 (69)."""
    return 12 * (int(name[1]) + 1) + SEMITONES[name[0]]


def seconds(length_s: float) -> np.ndarray:
    return np.arange(round(length_s * DEMO_RATE)) / DEMO_RATE


@cache
def tone(
    midi: float, length_s: float, *, brightness: float, decay: float, vibrato: float = 0.0
) -> np.ndarray:
    """A note of harmonics that fall as ``h ** -brightness`` and die faster the higher they are."""
    time = seconds(length_s)
    hertz = 440 * 2 ** ((midi - 69) / 12)
    swing = vibrato * np.sin(2 * np.pi * 5.5 * time) * np.minimum(time / 0.3, 1) / (2 * np.pi * 5.5)
    phase = 2 * np.pi * hertz * (time + swing)
    harmonics = range(1, int(min(24, 9_000 / hertz)) + 1)
    wave = sum(
        np.sin(h * phase) * h**-brightness * np.exp(-decay * (0.6 + 0.4 * h) * time)
        for h in harmonics
    )
    return (wave * edges(time, attack_s=0.002, release_s=0.02)).astype(np.float32)


@cache
def pad(midi: float) -> np.ndarray:
    """A soft chord tone, a bar long, that breathes in and out."""
    time = seconds(BEATS_A_BAR * BEAT_SAMPLES / DEMO_RATE)
    hertz = 440 * 2 ** ((midi - 69) / 12)
    wave = sum(np.sin(2 * np.pi * h * hertz * time) * h**-1.5 for h in range(1, 11))
    return (wave * edges(time, attack_s=0.12, release_s=0.15)).astype(np.float32)


@cache
def kick() -> np.ndarray:
    """A sine that falls from 190 to 48 Hz, and a click at its head."""
    time = seconds(0.32)
    hertz = 48 + 142 * np.exp(-time / 0.028)
    body = np.cos(2 * np.pi * np.cumsum(hertz) / DEMO_RATE) * np.exp(-time / 0.11)
    click = np.sin(2 * np.pi * 2_400 * time) * np.exp(-time / 0.003)
    return ((body + 0.4 * click) * edges(time, attack_s=0.0005, release_s=0.03)).astype(np.float32)


@cache
def snare() -> np.ndarray:
    time = seconds(0.22)
    rattle = noise_hit(1_400, 0.07, seed=5)[: len(time)]
    body = np.sin(2 * np.pi * (185 * time + 4 * (1 - np.exp(-time / 0.012)))) * np.exp(-time / 0.06)
    wave = 0.8 * np.pad(rattle, (0, len(time) - len(rattle))) + 0.7 * body
    return (wave * edges(time, attack_s=0.0005, release_s=0.03)).astype(np.float32)


@cache
def noise_hit(low_hz: float, decay_s: float, *, seed: int) -> np.ndarray:
    """A burst of noise above ``low_hz``: hats, cymbals, a snare's rattle."""
    time = seconds(decay_s * 5)
    noise = np.random.default_rng(NOISE_SEED + seed).standard_normal(len(time))
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(len(time), 1 / DEMO_RATE)
    spectrum *= 1 / (1 + (low_hz / np.maximum(hertz, 1)) ** 6)
    wave = np.fft.irfft(spectrum, len(time)) * np.exp(-time / decay_s)
    return (0.7 * wave * edges(time, attack_s=0.0005, release_s=0.005)).astype(np.float32)


def edges(time: np.ndarray, *, attack_s: float, release_s: float) -> np.ndarray:
    """An envelope that opens and closes without a click."""
    left = (len(time) / DEMO_RATE - time) / release_s
    return np.minimum(1, np.minimum(time / attack_s, left)).clip(0)


def duck(bars: int, length: int) -> np.ndarray:
    """What the chords and bass are multiplied by, so that every beat's kick comes through."""
    time = seconds(BEAT_SAMPLES / DEMO_RATE)
    dip = 1 - 0.45 * np.exp(-time / 0.09)
    gain = np.ones(length, np.float32)
    beats = np.tile(dip.astype(np.float32), bars * BEATS_A_BAR)
    gain[OFFSET_SAMPLES : OFFSET_SAMPLES + len(beats)] = beats
    return gain


def echo(stereo: np.ndarray) -> np.ndarray:
    """Three repeats, three quarters of a beat apart, changing sides."""
    repeated = stereo.copy()
    for count in range(1, 4):
        shift = round(count * 0.75 * BEAT_SAMPLES)
        repeated[shift:] += 0.45**count * np.roll(stereo[:-shift], count, axis=1)
    return repeated


def reverb(stereo: np.ndarray) -> np.ndarray:
    """A room of decaying noise, another in each ear."""
    time = seconds(1.6)
    rng = np.random.default_rng(NOISE_SEED)
    room = rng.standard_normal((len(time), 2)) * np.exp(-time / 0.35)[:, None]
    room = (room / np.sqrt((room**2).sum(0))).astype(np.float32)
    size = 1 << (len(stereo) + len(room)).bit_length()
    wet = np.fft.irfft(
        np.fft.rfft(stereo, size, axis=0) * np.fft.rfft(room, size, axis=0), size, axis=0
    )
    return wet[: len(stereo)].astype(np.float32)


if __name__ == "__main__":
    write_demo(Path(sys.argv[1]))
