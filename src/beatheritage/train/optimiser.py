"""How weights move: Muon for what is hidden, AdamW for the rest, and the rate over the steps."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
ROUNDS = 5
QUINTIC = (3.4445, -4.7750, 2.0315)  # of Newton and Schulz's iteration, as Jordan (2024) tuned it
ADAM_BETA = 0.9


class Decay(Enum):
    COSINE = "cosine"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimising:
    """``rate`` is AdamW's, ``muon_rate`` Muon's; both rise over ``warm_up`` steps, stay for
    ``sustain`` more and fall to the share ``floor`` of themselves.

    ``average`` is how much of the averaged weights stays at each step; ``beta`` how much of
    AdamW's squares; ``clip`` the largest norm of a gradient.
    """

    muon: bool = True
    rate: float = 1e-3
    muon_rate: float = 0.01
    beta: float = 0.98
    weight_decay: float = 0.01
    clip: float = 1.0
    warm_up: int = 150
    sustain: int = 0
    decay: Decay = Decay.COSINE
    floor: float = 0.02
    average: float = 0.999


def rate_at(step: int, steps: int, optimising: Optimising) -> float:
    """The share of the full rate at a step."""
    warm = min(1.0, (step + 1) / max(1, optimising.warm_up))
    done = (step - optimising.sustain) / max(1, steps - optimising.sustain)
    done = min(max(done, 0.0), 1.0)
    cosine = 0.5 + 0.5 * math.cos(math.pi * done)
    left = cosine if optimising.decay is Decay.COSINE else 1 - done
    return warm * (optimising.floor + (1 - optimising.floor) * left)


class Optimiser:
    """All parameters that are to learn, each with the rule that fits it."""

    def __init__(self, model: nn.Module, optimising: Optimising) -> None:
        self.optimising = optimising
        hidden = dict(hidden_weights(model)) if optimising.muon else {}
        others = [each for each in _learning(model) if id(each) not in hidden]
        decayed = {"params": [each for each in others if each.ndim > 1]}
        plain = {"params": [each for each in others if each.ndim <= 1], "weight_decay": 0.0}
        betas = (ADAM_BETA, optimising.beta)
        self.rules: dict[str, torch.optim.Optimizer] = {}
        if others:
            self.rules["adamw"] = torch.optim.AdamW(
                [decayed, plain],
                lr=optimising.rate,
                betas=betas,
                weight_decay=optimising.weight_decay,
            )
        if hidden:
            self.rules["muon"] = Muon(
                list(hidden.values()), optimising.muon_rate, optimising.weight_decay
            )

    def step(self, share: float) -> None:
        """Move all weights by their gradients, at a share of the full rate."""
        rates = {"adamw": self.optimising.rate, "muon": self.optimising.muon_rate}
        for name, rule in self.rules.items():
            for group in rule.param_groups:
                group["lr"] = rates[name] * share
            rule.step()
            rule.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, Any]:
        return {name: rule.state_dict() for name, rule in self.rules.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Raises ValueError for the state of other rules."""
        if state.keys() != self.rules.keys():
            raise ValueError(f"it was trained by {', '.join(state)}")
        for name, rule in self.rules.items():
            rule.load_state_dict(state[name])


class Muon(torch.optim.Optimizer):
    """Momentum whose steps are made orthogonal (Jordan 2024); kernels count as matrices."""

    def __init__(self, parameters: list[Tensor], rate: float, weight_decay: float) -> None:
        super().__init__(parameters, {"lr": rate, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        del closure  # torch's signature; the loop has none
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                momentum = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
                momentum.lerp_(weight.grad, 1 - MOMENTUM)
                nesterov = weight.grad.lerp(momentum, MOMENTUM)
                change = orthogonal(nesterov.flatten(1)).view_as(weight)
                tall = max(1.0, len(weight) / weight[0].numel()) ** 0.5
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(change, alpha=-group["lr"] * tall)


def orthogonal(matrix: Tensor) -> Tensor:
    """A matrix of the same directions, its singular values all about 1 (0.7 to 1.2)."""
    a, b, c = QUINTIC
    wide = matrix.T if len(matrix) > matrix.shape[1] else matrix
    wide = wide.bfloat16() if wide.is_cuda else wide
    wide = wide / (wide.norm() + 1e-7)
    for _ in range(ROUNDS):
        square = wide @ wide.T
        wide = a * wide + (b * square + c * square @ square) @ wide
    return (wide.T if len(matrix) > matrix.shape[1] else wide).to(matrix.dtype)


def hidden_weights(model: nn.Module) -> Iterator[tuple[int, nn.Parameter]]:
    """Matrices and kernels of repeated layers and of recurrent ones, by their identities.

    What faces the outside (embeddings, first and last projections) is not among them.
    """
    repeated = [
        layer for each in model.modules() if isinstance(each, nn.ModuleList) for layer in each
    ]
    recurrent = [each for each in model.modules() if isinstance(each, nn.RNNBase)]
    for module in (*repeated, *recurrent):
        for weight in module.parameters():
            if weight.ndim > 1 and weight.requires_grad:
                yield id(weight), weight


def _learning(model: nn.Module) -> Iterator[nn.Parameter]:
    return (each for each in model.parameters() if each.requires_grad)
