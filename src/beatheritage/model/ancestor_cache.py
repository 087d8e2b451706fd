"""What an ancestor's decoder keeps of tokens that it has seen.

Shape suffixes: B rows, H heads, N tokens seen, D width of a head.
"""

from typing import Protocol

from torch import Tensor

KeysValues = tuple[Tensor, Tensor]
"""Keys and values (B, H, N, D) of one layer."""


class Remembers(Protocol):
    """What keeps the keys and values that one layer has seen."""

    def append(self, keys: Tensor, values: Tensor) -> KeysValues:
        """Take what is new; all that there is."""
        ...


class Cache:
    """In memory that grows by doubling."""

    FIRST_SLOTS = 256

    def __init__(self) -> None:
        self._slots: KeysValues | None = None
        self.seen = 0

    def append(self, keys: Tensor, values: Tensor) -> KeysValues:
        if self._slots is None:
            self._slots = keys[:, :, :0], values[:, :, :0]
        end = self.seen + keys.shape[2]
        for slots, new in zip(self.with_room(keys.shape[2]), (keys, values), strict=True):
            slots[:, :, self.seen : end] = new
        self.seen = end
        return self._slots[0][:, :, :end], self._slots[1][:, :, :end]

    def with_room(self, count: int) -> KeysValues:
        """All slots, those for ``count`` more tokens among them. They stay where they are until
        there are too few of them, or rows are another number."""
        assert self._slots is not None
        end = self.seen + count
        if end > self._slots[0].shape[2]:
            self._slots = self._grown(self._slots[0], end), self._grown(self._slots[1], end)
        return self._slots

    def follow(self, rows: Tensor) -> None:
        """Each row goes on from the one that is named for it."""
        if self._slots is None:
            return
        if len(rows) != len(self._slots[0]):
            self._slots = self._slots[0][rows], self._slots[1][rows]
            return
        for slots in self._slots:
            slots[:, :, : self.seen] = slots[rows, :, : self.seen]

    def _grown(self, slots: Tensor, end: int) -> Tensor:
        rows, heads, _, width = slots.shape
        grown = slots.new_zeros(rows, heads, max(self.FIRST_SLOTS, 2 * end), width)
        grown[:, :, : self.seen] = slots[:, :, : self.seen]
        return grown
