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
    CENTRE,
    FIELD,
    RETURN,
    SAME_SPEED,
    SPINNER,
    classes,
    scaled_conditions,
)
from beatheritage.tokens.shapes import STRAIGHT_SHAPE
from beatheritage.train.placer_data import PlacerData

CONTEXT_MARGIN = 14  # as far as the encoder's convolutions reach
WARM_UP = 8  # objects at the start of a window that only fill the state
ASKED = 0.6  # the share of moves whose direction is asked for in one step; the rest saves time


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """What is done to places: mirrored with the chance ``flip`` along each axis; turned by up to
    ``rotation`` degrees and made larger or smaller by up to the share ``scale``, where all stays
    inside the field; ``noise`` is the deviation, in units of 128 px, of the earlier places that the
    model sees, so that it doesn't lean on their being right."""

    flip: float = 0.5
    rotation: float = 0.0
    scale: float = 0.0
    noise: float = 0.0


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
    ``last - 1``, and how its places are changed: a matrix (2, 2), of which ``scale`` is a part."""

    begin: int
    first: int
    last: int
    matrix: np.ndarray
    scale: float
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
    flips = np.where(rng.random(2) < placing.flip, -1.0, 1.0)
    angle = np.radians(rng.uniform(-1, 1) * placing.rotation)
    scale = 1 + rng.uniform(-1, 1) * placing.scale
    turned = _rotation(angle) * scale
    rows = slice(begin, min(begin + length, last))
    if not _stays_inside(data, rows, turned):
        turned, scale = np.eye(2), 1.0
    return Window(
        begin=begin,
        first=first,
        last=last,
        matrix=turned * flips,
        scale=scale,
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
    turn = window.matrix / window.scale
    exits = np.where(begins, (1.0, 0.0), data.exits[before] @ turn.T)
    expected = data.expected[here] * window.scale
    moved = data.moved[here] * window.scale
    actions = data.actions[here]
    if window.scale != 1:
        actions = np.where(actions == RETURN, RETURN, classes(moved, expected))
    past = data.actions[before]
    past_kinds = np.stack([past == RETURN, past == SAME_SPEED, past > SAME_SPEED], -1)
    shapes, kinds = data.shapes[here], data.kinds[here]
    warm = (np.arange(length) >= WARM_UP) | (window.begin == first)
    mirrored = data.mirrored[here] ^ bool(np.linalg.det(turn) < 0)
    style = data.styles[np.searchsorted(data.starts, first)].copy()
    style[2] *= window.scale
    style[2:] *= window.knows_spacing
    columns = {
        "conditions": scaled_conditions(data.conditions[wide], window.scale),
        "style": style,
        "seen_anchors": _turned(data.anchors[here], window.matrix) + window.noise,
        "seen_exits": exits,
        "seen_moved": data.moved[before][:, None] * ~begins * window.scale,
        "seen_expected": expected[:, None],
        "seen_last_actions": past_kinds & ~begins,
        "heads": _turned(data.heads[here], window.matrix),
        "lies": data.lies[here] @ turn.T,
        "lengths": data.lengths[here] * window.scale,
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


def _rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _turned(places: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Places turned about the middle of the field."""
    return (places - CENTRE) @ matrix.T + CENTRE


def _stays_inside(data: PlacerData, rows: slice, matrix: np.ndarray) -> bool:
    """Whether every object, and where the one before it ended, is then still on the field."""
    heads = np.concatenate([data.heads[rows], data.anchors[rows][:, 0]])
    moved = _turned(heads, matrix)
    return bool(((moved >= 0) & (moved <= FIELD)).all())
