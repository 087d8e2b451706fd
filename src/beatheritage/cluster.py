"""Work shared out on a Ray cluster: as ``pool.share_out`` does, on all machines that are there.

Tasks name files, which every machine must see under the same paths. Ray starts what was lost with a
machine or a killed worker anew.
"""

import logging
import pickle
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar, cast

from beatheritage.errors import OptionError, UserError
from beatheritage.pool import Died

TRIES = 3  # of a task whose worker dies

Task = TypeVar("Task")
Result = TypeVar("Result")


class ShareOut(Protocol):
    def __call__(
        self, work: Callable[[Task], Result], tasks: Sequence[Task], /
    ) -> Iterator[tuple[Task, Result | Died]]: ...


def on_cluster(address: str) -> ShareOut:
    """Whoever shares work out on the cluster at an address; without one, on that which is there, or
    on one made here. Raises OptionError where there is no Ray, or no such cluster."""
    try:
        import ray
    except ModuleNotFoundError as error:
        mend = "pip install 'beatheritage[cluster]'"
        raise OptionError(f"a cluster needs {error.name}", mend=mend) from None
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
    return share_out


def share_out(
    work: Callable[[Task], Result], tasks: Sequence[Task]
) -> Iterator[tuple[Task, Result | Died]]:
    """Tasks with what came of them, as it comes, by Ray Data. A UserError ends everything."""
    import ray.data

    if not tasks:
        return
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1  # what is lost is told of below
    packed = [{"index": n, "task": pickle.dumps(task)} for n, task in enumerate(tasks)]
    found = ray.data.from_items(packed, override_num_blocks=len(packed)).map(
        partial(_answer, work), max_retries=TRIES - 1
    )
    missing = dict(enumerate(tasks))
    for row in found.iter_rows():
        answer = pickle.loads(row["answer"])  # of our own making
        if isinstance(answer, UserError):
            raise answer
        yield missing.pop(row["index"]), cast("Result", answer)
    for task in missing.values():
        yield task, Died(f"its worker died {TRIES} times: is there enough memory?")


def _answer(work: Callable[[Any], Any], row: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = work(pickle.loads(row["task"]))
    except UserError as error:
        answer = error
    return {"index": row["index"], "answer": pickle.dumps(answer)}
