"""Measure quality on the validation songs and write the report on it.

With MAP.osu and --against HUMAN.osu: what that one map comes to beside the other.
"""

import argparse
import datetime
import json
import shlex
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from beatheritage.commands.console import say, shown_progress
from beatheritage.errors import OptionError
from beatheritage.progress import Progress

if TYPE_CHECKING:
    from beatheritage.evaluate.asks import TableName
    from beatheritage.evaluate.quality import Report

MOST_JOBS = 256
STAGES = {
    "reading": 0.02,
    "measuring": 0.90,
    "comparing": 0.03,
    "encodings": 0.03,
    "whole runs": 0.02,
}
ROWS = "rows.jsonl"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("map", metavar="MAP.osu", nargs="?", type=Path, help="one map to measure")
    parser.add_argument("--against", metavar="HUMAN.osu", type=Path, help="what is true of it")
    parser.add_argument("--data", metavar="DIR", type=Path, default=Path("../shared/data"))
    parser.add_argument(
        "--cache", metavar="DIR", type=Path, default=Path("runs"), help="what is worked out before"
    )
    parser.add_argument("--jobs", metavar="N", type=int, default=1, help="processes (default 1)")
    parser.add_argument(
        "--limit", metavar="N", type=int, default=0, help="only so many songs of each kind and mode"
    )
    parser.add_argument(
        "--songs",
        metavar="N",
        type=int,
        default=0,
        help="ask at most so many songs for all tables but rhythm (default: as many as each needs)",
    )
    parser.add_argument(
        "--tables",
        metavar="NAME,...",
        help="only some: rhythm, likeness, stars, kept, holds, knobs, quality, sets",
    )
    parser.add_argument(
        "--true-timing", action="store_true", help="write all with the charts' own timing as well"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE.md", type=Path, default=Path("docs/quality.md")
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="the figures for machines")
    parser.add_argument("--quiet", action="store_true", help="no progress, no remarks")


def run(arguments: argparse.Namespace) -> int:
    if (arguments.map is None) != (arguments.against is None):
        raise OptionError("a map and --against go together", mend="MAP.osu --against HUMAN.osu")
    if arguments.map is not None:
        return compare_pair(arguments.map, arguments.against)
    if not 1 <= arguments.jobs <= MOST_JOBS:
        raise OptionError(f"jobs must be from 1 to {MOST_JOBS}, not {arguments.jobs}")
    if arguments.songs < 0:
        raise OptionError(f"songs must be 0 or more, not {arguments.songs}")
    if arguments.limit < 0:
        raise OptionError(f"limit must be 0 or more, not {arguments.limit}")
    return write_report(arguments, chosen_tables(arguments.tables))


def chosen_tables(said: str | None) -> "tuple[TableName, ...]":
    """The tables of a list, in their usual order. Raises OptionError for what is none."""
    from beatheritage.config import nearest
    from beatheritage.evaluate.asks import TABLES

    names = said.split(",") if said is not None else TABLES
    for name in names:
        if name not in TABLES:
            raise OptionError(f"there is no table {name!r}", mend=nearest(name, TABLES))
    return tuple(table for table in TABLES if table in names)


def compare_pair(path: Path, against: Path) -> int:
    """Print the rhythm of a map beside another's, and its faults."""
    from beatheritage.evaluate.outcome import compare, measure
    from beatheritage.osu.parse import read
    from beatheritage.osu.write import write

    made, human = read(path).beatmap, read(against).beatmap
    rhythm, known = compare(made, human), measure(write(made))
    for name, score in (("±20 ms", rhythm.usual), ("±10 ms", rhythm.narrow)):
        print(
            f"F1 {name}  {score.f1:.3f}  precision {score.precision:.3f}  recall {score.recall:.3f}"
        )
    print(f"onsets     {rhythm.usual.count} true")
    print(f"stars      {known['stars']:.2f}")
    print(f"faults     {json.dumps(known['faults']) if known['faults'] else 'none'}")
    return 0


def write_report(arguments: argparse.Namespace, asked: "tuple[TableName, ...]") -> int:
    from beatheritage.evaluate.quality import quality_json, quality_markdown
    from beatheritage.osu.archive import write_file

    report = measure_all(arguments, asked)
    rows = "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in report.outcomes)
    text = json.dumps(quality_json(report), ensure_ascii=False, indent=1)
    files = [(arguments.output, quality_markdown(report)), (_folder(arguments) / ROWS, rows)]
    files += [(arguments.json, text)] if arguments.json else []
    for path, content in files:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content.encode())
        say(str(path), quiet=arguments.quiet)
    return 0


def measure_all(arguments: argparse.Namespace, asked: "tuple[TableName, ...]") -> "Report":
    """Everything that the report tells; a limited look, or one at some of the tables, leaves out
    what is not about songs."""
    from beatheritage.evaluate.asks import ALL, TABLES
    from beatheritage.evaluate.formats import format_lines
    from beatheritage.evaluate.judged import people_judged
    from beatheritage.evaluate.likeness.chapter import measure_likeness
    from beatheritage.evaluate.likeness.others import catch_maps
    from beatheritage.evaluate.performance import performance_lines
    from beatheritage.evaluate.quality import Context, Report
    from beatheritage.evaluate.run import evaluate_songs, plan_work
    from beatheritage.evaluate.shelf import open_shelf, weights_key
    from beatheritage.evaluate.subjects import load_subjects

    shelf = open_shelf(_folder(arguments))
    context = Context(
        date=datetime.datetime.now(datetime.UTC).date(),
        weights=weights_key(),
        command="beatheritage " + shlex.join(sys.argv[1:]),
        limit=arguments.limit,
    )
    with shown_progress(STAGES, quiet=arguments.quiet) as on_progress:
        on_progress(Progress("reading", 0))
        subjects = load_subjects(arguments.data, arguments.cache, arguments.limit)
        people = people_judged(arguments.data, shelf) if "stars" in asked else ()
        results = evaluate_songs(
            plan_work(
                subjects,
                shelf,
                asked,
                true_timing=arguments.true_timing,
                most=arguments.songs or ALL,
            ),
            lambda share: on_progress(Progress("measuring", share)),
            arguments.jobs,
        )
        on_progress(Progress("comparing", 0))
        likeness = measure_likeness(
            [pair for result in results for pair in result.pairs], catch_maps(arguments.data)
        )
        report = Report(
            context=context, results=results, asked=asked, people=people, likeness=likeness
        )
        if arguments.limit or asked != TABLES:
            return report
        on_progress(Progress("encodings", 0))
        lines, encodings = format_lines(shelf)
        on_progress(Progress("whole runs", 0))
        return replace(report, extra=(*lines, *performance_lines(shelf)), notes=(encodings,))


def _folder(arguments: argparse.Namespace) -> Path:
    return arguments.cache / "evaluate"
