"""The server dies on the way, again and again: every job ends once, none is lost, none doubled."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from beatheritage.serve import queue
from beatheritage.serve.database import open_studio
from beatheritage.serve.queue import Asked, Kind, State
from tests.serve.conftest import knock, take_in

JOBS = 30
KILLS = 5
PATIENCE_S = 400

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here"),
]


def serve(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "beatheritage.cli", "serve", "--port", "0", "--quiet"]
    return subprocess.Popen([*command, "--data", str(folder)])


def test_killed_five_times(tmp_path, excerpt):
    studio = open_studio(tmp_path)
    with knock(studio) as client:
        song = take_in(client, excerpt)
    for seed in range(JOBS):
        queue.add_job(studio, Kind.GENERATE, song, Asked(words=(f"seed={seed}", "stars=1.5")))
    began = time.monotonic()

    def done() -> int:
        return sum(job.state is State.DONE for job in queue.jobs_since(studio))

    for kill in range(KILLS):
        server = serve(tmp_path)
        while done() < (kill + 1) * JOBS // (KILLS + 1):
            assert time.monotonic() - began < PATIENCE_S
            time.sleep(0.05)
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
    server = serve(tmp_path)
    try:
        while done() < JOBS + 1:
            assert time.monotonic() - began < PATIENCE_S
            time.sleep(0.1)
    finally:
        server.terminate()
        server.wait()
    jobs = queue.jobs_since(studio)
    assert len(jobs) == JOBS + 1
    assert all(job.state is State.DONE for job in jobs)
    made = [job.maps for job in jobs if job.kind is Kind.GENERATE]
    assert all(len(maps) == 1 for maps in made)
    with studio.reading() as connection:
        assert connection.execute("SELECT count(*) FROM maps").fetchone()[0] == JOBS
