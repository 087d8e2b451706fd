"""Rotary positions (Su et al. 2021), as the ancestors' backbones turn them.

Shape suffixes: B rows, T tokens, H heads, D width of a head.
"""

import torch
from torch import Tensor

ROPE_BASE = 10_000.0


def rotate(heads_BHTD: Tensor, places_BT: Tensor) -> Tensor:
    """Turn each half pair of a head by its place."""
    half = heads_BHTD.shape[-1] // 2
    cosine, sine = (each[:, None].to(heads_BHTD.dtype) for each in turns(places_BT, half))
    first, second = heads_BHTD[..., :half], heads_BHTD[..., half:]
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], dim=-1)


def turns(places: Tensor, half: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines (..., D) of each place, for as many half pairs of a head."""
    steps = torch.arange(half, device=places.device, dtype=torch.float32)
    angles = places[..., None].float() * ROPE_BASE ** (-steps / half)
    return angles.cos(), angles.sin()
