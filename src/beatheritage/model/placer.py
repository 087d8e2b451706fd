"""A recurrent model of where objects go, one move at a time.

Tensors in and out; pixels are made comparable in here. Five small networks share one state:
``encode`` reads the whole rhythm, ``step`` says how far the next move goes, ``turn`` which way,
``body`` which shape a slider takes, ``orient`` how that lies. The last two judge every
candidate by where it would land: near a wall, on an earlier object, beside one.

Shape suffixes: B maps, N objects, C conditions, S style, A anchors (an earlier end, then its head,
nearest in time first), J candidates, D context, H state; a last 2 is x and y.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

FIELD = (512.0, 384.0)
UNIT_PX = 128.0
STATE_ANCHORS = 12
JUDGED_ANCHORS = 8
NEARNESS_PX = (10.0, 45.0)  # an overlap, a neighbour
LAST_ACTIONS = 3
STATE_FEATURES = 2 + 2 + 2 * (STATE_ANCHORS - 1) + 4 + LAST_ACTIONS
PLACE_FEATURES = 2 + 2 + JUDGED_ANCHORS * len(NEARNESS_PX)
DIRECTION_FEATURES = 8
SHAPE_POINTS = 17
JUDGED_POINTS = (4, 8, 12, 16)  # of a slider's body, its end last


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacerConfig:
    """Sizes; the counts of classes are those of ``tokens.moves`` and the codebook of shapes."""

    conditions: int
    actions: int
    turns: int
    orientations: int
    anchors: int
    shapes: int
    style: int = 4
    context: int = 128
    state: int = 320
    judged: int = 48


class Seen(NamedTuple):
    """What the model sees of the map so far, before one object (or N) is placed.

    ``anchors`` (..., A, 2) px; ``exits`` (..., 2) unit; ``moved`` and ``expected`` (..., 1) px, the
    last move and what its speed would make of the next; ``last_actions`` (..., 3) one-hot:
    returned, kept the speed, other.
    """

    anchors: Tensor
    exits: Tensor
    moved: Tensor
    expected: Tensor
    last_actions: Tensor


class Stepped(NamedTuple):
    """``actions`` (..., classes) and ``slots`` (..., A) are logits; ``state`` (..., H)."""

    actions: Tensor
    slots: Tensor
    state: Tensor


def rotate(vectors: Tensor, directions: Tensor) -> Tensor:
    """Turn vectors (..., 2) by the angle of unit vectors (..., 2)."""
    x, y = vectors.unbind(-1)
    cos, sin = directions.unbind(-1)
    return torch.stack([x * cos - y * sin, x * sin + y * cos], -1)


def conjugate(directions: Tensor) -> Tensor:
    return torch.cat([directions[..., :1], -directions[..., 1:]], -1)


class Encoder(nn.Module):
    """Dilated convolutions over the rhythm: each object learns of some 14 on both sides."""

    def __init__(self, config: PlacerConfig) -> None:
        super().__init__()
        width = config.context
        self.enter = nn.Linear(config.conditions + config.style, width)
        self.layers = nn.ModuleList(
            nn.Conv1d(width, width, 5, padding=2 * dilation, dilation=dilation, groups=4)
            for dilation in (1, 2, 4)
        )
        self.mixes = nn.ModuleList(nn.Linear(width, width) for _ in self.layers)

    def forward(self, conditions_BNC: Tensor, style_BS: Tensor) -> Tensor:
        style_BNS = style_BS[:, None].expand(-1, conditions_BNC.shape[1], -1)
        context_BND = self.enter(torch.cat([conditions_BNC, style_BNS], -1))
        for layer, mix in zip(self.layers, self.mixes, strict=True):
            heard_BND = layer(functional.silu(context_BND).transpose(1, 2)).transpose(1, 2)
            context_BND = context_BND + mix(functional.silu(heard_BND))
        return context_BND


class Judge(nn.Module):
    """Scores candidates by what they are like, as the state would have it."""

    def __init__(self, features: int, query: int, width: int, candidates: int) -> None:
        super().__init__()
        self.candidate = nn.Linear(features, width)
        self.query = nn.Linear(query, width)
        self.score = nn.Linear(width, 1)
        self.prior = nn.Linear(query, candidates)

    def forward(self, features_BJF: Tensor, query_BQ: Tensor) -> Tensor:
        """Logits (..., J)."""
        mixed = functional.silu(self.candidate(features_BJF) + self.query(query_BQ)[..., None, :])
        return self.score(mixed)[..., 0] + self.prior(query_BQ)


class Placer(nn.Module):
    """The five networks. ``polylines`` (shapes, SHAPE_POINTS, 2) are the codebook's, of length 1,
    looking along +x; they are geometry, not learned by gradient."""

    polylines: Tensor
    turn_directions: Tensor
    lie_directions: Tensor

    def __init__(self, config: PlacerConfig, polylines: Tensor) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("polylines", polylines)
        self.register_buffer("turn_directions", spokes(config.turns))
        self.register_buffer("lie_directions", spokes(config.orientations))
        self.encoder = Encoder(config)
        self.enter = nn.Linear(config.context + STATE_FEATURES, 192)
        self.gru = nn.GRU(192, config.state, batch_first=True)
        self.act = mlp(config.state + 192, 128, config.actions)
        self.slot = nn.Linear(config.state + 192, config.anchors)
        query = 96
        self.turn_query = nn.Linear(config.state + 3, query)
        self.turn_judge = Judge(
            PLACE_FEATURES + DIRECTION_FEATURES, query, config.judged, config.turns
        )
        self.body_query = nn.Linear(config.state + config.context + 6, query)
        self.shape = mlp(query, 96, config.shapes)
        self.shape_meaning = nn.Embedding(config.shapes, 24)
        self.lie_judge = Judge(
            PLACE_FEATURES + 2 * DIRECTION_FEATURES + 4,
            query + 24,
            config.judged,
            2 * config.orientations,
        )

    def encode(self, conditions_BNC: Tensor, style_BS: Tensor) -> Tensor:
        """What the rhythm says to each object, (B, N, D)."""
        return self.encoder(conditions_BNC, style_BS)

    def run(self, context_BND: Tensor, seen: Seen) -> Stepped:
        """Every step of whole maps at once, for training; the state begins at zero."""
        entered = functional.silu(self.enter(torch.cat([context_BND, state_features(seen)], -1)))
        state_BNH, _ = self.gru(entered)
        return self._read(state_BNH, entered)

    def step(self, context_BD: Tensor, seen: Seen, state_BH: Tensor) -> Stepped:
        """One step of ``run``: how far the next object is, or to which anchor it returns."""
        entered = functional.silu(self.enter(torch.cat([context_BD, state_features(seen)], -1)))
        inputs = self._gates("ih", entered)
        recurrent = self._gates("hh", state_BH)
        reset = torch.sigmoid(inputs[0] + recurrent[0])
        update = torch.sigmoid(inputs[1] + recurrent[1])
        new = torch.tanh(inputs[2] + reset * recurrent[2])
        return self._read((1 - update) * new + update * state_BH, entered)

    def _gates(self, side: str, values: Tensor) -> tuple[Tensor, ...]:
        """What the GRU makes of its input ("ih") or of its state ("hh"): reset, update, new."""
        weight = self.gru.get_parameter(f"weight_{side}_l0")
        bias = self.gru.get_parameter(f"bias_{side}_l0")
        return functional.linear(values, weight, bias).chunk(3, -1)

    def _read(self, state: Tensor, entered: Tensor) -> Stepped:
        both = torch.cat([state, entered], -1)
        return Stepped(self.act(both), self.slot(both), state)

    def turn(self, state_BH: Tensor, seen: Seen, distance_B1: Tensor) -> Tensor:
        """Logits (B, turns) of directions, counted from the last object's exit."""
        directions_BJ2 = rotate(self.turn_directions, seen.exits[..., None, :])
        landings_BJ2 = seen.anchors[..., :1, :] + distance_B1[..., None] * directions_BJ2
        features = torch.cat(
            [
                place_features(landings_BJ2, seen.anchors),
                direction_features(directions_BJ2, self.turn_directions.expand_as(directions_BJ2)),
            ],
            -1,
        )
        sizes = torch.cat([distance_B1 / UNIT_PX, torch.log1p(distance_B1 / 8)], -1)
        expected = seen.expected.clamp(0, 600) / UNIT_PX
        query = self.turn_query(torch.cat([state_BH, sizes, expected], -1))
        return self.turn_judge(features, functional.silu(query))

    def body(
        self, state_BH: Tensor, context_BD: Tensor, head_B2: Tensor, came_B2: Tensor
    ) -> Tensor:
        """What a slider's shape and lie depend on, (B, query), with its head placed.

        ``came`` is the move to it, px.
        """
        distance = came_B2.norm(dim=-1, keepdim=True)
        known = torch.cat([normal(head_B2), came_B2 / UNIT_PX, came_B2 / (distance + 1)], -1)
        return functional.silu(self.body_query(torch.cat([state_BH, context_BD, known], -1)))

    def orient(self, query_BQ: Tensor, shape_B: Tensor, length_B1: Tensor, seen: Seen) -> Tensor:
        """Logits (B, 2 * orientations): each direction from the last move's, then each mirrored.

        ``seen`` is what is seen from the slider's head: it is the first anchor, and the exit is the
        direction of the move to it.
        """
        bodies_BJP2, directions_BJ2 = self._lies(shape_B, length_B1, seen)
        ends_BJ2 = bodies_BJP2[..., -1, :]
        leaving = functional.normalize(ends_BJ2 - bodies_BJP2[..., -2, :] + 1e-6, dim=-1)
        relative = torch.cat([self.lie_directions] * 2).expand_as(directions_BJ2)
        chord = (ends_BJ2 - seen.anchors[..., :1, :]) / UNIT_PX
        margins = margin(bodies_BJP2).amin(-1, keepdim=True)
        mirrored = torch.zeros_like(margins)
        mirrored[..., self.config.orientations :, :] = 1
        features = torch.cat(
            [
                place_features(ends_BJ2, seen.anchors),
                direction_features(directions_BJ2, relative),
                direction_features(leaving, rotate(leaving, conjugate(seen.exits)[..., None, :])),
                chord,
                margins,
                mirrored,
            ],
            -1,
        )
        query = torch.cat([query_BQ, self.shape_meaning(shape_B)], -1)
        return self.lie_judge(features, query)

    def _lies(self, shape_B: Tensor, length_B1: Tensor, seen: Seen) -> tuple[Tensor, Tensor]:
        """A few points of each candidate's body (B, J, P, 2), and where it looks (B, J, 2)."""
        directions_BO2 = rotate(self.lie_directions, seen.exits[..., None, :])
        points_BP2 = self.polylines[:, list(JUDGED_POINTS)][shape_B] * length_B1[..., None]
        both = torch.stack([points_BP2, conjugate(points_BP2)], -3)  # (B, 2, P, 2)
        turned = rotate(both[..., :, None, :, :], directions_BO2[..., None, :, None, :])
        bodies = turned.flatten(-4, -3) + seen.anchors[..., :1, None, :]
        return bodies, torch.cat([directions_BO2, directions_BO2], -2)


