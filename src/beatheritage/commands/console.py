"""What a person sees while a command works, on stderr: stages, and how long they will take."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

from beatheritage.progress import OnProgress, Progress, ignore

DONE = 1.0


@contextmanager
def shown_progress(stages: dict[str, float], *, quiet: bool) -> Iterator[OnProgress]:
    """A listener that draws one bar; ``stages`` are their names, in order, and their usual share of
    the time, so that the estimate of what is left holds across them."""
    if quiet or not sys.stderr.isatty():  # a bar in a log is no help
        yield ignore
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(next(iter(stages), ""), total=sum(stages.values()))

        def show(progress: Progress) -> None:
            bar.update(task, completed=done_share(stages, progress), description=progress.stage)

        yield show


def done_share(stages: dict[str, float], progress: Progress) -> float:
    """How far a stage's progress is through all of them, in the units of ``stages``."""
    if progress.stage not in stages:
        return 0.0
    # Added one by one, so that a stage ends exactly where the next begins.
    begins = dict(zip(stages, accumulate(stages.values(), initial=0.0), strict=False))
    return begins[progress.stage] + stages[progress.stage] * min(max(progress.share, 0.0), DONE)


def say(line: str, *, quiet: bool = False) -> None:
    """A line for people, who read it beside the results on stdout."""
    if not quiet:
        print(line, file=sys.stderr)


def fulfil(
    work: Callable[[OnProgress], dict[str, Any]],
    stages: dict[str, float],
    lines: Callable[[dict[str, Any]], Iterable[str]],
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Do the work under a bar, and tell its result: its warnings, then one line of JSON, or its
    files and what ``lines`` says of it."""
    began = time.monotonic()
    with shown_progress(stages, quiet=quiet) as on_progress:
        result = work(on_progress)
    result["seconds"] = round(time.monotonic() - began, 2)
    for warning in warnings_of(result):
        say(f"warning: {warning}", quiet=quiet)
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for file in result["files"]:
        print(file)
    for line in lines(result):
        say(line, quiet=quiet)


def warnings_of(result: dict[str, Any]) -> Iterator[str]:
    """What is said of the whole, then of each difficulty, where there are several."""
    yield from result["warnings"]
    for each in result.get("difficulties", ()):
        yield from (f"{each['version']}: {warning}" for warning in each["warnings"])


def source_line(result: dict[str, Any]) -> str:
    """What every difficulty rests on, and how long it took."""
    return (
        f"{result['bpm']:g} BPM, offset {round(result['offset'], 1):g} ms, seed {result['seed']}, "
        f"{result['seconds']} s"
    )
