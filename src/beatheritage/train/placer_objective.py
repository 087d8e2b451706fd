"""What the placer is asked in training: every choice of a person, given all their earlier ones.

Suffixes as in ``model.placer``; M counts the moves or sliders that a question is put to.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from beatheritage.model.placer import Placer, Seen, conjugate, rotate
from beatheritage.tokens.moves import (
    CENTRE,
    ORIENTATIONS,
    RETURN,
    SAME_SPEED,
    SPINNER,
    TURNS,
)
from beatheritage.tokens.shapes import STRAIGHT_SHAPE
from beatheritage.train.placer_data import PlacerData

CONTEXT_MARGIN = 14  # as far as the encoder's convolutions reach
WARM_UP = 8  # objects at the start of a window that only fill the state
STILL_PX = 2.0  # a move too short to have a direction
ASKED = 0.6  # the share of moves whose direction is asked for in one step; the rest saves time
SPACING_KNOWN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Windows of N objects out of B charts, mirrored at random, as tensors on the CPU."""

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


def draw_batch(
    data: PlacerData, charts: Tensor, windows: int, length: int, rng: torch.Generator
) -> Batch:
    """Windows from ``charts`` (their numbers), each chart as likely as it is long."""
    starts = torch.from_numpy(data.starts)
    first, last = starts[charts], starts[charts + 1]
    chosen = torch.multinomial((last - first).double(), windows, replacement=True, generator=rng)
    first, last = first[chosen], last[chosen]
    room = (last - first - length).clamp(min=0)
    begin = first + (torch.rand(windows, generator=rng) * (room + 1)).long().clamp(max=room)
    rows = begin[:, None] + torch.arange(length)
    inside = rows < last[:, None]
    rows = torch.minimum(rows, last[:, None] - 1)
    wide = begin[:, None] + torch.arange(-CONTEXT_MARGIN, length + CONTEXT_MARGIN)
    wide = torch.minimum(torch.maximum(wide, first[:, None]), last[:, None] - 1)
    warm = (torch.arange(length) >= WARM_UP)[None] | (begin == first)[:, None]
    style = torch.from_numpy(data.styles)[charts[chosen]].clone()
    known = (torch.rand(windows, 1, generator=rng) < SPACING_KNOWN).float()
    style[:, 2:] *= known
    flips = torch.randint(0, 2, (windows, 2), generator=rng) * 2.0 - 1
    return _gather(data, rows, wide, style, inside & warm, flips)


def _gather(
    data: PlacerData, rows: Tensor, wide: Tensor, style: Tensor, counted: Tensor, flips: Tensor
) -> Batch:
    def take(column: str, at: Tensor = rows) -> Tensor:
        return torch.from_numpy(getattr(data, column)[at.numpy()])

    centre = torch.tensor(CENTRE)
    flip_BN2 = flips[:, None]
    flip_BNA2 = flips[:, None, None]
    starts_here = torch.isin(rows, torch.from_numpy(data.starts))
    exits = take("exits", (rows - 1).clamp(min=0)) * flip_BN2
    exits = torch.where(starts_here[..., None], exits.new_tensor((1.0, 0.0)), exits)
    moved = take("moved", (rows - 1).clamp(min=0)) * ~starts_here
    last = take("actions", (rows - 1).clamp(min=0))
    kinds_of_last = torch.stack([last == RETURN, last == SAME_SPEED, last > SAME_SPEED], -1)
    seen = Seen(
        anchors=(take("anchors") - centre) * flip_BNA2 + centre,
        exits=exits,
        moved=moved[..., None],
        expected=take("expected")[..., None],
        last_actions=(kinds_of_last & ~starts_here[..., None]).float(),
    )
    reflected = (flips.prod(-1) < 0)[:, None]
    shapes = take("shapes")
    return Batch(
        conditions=take("conditions", wide),
        style=style,
        seen=seen,
        heads=(take("heads") - centre) * flip_BN2 + centre,
        actions=take("actions"),
        slots=take("slots"),
        kinds=take("kinds"),
        shapes=shapes,
        lies=take("lies") * flip_BN2,
        mirrored=(take("mirrored") ^ reflected) & (shapes != STRAIGHT_SHAPE),
        lengths=take("lengths"),
        counted=counted & (take("kinds") != SPINNER),
    )


