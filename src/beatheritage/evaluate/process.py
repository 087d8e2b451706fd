"""What a command takes as a process of its own: time by the clock, work, and the most memory.

A new process inherits the high-water mark of the memory of the one that starts it. So it is started
by an interpreter that imports next to nothing, however large the one is that wants to know.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

from beatheritage.errors import UserError

STARTER = """
import json, os, resource, sys, time
cores, command = int(sys.argv[1]), sys.argv[2:]
if cores and hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
began = time.perf_counter()
_, status = os.waitpid(os.posix_spawn(command[0], command, os.environ, file_actions=silent), 0)
wall_s = time.perf_counter() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1 if sys.platform == "darwin" else 1024
print(json.dumps([wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss * unit]))
sys.exit(os.waitstatus_to_exitcode(status) != 0)
"""


class Used(NamedTuple):
    """Seconds by the clock, seconds of work, and bytes at most."""

    wall_s: float
    work_s: float
    peak_bytes: int


def measure_process(words: Sequence[str], cores: int = 0) -> Used:
    """Run this interpreter with the words, on so many cores (0: on all), to its end.

    Raises UserError, with what it said, where it fails, or where there is no such measuring.
    """
    if not hasattr(os, "posix_spawn"):
        raise UserError("memory of a process can be measured on Linux and macOS alone")
    starter = [sys.executable, "-I", "-S", "-c", STARTER, str(cores)]
    done = subprocess.run([*starter, sys.executable, *words], capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"{' '.join(words[:3])} failed: {done.stderr.strip()}")
    return Used(*json.loads(done.stdout))
