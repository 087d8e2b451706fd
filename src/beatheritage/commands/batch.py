"""Write a whole set for every song of a folder: an .osz each, into the same folders under DIR.

A song that cannot be used is named at the end and stops nothing. Stopped, the same command goes on
where it was. What spread takes is taken here, for all songs alike.
"""

import argparse
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from beatheritage.commands import spread
from beatheritage.commands.console import say, shown_progress
from beatheritage.commands.workers import add_workers, workers
from beatheritage.errors import InputError, OptionError, OutputError, UserError
from beatheritage.pool import Died, ShareOut
from beatheritage.progress import OnProgress, Progress, ignore

if TYPE_CHECKING:
    from beatheritage.engine.models import Models
    from beatheritage.generate.spread_plan import SpreadRequest

STAGES = {"writing": 1.0}
SONGS = ("SONGS", "a folder with songs, in folders of their own or not")
# What is about one song is understood, and refused with a reason.
ONE_SONG = ("title", "bpm", "offset", "metadata.title_unicode", "metadata.preview")
JOURNAL = "batch.jsonl"


class Song(NamedTuple):
    """A song to write for; ``key`` names the file as it is now and all that was asked."""

    name: str
    key: str
    request: "SpreadRequest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What came of each song: results as ``spread`` tells them, by the songs' names."""

    written: Mapping[str, dict[str, Any]]
    there: tuple[str, ...]
    failed: Mapping[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    hidden = (*spread.ALONE, *(f"--{name}" for name in ONE_SONG))
    spread.add_options(parser, SONGS, hidden)
    add_workers(parser)


def run(arguments: argparse.Namespace) -> int:
    from beatheritage.commands.output import refuse_folder

    began = time.monotonic()
    request = read_request(arguments)
    folder, output = Path(arguments.audio), request.base.output
    refuse_folder(output)
    songs = find_songs(folder, request)
    with shown_progress(STAGES, quiet=arguments.quiet) as on_progress:
        batch = write_all(songs, output, workers(arguments, lasting=True), on_progress)
    tell(batch, as_json=arguments.json, quiet=arguments.quiet, seconds=time.monotonic() - began)
    return 1 if batch.failed else 0


def read_request(arguments: argparse.Namespace) -> "SpreadRequest":
    """What is asked for every song. Raises OptionError, also for what is about one alone."""
    from beatheritage.generate.request import UNSAID, value_of
    from beatheritage.generate.spread_plan import check_spread

    request = spread.read_request(arguments)
    for name in ONE_SONG:
        if value_of(request.base, name) != value_of(UNSAID, name):
            raise OptionError(f"{name} is about one song, not a folder", mend=f"leave {name} out")
    check_spread(request)
    return request


def find_songs(folder: Path, request: "SpreadRequest") -> tuple[Song, ...]:
    """The audio files under a folder, in the order of their names. Raises InputError."""
    from beatheritage.audio.container import SUFFIXES

    if not folder.is_dir():
        raise InputError(
            "is no folder", where=str(folder), mend="for one song: beatheritage spread"
        )
    files = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    songs = [_song(path, folder, request) for path in sorted(files) if path.is_file()]
    if not songs:
        raise InputError("holds no audio", where=str(folder), mend="mp3, ogg, opus, flac, wav")
    return tuple(songs)


def _song(path: Path, folder: Path, request: "SpreadRequest") -> Song:
    inner, stat = path.relative_to(folder), path.stat()
    asked = replace(request, base=replace(request.base, output=Path(), overwrite=False, audio=None))
    known = (inner.as_posix(), stat.st_size, stat.st_mtime_ns, asked)
    # Absolute: a cluster's workers do not stand where we do.
    output = (request.base.output / inner.parent).absolute()
    base = replace(request.base, audio=path.absolute(), output=output)
    return Song(
        name=inner.as_posix(),
        key=hashlib.sha256(repr(known).encode()).hexdigest()[:32],
        request=replace(request, base=base),
    )


def write_all(
    songs: Sequence[Song], output: Path, share_out: ShareOut, on_progress: OnProgress
) -> Batch:
    """Write what is missing; every set that is done is noted at once. Raises OutputError."""
    journal = output / JOURNAL
    noted = read_journal(journal)
    there = [song for song in songs if _is_there(noted.get(song.key))]
    written: dict[str, dict[str, Any]] = {}
    failed = in_each_others_way(songs)
    missing = [song for song in songs if song not in there and song.name not in failed]
    for done, (song, result) in enumerate(share_out(write_set, missing)):
        on_progress(Progress("writing", (done + 1) / len(missing)))
        if isinstance(result, Died):
            failed[song.name] = result.reason
        elif "error" in result:
            failed[song.name] = result["error"]
        else:
            written[song.name] = result
            note(journal, {"song": song.name, "key": song.key, **result})
    return Batch(written=written, there=tuple(song.name for song in there), failed=failed)


def in_each_others_way(songs: Sequence[Song]) -> dict[str, str]:
    """Why a song can have no set: the one of a song before it would have the same name."""
    from beatheritage.audio.tags import read_tags
    from beatheritage.commands.output import output_paths
    from beatheritage.generate.spread_plan import check_spread

    taken: dict[Path, str] = {}
    refused: dict[str, str] = {}
    for song in songs:
        assert song.request.base.audio is not None
        tags = read_tags(song.request.base.audio)
        (path,) = output_paths(check_spread(song.request, tags))
        if path in taken:
            reason = f"its set would be {path}, as that of {taken[path]} is (give it other tags)"
            refused[song.name] = reason
        taken.setdefault(path, song.name)
    return refused


def write_set(song: Song) -> dict[str, Any]:
    """A song's set, in whichever process; where there can be none, the ``error`` in its place."""
    try:
        spread.prepare(song.request)
        return spread.work(song.request, ignore, models_here())
    except UserError as error:
        return {"error": " ".join(str(error).split())}


@cache
def models_here() -> "Models":
    """The models of this process, loaded for its first song."""
    from beatheritage.engine.models import load_models

    return load_models()


def read_journal(path: Path) -> dict[str, dict[str, Any]]:
    """What was written before, by its key."""
    lines = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
    return {noted["key"]: noted for noted in _whole(lines)}


def _whole(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue  # cut short when a run was stopped


def note(path: Path, result: Mapping[str, Any]) -> None:
    """Add a line to the journal, behind one that was cut short too. Raises OutputError."""
    line = (json.dumps(result, ensure_ascii=False) + "\n").encode()
    try:
        with path.open("a+b") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - 1))
            cut_short = end and file.read() != b"\n"
            file.write(b"\n" + line if cut_short else line)
    except OSError as error:
        reason = error.strerror or ""
        raise OutputError("cannot be written", where=str(path), mend=reason) from error


def _is_there(noted: Mapping[str, Any] | None) -> bool:
    return noted is not None and all(Path(file).exists() for file in noted["files"])


def tell(batch: Batch, *, as_json: bool, quiet: bool, seconds: float) -> None:
    """The files that were written, and a summary."""
    if as_json:
        told = {"written": batch.written, "there": batch.there, "failed": batch.failed}
        print(json.dumps({**told, "seconds": round(seconds, 2)}, ensure_ascii=False))
        return
    for song in sorted(batch.written):
        for file in batch.written[song]["files"]:
            print(file)
    counts = f"{len(batch.written)} sets written, {len(batch.there)} there already"
    say(f"{counts}, {len(batch.failed)} failed, {seconds:.0f} s", quiet=quiet)
    for song, reason in sorted(batch.failed.items()):
        say(f"failed: {song}: {reason}", quiet=quiet)
