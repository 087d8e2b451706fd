"""The same sound in every encoding: is it timed alike, and does it get the same map?

The sounds are our own, so what is true of them is known: click tracks, and the demo song.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
import soxr

from beatheritage.audio.decode import read_song
from beatheritage.audio.demo import DEMO_BPM, DEMO_OFFSET_MS, DEMO_RATE, render_demo
from beatheritage.audio.song import Song
from beatheritage.engine.models import Models
from beatheritage.evaluate.outcome import SEED
from beatheritage.evaluate.rhythm import onset_f1, onsets
from beatheritage.evaluate.shelf import Shelf
from beatheritage.evaluate.spread import single
from beatheritage.evaluate.tables import Line, Table
from beatheritage.evaluate.writers import models_here
from beatheritage.generate.drafting import listen
from beatheritage.generate.pipeline import generate
from beatheritage.generate.plan import make_plan
from beatheritage.generate.request import Request
from beatheritage.timing.fit import find_timing
from beatheritage.timing.grid import Timing
from beatheritage.timing.lead import MAP_LEAD_MS

BPM_TARGET, LINE_TARGET_MS, MAP_TARGET = 0.01, 1.0, 0.98
CLICK_SECONDS = 45
CLICKS = ((120.0, 500.0), (150.0, 1234.0), (174.5, 321.0))  # BPM, and ms of the first click
WRITE_FRAMES = 1 << 16  # libsndfile's Ogg writers keep a block on the stack
BARE_MP3 = "mp3 without its LAME header"
THIN_OPUS = "opus at 16 kHz, 24 kbit/s"
MAPPED = ("wav", "mp3", "ogg", THIN_OPUS)


class Encoding(NamedTuple):
    """How libsndfile is to write a file; ``level`` is its compression level, from 0 to 1."""

    suffix: str
    format: str
    subtype: str
    rate: int = DEMO_RATE
    level: float | None = None


ENCODINGS = {
    "wav": Encoding("wav", "WAV", "PCM_16"),
    "flac": Encoding("flac", "FLAC", "PCM_16"),
    "ogg": Encoding("ogg", "OGG", "VORBIS"),
    "opus": Encoding("opus", "OGG", "OPUS", 48_000),
    "mp3": Encoding("mp3", "MP3", "MPEG_LAYER_III"),
    BARE_MP3: Encoding("mp3", "MP3", "MPEG_LAYER_III"),
    # libsndfile's levels run evenly from 256 kbit/s a channel down to 6.
    THIN_OPUS: Encoding("opus", "OGG", "OPUS", 16_000, (256 - 24) / (256 - 6)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """Something whose timing is known: ``first_ms`` is when its first beat sounds."""

    name: str
    samples: np.ndarray  # (frames, channels) at DEMO_RATE
    bpm: float
    first_ms: float


class Timed(NamedTuple):
    """One file: errors of its tempo (BPM) and its red line (ms), and whether it was warned of."""

    sound: str
    encoding: str
    bpm_error: float
    line_error: float
    warned: bool


def format_lines(shelf: Shelf) -> tuple[tuple[Line, ...], Table]:
    """What must be reached, and every file by itself."""
    kept = shelf.kept("formats", {}, _measure)
    timed = [Timed(*row) for row in kept["timed"]]
    return lines_of(timed, kept["pairs"]), table_of(timed, kept["pairs"])


def lines_of(timed: Sequence[Timed], pairs: Mapping[str, float]) -> tuple[Line, ...]:
    known = [one for one in timed if one.encoding != THIN_OPUS]
    plain = [one for one in known if one.encoding != BARE_MP3]
    # Without its header, nobody can know where an MP3 begins: a warning is all there is to say.
    bare = [one for one in timed if one.encoding == BARE_MP3]
    mended = [one.warned or abs(one.line_error) <= LINE_TARGET_MS for one in bare]
    sounds = len({one.sound for one in timed})

    def worst(values: Sequence[float]) -> float:
        return max(abs(value) for value in values)

    return (
        Line(
            what="clicks and demo song as wav, flac, ogg, opus, mp3: worst BPM error",
            figure=single(worst([one.bpm_error for one in known]), len(known), sounds),
            unit="BPM",
            target=BPM_TARGET,
            at_most=True,
        ),
        Line(
            what="the same: worst error of the red line, the constant taken off",
            figure=single(worst([one.line_error for one in plain]), len(plain), sounds),
            unit="ms",
            target=LINE_TARGET_MS,
            at_most=True,
        ),
        Line(
            what="mp3 without its LAME header: corrected, or warned of",
            figure=single(float(np.mean(mended)), len(bare), sounds),
            unit="%",
            target=1.0,
        ),
        Line(
            what="the demo song's map from one encoding against another's: worst onset F1",
            figure=single(min(pairs.values()), len(pairs), 1),
            target=MAP_TARGET,
        ),
    )


def table_of(timed: Sequence[Timed], pairs: Mapping[str, float]) -> Table:
    rows = [
        (
            one.sound,
            one.encoding,
            f"{one.bpm_error:+.4f}",
            f"{one.line_error:+.2f} ms",
            "yes" if one.warned else "",
        )
        for one in timed
    ]
    found = "; ".join(f"{name} {value:.3f}" for name, value in pairs.items())
    return Table(
        title="One sound, every encoding",
        text=f"Found against known. Onset F1 of the demo song's maps: {found}.",
        head=("sound", "encoding", "BPM error", "red line", "warned"),
        rows=tuple(rows),
    )


def sounds() -> Iterator[Sound]:
    for bpm, first_ms in CLICKS:
        samples = click_track(bpm, first_ms)
        yield Sound(name=f"clicks at {bpm:g}", samples=samples, bpm=bpm, first_ms=first_ms)
    yield Sound(name="demo song", samples=render_demo(), bpm=DEMO_BPM, first_ms=DEMO_OFFSET_MS)


def click_track(bpm: float, first_ms: float) -> np.ndarray:
    """Clicks of 20 ms on every beat, the first of four higher and louder, (frames, 1)."""
    track = np.zeros((CLICK_SECONDS * DEMO_RATE, 1), np.float32)
    at_s = np.arange(round(0.02 * DEMO_RATE)) / DEMO_RATE
    for beat in range(int((CLICK_SECONDS - 1) * bpm / 60)):
        hz, gain = (2000, 0.8) if beat % 4 == 0 else (1000, 0.5)
        start = round((first_ms / 1000 + beat * 60 / bpm) * DEMO_RATE)
        click = gain * np.sin(2 * np.pi * hz * at_s) * np.exp(-at_s / 0.005)
        track[start : start + len(click), 0] += click.astype(np.float32)
    return track


def encode(samples: np.ndarray, name: str, folder: Path) -> Path:
    """Write samples (frames, channels) at DEMO_RATE in one of the encodings."""
    encoding = ENCODINGS[name]
    thin = encoding.rate < DEMO_RATE
    heard = samples.mean(1, keepdims=True) if thin else samples
    if encoding.rate != DEMO_RATE:
        heard = soxr.resample(heard, DEMO_RATE, encoding.rate)
    path = folder / f"{len(list(folder.iterdir()))}.{encoding.suffix}"
    with soundfile.SoundFile(
        path,
        "w",
        encoding.rate,
        heard.shape[1],
        format=encoding.format,
        subtype=encoding.subtype,
        compression_level=encoding.level,
    ) as file:
        for start in range(0, len(heard), WRITE_FRAMES):
            file.write(heard[start : start + WRITE_FRAMES])
    if name == BARE_MP3:
        path.write_bytes(_without_first_frame(path.read_bytes()))
    return path


def line_error(timing: Timing, first_ms: float) -> float:
    """Ms from the nearest beat of the first line to where a map's line belongs."""
    line = timing.lines[0]
    beats = (line.time + MAP_LEAD_MS - first_ms) / line.beat_length
    return float((beats - np.rint(beats)) * line.beat_length)


def _measure() -> dict[str, Any]:
    models, timed, maps = models_here(), [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for sound in sounds():
            for encoding in ENCODINGS:
                song = read_song(encode(sound.samples, encoding, folder))
                timing = find_timing(song, models.beats)
                bpm_error = timing.lines[0].bpm - sound.bpm
                error = line_error(timing, sound.first_ms)
                warned = bool(song.warnings)
                timed.append(Timed(sound.name, encoding, bpm_error, error, warned))
                if sound.name == "demo song" and encoding in MAPPED:
                    maps[encoding] = _onsets(song, timing, models)
    pairs = {
        f"{one} and {other}": onset_f1(maps[one], maps[other]).f1
        for one, other in combinations(maps, 2)
    }
    return {"timed": timed, "pairs": pairs}


def _onsets(song: Song, timing: Timing, models: Models) -> np.ndarray:
    plan = make_plan(Request(audio=song.path, seed=SEED), song.tags)
    made = generate(listen(song, timing), plan, models, np.random.default_rng((SEED, 0)))
    return onsets(made.beatmap)


def _without_first_frame(data: bytes) -> bytes:
    """The MP3 from its second frame on: the first holds nothing but the header."""
    return data[data.index(data[:2], 4) :]
