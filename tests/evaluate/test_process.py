import os

import numpy as np
import pytest

from beatheritage.errors import UserError
from beatheritage.evaluate.process import measure_process

MB = 1_000_000


def test_memory_of_the_one_who_asks_is_not_counted():
    held = np.ones(300 * MB, np.uint8)
    used = measure_process(["-c", "pass"])
    assert held[-1] == 1
    assert MB < used.peak_bytes < 100 * MB


def test_memory_that_was_given_back_is_counted():
    used = measure_process(["-c", f"bytearray({200 * MB})"])
    assert used.peak_bytes > 200 * MB


def test_clock_and_work_are_told_apart():
    used = measure_process(["-c", "import time; time.sleep(0.3)"])
    assert used.wall_s >= 0.3
    assert used.work_s < used.wall_s


def test_what_a_process_says_does_not_get_into_the_figures():
    assert measure_process(["-c", "print('[1, 2, 3]')"]).wall_s < 60


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores can't be chosen here")
def test_it_runs_on_as_many_cores_as_it_may():
    code = "import os, sys; sys.exit(len(os.sched_getaffinity(0)) != 1)"
    assert measure_process(["-c", code], cores=1).wall_s > 0


def test_one_that_fails_says_why():
    with pytest.raises(UserError, match="no good"):
        measure_process(["-c", "import sys; sys.exit('no good')"])
