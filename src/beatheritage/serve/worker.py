"""The one process that does the long work: it takes jobs until the server is gone."""

import multiprocessing
import os
import threading
import time
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from beatheritage.errors import UserError
from beatheritage.osu.write import write
from beatheritage.progress import OnProgress, Progress
from beatheritage.serve.database import Studio
from beatheritage.serve.queue import Job, Kind, Lost, Sketch, claim, end, fail, recover, tell
from beatheritage.serve.tasks import DO, models

IDLE_S = 0.05
TELL_EVERY_S = 0.25
SEEN = (Kind.GENERATE, Kind.SPREAD)  # whose writing is shown as it comes


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
    os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is downloaded in the middle of a job
    studio = Studio(folder=folder)
    with suppress(UserError):  # whoever asks first need not wait for them, or hears why not
        models()
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


def _teller(studio: Studio, job: Job) -> OnProgress:
    """Tells the queue, but not too often; stops the work where the job is no longer ours.

    Of a set's difficulties, of which several may be under way, the fullest so far is seen.
    """
    last, seen = ("", 0.0), 0

    def on_progress(progress: Progress) -> None:
        nonlocal last, seen
        stage, told = last
        now = time.monotonic()
        if progress.stage != stage or now - told >= TELL_EVERY_S:
            sketch = _sketched(job, progress)
            if sketch is not None and sketch.written <= seen:
                sketch = None
            seen = sketch.written if sketch else seen
            tell(studio, job, progress.stage, progress.share, sketch)
            last = (progress.stage, time.monotonic())

    return on_progress


def _sketched(job: Job, progress: Progress) -> Sketch | None:
    """What is written so far, where somebody may want to see it."""
    if job.kind not in SEEN or progress.sketch is None:
        return None
    beatmap = progress.sketch()
    return Sketch(written=len(beatmap.objects), content=write(beatmap).encode())


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
