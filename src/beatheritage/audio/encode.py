"""The audio that goes into an .osz: as it was given where osu! plays it, else as Ogg Vorbis."""

import io

import soundfile

from beatheritage.audio.decode import inspect_song, opened
from beatheritage.audio.song import Song
from beatheritage.errors import InputError

AS_GIVEN = {"mp3": "audio.mp3", "vorbis": "audio.ogg"}
ENCODED_NAME = "audio.ogg"
QUALITY = 0.7  # of libsndfile's Vorbis, 0 to 1: about 200 kbit/s in stereo
BLOCK_FRAMES = 1 << 14  # libsndfile overruns its stack when it is given a whole song at once
MOST_CHANNELS = 2
"""osu! plays stereo; of more channels the first two, which are left and right, are kept."""


def for_archive(song: Song) -> tuple[str, bytes]:
    """A name and the bytes of a file that plays each sample when the song's own file does.

    Raises InputError where the song's file has gone or changed since it was read.
    """
    if song.codec in AS_GIVEN:
        try:
            return AS_GIVEN[song.codec], song.path.read_bytes()
        except OSError as error:
            what = f"cannot be read: {error.strerror}"
            raise InputError(what, where=str(song.path)) from error
    target = io.BytesIO()
    with opened(song.path, inspect_song(song.path)) as source:
        channels = min(source.channels, MOST_CHANNELS)
        with soundfile.SoundFile(
            target,
            "w",
            samplerate=source.samplerate,
            channels=channels,
            format="OGG",
            subtype="VORBIS",
            compression_level=1 - QUALITY,
        ) as encoder:
            while len(block := source.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
                encoder.write(block[:, :channels])
    return ENCODED_NAME, target.getvalue()
