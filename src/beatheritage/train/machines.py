"""The processes of one training run, as torchrun starts them; one alone where it did not."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

import torch
import torch.distributed as distributed
from torch import Tensor

from beatheritage.errors import OptionError


class Device(Enum):
    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One of ``world`` processes that train together."""

    rank: int
    world: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process judges, logs and saves."""
        return self.rank == 0

    def sum(self, tensors: Iterable[Tensor]) -> None:
        """Add up, in place, what all processes have of each tensor: in one message."""
        listed = list(tensors)
        if self.world == 1 or not listed:
            return
        flat = torch.cat([each.flatten() for each in listed])
        distributed.all_reduce(flat)
        for each, summed in zip(listed, flat.split([each.numel() for each in listed]), strict=True):
            each.copy_(summed.view_as(each))


@contextmanager
def joined(asked: Device) -> Iterator[Machine]:
    """This process among those that torchrun started. Raises OptionError for a device that is not
    here."""
    if asked is Device.CUDA and not torch.cuda.is_available():
        raise OptionError("there is no CUDA device here", mend="running.device=cpu")
    on_gpu = asked is not Device.CPU and torch.cuda.is_available()
    rank, world = (
        int(os.environ.get(name, alone)) for name, alone in (("RANK", 0), ("WORLD_SIZE", 1))
    )
    device = torch.device("cpu")
    if on_gpu:
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(device)
    if world > 1:
        distributed.init_process_group("nccl" if on_gpu else "gloo")
    try:
        yield Machine(rank=rank, world=world, device=device)
    finally:
        if world > 1:
            distributed.destroy_process_group()
