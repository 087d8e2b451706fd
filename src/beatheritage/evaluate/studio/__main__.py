"""Measure the studio and write its section of docs/performance.md, or take pictures of it."""

import argparse
import datetime
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from beatheritage.audio.demo import DEMO_RATE, render_demo
from beatheritage.errors import UserError
from beatheritage.evaluate.performance import STUDIO, machine
from beatheritage.evaluate.section import with_part
from beatheritage.evaluate.studio.browser import seen
from beatheritage.evaluate.studio.load import crowded, kills
from beatheritage.evaluate.studio.pictures import take_pictures
from beatheritage.evaluate.studio.report import section
from beatheritage.osu.archive import write_file

LONG_S, SHORT_S = 250, 30
KILLS = 5
DEMO = Path("demo/BeatHeritage - First Light.ogg")


def measure(folder: Path, *, jobs: int, clients: int) -> dict[str, Any]:
    """Everything, each part with a studio of its own. Raises UserError."""
    load = os.getloadavg()[0]
    long, short = folder / "long.mp3", folder / "short.mp3"
    write_mp3(long, LONG_S)
    write_mp3(short, SHORT_S)
    return {
        "page": seen(_studio(folder, "page"), long),
        "kills": kills(_studio(folder, "kills"), short, jobs, KILLS),
        "crowd": crowded(_studio(folder, "crowd"), long, clients),
        "load": load,
        "machine": machine(),
    }


def write_mp3(path: Path, seconds: int) -> None:
    """So much of the demo song, played again and again, at 320 kbit/s."""
    samples = np.resize(render_demo(), (seconds * DEMO_RATE, 2))
    with soundfile.SoundFile(
        path,
        "w",
        DEMO_RATE,
        2,
        format="MP3",
        subtype="MPEG_LAYER_III",
        compression_level=0.0,
        bitrate_mode="CONSTANT",
    ) as file:
        file.write(samples)


def _studio(folder: Path, name: str) -> Path:
    path = folder / name
    path.mkdir()
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the studio.")
    parser.add_argument("--jobs", type=int, default=200, help="default %(default)s")
    parser.add_argument("--clients", type=int, default=50, help="default %(default)s")
    parser.add_argument("--output", type=Path, default=Path("docs/performance.md"))
    parser.add_argument("--measured", type=Path, help="also write down what was measured, as JSON")
    parser.add_argument("--pictures", type=Path, help="take pictures into a folder, and no more")
    parser.add_argument("--song", type=Path, default=DEMO, help="for pictures: %(default)s")
    options = parser.parse_args()
    try:
        if options.pictures is not None:
            with tempfile.TemporaryDirectory() as folder:
                take_pictures(Path(folder), options.song, options.pictures)
            return
        with tempfile.TemporaryDirectory() as folder:
            measured = measure(Path(folder), jobs=options.jobs, clients=options.clients)
        if options.measured is not None:
            write_file(options.measured, json.dumps(measured).encode())
        old = options.output.read_text("utf-8") if options.output.exists() else ""
        day = datetime.datetime.now(datetime.UTC).date()
        text = with_part(old, STUDIO, section(measured, day))
        write_file(options.output, text.encode())
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
