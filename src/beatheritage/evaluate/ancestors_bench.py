"""How fast an ancestor's model runs here, beside transformers' own Whisper decoder with the static
cache of 5,120 tokens that the original code ran on: V30 in full size, random weights, one process.

    pip install 'beatheritage[torch,bench]'
    python -m beatheritage.evaluate.ancestors_bench [--tokens N] [--windows N]

Both take turns, so that whatever else the machine does slows both. Writes the part on the ancestors
of docs/performance.md.
"""

import argparse
import datetime
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from beatheritage.engine.ancestor import AncestorEngine, Told
from beatheritage.errors import UserError
from beatheritage.evaluate.performance import ANCESTORS, load_average, machine
from beatheritage.evaluate.process import measure_process
from beatheritage.evaluate.section import with_part
from beatheritage.osu.archive import write_file

CONTEXT = 870  # tokens that a step looks back on
SONG_WINDOWS = 46  # of three minutes, with the usual overlap
SONG_TOKENS = 80  # that a window writes
HEARD_AT_ONCE = 4
BATCH = 8
WARM_UPS = 2
BASELINE = "transformers, static cache"
FLOAT, INT8 = "here, float32", "here, int8"
# Shares of the baseline's time, and GB above the interpreter.
MOST_TIME = {FLOAT: 0.5, INT8: 0.3}
MOST_SONG, MOST_ROW = 1 / 3, 1 / 3
MOST_MEMORY = {FLOAT: 1.6, INT8: 0.8}


class Took(NamedTuple):
    """Seconds: of the clock, and of the processors."""

    wall: float
    processor: float


def timed(work: Callable[[], object]) -> Took:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - processor)


def median(took: Sequence[Took], count: int = 1) -> Took:
    """The median of runs of so many steps each, of one step."""
    return Took(*(statistics.median(each) / count for each in zip(*took, strict=True)))


def engines() -> dict[str, AncestorEngine]:
    from beatheritage.engine.torch_whisper import WhisperBaseline, random_ancestor

    return {
        BASELINE: WhisperBaseline(),
        FLOAT: random_ancestor(),
        INT8: random_ancestor(int8=True),
    }


