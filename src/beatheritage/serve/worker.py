"""The one process that does the long work: it takes jobs until the server is gone."""

import multiprocessing
import os
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatheritage.config import configure
from beatheritage.errors import UserError
from beatheritage.generate.plan import Plan
from beatheritage.generate.request import Request
from beatheritage.osu.beatmap import RedLine
from beatheritage.progress import OnProgress, Progress
from beatheritage.serve.database import Studio
from beatheritage.serve.maps import one_map
from beatheritage.serve.options import spread_request
from beatheritage.serve.queue import Asked, Job, Kind, Lost, claim, end, fail, recover, tell
from beatheritage.serve.songs import Kept, audio_path, background_path, one_song, waveform
from beatheritage.timing.grid import Timing

if TYPE_CHECKING:
    from beatheritage.audio.song import Song, Tags
    from beatheritage.engine.models import Models
    from beatheritage.generate.pipeline import Generated

IDLE_S = 0.05
TELL_EVERY_S = 0.15

Outcome = dict[str, Any]  # what ``queue.end`` takes


class Worker:
    """Keeps a worker process alive as long as the server lives, and no longer."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the process; what it was at waits again at the next start."""
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        context = multiprocessing.get_context("spawn")
        died = False
        while not self._stopping.is_set():
            recover(self.studio, blame=died)
            # The child reads an end that never speaks: when it closes, the server is gone.
            mine, theirs = context.Pipe()
            process = context.Process(
                target=work, args=(self.studio.folder, theirs), name="beatheritage-worker"
            )
            process.start()
            theirs.close()
            while process.is_alive() and not self._stopping.is_set():
                process.join(0.1)
            mine.close()
            process.terminate()
            process.join()
            died = True


def work(folder: Path, server: Connection) -> None:
    """Take one job after the other; never returns."""
    threading.Thread(target=_die_with, args=(server,), daemon=True).start()
    studio = Studio(folder=folder)
    while True:
        job = claim(studio, tuple(Kind))
        if job is None:
            time.sleep(IDLE_S)
        else:
            run(studio, job)


def run(studio: Studio, job: Job) -> None:
    """Do a job, and say how it ended."""
    try:
        end(studio, job, **DO[job.kind](studio, job, _teller(studio, job)))
    except Lost:
        return  # cancelled, or another's by now
    except UserError as error:
        _fail(studio, job, " ".join(str(error).split()))
    except Exception:  # noqa: BLE001  (the job runner: one of the two places for it)
        log = studio.folder / "errors.log"
        with log.open("a", encoding="utf-8") as file:
            file.write(f"job {job.id} ({job.kind})\n{traceback.format_exc()}\n")
        _fail(studio, job, f"a fault of ours, written to {log.name}: please report it")


def listen(studio: Studio, job: Job, on_progress: OnProgress) -> Outcome:
    """A song's timing, its waveform and its picture."""
    from beatheritage.audio.decode import read_song
    from beatheritage.generate.background import make_background
    from beatheritage.osu.archive import write_file
    from beatheritage.timing.describe import describe
    from beatheritage.timing.fit import find_timing

    kept = one_song(studio, job.song)
    on_progress(Progress("listening", 0))
    song = read_song(audio_path(studio, kept))
    heard: dict[str, Any] = {"duration": song.duration, "peaks": waveform(song), "error": ""}
    on_progress(Progress("timing", 0))
    try:
        timing = find_timing(song, _models().beats)
        heard |= describe(song, timing)
        heard["lines"] = [
            {"time": line.time, "beat_length": line.beat_length, "meter": line.meter}
            for line in timing.lines
        ]
    except UserError as error:
        # People may still say the tempo themselves.
        heard |= {"lines": [], "error": error.what, "warnings": list(song.warnings)}
    on_progress(Progress("packing", 0))
    write_file(background_path(studio, kept), make_background(song)[1])
    return {"heard": heard, "warnings": heard["warnings"]}


def generate(studio: Studio, job: Job, on_progress: OnProgress) -> Outcome:
    """A map for a song."""
    from beatheritage.generate.plan import make_plan
    from beatheritage.osu.write import write

    song, kept = _read(studio, job, on_progress)
    plan = make_plan(_request(job.asked, song), _named(song, kept))
    (made,), warnings = _written(song, kept, job.asked, plan, on_progress)
    return {"maps": [("made", write(made.beatmap).encode())], "warnings": warnings}


