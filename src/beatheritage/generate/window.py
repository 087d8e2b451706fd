"""Cutting a song into windows that are written one after another."""

from collections.abc import Iterator
from dataclasses import dataclass

BODY_BEATS = 24
LOOKBACK_BEATS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Beats ``start`` to ``stop - 1`` are written, with those from ``past`` on in view."""

    past: int
    start: int
    stop: int


def windows(first: int, last: int) -> Iterator[Window]:
    """Windows whose bodies cover the beats ``first`` to ``last - 1`` once, in order."""
    for start in range(first, last, BODY_BEATS):
        past = max(first, start - LOOKBACK_BEATS)
        yield Window(past=past, start=start, stop=min(start + BODY_BEATS, last))
