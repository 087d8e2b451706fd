"""Linear layers in int8, for an encoder on the CPU: weights by their rows, inputs as they come."""

import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn


class Int8Linear(nn.Module):
    """A linear layer whose weights are whole numbers, packed for the processor."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight_OI = linear.weight.detach()
        scales_O = weight_OI.abs().amax(1).clamp(min=1e-12).double() / 127
        zeros_O = torch.zeros_like(scales_O, dtype=torch.long)
        with warnings.catch_warnings():
            # It says that these types will go one day, and that is for whoever raises torch.
            warnings.simplefilter("ignore", UserWarning)
            whole = torch.quantize_per_channel(weight_OI, scales_O, zeros_O, 0, torch.qint8)
            self.packed = torch.ops.quantized.linear_prepack(whole, linear.bias)

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.ops.quantized.linear_dynamic(inputs, self.packed, True)


def quantise(module: nn.Module, fill: Callable[[nn.Module], None], only: str = "") -> None:
    """Put every linear layer inside a module, or the one of the name, into int8: each is filled,
    and gone before the next one is."""
    for name, child in module.named_children():
        if only not in ("", name):
            continue
        if isinstance(child, nn.Linear):
            fill(child)
            setattr(module, name, Int8Linear(child))
        else:
            quantise(child, fill)
