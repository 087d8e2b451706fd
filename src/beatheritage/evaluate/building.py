"""What building a data set takes, and that killing it changes nothing.

    python -m beatheritage.evaluate.building ../shared/data/train

The sources are built twice: once on end, and once killed with all its processes while it measures
and again while it writes, and run again. Writes its part of docs/training.md.
"""

import argparse
import datetime
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from beatheritage.dataset.build import KEPT, LEFT_OUT
from beatheritage.dataset.shards import open_shards
from beatheritage.errors import UserError
from beatheritage.evaluate.process import measure_process
from beatheritage.evaluate.section import with_part
from beatheritage.evaluate.tables import Table, markdown
from beatheritage.osu.archive import write_file

PART = "building"
CORES = 2
MOST_MINUTES = 20
MEASURED_SHARE = 0.4  # of the songs, when it is killed first
POLL_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """``work_s`` is processor time of all processes; ``kills`` says where it was killed: after how
    many measured songs, and how many shards. ``same``: of how many files each byte was."""

    songs: int
    charts: int
    left_out: int
    megabytes: float
    wall_s: float
    work_s: float
    kills: tuple[tuple[int, int], ...]
    files: int
    same: int


def measure(sources: Sequence[Path], jobs: int, scratch: Path) -> Building:
    """Build twice and compare. Raises UserError where it fails."""
    whole, killed = scratch / "whole", scratch / "killed"
    used = measure_process(_words(sources, whole, jobs))
    measured = len(list((whole / KEPT).glob("*.parquet")))
    kills = (
        _kill(_words(sources, killed, jobs), killed, lambda at: at[0] > MEASURED_SHARE * measured),
        _kill(_words(sources, killed, jobs), killed, lambda at: at[1] > 0),
    )
    measure_process(_words(sources, killed, jobs))
    first, second = _digests(whole), _digests(killed)
    shards = open_shards(whole)
    rows = [shards.read(index, ["charts"]) for index in range(len(shards.places))]
    return Building(
        songs=len(rows),
        charts=sum(len(row.charts) for row in rows),
        left_out=len((whole / LEFT_OUT).read_text("utf-8").splitlines()) - 1,
        megabytes=sum(path.stat().st_size for path in whole.glob("*.parquet")) / 1e6,
        wall_s=used.wall_s,
        work_s=used.work_s,
        kills=kills,
        files=len(first.keys() | second.keys()),
        same=sum(second.get(name) == digest for name, digest in first.items()),
    )


def _words(sources: Sequence[Path], output: Path, jobs: int) -> list[str]:
    words = ["-m", "beatheritage.cli", "dataset", "build", *map(str, sources)]
    return [*words, "-o", str(output), "--jobs", str(jobs), "--quiet"]


def _kill(
    words: Sequence[str], output: Path, is_time: Callable[[tuple[int, int]], bool]
) -> tuple[int, int]:
    """Kill it, and all that it started, when it is time; how far it was."""
    process = subprocess.Popen([sys.executable, *words], start_new_session=True)
    while True:
        at = (len(list((output / KEPT).glob("*.parquet"))), len(list(output.glob("*.parquet"))))
        if is_time(at):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return at
        if process.poll() is not None:
            raise UserError("it was done before it could be killed", where=str(output))
        time.sleep(POLL_S)


def _digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.iterdir() if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def section(found: Building, day: datetime.date, jobs: int) -> str:
    """The part of the document, in Markdown."""
    places = " and ".join(f"{songs} songs measured and {n} shards" for songs, n in found.kills)
    text = f"""\
Written by `python -m beatheritage.evaluate.building ../shared/data/train` on {day}, {jobs} at a
time: {found.songs} songs with {found.charts:,} charts, {found.megabytes:.0f} MB;
{found.left_out:,} charts and songs left out, each with its reason. By the clock it took
{found.wall_s / 60:.1f} minutes, beside other work. Built again it was killed by SIGKILL twice, at
{places}."""
    minutes = found.work_s / CORES / 60
    asked = f"at most {MOST_MINUTES} minutes"
    rows = (
        (f"processor time of all processes, over {CORES} cores", f"{minutes:.1f} minutes", asked),
        ("processor time a song", f"{found.work_s / found.songs:.2f} s", ""),
        (f"files the same after the kills, of {found.files}", str(found.same), str(found.files)),
    )
    head = ("what", "measured", "must be")
    table = markdown(Table(title="What building takes", text=text, head=head, rows=rows))
    return table.replace("## ", "### ", 1)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure dataset build, killed and resumed too.")
    parser.add_argument("sources", nargs="+", type=Path)
    parser.add_argument("--jobs", type=int, default=CORES)
    parser.add_argument("--output", type=Path, default=Path("docs/training.md"))
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="beatheritage-") as scratch:
            found = measure(options.sources, options.jobs, Path(scratch))
        day = datetime.datetime.now(datetime.UTC).date()
        text = options.output.read_text("utf-8") if options.output.exists() else ""
        part = with_part(text, PART, section(found, day, options.jobs))
        write_file(options.output, part.encode())
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
