"""Measure quality on the validation songs and write the report on it.

With MAP.osu and --against HUMAN.osu: what that one map comes to beside the other.
"""

import argparse
import datetime
import json
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from beatheritage.commands.console import say, shown_progress
from beatheritage.errors import OptionError
from beatheritage.progress import OnProgress, Progress

if TYPE_CHECKING:
    from beatheritage.evaluate.asks import Extent, TableName
    from beatheritage.evaluate.quality import Report
    from beatheritage.evaluate.rivals import Rival
    from beatheritage.evaluate.subjects import Subject
    from beatheritage.evaluate.writers import Writer

MOST_JOBS = 256
MOST_SEEDS = 100
STAGES = {
    "reading": 0.02,
    "measuring": 0.90,
    "comparing": 0.03,
    "encodings": 0.03,
    "whole runs": 0.02,
}
BLIND_STAGES = {"reading": 0.05, "writing": 0.95}
RIVAL_STAGES = {"reading": 0.02, "the first": 0.47, "the second": 0.47, "comparing": 0.04}
ROWS = "rows.jsonl"
REPORT = "docs/quality.md"
RIVALS = "models.md"


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
        "--seeds", metavar="N", type=int, default=1, help="how often rhythm is written (default 1)"
    )
    parser.add_argument(
        "--models",
        metavar="A,B",
        help="two models side by side: shipped, a folder of weights, or a checkpoint's name",
    )
    parser.add_argument(
        "--blind", metavar="DIR", type=Path, help="write a blind test there: people's maps or ours"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE.md",
        type=Path,
        help=f"default {REPORT}, or {RIVALS} in the cache for --models; the page lies beside it",
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="the figures for machines")
    parser.add_argument("--quiet", action="store_true", help="no progress, no remarks")


def run(arguments: argparse.Namespace) -> int:
    if (arguments.map is None) != (arguments.against is None):
        raise OptionError("a map and --against go together", mend="MAP.osu --against HUMAN.osu")
    if arguments.map is not None:
        return compare_pair(arguments.map, arguments.against)
    check_numbers(arguments)
    if arguments.models is not None:
        return compare_models(arguments)
    if arguments.blind is not None:
        return write_blind(arguments)
    return write_report(arguments, chosen_tables(arguments.tables))


def check_numbers(arguments: argparse.Namespace) -> None:
    """Raises OptionError for numbers that cannot be meant."""
    for name, most in (("jobs", MOST_JOBS), ("seeds", MOST_SEEDS)):
        said = getattr(arguments, name)
        if not 1 <= said <= most:
            raise OptionError(f"{name} must be from 1 to {most}, not {said}")
    for name in ("songs", "limit"):
        if getattr(arguments, name) < 0:
            raise OptionError(f"{name} must be 0 or more, not {getattr(arguments, name)}")


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
    from beatheritage.evaluate.quality import quality_json, quality_markdown, quality_page

    report = measure_all(arguments, asked)
    rows = "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in report.outcomes)
    text = json.dumps(quality_json(report), ensure_ascii=False, indent=1)
    output = arguments.output or Path(REPORT)
    files = {
        output: quality_markdown(report),
        output.with_suffix(".html"): quality_page(report),
        _folder(arguments) / ROWS: rows,
    }
    return lay_down(files | ({arguments.json: text} if arguments.json else {}), arguments.quiet)


def compare_models(arguments: argparse.Namespace) -> int:
    """Both models on the same charts, and how likely the better one is better."""
    from beatheritage.evaluate.page import page
    from beatheritage.evaluate.rivals import rivals_table
    from beatheritage.evaluate.subjects import load_subjects
    from beatheritage.evaluate.tables import markdown
    from beatheritage.evaluate.writers import read_writers

    writers = read_writers(arguments.models)
    with shown_progress(RIVAL_STAGES, quiet=arguments.quiet) as on_progress:
        on_progress(Progress("reading", 0))
        subjects = load_subjects(arguments.data, arguments.cache, arguments.limit)
        rivals = [
            measure_rival(arguments, subjects, writer, partial(_tell, on_progress, stage))
            for writer, stage in zip(writers, ("the first", "the second"), strict=True)
        ]
        on_progress(Progress("comparing", 0))
        table = rivals_table(*rivals)
    output = arguments.output or _folder(arguments) / RIVALS
    text = f"# Two models, compared\n\nWritten by `{_command()}`.\n\n{markdown(table)}\n"
    html = page("Two models, compared", f"Written by {_command()}.", [table], {})
    return lay_down({output: text, output.with_suffix(".html"): html}, arguments.quiet)


