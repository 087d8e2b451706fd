"""What the placer is asked in training: every choice of a person, given all their earlier ones.

Suffixes as in ``model.placer``; M counts the moves or sliders that a question is put to.
"""

import math

import torch
from torch import Tensor

from beatheritage.model.placer import Placer, Seen, conjugate, rotate
from beatheritage.tokens.moves import ORIENTATIONS, RETURN, TURNS
from beatheritage.tokens.shapes import STRAIGHT_SHAPE
from beatheritage.train.grading import Grading, graded
from beatheritage.train.placer_windows import ASKED, CONTEXT_MARGIN, Batch

STILL_PX = 2.0  # a move too short to have a direction
PARTS = ("action", "slot", "turn", "shape", "lie")


def placer_totals(model: Placer, batch: Batch, grading: Grading) -> dict[str, Tensor]:
    """Nats of each question over all objects that count: action, slot, turn, shape, lie."""
    context = model.encode(batch.conditions, batch.style)[:, CONTEXT_MARGIN:-CONTEXT_MARGIN]
    stepped = model.run(context, batch.seen)
    counted = batch.counted
    returned = counted & (batch.actions == RETURN)
    shapes, lies = _body_totals(model, batch, (stepped.state, context), grading)
    return {
        "action": graded(stepped.actions[counted], batch.actions[counted], grading).sum(),
        "slot": graded(stepped.slots[returned], batch.slots[returned], grading).sum(),
        "turn": _turn_total(model, batch, stepped.state, grading),
        "shape": shapes,
        "lie": lies,
    }


def _turn_total(model: Placer, batch: Batch, state: Tensor, grading: Grading) -> Tensor:
    came = batch.heads - batch.seen.anchors[:, :, 0]
    distance = came.norm(dim=-1)
    moved = batch.counted & (batch.actions != RETURN) & (distance > STILL_PX) & batch.asked
    seen = _pick(batch.seen, moved)
    relative = rotate(came[moved], conjugate(seen.exits))
    logits = model.turn(state[moved], seen, distance[moved][:, None])
    return graded(logits, spoke(relative, TURNS), grading).sum() / ASKED


def _body_totals(
    model: Placer, batch: Batch, made: tuple[Tensor, Tensor], grading: Grading
) -> tuple[Tensor, Tensor]:
    slid = batch.counted & (batch.shapes >= 0)
    state, context = (part[slid] for part in made)
    seen = seen_from_head(_pick(batch.seen, slid), batch.heads[slid])
    came = batch.heads[slid] - batch.seen.anchors[slid][:, 0]
    query = model.body(state, context, batch.heads[slid], came)
    shapes = batch.shapes[slid]
    logits = model.orient(query, shapes, batch.lengths[slid][:, None], seen)
    # The straight line has no mirror image.
    mirrors = torch.arange(2 * ORIENTATIONS, device=shapes.device) >= ORIENTATIONS
    twin = (shapes == STRAIGHT_SHAPE)[:, None] & mirrors
    relative = rotate(batch.lies[slid], conjugate(seen.exits))
    lies = spoke(relative, ORIENTATIONS) + ORIENTATIONS * batch.mirrored[slid]
    lie_total = graded(logits.masked_fill(twin, -1e9), lies, grading, ~twin).sum()
    return graded(model.shape(query), shapes, grading).sum(), lie_total


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