def write_range(studio: Studio, job: Job, on_progress: OnProgress) -> Outcome:
    """Takes of a range of a map, each a map of its own until one is kept."""
    from beatheritage.commands.output import content_of
    from beatheritage.generate.plan import make_plan

    assert job.asked.map is not None
    song, kept = _read(studio, job, on_progress)
    asked = job.asked
    with tempfile.TemporaryDirectory(dir=studio.folder) as folder:
        file = Path(folder) / "map.osu"
        file.write_bytes(one_map(studio, job.asked.map).content)
        request = _request(asked, song)
        ranged = replace(request, within=file, start=asked.start, end=asked.end, takes=asked.takes)
        plan = make_plan(ranged, _named(song, kept))
    takes, warnings = _written(song, kept, asked, plan, on_progress)
    contents = [content_of(plan, song, made.beatmap) for made in takes]
    maps = [
        (f"take {number}", content)
        for number, content in enumerate(contents, 1)
        if isinstance(content, bytes)
    ]
    return {"maps": maps, "warnings": warnings}


def write_set(studio: Studio, job: Job, on_progress: OnProgress) -> Outcome:
    """A whole set, the easiest first."""
    from beatheritage.generate.drafting import listen as hear
    from beatheritage.generate.spread import set_told, write_spread
    from beatheritage.generate.spread_plan import check_spread, spread_plans
    from beatheritage.osu.write import write

    song, kept = _read(studio, job, on_progress)
    request = spread_request(Request(audio=song.path), job.asked.words)
    on_progress(Progress("timing", 0))
    timing = _timing(kept, job.asked, song, check_spread(request))
    plans = spread_plans(request, duration=song.duration, tags=_named(song, kept))
    made = write_spread(hear(song, timing), plans, _models(), on_progress)
    told = (made.warnings for made in made.difficulties)
    maps = [("made", write(each.beatmap).encode()) for each in made.difficulties]
    return {"maps": maps, "warnings": _once(timing.warnings, *told, set_told(made))}


def _read(studio: Studio, job: Job, on_progress: OnProgress) -> tuple["Song", Kept]:
    from beatheritage.audio.decode import read_song

    kept = one_song(studio, job.song)
    on_progress(Progress("listening", 0))
    return read_song(audio_path(studio, kept)), kept


def _request(asked: Asked, song: "Song") -> Request:
    return configure(Request(audio=song.path), words=asked.words)


def _named(song: "Song", kept: Kept) -> "Tags":
    """The song's tags; its file has another name here than a person gave it."""
    return replace(song.tags, title=kept.title, artist=kept.artist)


def _written(
    song: "Song", kept: Kept, asked: Asked, plan: Plan, on_progress: OnProgress
) -> tuple[list["Generated"], list[str]]:
    """Every take of a plan, and what there is to say of them."""
    import numpy as np

    from beatheritage.generate.drafting import listen as hear
    from beatheritage.generate.pipeline import generate

    on_progress(Progress("timing", 0))
    timing = plan.timing or _timing(kept, asked, song, plan)
    heard = hear(song, timing)
    made = [
        generate(heard, plan, _models(), np.random.default_rng((plan.seed, take)), on_progress)
        for take in range(asked.takes)
    ]
    return made, _once(song.warnings, timing.warnings, *(each.warnings for each in made))


def _once(*warnings: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(chain.from_iterable(warnings)))


def _timing(kept: Kept, asked: Asked, song: "Song", plan: Plan) -> Timing:
    """A person's own, else what listening found; sought anew where the plan pins part of it."""
    from beatheritage.timing.fit import find_timing

    if asked.lines:
        return Timing(lines=tuple(map(_line, asked.lines)))
    found = (kept.heard or {}).get("lines", [])
    if found and plan.bpm is None and plan.offset is None:
        return Timing(lines=tuple(RedLine(**line) for line in found))
    return find_timing(song, _models().beats, bpm=plan.bpm, offset=plan.offset)


def _line(said: tuple[float, float, int]) -> RedLine:
    offset, bpm, meter = said
    return RedLine(time=offset, beat_length=60_000 / bpm, meter=meter)


DO: dict[Kind, Callable[[Studio, Job, OnProgress], Outcome]] = {
    Kind.LISTEN: listen,
    Kind.GENERATE: generate,
    Kind.RANGE: write_range,
    Kind.SPREAD: write_set,
}


@cache
def _models() -> "Models":
    from beatheritage.engine.models import load_models

    return load_models()


def _teller(studio: Studio, job: Job) -> OnProgress:
    """Tells the queue, but not too often; stops the work where the job is no longer ours."""
    last = ("", 0.0)

    def on_progress(progress: Progress) -> None:
        nonlocal last
        stage, told = last
        now = time.monotonic()
        if progress.stage != stage or now - told >= TELL_EVERY_S:
            tell(studio, job, progress.stage, progress.share)
            last = (progress.stage, now)

    return on_progress


def _fail(studio: Studio, job: Job, error: str) -> None:
    try:
        fail(studio, job, error)
    except Lost:
        return


def _die_with(server: Connection) -> None:
    try:
        server.recv()
    except (EOFError, OSError):
        os._exit(1)
