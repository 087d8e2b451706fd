"""How fast an ancestor's model runs here, beside transformers' own Whisper decoder with the static
cache of 5,120 tokens that the original code ran on: V30 in full size, random weights, one process.
How much memory it takes is seen in processes that load a checkpoint from the disk.

    pip install 'beatheritage[torch,bench]'
    python -m beatheritage.evaluate.ancestors_bench [--tokens N] [--windows N]

Both take turns, so that whatever else the machine does slows both. Writes the part on the ancestors
of docs/performance.md.
"""

import argparse
import datetime
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from beatheritage.engine.ancestor import AncestorEngine
from beatheritage.errors import UserError
from beatheritage.evaluate.performance import ANCESTORS, load_average, machine
from beatheritage.evaluate.process import measure_process
from beatheritage.evaluate.section import with_part
from beatheritage.osu.archive import write_file

CONTEXT = 870  # tokens that a step looks back on
SONG_WINDOWS = 46  # of three minutes, with the usual overlap
SONG_TOKENS = 80  # that a window writes
OF_A_SONG = (1, CONTEXT - SONG_TOKENS, SONG_TOKENS)
BATCH = 8
WARM_UPS = 2
BASELINE = "transformers, static cache"
FLOAT, INT8 = "here, float32", "here, int8"
PRECISIONS = {FLOAT: "fp32", INT8: "int8"}
EVERYONE = (BASELINE, *PRECISIONS)
ROWS: Mapping[str, tuple[Sequence[int], Sequence[str]]] = {
    "alone": ([0], EVERYONE),
    "batch": ([0] * BATCH, EVERYONE),
    "apart": (range(BATCH), tuple(PRECISIONS)),
}
"""Which windows rows lie in, and whose steps are looked at."""
PAUSE_S = 0.1  # in which the threads of the one before go to sleep
# Shares of the baseline's time, and GB above the interpreter.
MOST_TIME = {FLOAT: 0.5, INT8: 0.3}
MOST_SONG, MOST_ROW = 1 / 3, 1 / 3
MOST_MEMORY = {FLOAT: 1.6, INT8: 0.8}
SONG_MEGABYTES = 151  # keys and values of a window: 12 layers, 2,048 positions, 768 wide


class Took(NamedTuple):
    """Seconds: of the clock, and of the processors."""

    wall: float
    processor: float


def timed(work: Callable[[], object]) -> Took:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - processor)


def median(took: Sequence[Took]) -> Took:
    return Took(*(statistics.median(each) for each in zip(*took, strict=True)))


def engines(folder: Path) -> dict[str, AncestorEngine]:
    from beatheritage.engine.torch_whisper import WhisperBaseline, load

    ours = {name: load(folder, precision) for name, precision in PRECISIONS.items()}
    return {BASELINE: WhisperBaseline(), **ours}


def measure_steps(them: Mapping[str, AncestorEngine], tokens: int) -> dict[str, dict[str, Took]]:
    """A step of each engine for each way that rows can lie, in turns."""
    begun = {
        kind: {name: begin(engine, windows) for name, engine in them.items() if name in names}
        for kind, (windows, names) in ROWS.items()
    }
    took: dict[str, dict[str, list[Took]]] = {
        kind: {name: [] for name in steps} for kind, steps in begun.items()
    }
    for turn in range(tokens + WARM_UPS):
        for kind, steps in begun.items():
            for name, step in steps.items():
                time.sleep(PAUSE_S)
                one = timed(step)
                if turn >= WARM_UPS:
                    took[kind][name].append(one)
    return {
        kind: {name: median(each) for name, each in them.items()} for kind, them in took.items()
    }


def begin(engine: AncestorEngine, windows: Sequence[int]) -> Callable[[], object]:
    """Rows that know as much as a step looks back on; one more of them, for all rows."""
    from beatheritage.engine.torch_whisper import ANY_TOKEN, hear, prompt

    # What is in a window costs nothing: each of them may be the same.
    decoding = engine.start(list(hear(engine, 1)) * (max(windows) + 1), windows)
    decoding.read([prompt(CONTEXT, row) for row, _ in enumerate(windows)])
    return lambda: decoding.read([[ANY_TOKEN]] * len(windows))


def measure_song(them: Mapping[str, AncestorEngine], windows: int) -> dict[str, Took]:
    """What a song of three minutes takes: some windows, heard and written, times all there are."""
    from beatheritage.engine.torch_whisper import write

    took: dict[str, list[Took]] = {name: [] for name in them}
    for _ in range(windows):
        for name, engine in them.items():
            time.sleep(PAUSE_S)
            took[name].append(timed(lambda engine=engine: write(engine, *OF_A_SONG)))
    return {
        name: Took(*(value * SONG_WINDOWS for value in median(each))) for name, each in took.items()
    }


def measure_memory(folder: Path, precision: str) -> float:
    """The most that a process takes that loads a checkpoint, hears a window and writes in it, GB
    above one that does nothing."""
    work = f"""
from pathlib import Path
from beatheritage.engine.torch_whisper import load, write
write(load(Path({str(folder)!r}), {precision!r}), 1, {CONTEXT}, {1 + WARM_UPS})
"""
    nothing, all_of_it = (measure_process(["-c", code]).peak_bytes for code in ("pass", work))
    return (all_of_it - nothing) / 1e9


