"""What a training run wrote down of itself: its losses step by step, and its time.

The three trainers' logs are read alike. A run that was stopped goes on in the same file, at a step
that it may have seen before: what was written last counts, while all time counts.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beatheritage.errors import InputError

LOG = "log.jsonl"
CLOCKS = {"seconds": "wall clock", "cpu_s": "CPU time"}
NO_LOSS = ("step", "kind", "unseen", *CLOCKS)

Curve = tuple[tuple[int, float], ...]
"""A loss at some steps, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """``learnt`` and ``unseen`` are losses by name, on windows learnt from and on held-out ones.

    ``sittings`` counts how often the run was started; ``clock`` is what ``seconds`` were taken by.
    """

    steps: int
    seconds: float
    clock: str
    sittings: int
    learnt: dict[str, Curve]
    unseen: dict[str, Curve]


def read_history(run: Path) -> History:
    """The log of a run's folder. Raises InputError where it is missing or empty."""
    rows = list(_rows(run / LOG))
    if not rows:
        raise InputError("no log of a training run", where=str(run))
    clock = next((name for name in CLOCKS if name in rows[0]), "")
    times = [float(row.get(clock, 0)) for row in rows]
    # A clock that falls back is that of a new process.
    ends = [now for now, later in zip(times, [*times[1:], -1.0], strict=True) if later < now]
    learnt: dict[str, dict[int, float]] = {}
    unseen: dict[str, dict[int, float]] = {}
    for row in rows:
        own = unseen if row.get("kind") == "validation" else learnt
        _add(own, row["step"], row)
        _add(unseen, row["step"], row.get("unseen", {}))
    return History(
        steps=max(row["step"] for row in rows),
        seconds=sum(ends),
        clock=CLOCKS.get(clock, ""),
        sittings=max(len(ends), 1),
        learnt=_curves(learnt),
        unseen=_curves(unseen),
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    for line in lines:
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue  # cut short when a run was stopped
        if isinstance(row, dict) and "step" in row:
            yield row


def _add(losses: dict[str, dict[int, float]], step: int, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in NO_LOSS:
            losses.setdefault(name, {})[step] = float(value)


def _curves(losses: Mapping[str, Mapping[int, float]]) -> dict[str, Curve]:
    return {name: tuple(sorted(values.items())) for name, values in losses.items()}
