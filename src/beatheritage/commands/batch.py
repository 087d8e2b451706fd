"""Write a whole set for every song of a folder: an .osz each, into the same folders under DIR.

A song that cannot be used is named at the end and stops nothing. Stopped, the same command goes on
where it was. What spread takes is taken here, for all songs alike.
"""

import argparse
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from beatheritage.commands import spread
from beatheritage.commands.console import say, shown_progress
from beatheritage.commands.workers import add_workers, workers
from beatheritage.errors import InputError, OptionError, OutputError, UserError
from beatheritage.pool import Died, ShareOut
from beatheritage.progress import OnProgress, Progress, ignore

if TYPE_CHECKING:
    from beatheritage.generate.spread_plan import SpreadRequest

STAGES = {"writing": 1.0}
SONGS = ("SONGS", "a folder with songs, in folders of their own or not")
# What is about one song is understood, and refused with a reason.
ONE_SONG = ("title", "bpm", "offset", "metadata.title_unicode", "metadata.preview")
JOURNAL = "batch.jsonl"
USUAL_DIFFICULTIES = 4  # where the song's length decides how many
MOST_SONGS = 8  # side by side: each of them is held in memory


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
    known = (inner.as_posix(), stat.st_size, stat.st_mtime_ns, _asked(request))
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
    answers = answered(grouped(missing), share_out)
    for done, (song, result) in enumerate(answers):
        on_progress(Progress("writing", (done + 1) / len(missing)))
        if isinstance(result, Died):
            failed[song.name] = result.reason
        elif "error" in result:
            failed[song.name] = result["error"]
        else:
            written[song.name] = result
            note(journal, {"song": song.name, "key": song.key, **result})
    return Batch(written=written, there=tuple(song.name for song in there), failed=failed)


def grouped(songs: Sequence[Song]) -> list[tuple[Song, ...]]:
    """Songs whose sets are written side by side: with a checkpoint as many as fill its batches.
    Our own model writes one difficulty at a time."""
    from beatheritage.generate.spread_plan import check_spread

    if not songs:
        return []
    request = songs[0].request
    plan, size = check_spread(request), 1
    if plan.model:
        difficulties = len(request.levels or request.stars) or USUAL_DIFFICULTIES
        size = max(1, plan.ancestor.batch // (difficulties * max(1, len(request.modes))))
    size = min(size, MOST_SONGS)
    return [tuple(songs[first : first + size]) for first in range(0, len(songs), size)]


def answered(
    groups: Sequence[tuple[Song, ...]], share_out: ShareOut
) -> Iterator[tuple[Song, dict[str, Any] | Died]]:
    """Songs with what came of them. Where a worker died of a group, its songs are done one by one:
    all but the one that kills can have their sets."""
    alone: list[tuple[Song, ...]] = []
    for group, results in share_out(write_sets, groups):
        if not isinstance(results, Died):
            yield from zip(group, results, strict=True)
        elif len(group) == 1:
            yield from ((song, results) for song in group)
        else:
            alone += [(song,) for song in group]
    if alone:
        yield from answered(alone, share_out)


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


def write_sets(songs: Sequence[Song]) -> list[dict[str, Any]]:
    """The sets of a group, in whichever process; where there can be none, the ``error`` in its
    place. Each is as it would be alone."""
    results = {song.name: _told(spread.prepare, song.request) for song in songs}
    ready = [song for song in songs if results[song.name] is None]
    if ready:
        results |= _written(ready)
    return [results[song.name] for song in songs]


def _written(songs: Sequence[Song]) -> dict[str, dict[str, Any]]:
    try:
        requests = [song.request for song in songs]
        sets = spread.write(requests, writers_here(_asked(requests[0])), ignore)
    except UserError as error:
        if len(songs) == 1:
            return {songs[0].name: _error(error)}
        # Which of them it was, each shows alone.
        return dict(chain.from_iterable(_written([song]).items() for song in songs))
    return {song.name: _told(spread.lay_down, one) for song, one in zip(songs, sets, strict=True)}


def _told(work: Callable[[Any], Any], what: object) -> Any:
    """What a step answers, or why it cannot."""
    try:
        return work(what)
    except UserError as error:
        return _error(error)


def _error(error: UserError) -> dict[str, Any]:
    return {"error": " ".join(str(error).split())}


@lru_cache(maxsize=1)
def writers_here(asked: "SpreadRequest") -> spread.Writers:
    """What writes in this process, loaded for its first song."""
    return spread.open_writers(asked)


def _asked(request: "SpreadRequest") -> "SpreadRequest":
    """What is asked of every song of a run, whichever it is."""
    base = replace(request.base, output=Path(), overwrite=False, audio=Path())
    return replace(request, base=base)


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