def write_blind(arguments: argparse.Namespace) -> int:
    """Pairs to be told apart by people, in a folder that holds nothing else."""
    import numpy as np

    from beatheritage.evaluate.bench import Bench
    from beatheritage.evaluate.blind import TRIALS, blind_charts, blind_files, make_trial
    from beatheritage.evaluate.shelf import open_shelf
    from beatheritage.evaluate.subjects import load_subjects

    if arguments.blind.exists():
        raise OptionError(f"{arguments.blind} is there already", mend="name a folder that is not")
    shelf = open_shelf(_folder(arguments))
    with shown_progress(BLIND_STAGES, quiet=arguments.quiet) as on_progress:
        on_progress(Progress("reading", 0))
        subjects = load_subjects(arguments.data, arguments.cache, arguments.limit)
        chosen = blind_charts(subjects, arguments.songs or TRIALS)
        trials, rng = [], np.random.default_rng()
        for subject, chart in chosen:
            on_progress(Progress("writing", len(trials) / len(chosen)))
            trial = make_trial(Bench(subject=subject, shelf=shelf), chart, len(trials) + 1, rng)
            trials += [trial] if trial else []
        files = blind_files(trials)
    return lay_down({arguments.blind / name: data for name, data in files.items()}, arguments.quiet)


def measure_rival(
    arguments: argparse.Namespace,
    subjects: "Sequence[Subject]",
    writer: "Writer",
    on_share: Callable[[float], None],
) -> "Rival":
    """What both models are compared by: rhythm, and likeness to people's maps."""
    from beatheritage.evaluate.likeness.chapter import measure_likeness
    from beatheritage.evaluate.likeness.others import catch_maps
    from beatheritage.evaluate.rivals import Rival
    from beatheritage.evaluate.run import evaluate_songs, plan_work
    from beatheritage.evaluate.shelf import open_shelf

    shelf = open_shelf(_folder(arguments), writer)
    work = plan_work(subjects, shelf, ("rhythm", "likeness"), _extent(arguments), writer)
    results = evaluate_songs(work, on_share, arguments.jobs)
    pairs = [pair for result in results for pair in result.pairs]
    return Rival(
        name=writer.name,
        outcomes=tuple(one for result in results for one in result.outcomes),
        likeness=measure_likeness(pairs, catch_maps(arguments.data)),
    )


def measure_all(arguments: argparse.Namespace, asked: "tuple[TableName, ...]") -> "Report":
    """Everything that the report tells; a limited look, or one at some of the tables, leaves out
    what is not about songs."""
    from beatheritage.evaluate.asks import TABLES
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
    today = datetime.datetime.now(datetime.UTC).date()
    context = Context(date=today, weights=weights_key(), command=_command(), limit=arguments.limit)
    with shown_progress(STAGES, quiet=arguments.quiet) as on_progress:
        on_progress(Progress("reading", 0))
        subjects = load_subjects(arguments.data, arguments.cache, arguments.limit)
        people = people_judged(arguments.data, shelf) if "stars" in asked else ()
        work = plan_work(subjects, shelf, asked, _extent(arguments))
        results = evaluate_songs(work, partial(_tell, on_progress, "measuring"), arguments.jobs)
        on_progress(Progress("comparing", 0))
        pairs = [pair for result in results for pair in result.pairs]
        report = Report(
            context=context,
            results=results,
            asked=asked,
            people=people,
            likeness=measure_likeness(pairs, catch_maps(arguments.data) if pairs else ()),
        )
        if arguments.limit or asked != TABLES:
            return report
        on_progress(Progress("encodings", 0))
        lines, encodings = format_lines(shelf)
        on_progress(Progress("whole runs", 0))
        return replace(report, extra=(*lines, *performance_lines(shelf)), notes=(encodings,))


def lay_down(files: Mapping[Path, str | bytes], quiet: bool) -> int:
    from beatheritage.osu.archive import write_file

    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content.encode() if isinstance(content, str) else content)
        say(str(path), quiet=quiet)
    return 0


def _extent(arguments: argparse.Namespace) -> "Extent":
    from beatheritage.evaluate.asks import ALL, Extent

    return Extent(
        true_timing=arguments.true_timing, most=arguments.songs or ALL, seeds=arguments.seeds
    )


def _tell(on_progress: OnProgress, stage: str, share: float) -> None:
    on_progress(Progress(stage, share))


def _command() -> str:
    return "beatheritage " + shlex.join(sys.argv[1:])


def _folder(arguments: argparse.Namespace) -> Path:
    return arguments.cache / "evaluate"