def placer_loss(model: Placer, batch: Batch, rng: torch.Generator) -> dict[str, Tensor]:
    """Nats per object of each question (their sum is the loss): action, slot, turn, shape, lie."""
    context = model.encode(batch.conditions, batch.style)[:, CONTEXT_MARGIN:-CONTEXT_MARGIN]
    stepped = model.run(context, batch.seen)
    count = batch.counted.sum().clamp(min=1)
    counted = batch.counted
    returned = counted & (batch.actions == RETURN)
    losses = {
        "action": _entropy(stepped.actions[counted], batch.actions[counted]),
        "slot": _entropy(stepped.slots[returned], batch.slots[returned]),
        "turn": _turn_loss(model, batch, stepped.state, rng),
    }
    losses["shape"], losses["lie"] = _body_losses(model, batch, stepped.state, context)
    return {name: loss / count for name, loss in losses.items()}


def _turn_loss(model: Placer, batch: Batch, state: Tensor, rng: torch.Generator) -> Tensor:
    came = batch.heads - batch.seen.anchors[:, :, 0]
    distance = came.norm(dim=-1)
    moved = batch.counted & (batch.actions != RETURN) & (distance > STILL_PX)
    moved &= torch.rand(moved.shape, generator=rng) < ASKED
    seen = _pick(batch.seen, moved)
    relative = rotate(came[moved], conjugate(seen.exits))
    logits = model.turn(state[moved], seen, distance[moved][:, None])
    return _entropy(logits, spoke(relative, TURNS)) / ASKED


def _body_losses(
    model: Placer, batch: Batch, state: Tensor, context: Tensor
) -> tuple[Tensor, Tensor]:
    slid = batch.counted & (batch.shapes >= 0)
    seen = seen_from_head(_pick(batch.seen, slid), batch.heads[slid])
    came = batch.heads[slid] - batch.seen.anchors[slid][:, 0]
    query = model.body(state[slid], context[slid], batch.heads[slid], came)
    shapes = batch.shapes[slid]
    logits = model.orient(query, shapes, batch.lengths[slid][:, None], seen)
    # The straight line has no mirror image.
    twin = (shapes == STRAIGHT_SHAPE)[:, None] & (torch.arange(2 * ORIENTATIONS) >= ORIENTATIONS)
    relative = rotate(batch.lies[slid], conjugate(seen.exits))
    lies = spoke(relative, ORIENTATIONS) + ORIENTATIONS * batch.mirrored[slid]
    lie_loss = _entropy(logits.masked_fill(twin, -1e9), lies)
    return _entropy(model.shape(query), shapes), lie_loss


def seen_from_head(seen: Seen, heads: Tensor) -> Seen:
    """What is seen once the head is placed: one anchor more, looking the way that was moved."""
    came = heads - seen.anchors[..., 0, :]
    distance = came.norm(dim=-1, keepdim=True)
    anchors = torch.cat([heads[..., None, :], seen.anchors[..., :-1, :]], -2)
    exits = torch.where(distance > STILL_PX, came / distance.clamp(min=1e-3), seen.exits)
    return seen._replace(anchors=anchors, exits=exits)


def spoke(directions: Tensor, count: int) -> Tensor:
    """Which of ``count`` directions all around is nearest, int64."""
    angle = torch.atan2(directions[..., 1], directions[..., 0])
    return torch.round(angle * (count / (2 * math.pi))).long() % count


def _pick(seen: Seen, chosen: Tensor) -> Seen:
    return Seen(*(part[chosen] for part in seen))


def _entropy(logits: Tensor, classes: Tensor) -> Tensor:
    return functional.cross_entropy(logits.float(), classes, reduction="sum")