def document(measured: Mapping[str, Any], day: datetime.date) -> str:
    """What was measured, as the part of the page."""
    lines = [
        "## The ancestors' checkpoints",
        "",
        f"Written by `python -m beatheritage.evaluate.ancestors_bench` on {day}: V30 in full size,",
        f"random weights, {measured['threads']} threads, {CONTEXT:,} tokens of context, both in",
        f"turns in one process. The machine: {machine()}; load average {measured['load'][0]:.1f}",
        f"when it began, {measured['load'][1]:.1f} when it ended. Times are of the clock, those in",
        "brackets of the processors: these say more where other work kept the cores busy.",
        "",
        "| | a token | of the baseline | must reach | three minutes | of the baseline |"
        " must reach | most memory | must reach |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *(f"| {' | '.join(row_of_one(measured, name))} |" for name in measured["alone"]),
        "",
        f"{BATCH} rows at once, for instance as many difficulties of a song:",
        "",
        "| | a row, all in one window | of one alone | must reach |"
        " a row, each in a window of its own | of one alone |",
        "| --- | --- | --- | --- | --- | --- |",
        *(f"| {' | '.join(row_of_many(measured, name))} |" for name in measured["alone"]),
        "",
        f"Three minutes are {SONG_WINDOWS} windows that overlap as usual, each heard, told",
        f"{CONTEXT - SONG_TOKENS} tokens and made to write {SONG_TOKENS}; {measured['windows']} of"
        " them were run. Memory is of a process that",
        "loads a checkpoint from the disk, hears a window and writes in it, above an interpreter",
        "that does nothing. Rows of one window read what was heard once; each in a window of its",
        f"own, they read {SONG_MEGABYTES} MB a token more each, and no batch makes that less.",
    ]
    return "\n".join(lines)


def row_of_one(measured: Mapping[str, Any], name: str) -> list[str]:
    step, base = measured["alone"][name], measured["alone"][BASELINE]
    whole, base_whole = measured["song"][name], measured["song"][BASELINE]
    took = [f"{1000 * step.wall:.1f} ms ({1000 * step.processor:.1f})"]
    took_whole = [f"{whole.wall / 60:.1f} min ({whole.processor / 60:.1f})"]
    if name == BASELINE:
        return [name, *took, "1", "", *took_whole, "1", "", "", ""]
    return [
        name,
        *took,
        f"{step.wall / base.wall:.2f} ({step.processor / base.processor:.2f})",
        f"at most {MOST_TIME[name]:g}",
        *took_whole,
        f"{whole.wall / base_whole.wall:.2f} ({whole.processor / base_whole.processor:.2f})",
        f"at most {MOST_SONG:.2f}",
        f"{measured['memory'][name]:.2f} GB",
        f"at most {MOST_MEMORY[name]:g} GB",
    ]


def row_of_many(measured: Mapping[str, Any], name: str) -> list[str]:
    alone, cells = measured["alone"][name], [name]
    for kind, most in (("batch", f"at most {MOST_ROW:.2f}"), ("apart", None)):
        batch = measured[kind].get(name)
        if batch is None:  # the baseline, to which it is the same
            return [*cells, "", ""]
        wall, processor = batch.wall / BATCH, batch.processor / BATCH
        cells += [
            f"{1000 * wall:.1f} ms ({1000 * processor:.1f})",
            f"{wall / alone.wall:.2f} ({processor / alone.processor:.2f})",
        ]
        if most is not None:
            cells.append("" if name == BASELINE else most)
    return cells


def measure(tokens: int, windows: int) -> dict[str, Any]:
    from beatheritage.engine.ancestor_onnx import threads
    from beatheritage.engine.torch_whisper import write_random

    load = load_average()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_random(folder)
        memory = {name: measure_memory(folder, precision) for name, precision in PRECISIONS.items()}
        them = engines(folder)
    steps, song = measure_steps(them, tokens), measure_song(them, windows)
    return {
        "load": (load, load_average()),
        "threads": threads(),
        "windows": windows,
        "memory": memory,
        **steps,
        "song": song,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Time an ancestor's model beside transformers'.")
    parser.add_argument("--tokens", type=int, default=20, help="steps of each kind")
    parser.add_argument("--windows", type=int, default=3, help="of the song")
    parser.add_argument("--output", type=Path, default=Path("docs/performance.md"))
    options = parser.parse_args()
    try:
        measured = measure(options.tokens, options.windows)
        day = datetime.datetime.now(datetime.UTC).date()
        there = options.output.read_text("utf-8") if options.output.exists() else ""
        text = with_part(there, ANCESTORS, document(measured, day))
        write_file(options.output, text.encode())
    except UserError as error:
        sys.exit(f"error: {error}")
    except ImportError as error:
        sys.exit(f"error: the bench needs {error.name} (pip install 'beatheritage[torch,bench]')")


if __name__ == "__main__":
    main()
