"""Check maps by the rules of osu!'s own quality tools: a .osu, an .osz, or a set's folder.

Exits with 0 where there are no problems, 1 where there are, 2 for what cannot be read.
A lone .osu is judged without its set. docs/checks.md lists the rules.
"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from beatheritage.commands.console import say
from beatheritage.errors import UserError

if TYPE_CHECKING:
    from beatheritage.osu.mode import Mode
    from beatheritage.review.report import Report

LEVELS = ("problem", "warning", "minor")
CLEAN, PROBLEMS, UNREADABLE = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", help=".osu, .osz or folder")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each path")
    parser.add_argument(
        "--level", choices=LEVELS, default="minor", help="the least that is shown (default minor)"
    )
    parser.add_argument("--mode", metavar="NAME", help="judge the maps of this mode only")
    parser.add_argument(
        "--for-submission",
        action="store_true",
        help="missing difficulties and faults of the song, tags and pictures are problems too",
    )


def run(arguments: argparse.Namespace) -> int:
    from beatheritage.osu.mode import parse_mode
    from beatheritage.review.issue import Severity
    from beatheritage.review.report import as_json, text_lines
    from beatheritage.review.rule import ALL_MODES

    code = CLEAN
    try:
        modes = frozenset([parse_mode(arguments.mode)]) if arguments.mode else ALL_MODES
    except UserError as error:
        return _refuse(error)
    for path in arguments.paths:
        try:
            report = check(Path(path), modes=modes, for_submission=arguments.for_submission)
        except UserError as error:
            code = _refuse(error)
            continue
        code = max(code, PROBLEMS if report.has_problems else CLEAN)
        shown = report.at_least(Severity[arguments.level.upper()])
        if arguments.json:
            print(json.dumps(as_json(shown), ensure_ascii=False))
        else:
            print("\n".join(text_lines(shown)))
    return code


def check(path: Path, *, modes: "frozenset[Mode]", for_submission: bool) -> "Report":
    """Everything that the rules find in a path. Raises InputError for what cannot be read."""
    from beatheritage.review.mapset import read_subject
    from beatheritage.review.report import Report
    from beatheritage.review.review import review_set

    issues = review_set(read_subject(path), modes=modes, for_submission=for_submission)
    return Report(path=str(path), issues=tuple(issues))


def _refuse(error: UserError) -> int:
    say(f"error: {' '.join(str(error).split())}")
    return UNREADABLE
