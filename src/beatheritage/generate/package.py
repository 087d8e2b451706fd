"""What goes into an .osz: the difficulties, the audio, the background."""

from collections.abc import Sequence

from beatheritage.audio.encode import encode_vorbis
from beatheritage.audio.song import Song
from beatheritage.generate.background import make_background
from beatheritage.osu.archive import safe_name
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.write import write

PLAYED_BY_OSU = frozenset({"mp3", "vorbis"})


def pack(beatmaps: Sequence[Beatmap], song: Song) -> dict[str, bytes]:
    """Names and bytes of an archive's files, for the difficulties of one song.

    Raises InputError where audio cannot be decoded.
    """
    background, picture = make_background(song)
    return {
        **{difficulty_name(each): write(each).encode("utf-8") for each in beatmaps},
        beatmaps[0].general.audio_filename: audio_bytes(song),
        background: picture,
    }


def audio_bytes(song: Song) -> bytes:
    """The audio as it was given where osu! plays it, else as Ogg Vorbis."""
    return song.path.read_bytes() if song.codec in PLAYED_BY_OSU else encode_vorbis(song.path)


def difficulty_name(beatmap: Beatmap) -> str:
    """The name that osu!'s editor gives a difficulty's file."""
    said = beatmap.metadata
    name = f"{said.artist} - {said.title} ({said.creator}) [{said.version}]"
    return safe_name(name, ".osu")
