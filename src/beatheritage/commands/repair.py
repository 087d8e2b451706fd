"""Repair maps by the rules that check judges them by: a .osu, an .osz, or a set's folder.

What no rule finds fault with comes out byte for byte as it was; a folder becomes an .osz. What
cannot be repaired stays, and is named. Exits with 0 where no problems are left, 1 where some are,
2 for what cannot be read or written.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatheritage.commands.check import CLEAN, PROBLEMS, UNREADABLE
from beatheritage.commands.console import say
from beatheritage.errors import OptionError, UserError

if TYPE_CHECKING:
    from beatheritage.generate.repair.changes import Change
    from beatheritage.review.issue import Issue
    from beatheritage.review.subject import MapSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """One map: its file's new content, what was done to it, and what is left."""

    name: str
    label: str
    content: bytes
    changes: "tuple[Change, ...]"
    left: "tuple[Issue, ...]"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", help=".osu, .osz or folder")
    parser.add_argument("-o", "--output", metavar="DIR", required=True, help="where to write")
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each path")
    parser.add_argument("--quiet", action="store_true", help="no list of what was done")


def run(arguments: argparse.Namespace) -> int:
    from beatheritage.commands.output import target_of

    code = CLEAN
    targets: set[Path] = set()
    for path in map(Path, arguments.paths):
        target = target_of(path, Path(arguments.output))
        try:
            if target in targets:
                raise OptionError("two paths would be written to one file", where=str(target))
            targets.add(target)
            maps = repair(path, target, overwrite=arguments.overwrite)
        except UserError as error:
            say(f"error: {' '.join(str(error).split())}")
            code = UNREADABLE
            continue
        code = max(code, PROBLEMS if any(_problems(one) for one in maps) else CLEAN)
        if arguments.json:
            print(json.dumps(as_json(path, target, maps), ensure_ascii=False))
        elif not arguments.quiet:
            print("\n".join(text_lines(target, maps)))
    return code


def repair(path: Path, target: Path, *, overwrite: bool) -> list[Repaired]:
    """Repair every map of a path and write the result to ``target``, whole or not at all.

    Raises InputError for what cannot be read, OutputError for what cannot be written.
    """
    from beatheritage.commands.output import refuse_target, write_subject
    from beatheritage.review.mapset import read_subject

    refuse_target(path, target, overwrite=overwrite)
    subject = read_subject(path)
    maps = [repaired_map(one) for one in subject.maps]
    write_subject(subject, target, {one.name: one.content for one in maps})
    return maps


def repaired_map(subject: "MapSubject") -> Repaired:
    """A map of a set, mended; the bytes of its file where there was nothing to mend.

    Raises InputError for a map that osu! would not take in, and so cannot be written.
    """
    from beatheritage.generate.repair.changes import changes_of
    from beatheritage.generate.repair.finish import repair as mend
    from beatheritage.osu.write import write

    finished = mend(subject.beatmap)
    changed = finished.beatmap != subject.beatmap
    return Repaired(
        name=subject.name,
        label=subject.label,
        content=write(finished.beatmap).encode() if changed else subject.data,
        changes=tuple(changes_of(finished.applied)),
        left=finished.left,
    )


def _problems(one: Repaired) -> list["Issue"]:
    from beatheritage.review.issue import Severity

    return [issue for issue in one.left if issue.severity is Severity.PROBLEM]


def text_lines(target: Path, maps: list[Repaired]) -> Iterator[str]:
    """What was done and what is left, as people read it."""
    from beatheritage.review.issue import stamp

    yield str(target)
    for one in maps:
        yield ""
        yield f"[{one.label}] {len(one.changes)} changes, {len(one.left)} issues left"
        for change in one.changes:
            at = "" if change.time is None else stamp(change.time)
            yield f"    {at:<9} {change.rule}: {change.what}"
        for issue in one.left:
            at = "" if issue.time is None else stamp(issue.time)
            yield f"  ! {at:<9} {issue.rule}: {issue.message} (stays as it was)"


def as_json(path: Path, target: Path, maps: list[Repaired]) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "path": str(path),
        "output": str(target),
        "maps": [
            {
                "name": one.name,
                "difficulty": one.label,
                "changes": [
                    {"rule": change.rule, "time": change.time, "what": change.what}
                    for change in one.changes
                ],
                "left": [
                    {
                        "rule": issue.rule,
                        "severity": issue.severity.name.lower(),
                        "time": issue.time,
                        "message": issue.message,
                    }
                    for issue in one.left
                ],
            }
            for one in maps
        ],
    }
