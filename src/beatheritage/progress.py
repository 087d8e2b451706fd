"""How long work tells what it is doing; raising from the listener stops the work."""

from collections.abc import Callable
from typing import NamedTuple


class Progress(NamedTuple):
    """A stage by its name, and the share of it that is done, 0 to 1."""

    stage: str
    share: float


OnProgress = Callable[[Progress], None]


def ignore(_progress: Progress) -> None:
    """For those who do not listen."""
