"""Work shared out among processes of this machine, which may die of it without taking the rest."""

import multiprocessing
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from beatheritage.errors import UserError

TRIES = 2  # what killed a worker may have been its neighbour's hunger for memory
PATIENCE_S = 5.0  # for a worker that was told to end
# What a worker meets where whoever shared out ended, or was killed: at once, or while it speaks.
GONE = (EOFError, BrokenPipeError, ConnectionResetError)

Task = TypeVar("Task")
Result = TypeVar("Result")


class Died(NamedTuple):
    """What stands in a result's place where every worker that took the task died."""

    reason: str


class ShareOut(Protocol):
    """Whoever shares work out: ``share_out`` with its number of jobs, or that of ``cluster``."""

    def __call__(
        self, work: Callable[[Task], Result], tasks: Sequence[Task], /
    ) -> Iterator[tuple[Task, Result | Died]]: ...


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Any  # a Connection, on Windows a PipeConnection
    task: int


def share_out(
    work: Callable[[Task], Result], tasks: Sequence[Task], jobs: int
) -> Iterator[tuple[Task, Result | Died]]:
    """Tasks with what came of them, as it comes. ``work`` is a function of a module's own, which
    each process imports.

    A UserError that it raises ends everything; so does leaving the loop.
    """
    waiting, tries, workers = deque(range(len(tasks))), Counter[int](), list[_Worker]()
    try:
        while waiting or workers:
            while waiting and len(workers) < jobs:
                workers.append(_start(work, tasks, waiting.popleft()))
            for pipe in wait([worker.pipe for worker in workers]):
                worker = next(one for one in workers if one.pipe is pipe)
                index = worker.task
                try:
                    found = worker.pipe.recv()
                except (EOFError, OSError):
                    workers.remove(worker)
                    found, again = _obituary(worker.process)
                    tries[index] += 1
                    if again and tries[index] < TRIES:
                        waiting.appendleft(index)
                        continue
                else:
                    _continue(worker, tasks, waiting, workers)
                if isinstance(found, UserError):
                    raise found
                yield tasks[index], cast("Result | Died", found)
    finally:
        for worker in workers:
            worker.process.terminate()
            worker.process.join(PATIENCE_S)


def _start(work: Callable, tasks: Sequence, index: int) -> _Worker:
    # Not forked: ONNX Runtime's threads do not survive that.
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_work, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()  # so that this end hears when the process is gone
    with suppress(OSError):  # it may have died at once: its pipe will say so
        mine.send(tasks[index])
    return _Worker(process=process, pipe=mine, task=index)


def _continue(
    worker: _Worker, tasks: Sequence, waiting: deque[int], workers: list[_Worker]
) -> None:
    """Give a worker its next task, or let it go home."""
    if waiting:
        worker.task = waiting.popleft()
        with suppress(OSError):  # as above
            worker.pipe.send(tasks[worker.task])
        return
    workers.remove(worker)
    worker.pipe.close()
    worker.process.join(PATIENCE_S)


def _obituary(process: BaseProcess) -> tuple[Died, bool]:
    """Why a worker is no more, and whether its task deserves another."""
    process.join(PATIENCE_S)
    code = process.exitcode or 0
    if code >= 0:
        return Died("a fault of ours ended its worker: please report what stands above"), False
    name = signal.Signals(-code).name
    return Died(f"its worker was killed by {name} {TRIES} times: is there enough memory?"), True


def _work(work: Callable, pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who shares out
    while True:
        try:
            task = pipe.recv()
        except GONE:
            return
        try:
            found = work(task)
        except UserError as error:
            found = error
        try:
            pipe.send(found)
        except GONE:
            return
