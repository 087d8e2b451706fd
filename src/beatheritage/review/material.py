"""What the sounds, pictures and videos of a set are: facts read from their bytes.

Nothing here judges; a fact is None where the bytes cannot be understood.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import soundfile
from PIL import Image

from beatheritage.audio.container import counted_mp3, identify, tag_length

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png")
SILENCE = 1e-3  # -60 dB of full scale
RISEN = 0.5  # of the peak
# Hitsounds are short; more is not looked at.
LONGEST_SAMPLE_S = 10
BLANK_BYTES = 44  # a WAV header and no sound


@dataclass(frozen=True, slots=True, kw_only=True)
class SongFacts:
    """``codec`` as in ``audio.container``; ``kbits`` is the average bit rate, kbit/s."""

    codec: str
    duration: float
    kbits: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFacts:
    """A hitsound: times in ms; ``delay`` to its first sound, ``rise`` to half its peak.

    ``loudness`` is the root mean square of each channel; ``silent`` means no sound at all.
    """

    codec: str
    duration: float
    delay: float
    rise: float
    loudness: tuple[float, ...]
    silent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    width: int
    height: int
    bytes: int


def song_facts(data: bytes) -> SongFacts | None:
    container = identify(data)
    if not container.codec:
        return None
    try:
        whole = data if container.counted else counted_mp3(data)
        with soundfile.SoundFile(BytesIO(whole)) as file:
            duration_s = file.frames / file.samplerate
    except soundfile.LibsndfileError:
        return None
    sound_bytes = len(data) - tag_length(data)
    kbits = sound_bytes * 8 / duration_s / 1000 if duration_s else 0.0
    return SongFacts(codec=container.codec, duration=duration_s * 1000, kbits=kbits)


def sample_facts(data: bytes) -> SampleFacts | None:
    codec = identify(data).codec
    if not codec:
        return None
    try:
        with soundfile.SoundFile(BytesIO(data)) as file:
            rate = file.samplerate
            duration = file.frames * 1000 / rate
            sound_NC = file.read(LONGEST_SAMPLE_S * rate, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        # osu!'s blank sample is a header whose data chunk is empty.
        blank = len(data) <= BLANK_BYTES
        return _silence(codec, 0.0) if blank else None
    level_N = np.abs(np.nan_to_num(sound_NC)).max(1, initial=0)
    peak = float(level_N.max(initial=0))
    if peak <= SILENCE:
        return _silence(codec, duration)
    return SampleFacts(
        codec=codec,
        duration=duration,
        delay=float(np.argmax(level_N > SILENCE)) * 1000 / rate,
        rise=float(np.argmax(level_N >= RISEN * peak)) * 1000 / rate,
        loudness=tuple(np.sqrt(np.square(sound_NC).mean(0)).tolist()),
        silent=False,
    )


def _silence(codec: str, duration: float) -> SampleFacts:
    return SampleFacts(
        codec=codec, duration=duration, delay=duration, rise=duration, loudness=(), silent=True
    )


def image_facts(data: bytes) -> ImageFacts | None:
    """Size of a picture, from its header alone: nothing is unpacked."""
    try:
        with Image.open(BytesIO(data)) as image:
            width, height = image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return ImageFacts(width=width, height=height, bytes=len(data))
