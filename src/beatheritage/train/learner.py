"""What an architecture brings to the training loop: a model, rows to learn from, and questions.

A question is graded by a total over all that is asked, and by how much that was. The loop divides
the one by the other over a whole step: however a step's rows are spread over micro-batches and
machines, the gradient is that of one large batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

Parts = Mapping[str, Tensor]
"""Scalars by the names of the parts of the loss."""


class Learner(Protocol):
    """``weights`` are the parts of the loss and how much each counts.

    ``stride`` steps are drawn together, where rows of like lengths are to meet.
    """

    model: nn.Module
    weights: Mapping[str, float]
    stride: int

    def draw(self, first_step: int, slots: Sequence[int], deals: int) -> list[Any]:
        """The batches of ``stride`` steps, each of one row a slot.

        ``first_step`` is a multiple of the stride. What there is to learn from is dealt out to
        ``deals`` hands, of which each slot draws from its own: no two slots read the same chart
        where there are enough of them. What is drawn follows from seed, step and slot alone.
        """
        ...

    def unseen(self) -> list[Any]:
        """Batches of what is only measured on, always the same; none where there is nothing."""
        ...

    def counts(self, batch: Any) -> Parts:
        """How much of each part a batch asks."""
        ...

    def totals(self, model: nn.Module, batch: Any) -> Parts:
        """The loss of each part, summed over all that is asked."""
        ...

    def write(self, model: nn.Module, folder: Path) -> None:
        """The finished weights, and what is needed to read them; each file whole or not at all."""
        ...


def to_device(batch: Any, device: torch.device) -> Any:
    """The batch with all its tensors on a device."""
    if isinstance(batch, Tensor):
        return batch.to(device, non_blocking=True)
    if isinstance(batch, Mapping):
        return {name: to_device(value, device) for name, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(to_device(value, device) for value in batch))
    if is_dataclass(batch) and not isinstance(batch, type):
        moved = {each.name: to_device(getattr(batch, each.name), device) for each in fields(batch)}
        return replace(batch, **moved)
    return batch


def hand(count: int, slot: int, deals: int) -> range:
    """Which of ``count`` things, dealt out one by one, a slot holds.

    Where there are fewer things than slots, some slots share one.
    """
    hands = min(count, deals)
    return range(slot % hands, count, hands) if hands else range(0)
