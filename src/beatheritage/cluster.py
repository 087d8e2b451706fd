"""Work shared out on a Ray cluster: as ``pool.share_out`` does, on all machines that are there.

Tasks name files, which every machine must see under the same paths. Ray starts what was lost with a
machine or a killed worker anew.
"""

import logging
import pickle
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Any, TypeVar, cast

from beatheritage.errors import OptionError, UserError
from beatheritage.pool import Died, ShareOut

TRIES = 3  # of a task whose worker dies

Task = TypeVar("Task")
Result = TypeVar("Result")


def on_cluster(address: str, *, lasting: bool = False) -> ShareOut:
    """Whoever shares work out on the cluster at an address; without one, on that which is there, or
    on one made here. ``lasting`` workers are actors: what they load, they keep for later tasks.

    Raises OptionError where there is no Ray, or no such cluster.
    """
    ray, _ = _import_ray()
    if not ray.is_initialized():
        try:
            ray.init(
                address=address or None,
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            what = f"no Ray cluster answers: {error}"
            raise OptionError(what, where=address or "--cluster") from error
    return partial(share_out, lasting=lasting)


def share_out(
    work: Callable[[Task], Result], tasks: Sequence[Task], *, lasting: bool = False
) -> Iterator[tuple[Task, Result | Died]]:
    """Tasks with what came of them, as it comes, by Ray Data. A UserError ends everything."""
    if not tasks:
        return
    ray, data = _import_ray()
    context = data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1  # what is lost is told of below
    packed = [{"index": n, "task": pickle.dumps(task)} for n, task in enumerate(tasks)]
    rows = data.from_items(packed, override_num_blocks=len(packed))
    if lasting:
        found = rows.map(
            _Actor,
            fn_constructor_args=(work,),
            compute=data.ActorPoolStrategy(
                min_size=1,
                max_size=max(1, min(len(tasks), int(ray.cluster_resources().get("CPU", 1)))),
                max_tasks_in_flight_per_actor=1,
            ),
            max_restarts=-1,
            max_task_retries=TRIES - 1,
        )
    else:
        found = rows.map(partial(_answer, work), max_retries=TRIES - 1)
    missing = dict(enumerate(tasks))
    for row in found.iter_rows():
        answer = pickle.loads(row["answer"])  # of our own making
        if isinstance(answer, UserError):
            raise answer
        yield missing.pop(row["index"]), cast("Result", answer)
    for task in missing.values():
        yield task, Died(f"its worker died {TRIES} times: is there enough memory?")


def _import_ray() -> tuple[Any, Any]:
    """Ray and Ray Data, which are an extra. Raises OptionError."""
    try:
        return import_module("ray"), import_module("ray.data")
    except ModuleNotFoundError as error:
        mend = "pip install 'beatheritage[cluster]'"
        raise OptionError(f"a cluster needs {error.name}", mend=mend) from None


class _Actor:
    """A worker that lives as long as there is work."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._work = work

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        return _answer(self._work, row)


def _answer(work: Callable[[Any], Any], row: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = work(pickle.loads(row["task"]))
    except UserError as error:
        answer = error
    return {"index": row["index"], "answer": pickle.dumps(answer)}
