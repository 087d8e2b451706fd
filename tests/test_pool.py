"""The pool: everything is done once, and a death costs one task at most."""

import os
import signal
import sys
from pathlib import Path

import pytest

from beatheritage.errors import InputError
from beatheritage.pool import Died, share_out

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


def work(task: str) -> str:
    """What a task says: a file to die over once, a way to end, or a word to give back."""
    what, _, rest = task.partition(" ")
    if what == "once" and not Path(rest).exists():
        Path(rest).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "fault":
        raise ZeroDivisionError("a fault of ours")
    if what == "refuse":
        raise InputError("cannot be", where="here", mend="mend it")
    return task.upper()


def test_a_death_costs_one_task_at_most(tmp_path: Path):
    once = f"once {tmp_path / 'mark'}"
    tasks = ["a", "kill", "b", once, "fault", "c", "d"]
    found = dict(share_out(work, tasks, 2))
    assert found.keys() == set(tasks)
    assert [found[task] for task in "abcd"] == list("ABCD")
    assert found[once] == once.upper()
    assert found["kill"] == Died(
        "its worker was killed by SIGKILL 2 times: is there enough memory?"
    )
    assert isinstance(found["fault"], Died)
    assert "fault of ours" in found["fault"].reason


def test_what_a_user_can_mend_ends_everything():
    with pytest.raises(InputError, match=r"here: cannot be \(mend it\)"):
        list(share_out(work, ["refuse", "a"], 1))


def test_nothing_to_do_starts_nothing():
    assert list(share_out(work, [], 4)) == []