def mlp(inputs: int, width: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, outputs))


def spokes(count: int) -> Tensor:
    """Unit vectors (count, 2) all around, the first along +x."""
    angles = torch.arange(count) * (2 * torch.pi / count)
    return torch.stack([angles.cos(), angles.sin()], -1)


def normal(points: Tensor) -> Tensor:
    """Pixels to -1..1."""
    return points / points.new_tensor((FIELD[0] / 2, FIELD[1] / 2)) - 1


def margin(points: Tensor) -> Tensor:
    """How far inside the field points (..., 2) are, (...) in half units, at most 1."""
    inside = torch.minimum(points, points.new_tensor(FIELD) - points)
    return (inside.amin(-1) / (UNIT_PX / 2)).clamp(-1, 1)


def state_features(seen: Seen) -> Tensor:
    """(..., STATE_FEATURES): where we are, and what lies behind us as seen in the way we look."""
    here = seen.anchors[..., :1, :]
    behind = (seen.anchors[..., 1:STATE_ANCHORS, :] - here) / UNIT_PX
    behind = rotate(behind, conjugate(seen.exits)[..., None, :]).flatten(-2)
    moved, expected = seen.moved.clamp(0, 700), seen.expected.clamp(0, 700)
    parts = [
        normal(here[..., 0, :]),
        seen.exits,
        behind,
        moved / UNIT_PX,
        torch.log1p(moved / 8),
        expected / UNIT_PX,
        torch.log1p(expected / 8),
        seen.last_actions,
    ]
    return torch.cat(parts, -1)


def place_features(points_BJ2: Tensor, anchors_BA2: Tensor) -> Tensor:
    """(..., J, PLACE_FEATURES): where in the field, and how near to each anchor."""
    apart = points_BJ2[..., :, None, :] - anchors_BA2[..., None, :JUDGED_ANCHORS, :]
    squared = apart.square().sum(-1)
    near = [torch.exp(-squared / (2 * size * size)) for size in NEARNESS_PX]
    margins = margin(points_BJ2)[..., None]
    return torch.cat([normal(points_BJ2), margins, (margins < 0).to(margins), *near], -1)


def direction_features(directions: Tensor, relative: Tensor) -> Tensor:
    """(..., 8): a direction, absolute and from before, and harmonics (level, upright, diagonal)."""
    x, y = directions.unbind(-1)
    double = torch.stack([x * x - y * y, 2 * x * y], -1)
    x2, y2 = double.unbind(-1)
    fourfold = torch.stack([x2 * x2 - y2 * y2, 2 * x2 * y2], -1)
    return torch.cat([directions, relative, double, fourfold], -1)
