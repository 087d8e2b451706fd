"""The loop: the same on micro-batches, after a stop, on two machines; it keeps what did best."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from safetensors.torch import load_file  # noqa: E402

from beatheritage.cli import main  # noqa: E402
from beatheritage.errors import OptionError, OutputError, WeightsError  # noqa: E402
from beatheritage.train import loop  # noqa: E402
from beatheritage.train.checkpoint import STATE  # noqa: E402
from beatheritage.train.history import read_history  # noqa: E402
from beatheritage.train.loop import train  # noqa: E402
from tests.train.learners import native_learner, placer_learner  # noqa: E402

EXACT = ("running.precision=fp32",)
ROOT = Path(__file__).parents[2]


def rows(run: Path) -> list[dict]:
    found = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in row.items() if key != "seconds"} for row in found]


def same(first: torch.nn.Module, second: torch.nn.Module, atol: float = 0.0) -> bool:
    pairs = zip(first.parameters(), second.parameters(), strict=True)
    return all(torch.allclose(one, other, rtol=0, atol=atol) for one, other in pairs)


def test_a_resumed_run_has_the_identical_next_loss(tmp_path: Path) -> None:
    whole = native_learner(tmp_path / "whole")
    straight = train(whole, whole.recipe)
    parts = native_learner(tmp_path / "parts")
    train(parts, parts.recipe, stop=2)
    again = native_learner(tmp_path / "parts")
    resumed = train(again, again.recipe)
    assert rows(tmp_path / "parts") == rows(tmp_path / "whole")
    assert same(straight, resumed)


KILLED = """
import os, signal, sys, torch
from pathlib import Path
sys.path.insert(0, {root!r})
torch.set_num_threads(1)
from tests.train.learners import native_learner
from beatheritage.train.loop import train
def kill(progress):
    if progress.share >= 3 / 4:
        os.kill(os.getpid(), signal.SIGKILL)
learner = native_learner(Path({run!r}))
train(learner, learner.recipe, on_progress=kill)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_killed_run_has_the_identical_next_loss(tmp_path: Path) -> None:
    """Killed behind step 3, it goes on from step 2, where it last saved, to the same third."""
    script = KILLED.format(root=str(ROOT), run=str(tmp_path / "killed"))
    done = subprocess.run([sys.executable, "-c", script], timeout=300, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [row["step"] for row in rows(tmp_path / "killed")] == [1, 2, 3]
    again = native_learner(tmp_path / "killed")
    resumed = train(again, again.recipe)
    whole = native_learner(tmp_path / "whole")
    assert same(train(whole, whole.recipe), resumed)
    first, second, third, *others = rows(tmp_path / "killed")
    assert others[0] == third
    assert [first, second, *others] == rows(tmp_path / "whole")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")
@pytest.mark.parametrize(
    ("room", "named"), [(50, "log.jsonl"), (20_000, "weights cannot"), (1_000_000, "state.pt")]
)
def test_a_full_disk_is_one_line_and_costs_nothing(tmp_path, tiny_placer, room, named) -> None:
    import resource

    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, usual[1]))
    learner = placer_learner(tmp_path / "full", tiny_placer[1])
    try:
        with pytest.raises(OutputError, match=named):
            train(learner, learner.recipe)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, handler)
    assert not list((tmp_path / "full").glob("*.part"))
    again, whole = (placer_learner(tmp_path / name, tiny_placer[1]) for name in ("full", "whole"))
    assert same(train(again, again.recipe), train(whole, whole.recipe))


def test_micro_batches_are_one_large_batch(tmp_path: Path) -> None:
    trained = []
    for pieces in (1, 3):
        words = (*EXACT, "batch=6", f"accumulate={pieces}", "steps=2")
        learner = native_learner(tmp_path / str(pieces), words)
        trained.append(train(learner, learner.recipe))
    assert same(*trained, atol=1e-5)


def test_without_the_shared_count_micro_batches_would_differ(tmp_path, monkeypatch) -> None:
    """The test above can fail: each piece divided by its own count is another gradient."""
    learner = native_learner(tmp_path / "whole", (*EXACT, "batch=6", "steps=2"))
    whole = train(learner, learner.recipe)
    learner = native_learner(tmp_path / "pieces", (*EXACT, "batch=6", "accumulate=3", "steps=2"))
    monkeypatch.setattr(
        loop, "means", lambda parts, counts: {name: part / 100 for name, part in parts.items()}
    )
    assert not same(whole, train(learner, learner.recipe), atol=1e-5)


