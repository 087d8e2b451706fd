"""Maps to take home: a .osu, or an .osz of several of one song."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from beatheritage.audio.encode import encode_vorbis
from beatheritage.errors import OptionError
from beatheritage.generate.background import BACKGROUND_NAME
from beatheritage.generate.package import PLAYED_BY_OSU, difficulty_name
from beatheritage.osu.archive import safe_name, write_archive, write_file
from beatheritage.serve.database import Studio
from beatheritage.serve.maps import one_map
from beatheritage.serve.songs import Kept, audio_path, background_path, one_song

MOST_MAPS = 32


def archive(studio: Studio, numbers: Sequence[int]) -> tuple[str, bytes]:
    """Name and bytes of an .osz. Raises Missing, and OptionError for maps that make no set."""
    if not 0 < len(numbers) <= MOST_MAPS:
        raise OptionError(f"an archive holds 1 to {MOST_MAPS} maps")
    known = [one_map(studio, number) for number in numbers]
    if len({each.song for each in known}) > 1:
        raise OptionError("the maps of an archive are of one song")
    song = one_song(studio, known[0].song)
    beatmaps = [each.beatmap for each in known]
    names = [difficulty_name(beatmap) for beatmap in beatmaps]
    if len({name.casefold() for name in names}) < len(names):
        raise OptionError("two of the maps have the same name", mend="leave one out")
    files = {name: each.content for name, each in zip(names, known, strict=True)}
    files[beatmaps[0].general.audio_filename] = played(studio, song)
    files[BACKGROUND_NAME] = background_path(studio, song).read_bytes()
    said = beatmaps[0].metadata
    with tempfile.TemporaryDirectory(dir=studio.folder) as folder:
        path = Path(folder) / "set.osz"
        write_archive(path, files)
        return safe_name(f"{said.artist} - {said.title}", ".osz"), path.read_bytes()


def played(studio: Studio, song: Kept) -> bytes:
    """The audio as osu! plays it, encoded once where it must be."""
    path = audio_path(studio, song)
    if song.codec in PLAYED_BY_OSU:
        return path.read_bytes()
    encoded = path.with_suffix(".packed.ogg")
    if not encoded.exists():
        write_file(encoded, encode_vorbis(path))
    return encoded.read_bytes()
