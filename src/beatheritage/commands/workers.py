"""Who does the work of a command that has much of it: processes here, or a cluster."""

import argparse
import os
from functools import partial
from typing import TYPE_CHECKING

from beatheritage.errors import OptionError

if TYPE_CHECKING:
    from beatheritage.pool import ShareOut

MOST_JOBS = 256


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Who does the work, for every command that has much of it."""
    parser.add_argument("--jobs", metavar="N", type=int, help="processes (default: one a core)")
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        nargs="?",
        const="",
        help="work on a Ray cluster; without an address the one that is there, or one made here",
    )


def workers(arguments: argparse.Namespace, *, lasting: bool = False) -> "ShareOut":
    """Whoever is to do the work; ``lasting`` where workers load what is worth keeping.

    Raises OptionError.
    """
    jobs = arguments.jobs if arguments.jobs is not None else os.cpu_count() or 1
    if not 1 <= jobs <= MOST_JOBS:
        raise OptionError(f"jobs must be from 1 to {MOST_JOBS}, not {jobs}")
    if arguments.cluster is None:
        from beatheritage.pool import share_out

        return partial(share_out, jobs=jobs)
    if arguments.jobs is not None:
        raise OptionError("jobs is for this machine alone, a cluster has its own workers")
    from beatheritage.cluster import on_cluster

    return on_cluster(arguments.cluster, lasting=lasting)