WORKER = """
import sys, torch
from pathlib import Path
sys.path.insert(0, {root!r})
torch.set_num_threads(1)
from tests.train.learners import native_learner
from beatheritage.train.loop import train
learner = native_learner(Path({run!r}), ("running.precision=fp32", "batch=2", "steps=2"))
train(learner, learner.recipe)
"""


@pytest.mark.slow
def test_two_processes_are_one_with_twice_the_batch(tmp_path: Path) -> None:
    learner = native_learner(tmp_path / "one", (*EXACT, "batch=4", "steps=2"))
    train(learner, learner.recipe)
    script = WORKER.format(root=str(ROOT), run=str(tmp_path / "two"))
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env={**os.environ, **shared, "RANK": str(rank), "OMP_NUM_THREADS": "1"},
        )
        for rank in range(2)
    ]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    one, two = (load_file(tmp_path / run / "mapper.safetensors") for run in ("one", "two"))
    assert all(torch.allclose(one[name], two[name], rtol=0, atol=1e-5) for name in one)
    first, second = rows(tmp_path / "one"), rows(tmp_path / "two")
    assert first[-1]["tokens"] == pytest.approx(second[-1]["tokens"], abs=1e-4)


def free_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_the_best_is_kept(tmp_path, tiny_placer, monkeypatch) -> None:
    """What is judged worse later is not written."""
    sums = iter([3.0, 2.0, 5.0, 4.0])
    monkeypatch.setattr(loop, "judge", lambda *_: {"sum": next(sums)})
    learner = placer_learner(tmp_path, tiny_placer[1], ("running.judge_every=1",))
    written = []
    monkeypatch.setattr(learner, "write", lambda *_: written.append(len(rows(tmp_path))))
    (tmp_path / "log.jsonl").touch()
    train(learner, learner.recipe)
    assert written == [0, 1]
    assert torch.load(tmp_path / STATE, weights_only=True)["best"] == 2.0


def test_the_log_is_one_that_the_card_reads(tmp_path, tiny_placer) -> None:
    learner = placer_learner(tmp_path, tiny_placer[1])
    train(learner, learner.recipe)
    history = read_history(tmp_path)
    assert history.steps == 4
    assert set(history.learnt) >= {"action", "slot", "turn", "shape", "lie"}
    assert [step for step, _ in history.unseen["action"]] == [2, 4]


def test_it_stops_saved_when_the_minutes_are_over(tmp_path) -> None:
    learner = native_learner(tmp_path, ("running.minutes=0",))
    train(learner, learner.recipe)
    assert [row["step"] for row in rows(tmp_path)] == [1]
    again = native_learner(tmp_path)
    train(again, again.recipe)
    assert [row["step"] for row in rows(tmp_path)] == [1, 2, 3, 4]


def test_the_global_seed_is_left_alone(tmp_path) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    learner = native_learner(tmp_path)
    train(learner, learner.recipe, stop=1)
    assert torch.equal(before, torch.get_rng_state())


def test_another_model_in_the_run_is_named(tmp_path) -> None:
    learner = native_learner(tmp_path)
    train(learner, learner.recipe, stop=1)
    other = native_learner(tmp_path, ("size.width=64",))
    with pytest.raises(WeightsError, match="no run of this recipe"):
        train(other, other.recipe)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("steps=0",), "steps must be 1 or more"),
        (("batch=2", "accumulate=3"), "3 pieces of 2 rows"),
        (("running.workers=-1",), "workers must be 0 or more"),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused(tmp_path, words, told) -> None:
    learner = native_learner(tmp_path, words)
    with pytest.raises(OptionError, match=told):
        train(learner, learner.recipe)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("optimiser.muonn=true",), "did you mean 'optimiser.muon'?"),
        (("-cn", "nativ"), "did you mean 'native'?"),
        (("steps=many",), "steps must be a whole number"),
    ],
)
def test_a_slip_of_the_pen_is_one_line(capsys, words, told) -> None:
    assert main(["train", *words]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert told in lines[0]


def test_workers_make_the_same_batches(tmp_path) -> None:
    trained = []
    for workers in (0, 1):
        words = (*EXACT, f"running.workers={workers}", "steps=1")
        learner = native_learner(tmp_path / str(workers), words)
        trained.append(train(learner, replace(learner.recipe)))
    assert same(*trained)