def measure_steps(them: Mapping[str, AncestorEngine], rows: int, tokens: int) -> dict[str, Took]:
    """A step of so many rows, each in a window of its own, in turns."""
    memory = memories(them, rows)
    prompts = [prompt(CONTEXT - tokens // 2, row) for row in range(rows)]
    steps = {}
    for name, engine in them.items():
        steps[name] = engine.start(memory[name], range(rows))
        steps[name].read(prompts)
    took: dict[str, list[Took]] = {name: [] for name in them}
    for turn in range(tokens + WARM_UPS):
        for name, decoding in steps.items():
            step = timed(lambda decoding=decoding: decoding.read([[5]] * rows))
            if turn >= WARM_UPS:
                took[name].append(step)
    return {name: median(each) for name, each in took.items()}


def measure_song(them: Mapping[str, AncestorEngine], windows: int) -> dict[str, Took]:
    """What a song of three minutes takes: some windows, heard and written, times all there are."""
    took: dict[str, list[Took]] = {name: [] for name in them}
    for _ in range(0, windows, HEARD_AT_ONCE):
        for name, engine in them.items():
            took[name].append(timed(lambda engine=engine: write_windows(engine)))
    share = SONG_WINDOWS / HEARD_AT_ONCE
    return {name: Took(*(value * share for value in median(each))) for name, each in took.items()}


def write_windows(engine: AncestorEngine) -> None:
    for memory in hear(engine, HEARD_AT_ONCE):
        decoding = engine.start([memory], [0])
        decoding.read([prompt(CONTEXT - SONG_TOKENS, 0)])
        for _ in range(SONG_TOKENS - 1):
            decoding.read([[5]])


def hear(engine: AncestorEngine, count: int) -> Sequence[Any]:
    samples = np.random.default_rng(0).normal(0, 0.1, (count, engine.window_samples))
    span = np.tile(np.array([[0.0, 0.2]], np.float32), (count, 1))
    told = Told(np.full(count, 5.0, np.float32), np.full(count, -1), span)
    return engine.hear(samples.astype(np.float32), told)


def memories(them: Mapping[str, AncestorEngine], rows: int) -> dict[str, list[Any]]:
    """One window of each engine's own, for all rows: what is in it costs nothing."""
    heard = {name: hear(engine, 1)[0] for name, engine in them.items()}
    return {name: [memory] * rows for name, memory in heard.items()}


def prompt(length: int, seed: int) -> list[int]:
    return np.random.default_rng(seed).integers(3, 4600, length).tolist()


def measure_memory(name: str) -> float:
    """The most that a process takes that loads a model, hears a window and writes in it, GB above
    one that does nothing."""
    module = __spec__.name if __spec__ else __name__
    work = f"from {module} import use; use({name!r})"
    nothing, all_of_it = (measure_process(["-c", code]).peak_bytes for code in ("pass", work))
    return (all_of_it - nothing) / 1e9


def use(name: str) -> None:
    """What ``measure_memory`` looks at."""
    from beatheritage.engine.torch_whisper import random_ancestor

    engine = random_ancestor(int8=name == INT8)
    decoding = engine.start(hear(engine, 1), [0])
    decoding.read([prompt(CONTEXT, 0)])
    for _ in range(WARM_UPS):
        decoding.read([[5]])


def document(measured: Mapping[str, Any], day: datetime.date) -> str:
    """What was measured, as the part of the page."""
    alone, batch, song = measured["alone"], measured["batch"], measured["song"]
    base, base_song = alone[BASELINE], song[BASELINE]
    lines = [
        "## The ancestors' checkpoints",
        "",
        f"Written by `python -m beatheritage.evaluate.ancestors_bench` on {day}: V30 in full size,",
        f"random weights, {measured['threads']} threads, {CONTEXT:,} tokens of context, both in",
        f"turns in one process. The machine: {machine()}; load average {measured['load']:.1f}.",
        "Times are of the clock, those in brackets of the processors.",
        "",
        f"| | a token | of the baseline | must reach | {BATCH} rows at once: a row | of one alone |"
        " three minutes | of the baseline | most memory | must reach |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in (BASELINE, FLOAT, INT8):
        step, row, whole = alone[name], batch[name], song[name]
        share = f"{step.wall / base.wall:.2f} ({step.processor / base.processor:.2f})"
        row_share = f"{row.wall / BATCH / step.wall:.2f}"
        whole_share = f"{whole.wall / base_song.wall:.2f}"
        memory = measured["memory"].get(name)
        cells = [
            name,
            f"{1000 * step.wall:.1f} ms ({1000 * step.processor:.1f})",
            share if name != BASELINE else "1",
            f"{MOST_TIME[name]:g}" if name in MOST_TIME else "",
            f"{1000 * row.wall / BATCH:.1f} ms",
            f"{row_share} (at most {MOST_ROW:.2f})" if name != BASELINE else row_share,
            f"{whole.wall / 60:.1f} min",
            f"{whole_share} (at most {MOST_SONG:.2f})" if name != BASELINE else "1",
            "" if memory is None else f"{memory:.2f} GB",
            f"{MOST_MEMORY[name]:g} GB" if name in MOST_MEMORY else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        f"Three minutes are {SONG_WINDOWS} windows that overlap as usual, each heard, told "
        f"{CONTEXT - SONG_TOKENS}",
        f"tokens and made to write {SONG_TOKENS}; {measured['windows']} of them were run. Memory",
        "is above an interpreter that does nothing. The rows of a batch hear a window each.",
    ]
    return "\n".join(lines)


def measure(tokens: int, batch_tokens: int, windows: int) -> dict[str, Any]:
    from beatheritage.engine.ancestor_onnx import threads

    load = load_average()
    memory = {name: measure_memory(name) for name in (FLOAT, INT8)}
    them = engines()
    return {
        "load": load,
        "threads": threads(),
        "windows": windows,
        "memory": memory,
        "alone": measure_steps(them, 1, tokens),
        "batch": measure_steps(them, BATCH, batch_tokens),
        "song": measure_song(them, windows),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Time an ancestor's model beside transformers'.")
    parser.add_argument("--tokens", type=int, default=40, help="steps of one row")
    parser.add_argument("--batch-tokens", type=int, default=8, help=f"steps of {BATCH} rows")
    parser.add_argument("--windows", type=int, default=HEARD_AT_ONCE, help="of the song")
    parser.add_argument("--output", type=Path, default=Path("docs/performance.md"))
    options = parser.parse_args()
    try:
        measured = measure(options.tokens, options.batch_tokens, options.windows)
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
