"""Low-rank changes of a model's matrices (LoRA, Hu et al. 2022), learnt, then merged into them."""

from collections.abc import Iterator
from copy import deepcopy
from functools import partial

import torch
from torch import Tensor, nn

from beatheritage.errors import UserError

CHANGE = "low_rank_"
LEAST_CHANGE = 1e-6  # of a matrix' norm, below which nothing was learnt


class NothingLearntError(UserError):
    """A LoRA that changes nothing."""


class Change(nn.Module):
    """``base`` (out, in), left as it is, plus ``up`` (out, rank) times ``down`` (rank, in)."""

    base: Tensor

    def __init__(self, weight: Tensor, rank: int, generator: torch.Generator) -> None:
        super().__init__()
        self.register_buffer("base", weight.detach().clone())
        spread = weight.shape[1] ** -0.5
        down = torch.randn(rank, weight.shape[1], generator=generator) * spread
        self.down = nn.Parameter(down.to(weight))
        self.up = nn.Parameter(weight.new_zeros(len(weight), rank))

    def forward(self) -> Tensor:
        return self.base + self.up @ self.down

    @torch.no_grad()
    def size(self) -> float:
        """How large the change is, as a share of what is changed."""
        return float((self.up @ self.down).norm() / self.base.norm().clamp(min=1e-12))


def adapt(model: nn.Module, rank: int, seed: int) -> None:
    """Freeze a model but for low-rank changes of its projections and recurrent matrices."""
    model.requires_grad_(False)
    generator = torch.Generator().manual_seed(seed)
    for module in list(model.modules()):
        for name in list(_matrices(module)):
            weight = module.get_parameter(name)
            change = Change(weight, min(rank, *weight.shape), generator)
            delattr(module, name)
            module.add_module(CHANGE + name, change)
            setattr(module, name, weight.detach().clone())
            # Found by its name, so that a copy of the module has its own.
            module.register_forward_pre_hook(partial(_compute, name))


def merged(model: nn.Module) -> nn.Module:
    """A copy of an adapted model, as plain as it was before."""
    for module in model.modules():
        for name in _adapted(module):
            # What the last forward left belongs to its graph, which cannot be copied.
            setattr(module, name, getattr(module, name).detach())
    plain = deepcopy(model)
    for module in list(plain.modules()):
        for name in list(_adapted(module)):
            change = module.get_submodule(CHANGE + name)
            delattr(module, CHANGE + name)
            delattr(module, name)
            setattr(module, name, nn.Parameter(change().detach()))
            module._forward_pre_hooks.clear()
    return plain.requires_grad_(False)


def check_learnt(model: nn.Module) -> float:
    """The largest change of any matrix. Raises NothingLearntError where all are as they were."""
    largest = max((change.size() for change in changes_of(model)), default=0.0)
    if not largest > LEAST_CHANGE:
        mend = "more steps, a higher rate, or maps of another style"
        raise NothingLearntError("the LoRA changes nothing", mend=mend)
    return largest


def changes_of(model: nn.Module) -> Iterator[Change]:
    return (module for module in model.modules() if isinstance(module, Change))


def _adapted(module: nn.Module) -> Iterator[str]:
    """The names of a module's matrices that have a change."""
    for key, child in module.named_children():
        if isinstance(child, Change):
            yield key.removeprefix(CHANGE)


def _matrices(module: nn.Module) -> Iterator[str]:
    if isinstance(module, nn.Linear | nn.RNNBase):
        for name, weight in module.named_parameters(recurse=False):
            if weight.ndim == 2:
                yield name


def _compute(name: str, module: nn.Module, _given: object) -> None:
    setattr(module, name, module.get_submodule(CHANGE + name)())
