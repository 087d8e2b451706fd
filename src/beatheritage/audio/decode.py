"""From a file to a song: mono samples at one rate, and what the file says about itself.

Sample 0 is what every player plays at 0 ms. An MP3 that lacks its LAME header starts with some
25 ms of the encoder's silence; osu! gets that same file inside the archive and plays the silence
too, so the samples keep it, timing follows them, and the song carries a warning.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr

from beatheritage.audio.container import (
    MP3_DECODER_DELAY,
    MP3_DELAY_MS,
    NEEDS_FFMPEG,
    Container,
    counted_mp3,
    inspect,
)
from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song
from beatheritage.audio.tags import read_tags
from beatheritage.errors import InputError

SHORTEST_S = 5.0
LONGEST_S = 30 * 60.0
MISSING_S = 1.0  # how much of what the header promises may be absent
SILENT_PEAK = 1e-3  # -60 dB of full scale
BLOCK_FRAMES = 1 << 18
FFMPEG_TIMEOUT_S = 600
OGG_CODECS = frozenset({"opus", "vorbis", "ogg"})
# What ffmpeg says of a file: how long it is, by its header. That is the sound's length unless it
# knows nothing better than the file's size, or there is a film, which may be longer.
DURATION = re.compile(r"Duration: (\d+):(\d+):(\d+\.\d+)")
NOT_OF_SOUND = re.compile(r"Estimating duration|: Video: (?!.*attached pic)")
SOUNDLESS = "matches no streams"


def read_song(path: Path) -> Song:
    """Decode a song. Raises InputError, one clear line, for whatever cannot be used."""
    path = Path(path)
    container = inspect_song(path)
    with opened(path, container) as file:
        promised_s = container.promised_s or file.frames / file.samplerate
        if file.frames / file.samplerate > LONGEST_S:
            raise _too_long(path)
        samples, decoded_s = _decode(file, path, 0 if container.counted else MP3_DECODER_DELAY)
    _check_whole(path, decoded_s, promised_s)
    if decoded_s < SHORTEST_S:
        what = f"lasts {decoded_s:.1f} s; a song needs at least {SHORTEST_S:g} s"
        raise InputError(what, where=str(path))
    # Files of floating point can hold anything; what is no number is played as silence.
    samples = np.nan_to_num(samples, nan=0, posinf=0, neginf=0)
    if np.abs(samples).max() < SILENT_PEAK:
        raise InputError("is silent", where=str(path), mend="give a file with music in it")
    return Song(
        path=path,
        samples=samples,
        codec=container.codec,
        tags=read_tags(path),
        warnings=() if container.delay_known else (_late_start(path),),
    )


def inspect_song(path: Path) -> Container:
    """The headers of an audio file. Raises InputError for what is missing or no audio."""
    try:
        container = inspect(path)
    except FileNotFoundError:
        raise InputError("there is no such file", where=str(path)) from None
    except IsADirectoryError:
        raise InputError("is a folder, not an audio file", where=str(path)) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if not container.codec:
        mend = "mp3, ogg, opus, flac and wav are read, and with ffmpeg m4a and others"
        raise InputError("is no audio file", where=str(path), mend=mend)
    return container


@contextmanager
def opened(path: Path, container: Container) -> Iterator[soundfile.SoundFile]:
    """The file, open to read; by way of ffmpeg and a temporary WAV where libsndfile refuses it.

    Raises InputError where neither can.
    """
    with path.open("rb") as raw:
        file = None if container.gap else _open_directly(raw, path, container)
        if file is not None:
            with file:
                yield file
            return
    with tempfile.TemporaryDirectory(prefix="beatheritage-") as folder:
        wav = Path(folder) / "decoded.wav"
        promised_s = _run_ffmpeg(path, wav, container)
        with soundfile.SoundFile(wav) as file:
            _check_whole(path, file.frames / file.samplerate, promised_s)
            yield file


def _open_directly(raw: BinaryIO, path: Path, container: Container) -> soundfile.SoundFile | None:
    """Open by libsndfile; None where that is for ffmpeg to do. Raises InputError."""
    if container.codec in NEEDS_FFMPEG:
        return None
    try:
        return soundfile.SoundFile(raw if container.counted else BytesIO(counted_mp3(raw.read())))
    except TypeError:  # soundfile believes the extension .raw over the content
        raise InputError("is named as raw samples", where=str(path), mend="rename it") from None
    except soundfile.LibsndfileError as error:
        if container.codec in OGG_CODECS and shutil.which("ffmpeg") is not None:
            return None
        what = f"cannot be decoded as {container.codec}: {error.error_string.rstrip('.')}"
        raise InputError(what, where=str(path), mend="re-encode it") from error


def _run_ffmpeg(path: Path, wav: Path, container: Container) -> float:
    """Decode to a WAV; how many seconds the header promises, 0 where it says nothing sure of sound
    that plays on end. Raises InputError."""
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        what = "has a gap in its time stamps" if container.gap else f"is {container.codec} audio"
        mend = "install ffmpeg, or re-encode the file"
        raise InputError(f"{what}, which only ffmpeg decodes", where=str(path), mend=mend)
    # A second more than allowed, so that what is too long is still seen to be.
    most_s = LONGEST_S + 1
    arguments = ["-hide_banner", "-nostats", "-nostdin", "-i", f"file:{path}", "-map", "0:a:0"]
    arguments += ["-t", str(most_s), "-c:a", "pcm_f32le", "-y", str(wav)]
    try:
        run = subprocess.run(
            [ffmpeg, *arguments], capture_output=True, timeout=FFMPEG_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise InputError("takes ffmpeg too long to decode", where=str(path)) from None
    said = run.stderr.decode(errors="replace").strip()
    if SOUNDLESS in said:
        raise InputError("holds no sound", where=str(path))
    if run.returncode or not wav.exists():
        reason = said.splitlines()[-1] if said else "no reason given"
        raise InputError(f"cannot be decoded by ffmpeg: {reason}", where=str(path))
    duration = DURATION.search(said)
    if duration is None or NOT_OF_SOUND.search(said) or container.gap:
        return 0.0
    hours, minutes, seconds = map(float, duration.groups())
    return min(3600 * hours + 60 * minutes + seconds, most_s)


def _check_whole(path: Path, decoded_s: float, promised_s: float) -> None:
    """Raises InputError where the end is missing."""
    if promised_s - decoded_s > MISSING_S:
        what = f"ends after {decoded_s:.1f} s where its header promises {promised_s:.1f} s"
        raise InputError(what, where=str(path), mend="the file was cut short; get it again")


def _decode(file: soundfile.SoundFile, path: Path, before: int) -> tuple[np.ndarray, float]:
    """Mono at ``SAMPLE_RATE``, and how many seconds there were; ``before`` frames of silence first.

    Raises InputError.
    """
    resampler = soxr.ResampleStream(file.samplerate, SAMPLE_RATE, 1, dtype="float32")
    chunks, frames = [resampler.resample_chunk(np.zeros(before, np.float32))], 0
    try:
        while len(block := file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
            frames += len(block)
            if frames > LONGEST_S * file.samplerate:
                raise _too_long(path)
            chunks.append(resampler.resample_chunk(block.mean(1)))
    except soundfile.LibsndfileError as error:
        what = (
            f"breaks off after {frames / file.samplerate:.0f} s: {error.error_string.rstrip('.')}"
        )
        raise InputError(what, where=str(path), mend="re-encode it") from error
    chunks.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    return np.concatenate(chunks), frames / file.samplerate


def _too_long(path: Path) -> InputError:
    return InputError(f"is longer than {LONGEST_S / 60:.0f} minutes", where=str(path))


def _late_start(path: Path) -> str:
    return (
        f"{path.name} has no LAME header, so players start it some {MP3_DELAY_MS:.0f} ms late, and "
        "not all alike: check the offset by ear, or re-encode the file and start anew"
    )
