"""Build a data set to train on, or see what is in one.

build SOURCES... -o SHARDS reads folders of .osz or unpacked songs (.osu, .tja, .sm, .ssc, .qua,
notes.mid) and the ancestors' data sets, measures every chart, and writes Parquet shards; stopped,
it goes on where it was. What it leaves out stands in SHARDS/left_out.tsv, each with the reason.
stats SHARDS draws what is inside as a page.
"""

import argparse
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from beatheritage.commands.console import say, shown_progress
from beatheritage.commands.workers import add_workers, workers
from beatheritage.errors import OptionError

if TYPE_CHECKING:
    from beatheritage.dataset.build import Built

STAGES = {"looking": 0.02, "measuring": 0.85, "comparing": 0.05, "writing": 0.08}
MOST_SONGS_PER_SHARD = 4096
REASONS_SHOWN = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("build", "stats"), help="what to do")
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="SOURCES, or SHARDS")
    parser.add_argument("-o", "--output", metavar="PATH", type=Path, help="SHARDS, or PAGE.html")
    add_workers(parser)
    parser.add_argument("--held-out", metavar="SHARE", type=float, help="of songs (default 0.05)")
    parser.add_argument("--songs-per-shard", metavar="N", type=int, help="default 64")
    parser.add_argument(
        "--charts-alone", action="store_true", help="keep charts that have no audio here, too"
    )
    parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress, no remarks")


def run(arguments: argparse.Namespace) -> int:
    try:
        return build(arguments) if arguments.action == "build" else stats(arguments)
    except ModuleNotFoundError as error:
        mend = "pip install 'beatheritage[train]'"
        raise OptionError(f"data sets need {error.name}", mend=mend) from None


def build(arguments: argparse.Namespace) -> int:
    from beatheritage.commands.output import refuse_folder
    from beatheritage.dataset.build import HELD_OUT, LEFT_OUT, SONGS_PER_SHARD, Recipe
    from beatheritage.dataset.build import build as build_shards

    if arguments.output is None:
        raise OptionError("where to?", mend="add -o SHARDS")
    held_out = HELD_OUT if arguments.held_out is None else arguments.held_out
    per_shard = arguments.songs_per_shard
    per_shard = SONGS_PER_SHARD if per_shard is None else per_shard
    if not 0 <= held_out < 1:
        raise OptionError(f"held-out must be from 0 to less than 1, not {held_out:g}")
    if not 1 <= per_shard <= MOST_SONGS_PER_SHARD:
        raise OptionError(
            f"songs-per-shard must be from 1 to {MOST_SONGS_PER_SHARD}, not {per_shard}"
        )
    refuse_folder(arguments.output)
    recipe = Recipe(
        sources=tuple(arguments.paths),
        output=arguments.output,
        songs_per_shard=per_shard,
        held_out=held_out,
        alone=arguments.charts_alone,
    )
    with shown_progress(STAGES, quiet=arguments.quiet) as on_progress:
        built = build_shards(recipe, workers(arguments), on_progress)
    if arguments.json:
        told = {"songs": built.songs, "charts": built.charts}
        skipped = [asdict(one) for one in built.skipped]
        print(json.dumps({**told, "left_out": skipped}, ensure_ascii=False))
        return 0
    tell(built, arguments.output / LEFT_OUT, quiet=arguments.quiet)
    print(arguments.output)
    return 0


def tell(built: "Built", left_out: Path, *, quiet: bool) -> None:
    """A few lines on what was built and what was not."""
    songs = ", ".join(f"{count} for {split}" for split, count in built.songs.items() if count)
    say(f"songs: {songs or 'none'}; charts: {built.charts}", quiet=quiet)
    if not built.skipped:
        return
    reasons = Counter(reason_kind(one.reason) for one in built.skipped)
    say(f"left out: {len(built.skipped)}, each with its reason in {left_out}", quiet=quiet)
    for reason, count in reasons.most_common(REASONS_SHOWN):
        say(f"{count:>7}  {reason}", quiet=quiet)


def reason_kind(reason: str) -> str:
    """A reason without what differs from chart to chart."""
    for start in ("the same recording", "the same as", "nearly the same"):
        if reason.startswith(start):
            return f"{start}{'' if start.endswith('as') else ' as'} another"
    return reason.split(":")[0]


def stats(arguments: argparse.Namespace) -> int:
    from beatheritage.dataset.shards import open_shards
    from beatheritage.dataset.stats import gather, page
    from beatheritage.osu.archive import write_file

    if len(arguments.paths) != 1:
        raise OptionError("stats is about one folder of shards")
    figures = gather(open_shards(arguments.paths[0]))
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
        return 0
    path = arguments.output or arguments.paths[0] / "stats.html"
    write_file(path, page(figures).encode())
    print(path)
    return 0
