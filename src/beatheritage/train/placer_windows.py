"""What the placer learns from: windows of objects out of people's maps, turned and mirrored.

Suffixes: B windows, N objects, A anchors, C conditions; a last 2 is x and y.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from beatheritage.model.placer import UNIT_PX, Seen
from beatheritage.tokens.moves import (
    RETURN,
    SAME_SPEED,
    SPINNER,
    classes,
    scaled_conditions,
)
from beatheritage.tokens.shapes import STRAIGHT_SHAPE
from beatheritage.train.placer_data import PlacerData
from beatheritage.train.places import Placing, Turn, draw_turn

CONTEXT_MARGIN = 14  # as far as the encoder's convolutions reach
WARM_UP = 8  # objects at the start of a window that only fill the state
ASKED = 0.6  # the share of moves whose direction is asked for in one step; the rest saves time


PLAIN = Placing(flip=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Windows of N objects out of B charts, as tensors."""

    conditions: Tensor  # with CONTEXT_MARGIN objects more on both sides
    style: Tensor
    seen: Seen
    heads: Tensor
    actions: Tensor
    slots: Tensor
    kinds: Tensor
    shapes: Tensor
    lies: Tensor
    mirrored: Tensor
    lengths: Tensor
    counted: Tensor  # bool (B, N): past the warm-up, and inside the chart
    asked: Tensor  # bool (B, N): whose direction is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Rows ``begin`` to ``begin + length - 1`` of the table, of a chart that owns ``first`` to
    ``last - 1``, and how its places are changed."""

    begin: int
    first: int
    last: int
    turn: Turn
    knows_spacing: bool
    asked: np.ndarray
    noise: np.ndarray


def draw_window(
    data: PlacerData,
    charts: np.ndarray,
    length: int,
    told: tuple[Placing, float],
    rng: np.random.Generator,
) -> Window:
    """A window of one of ``charts`` (their numbers), each as likely as it is long.

    ``told``: what is done to places, and the share of windows that are told their spacing.
    """
    placing, knows_spacing = told
    lengths = (data.starts[charts + 1] - data.starts[charts]).astype(float)
    chart = charts[rng.choice(len(charts), p=lengths / lengths.sum())]
    first, last = (int(edge) for edge in data.starts[chart : chart + 2])
    begin = first + int(rng.integers(max(last - first - length, 0) + 1))
    rows = slice(begin, min(begin + length, last))
    # Where each object is, and where the one before it ended.
    turn = draw_turn(placing, np.concatenate([data.heads[rows], data.anchors[rows][:, 0]]), rng)
    return Window(
        begin=begin,
        first=first,
        last=last,
        turn=turn,
        knows_spacing=bool(rng.random() < knows_spacing),
        asked=rng.random(length) < ASKED,
        noise=rng.normal(0, placing.noise * UNIT_PX, (length, data.anchors.shape[1], 2)),
    )


def gather(data: PlacerData, windows: Sequence[Window]) -> Batch:
    """Windows side by side."""
    rows = [_window_rows(data, window) for window in windows]
    stacked = {name: torch.from_numpy(np.stack([row[name] for row in rows])) for name in rows[0]}
    seen = Seen(*(stacked.pop(f"seen_{name}") for name in Seen._fields))
    return Batch(seen=seen, **stacked)


def _window_rows(data: PlacerData, window: Window) -> dict[str, np.ndarray]:
    length, first, last = len(window.asked), window.first, window.last
    here = window.begin + np.arange(length)
    inside = here < last
    here = np.minimum(here, last - 1)
    before = np.maximum(here - 1, 0)
    begins = (here == first)[:, None]
    wide = window.begin + np.arange(-CONTEXT_MARGIN, length + CONTEXT_MARGIN)
    wide = np.clip(wide, first, last - 1)
    scale = window.turn.scale
    turn = window.turn.matrix / scale
    exits = np.where(begins, (1.0, 0.0), data.exits[before] @ turn.T)
    expected = data.expected[here] * scale
    moved = data.moved[here] * scale
    actions = data.actions[here]
    if scale != 1:
        actions = np.where(actions == RETURN, RETURN, classes(moved, expected))
    past = data.actions[before]
    past_kinds = np.stack([past == RETURN, past == SAME_SPEED, past > SAME_SPEED], -1)
    shapes, kinds = data.shapes[here], data.kinds[here]
    warm = (np.arange(length) >= WARM_UP) | (window.begin == first)
    mirrored = data.mirrored[here] ^ bool(np.linalg.det(turn) < 0)
    style = data.styles[np.searchsorted(data.starts, first)].copy()
    style[2] *= scale
    style[2:] *= window.knows_spacing
    columns = {
        "conditions": scaled_conditions(data.conditions[wide], scale),
        "style": style,
        "seen_anchors": window.turn.of(data.anchors[here]) + window.noise,
        "seen_exits": exits,
        "seen_moved": data.moved[before][:, None] * ~begins * scale,
        "seen_expected": expected[:, None],
        "seen_last_actions": past_kinds & ~begins,
        "heads": window.turn.of(data.heads[here]),
        "lies": data.lies[here] @ turn.T,
        "lengths": data.lengths[here] * scale,
    }
    return {name: np.asarray(column, np.float32) for name, column in columns.items()} | {
        "actions": actions.astype(np.int64),
        "slots": data.slots[here],
        "kinds": kinds,
        "shapes": shapes,
        "mirrored": mirrored & (shapes != STRAIGHT_SHAPE),
        "counted": inside & warm & (kinds != SPINNER),
        "asked": window.asked,
    }
