"""Batches in the order of the steps, made while the last ones are learnt."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

from torch.utils.data import DataLoader, Dataset

from beatheritage.train.learner import Learner


class Strides(Dataset[list[list[Any]]]):
    """Item k: the micro-batches of each of the steps of the k-th stride."""

    def __init__(self, learner: Learner, micro: Sequence[Sequence[int]], deals: int) -> None:
        self.learner, self.micro, self.deals = learner, micro, deals

    def __getitem__(self, index: int) -> list[list[Any]]:
        first = index * self.learner.stride
        drawn = [self.learner.draw(first, slots, self.deals) for slots in self.micro]
        return [list(step) for step in zip(*drawn, strict=True)]


def micro_slots(slots: range, parts: int) -> list[range]:
    """The slots of each of some micro-batches, as even as can be."""
    edges = [slots.start + len(slots) * part // parts for part in range(parts + 1)]
    return [range(first, last) for first, last in pairwise(edges)]


def feed(strides: Strides, first_step: int, last_step: int, workers: int) -> Iterator[list[Any]]:
    """The micro-batches of each step, by so many processes, or by a thread where there are none."""
    stride = strides.learner.stride
    indices = range(first_step // stride, -(-last_step // stride))
    made = _by_workers(strides, indices, workers) if workers else _by_thread(strides, indices)
    for index, steps in zip(indices, made, strict=True):
        for step, micro in enumerate(steps, index * stride):
            if first_step <= step < last_step:
                yield micro


def _by_workers(strides: Strides, indices: range, workers: int) -> Iterator[list[list[Any]]]:
    loader = DataLoader(strides, batch_size=None, sampler=list(indices), num_workers=workers)
    yield from loader


def _by_thread(strides: Strides, indices: range) -> Iterator[list[list[Any]]]:
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = [pool.submit(strides.__getitem__, index) for index in indices[:1]]
        for index in indices:
            ready = coming.pop()
            made = ready.result()
            if index + 1 in indices:
                coming.append(pool.submit(strides.__getitem__, index + 1))
            yield made
