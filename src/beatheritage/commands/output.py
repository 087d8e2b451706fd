"""Where results go: refused before the work if they cannot be written, whole when they are."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from beatheritage.audio.song import Song
from beatheritage.errors import OutputError
from beatheritage.generate.package import pack
from beatheritage.generate.plan import Plan
from beatheritage.generate.splice import splice
from beatheritage.osu.archive import safe_name, write_archive, write_file
from beatheritage.osu.beatmap import Beatmap

if TYPE_CHECKING:
    from beatheritage.review.subject import SetSubject

Content = bytes | dict[str, bytes]
MAPS, SETS = ".osu", ".osz"


def output_paths(plan: Plan) -> tuple[Path, ...]:
    """The files that a plan leads to: an .osz, or an .osu for each take of a range."""
    if plan.within is None:
        return (plan.output / safe_name(f"{plan.artist} - {plan.title}", ".osz"),)
    name = plan.within.file.stem
    if plan.within.takes == 1:
        return (plan.output / safe_name(name, ".osu"),)
    takes = range(1, plan.within.takes + 1)
    return tuple(plan.output / safe_name(f"{name} (take {take})", ".osu") for take in takes)


def refuse_outputs(plan: Plan) -> None:
    """Raise an OutputError for what could not be written at the end; creates nothing."""
    refuse_folder(plan.output)
    for path in output_paths(plan):
        if path.is_dir():
            raise OutputError("is a folder", where=str(path), mend="choose another with -o")
        if path.exists() and not plan.overwrite:
            raise OutputError("exists already", where=str(path), mend="add --overwrite")


def refuse_folder(folder: Path) -> None:
    """Raise an OutputError for a folder that cannot be written to, or not be made."""
    nearest = folder.absolute()
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise OutputError("is not a folder", where=str(nearest), mend="choose another with -o")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise OutputError("cannot be written to", where=str(nearest), mend="choose another with -o")


def write_outputs(plan: Plan, contents: Sequence[Content]) -> tuple[Path, ...]:
    """Write the archive, or the takes; each file whole or not at all. Raises OutputError."""
    paths = output_paths(plan)
    _make_folder(plan.output)
    for path, content in zip(paths, contents, strict=True):
        if isinstance(content, bytes):
            write_file(path, content)
        else:
            write_archive(path, content)
    return paths


def target_of(path: Path, folder: Path) -> Path:
    """Where a map or a set that was worked on goes: by its own name, a folder as an archive."""
    is_file = path.suffix.lower() in (MAPS, SETS)
    return folder / (path.name if is_file else f"{path.resolve().name}{SETS}")


def refuse_target(path: Path, target: Path, *, overwrite: bool) -> None:
    """Raise an OutputError where a map would replace itself, or something that must stay."""
    if target.exists() and target.resolve() == path.resolve():
        raise OutputError("is the map itself", where=str(target), mend="choose another with -o")
    if target.exists() and not overwrite:
        raise OutputError("exists already", where=str(target), mend="add --overwrite")


def write_subject(subject: "SetSubject", target: Path, fresh: dict[str, bytes]) -> None:
    """Write a map, or every file of a set, with new contents for maps by their names.

    Whole or not at all; raises OutputError.
    """
    _make_folder(target.parent)
    if subject.files is None:
        write_file(target, fresh[subject.maps[0].name])
        return
    files = subject.files
    write_archive(target, {name: fresh.get(name) or files.read(name) for name in files.names})


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError("cannot be made", where=str(folder), mend=error.strerror or "") from error


def content_of(plan: Plan, song: Song, beatmap: Beatmap) -> Content:
    """A spliced .osu, or the files of an archive."""
    if plan.within is None:
        return pack([beatmap], song)
    return splice(plan.within.content, beatmap, plan.within.start, plan.within.end)
