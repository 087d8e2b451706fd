"""From a path to what is judged: a .osu by itself, an .osz, or a folder with the files of a set."""

from pathlib import Path

from beatheritage.errors import InputError
from beatheritage.osu.beatmap import Beatmap, Slider
from beatheritage.osu.parse import is_osu, parse
from beatheritage.review.files import Files, archived_files, folder_files
from beatheritage.review.subject import MapSubject, SetSubject

# Several times what the longest maps that people play have: past it, a file is there to do harm.
MAX_MAPS = 256
MAX_MAP_BYTES = 32 << 20
MAX_LINES = 300_000
MAX_OBJECTS = 100_000
MAX_EDGES = 400_000
MAX_TIMING_POINTS = 200_000
MAX_NODES = 100_000
MAX_SLIDER_NODES = 30_000
MAX_SET_OBJECTS = 300_000


def read_subject(path: Path) -> SetSubject:
    """What a path holds. Raises InputError for what cannot be read, and past the limits.

    A lone .osu is judged without the files around it, for they may belong to other sets.
    """
    if path.is_dir():
        return read_set(folder_files(path), str(path))
    if path.suffix.lower() != ".osu":
        return read_set(archived_files(path), str(path))
    try:
        if path.stat().st_size > MAX_MAP_BYTES:
            raise _too_large(str(path))
        data = path.read_bytes()
    except OSError as error:
        raise InputError("cannot be read", where=str(path), mend=error.strerror or "") from error
    return SetSubject(maps=(read_map(data, path.name, str(path)),))


def read_set(files: Files, where: str) -> SetSubject:
    """The set that some files make; ``where`` is what errors call it. Raises InputError."""
    # osu! reads maps from the top folder of a set alone.
    names = [name for name in files.names if name.lower().endswith(".osu") and "/" not in name]
    if not names:
        raise InputError("holds no .osu file", where=where)
    if len(names) > MAX_MAPS:
        raise InputError(f"holds more than {MAX_MAPS} maps", where=where)
    maps = []
    for name in names:
        if files.size(name) > MAX_MAP_BYTES:
            raise _too_large(f"{where}: {name}")
        maps.append(read_map(files.read(name), name, f"{where}: {name}"))
        if (count := sum(len(one.objects) for one in maps)) > MAX_SET_OBJECTS:
            raise _too_much(count, MAX_SET_OBJECTS, "objects", where)
    return SetSubject(maps=tuple(maps), files=files)


def read_map(data: bytes, name: str = "", where: str = "") -> MapSubject:
    """A subject of what a .osu file holds. Raises InputError for what is none, or too much."""
    # An empty file is a fault of the set (ZeroBytes), not one of reading it.
    if data and not is_osu(data):
        raise InputError("is no .osu file: it has neither the header nor a section", where=where)
    # Counted before parsing, which takes seconds for so many.
    if (lines := data.count(b"\n")) > MAX_LINES:
        raise _too_much(lines, MAX_LINES, "lines", where)
    beatmap, warnings = parse(data)
    _refuse_excess(beatmap, where)
    return MapSubject(beatmap=beatmap, name=name, data=data, warnings=warnings)


def _refuse_excess(beatmap: Beatmap, where: str) -> None:
    edges = sum(1 + (item.slides if isinstance(item, Slider) else 1) for item in beatmap.objects)
    nodes = [len(item.points) for item in beatmap.objects if isinstance(item, Slider)]
    for count, most, what in (
        (len(beatmap.objects), MAX_OBJECTS, "objects"),
        (sum(nodes), MAX_NODES, "nodes of sliders"),
        (max(nodes, default=0), MAX_SLIDER_NODES, "nodes in one slider"),
        (edges, MAX_EDGES, "starts, repeats and ends of objects"),
        (len(beatmap.timing_points), MAX_TIMING_POINTS, "timing lines"),
    ):
        if count > most:
            raise _too_much(count, most, what, where)


def _too_much(count: int, most: int, what: str, where: str) -> InputError:
    mend = "nothing that people play has so many"
    return InputError(f"has {count} {what}; the most are {most}", where=where, mend=mend)


def _too_large(where: str) -> InputError:
    return InputError(f"is larger than {MAX_MAP_BYTES >> 20} MB", where=where)
