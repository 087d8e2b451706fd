"""The denoiser of osu-diffusion: where objects are to be, from where they roughly are.

A transformer over the points of a map (DiT, Peebles and Xie 2022) that is told the step of the
diffusion, what each point is, and what kind of map it belongs to. It looks no further than
``reach`` points to either side.

Shape suffixes: R rows that differ in what they are told, N points, 2 x and y, C what a point is,
K classes, D width, H heads, W width of a head; B blocks of points, P the points of one, Q those
that they may see.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

COORDINATE_WIDTH = 128  # of each coordinate's waves
STEP_WIDTH = 256
COORDINATE_SCALE = 512
LONGEST_WAVE = 10_000.0
MLP_RATIO = 4
NORM_EPSILON = 1e-6
OUTPUTS = 4  # noise of x and y, then their shares of variance
FEW_BLOCKS = 4  # of ``reach`` points: up to here, masking all pairs is faster than going by blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class DenoiserConfig:
    width: int
    depth: int
    heads: int
    context: int
    classes: int


class Scene(NamedTuple):
    """What stays the same over all steps: points without their places (N, D), classes (R, D), and
    which points each one sees, bool (N, N), or by blocks (B, 1, P, Q)."""

    points_ND: Tensor
    classes_RD: Tensor
    seen: Tensor


class Denoiser(nn.Module):
    def __init__(self, config: DenoiserConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.points = nn.Linear(2 * COORDINATE_WIDTH + config.context, width)
        self.step = _two_layers(STEP_WIDTH, width)
        self.classes = _two_layers(config.classes, width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.depth))
        self.modulation = nn.Linear(width, 2 * width)
        self.head = nn.Linear(width, OUTPUTS)

    def set_up(self, context_NC: Tensor, classes_RK: Tensor, reach: int) -> Scene:
        """The scene of one run of points, computed once for all its steps."""
        weight_DC = self.points.weight[:, 2 * COORDINATE_WIDTH :]
        return Scene(
            points_ND=F.linear(context_NC, weight_DC, self.points.bias),
            classes_RD=self.classes(classes_RK),
            seen=visible(len(context_NC), reach).to(context_NC.device),
        )

    def forward(self, places_N2: Tensor, step: Tensor, scene: Scene) -> Tensor:
        """Noise and variance (R, N, 4) of places from -1 to 1, at one step of the diffusion."""
        told_RD = self.step(waves(step, STEP_WIDTH)) + scene.classes_RD
        places_NW = waves(places_N2 * COORDINATE_SCALE, COORDINATE_WIDTH).flatten(1)
        hidden_ND = F.linear(places_NW, self.points.weight[:, : 2 * COORDINATE_WIDTH])
        hidden_RND = (hidden_ND + scene.points_ND).expand(len(told_RD), -1, -1)
        told_RD = F.silu(told_RD)
        for block in self.blocks:
            hidden_RND = block(hidden_RND, told_RD, scene.seen)
        shift, scale = self.modulation(told_RD)[:, None].chunk(2, dim=-1)
        return self.head(_norm(hidden_RND) * (1 + scale) + shift)


class Block(nn.Module):
    """Attention and a network, each scaled, shifted and gated by what the row is told (adaLN)."""

    def __init__(self, config: DenoiserConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.modulation = nn.Linear(width, 6 * width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.fc1 = nn.Linear(width, MLP_RATIO * width)
        self.fc2 = nn.Linear(MLP_RATIO * width, width)

    def forward(self, hidden_RND: Tensor, told_RD: Tensor, seen: Tensor) -> Tensor:
        parts = self.modulation(told_RD)[:, None].chunk(6, dim=-1)
        shift, scale, gate, mlp_shift, mlp_scale, mlp_gate = parts
        attended = self._attend(_norm(hidden_RND) * (1 + scale) + shift, seen)
        hidden_RND = hidden_RND + gate * attended
        inner = F.gelu(
            self.fc1(_norm(hidden_RND) * (1 + mlp_scale) + mlp_shift), approximate="tanh"
        )
        return hidden_RND + mlp_gate * self.fc2(inner)

    def _attend(self, hidden_RND: Tensor, seen: Tensor) -> Tensor:
        rows, points, _ = hidden_RND.shape
        qkv = self.qkv(hidden_RND).view(rows, points, 3, self.heads, -1)
        queries, keys, values = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        if seen.ndim == 2:
            attended = F.scaled_dot_product_attention(queries, keys, values, attn_mask=seen)
        else:
            attended = _attend_by_blocks(queries, (keys, values), seen)
        return self.out(attended.transpose(1, 2).flatten(2))


def waves(values: Tensor, width: int) -> Tensor:
    """Each value as cosines, then sines, of falling frequency: one more dimension, of ``width``."""
    half = width // 2
    steps = torch.arange(half, device=values.device, dtype=torch.float32)
    angles = values[..., None] * torch.exp(-steps * (torch.tensor(LONGEST_WAVE).log() / half))
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


def visible(points: int, reach: int) -> Tensor:
    """Which points each one sees, in the form that is faster for so many."""
    return band(points, reach) if points <= FEW_BLOCKS * reach else blocks(points, reach)


def blocks(points: int, reach: int) -> Tensor:
    """``band`` for blocks of ``reach`` points, each with the one before it and the one after it:
    (B, 1, P, Q). What is past the last point sees all, so that it has something to look at."""
    firsts_B = torch.arange(0, points, reach)
    own_BP1 = (firsts_B[:, None] + torch.arange(reach))[..., None]
    others_B1Q = (firsts_B[:, None] + torch.arange(-reach, 2 * reach))[:, None]
    ahead_BPQ = others_B1Q - own_BP1
    there_B1Q = (others_B1Q >= 0) & (others_B1Q < points)
    seen_BPQ = (ahead_BPQ > -reach) & (ahead_BPQ <= reach) & there_B1Q
    return (seen_BPQ | (own_BP1 >= points))[:, None]


def band(points: int, reach: int) -> Tensor:
    """Which points each one sees: from ``reach`` - 1 before it to ``reach`` after it, as the
    weights were trained."""
    numbers = torch.arange(points)
    ahead_NN = numbers[None] - numbers[:, None]
    return (ahead_NN > -reach) & (ahead_NN <= reach)


def _attend_by_blocks(
    queries_RHNW: Tensor, there: tuple[Tensor, Tensor], seen_B1PQ: Tensor
) -> Tensor:
    """Attention (R, H, N, W) of blocks of points to what is in or beside them."""
    rows, heads, points, width = queries_RHNW.shape
    count, _, size, _ = seen_B1PQ.shape
    past = count * size - points

    def beside(of_RHNW: Tensor) -> Tensor:
        padded = F.pad(of_RHNW, (0, 0, size, size + past))
        return padded.unfold(2, 3 * size, size).permute(0, 2, 1, 4, 3).flatten(0, 1)

    queries = F.pad(queries_RHNW, (0, 0, 0, past)).view(rows, heads, count, size, width)
    attended = F.scaled_dot_product_attention(
        queries.transpose(1, 2).flatten(0, 1),
        *(beside(each) for each in there),
        attn_mask=seen_B1PQ.repeat(rows, 1, 1, 1),
    )
    attended = attended.view(rows, count, heads, size, width).transpose(1, 2)
    return attended.flatten(2, 3)[:, :, :points]


def _two_layers(inputs: int, width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, width))


def _norm(hidden: Tensor) -> Tensor:
    return F.layer_norm(hidden, hidden.shape[-1:], eps=NORM_EPSILON)
