"""How long work tells what it is doing; raising from the listener stops the work."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Progress(NamedTuple):
    """A stage by its name, and the share of it that is done, 0 to 1. ``sketch`` makes the map as it
    stands so far, where there is something to see; it is for listeners, on the spot."""

    stage: str
    share: float
    sketch: Callable[[], Any] | None = None


OnProgress = Callable[[Progress], None]


def ignore(_progress: Progress) -> None:
    """For those who do not listen."""
