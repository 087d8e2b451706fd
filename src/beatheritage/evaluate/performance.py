"""How long a song takes, and how much memory: whole processes of ``beatheritage generate``.

    python -m beatheritage.evaluate.performance [--song FILE]

Writes docs/performance.md; the report on quality takes its figures from the last such run.
"""

import argparse
import datetime
import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from beatheritage.audio.decode import read_song
from beatheritage.audio.demo import DEMO_RATE, DEMO_TITLE, render_demo
from beatheritage.engine.models import load_models
from beatheritage.errors import InputError, UserError
from beatheritage.evaluate.process import Used, measure_process
from beatheritage.evaluate.section import part_of
from beatheritage.evaluate.shelf import Shelf, open_shelf, weights_key
from beatheritage.evaluate.spread import single
from beatheritage.evaluate.tables import Line, Table, markdown
from beatheritage.osu.archive import write_file
from beatheritage.timing.fit import find_timing

SECONDS = 180
RUNS = 3
CORES = 2
WALL_TARGET_S, MEMORY_TARGET_GB = 15.0, 1.0
WRITE_FRAMES = 1 << 16
STUDIO = "studio"  # the part of the document that evaluate.studio writes
ANCESTORS = "ancestors"  # and evaluate.ancestors_bench


def performance_lines(shelf: Shelf) -> tuple[Line, ...]:
    """What must be reached, from the last measurement, or a new one on the demo song."""
    return lines_of(shelf.kept("performance", {}, measure))


def lines_of(measured: Mapping[str, Any]) -> tuple[Line, ...]:
    runs = len(measured["wall_s"])
    return (
        Line(
            what="a song of three minutes, whole process on two cores: wall time (median)",
            figure=single(float(np.median(measured["wall_s"])), runs, 1),
            unit="s",
            target=WALL_TARGET_S,
            at_most=True,
        ),
        Line(
            what="the same: most memory",
            figure=single(max(measured["peak_gb"]), runs, 1),
            unit="GB",
            target=MEMORY_TARGET_GB,
            at_most=True,
        ),
        Line(
            what="same seed and input in new processes: the same bytes",
            figure=single(float(measured["same_bytes"]), runs, 1),
            unit="%",
            target=1.0,
        ),
    )


def document(measured: Mapping[str, Any], day: datetime.date) -> str:
    """docs/performance.md."""
    rows = [
        (str(index + 1), f"{wall:.2f} s", f"{cpu:.2f} s", f"{peak:.2f} GB")
        for index, (wall, cpu, peak) in enumerate(
            zip(measured["wall_s"], measured["cpu_s"], measured["peak_gb"], strict=True)
        )
    ]
    table = Table(
        title="Runs",
        text="Each is a new process, from its start to its end.",
        head=("run", "wall time", "processor time", "most memory"),
        rows=tuple(rows),
    )
    summary = Table(title="What must be reached", text="", lines=lines_of(measured))
    head = f"""\
# Performance, measured

Written by `python -m beatheritage.evaluate.performance` on {day}, weights `{weights_key()}`.
`beatheritage generate` with its defaults wrote one std difficulty for {SECONDS} s of
"{measured["song"]}". The machine: {measured["machine"]}; other work kept {measured["load"]:.1f} of
its cores busy (load average) when the runs began. Timing alone takes
{measured["timing_s"]:.2f} s of one core's work a minute of audio.
"""
    return "\n".join([head, markdown(summary), markdown(table)]).rstrip() + "\n"


def measure(song: Path | None = None) -> dict[str, Any]:
    """Run whole processes on three minutes of a song; the demo song where none is given.

    Raises InputError for what cannot be decoded, UserError where a run fails or cannot be measured.
    """
    load = load_average()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        audio = folder / "song.ogg"
        write_audio(three_minutes(song), audio)
        runs = [run_once(audio, folder / str(index)) for index in range(RUNS)]
        archives = {path.read_bytes() for path in folder.glob("*/*.osz")}
        timing_s = timing_seconds(audio)
    wall, cpu, peak = zip(*runs, strict=True)
    return {
        "song": song.stem if song else DEMO_TITLE,
        "wall_s": wall,
        "cpu_s": cpu,
        "peak_gb": [each / 1e9 for each in peak],
        "same_bytes": len(archives) == 1,
        "timing_s": timing_s,
        "load": load,
        "machine": machine(),
    }


def three_minutes(song: Path | None) -> tuple[np.ndarray, int]:
    """Samples (frames, channels) and their rate, cut or played again to ``SECONDS``."""
    if song is None:
        samples, rate = render_demo(), DEMO_RATE
    else:
        try:
            samples, rate = soundfile.read(song, dtype="float32", always_2d=True)
        except (OSError, soundfile.LibsndfileError) as error:
            raise InputError("cannot be decoded", where=str(song)) from error
    return np.resize(samples, (SECONDS * rate, samples.shape[1])), rate


def write_audio(sound: tuple[np.ndarray, int], path: Path) -> None:
    """Ogg Vorbis, which goes into an archive as it is."""
    samples, rate = sound
    with soundfile.SoundFile(
        path, "w", rate, samples.shape[1], format="OGG", subtype="VORBIS"
    ) as file:
        for start in range(0, len(samples), WRITE_FRAMES):
            file.write(samples[start : start + WRITE_FRAMES])


def run_once(audio: Path, output: Path) -> Used:
    """What a whole process takes that writes a map."""
    words = ["generate", str(audio), "-o", str(output), "--quiet"]
    return measure_process(["-m", "beatheritage.cli", *words], CORES)


def timing_seconds(audio: Path) -> float:
    """Seconds of work for a minute of audio, decoding not counted."""
    song, beats = read_song(audio), load_models().beats
    began = time.process_time()
    find_timing(song, beats)
    return (time.process_time() - began) / (song.duration / 60_000)


def beside_others(document: str, path: Path) -> str:
    """The document, with the parts of others that stand there already."""
    text = path.read_text("utf-8") if path.exists() else ""
    there = [part for name in (STUDIO, ANCESTORS) if (part := part_of(text, name))]
    return "\n".join([document, *there, ""]) if there else document


def machine() -> str:
    """The processor's name and the number of cores, in plain words."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = cpuinfo.read_text("utf-8", "replace").splitlines()
        models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        name = models[0] if models else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


def load_average() -> float:
    """How many cores other work keeps busy; 0 where a system doesn't say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure whole runs of beatheritage generate.")
    parser.add_argument("--song", type=Path, help="default: the demo song")
    parser.add_argument("--cache", type=Path, default=Path("runs"))
    parser.add_argument("--output", type=Path, default=Path("docs/performance.md"))
    options = parser.parse_args()
    try:
        measured = measure(options.song)
        shelf = open_shelf(options.cache / "evaluate")
        shelf.put("performance", {}, measured)
        day = datetime.datetime.now(datetime.UTC).date()
        options.output.parent.mkdir(parents=True, exist_ok=True)
        write_file(options.output, beside_others(document(measured, day), options.output).encode())
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
