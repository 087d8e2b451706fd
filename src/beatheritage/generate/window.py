"""Cutting a song into windows that are written one after another."""

from collections.abc import Iterator
from typing import NamedTuple

BODY_BEATS = 24
LOOKBACK_BEATS = 40


class Window(NamedTuple):
    """Beats ``start`` to ``stop - 1`` are written, with ``LOOKBACK_BEATS`` before them in view."""

    start: int
    stop: int


def windows(first: int, last: int) -> Iterator[Window]:
    """Windows that cover the beats ``first`` to ``last - 1`` once, in order."""
    for start in range(first, last, BODY_BEATS):
        yield Window(start, min(start + BODY_BEATS, last))
