"""The walk over the playfield: for each object how far to go, which way, and how a slider lies.

Nothing leaves the field: what would is masked before it can be drawn.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beatheritage.engine.placer_onnx import PlacerEngine, Sight, Step
from beatheritage.generate.draw import draw
from beatheritage.generate.place_bodies import (
    ATTEMPTS,
    Bodies,
    SliderBody,
    Wanted,
    any_body,
    bodies_of,
)
from beatheritage.generate.spacing import Spacing
from beatheritage.tokens.moves import (
    ACTIONS,
    BIN_EDGES,
    CENTRE,
    CIRCLE,
    FIELD,
    FIRST_BIN,
    HISTORY,
    ORIENTATIONS,
    RETURN,
    RETURN_TOLERANCE_PX,
    SAME_SPEED,
    SAME_SPEED_LEAST_PX,
    SAME_SPEED_TOLERANCE_PX,
    SLIDER,
    SPACING_GAP,
    SPINNER,
    TURNS,
    Rhythm,
    Style,
    conditions,
    spokes,
    style_vector,
)
from beatheritage.tokens.shapes import STRAIGHT_SHAPE

# What the last action was, as the model is told.
RETURNED, KEPT_SPEED, OTHER = 0, 1, 2
STREAM_GAP = 116.0  # ms, rounded: circles this close are one motion, and want even steps
SAME_GAP = 3.0  # ms by which gaps of one rhythm differ after rounding
NEAR_STEP = 0.25  # a step of a stream that differs by less from the last is meant to be the same
FEW_POINTS = 2  # of a slider: lines and arcs
TURN_SPOKES = spokes(TURNS)
SIGNED_TURNS = (np.arange(TURNS) + TURNS // 2) % TURNS - TURNS // 2
STILL_PX = 2.0  # a move too short to have a direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How boldly to draw.

    ``evenness`` is added to the logit of keeping the speed in streams, ``returning`` to that of
    going back to an earlier place, ``stacking`` to that of staying at the last one, ``holding`` to
    or from the same inside of streams, as the stream began, ``turning`` to those of turning as far
    as before, ``shaping`` to those of slider shapes with many points and ``straightness`` to that
    of the line: what is drawn is seen next, and habits feed on themselves.
    The defaults came nearest to people's maps of std.
    ``most_stays`` is how often in a row it may stay where it is: having stayed for long, it would
    do so for good.
    """

    top_p: float = 0.98
    temperature: float = 1.0
    evenness: float = 2.0
    returning: float = -0.2
    stacking: float = -0.12
    holding: float = 3.0
    turning: float = 1.0
    shaping: float = 0.5
    straightness: float = 0.0
    most_stays: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An object's head in whole pixels, where it ends, the way it is left, and a slider's body."""

    head: np.ndarray
    end: np.ndarray
    facing: np.ndarray
    body: SliderBody | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where to (exact px), how far it was meant to go, and what kind of move it was."""

    head: np.ndarray
    distance: float
    kind: int


def walk(
    rhythm: Rhythm,
    style: Style,
    look: Look,
    engine: PlacerEngine,
    rng: np.random.Generator,
    standing: Sequence[Placed] = (),
) -> list[Placed]:
    """Places for every object of a rhythm, one after another; the first ones may stand already."""
    if not len(rhythm):
        return []
    spacing = Spacing(style.spacing) if style.spacing is not None else None
    walker = Walker(rhythm, engine, look, rng, spacing)
    context = engine.encode(conditions(rhythm), style_vector(style))
    for index, placed in enumerate(standing):
        walker.follow(index, context[index], placed)
    rest = range(len(standing), len(rhythm))
    return [*standing, *(walker.place(index, context[index]) for index in rest)]


class Walker:
    """Where the walk stands: the model's state, and what it sees next."""

    def __init__(
        self,
        rhythm: Rhythm,
        engine: PlacerEngine,
        look: Look,
        rng: np.random.Generator,
        spacing: Spacing | None = None,
    ) -> None:
        self._rhythm, self._gaps, self._engine = rhythm, rhythm.gaps, engine
        self._look, self._rng, self._spacing = look, rng, spacing
        self._bodies: Bodies = bodies_of(json.dumps(engine.shapes))
        self._state = engine.first_state()
        self._anchors = np.tile(np.array(CENTRE), (2 * HISTORY, 1))
        self._facing = np.array([1.0, 0.0])
        self._moved = self._speed = 0.0
        self._last_kind: int | None = None
        self._turn: float | None = None
        self._many_points = np.array(
            [len(shape.points) > FEW_POINTS for shape in self._bodies.codebook.shapes]
        )
        self._stays = 0
        self._ahead = _steps_ahead(rhythm)

    def place(self, index: int, context: np.ndarray) -> Placed:
        """Place the next object."""
        sight, step = self._look_ahead(index, context)
        if self._rhythm.kinds[index] == SPINNER:
            centre = np.array(CENTRE)
            move = Move(
                head=centre, distance=float(np.hypot(*(centre - sight.anchors[0]))), kind=OTHER
            )
        else:
            move = self._move(index, step, sight)
            if self._spacing is not None and self._gaps[index] <= SPACING_GAP:
                self._spacing.add(move.distance)
        placed = self._placed(index, move, context)
        self._arrive(index, move, placed)
        return placed

    def follow(self, index: int, context: np.ndarray, placed: Placed) -> None:
        """Go on from an object that stands already."""
        sight, _ = self._look_ahead(index, context)
        distance = float(np.hypot(*(placed.head - sight.anchors[0])))
        apart = np.hypot(*(sight.anchors[: 2 * index] - placed.head).T)
        if (apart <= RETURN_TOLERANCE_PX).any():
            kind = RETURNED
        elif (
            abs(distance - sight.expected) <= SAME_SPEED_TOLERANCE_PX
            and distance > SAME_SPEED_LEAST_PX
        ):
            kind = KEPT_SPEED
        else:
            kind = OTHER
        self._arrive(index, Move(head=placed.head, distance=distance, kind=kind), placed)

    def _look_ahead(self, index: int, context: np.ndarray) -> tuple[Sight, Step]:
        expected = self._speed * float(self._gaps[index])
        sight = Sight(self._anchors, self._facing, self._moved, expected, self._last_kind)
        step = self._engine.step(context, sight, self._state)
        self._state = step.state
        return sight, step

    def _arrive(self, index: int, move: Move, placed: Placed) -> None:
        self._stays = self._stays + 1 if move.distance <= RETURN_TOLERANCE_PX else 0
        self._moved, self._speed = move.distance, move.distance / float(self._gaps[index])
        self._turn = _turn_between(self._facing, placed.head - self._anchors[0])
        self._last_kind, self._facing = move.kind, placed.facing
        self._anchors = np.concatenate([[placed.end, placed.head], self._anchors[:-2]])

    def _move(self, index: int, step: Step, sight: Sight) -> Move:
        here = sight.anchors[0]
        reach = float(np.hypot(*np.maximum(here, np.array(FIELD) - here)))
        logits = step.actions.astype(np.float64)
        if self._in_stream(index) and SAME_SPEED_LEAST_PX < sight.expected <= reach:
            logits = _evened(logits, sight.expected)
            logits[SAME_SPEED] += self._look.evenness
        slots = step.slots.astype(np.float64)
        slots[0] += self._look.stacking + self._held(index)
        logits[RETURN] += self._look.returning + _log_sum(slots) - _log_sum(step.slots)
        old = np.arange(2 * HISTORY) // 2 < index
        if self._stays >= self._look.most_stays:
            old &= np.hypot(*(sight.anchors - here).T) > RETURN_TOLERANCE_PX
        allowed = np.ones(ACTIONS, bool)
        allowed[RETURN] = old.any()
        allowed[SAME_SPEED] = SAME_SPEED_LEAST_PX < sight.expected <= reach
        allowed[FIRST_BIN:] = BIN_EDGES[:-1] < reach
        if self._spacing is not None and self._gaps[index] <= SPACING_GAP:
            logits = logits + self._tilt(np.where(allowed, logits, -np.inf), slots, sight)
        action = self._draw(logits, allowed)
        assert action is not None, "the shortest move is always allowed"
        if action == RETURN:
            slot = self._draw(slots, old) or 0
            head = sight.anchors[slot]
            return Move(head=head, distance=float(np.hypot(*(head - here))), kind=RETURNED)
        if action == SAME_SPEED:
            return self._turned(sight, sight.expected, KEPT_SPEED)
        low, high = BIN_EDGES[action - FIRST_BIN], BIN_EDGES[action - FIRST_BIN + 1]
        return self._turned(sight, float(self._rng.uniform(low, min(high, reach))), OTHER)

    def _tilt(self, logits: np.ndarray, slots: np.ndarray, sight: Sight) -> np.ndarray:
        """What brings moves to the spacing that is asked for; of a return, as far as on average."""
        assert self._spacing is not None
        back = np.hypot(*(sight.anchors - sight.anchors[0]).T)
        chances = np.exp(slots - slots.max())
        returning = float((back * chances).sum() / chances.sum())
        middles = (BIN_EDGES[:-1] + BIN_EDGES[1:]) / 2
        return self._spacing.tilt(logits, np.array([returning, sight.expected, *middles]))

    def _held(self, index: int) -> float:
        """What speaks for staying inside of a stream: it stays or goes from its beginning to its
        end, and does not begin to stay where it could not for so long."""
        holding = self._look.holding
        if not self._stays and self._ahead[index] > self._look.most_stays:
            return -holding
        if self._in_stream(index):
            return holding if self._stays else -holding
        return 0.0

    def _in_stream(self, index: int) -> bool:
        """Whether this circle goes on with the step of the circles before it."""
        if index < 2 or (self._rhythm.kinds[index - 2 : index + 1] != CIRCLE).any():
            return False
        gap, before = self._gaps[index], self._gaps[index - 1]
        return gap <= STREAM_GAP and abs(gap - before) <= SAME_GAP

    def _turned(self, sight: Sight, distance: float, kind: int) -> Move:
        """Choose a direction that lands inside the field."""
        logits = self._engine.turn(self._state, sight, distance)
        landings = sight.anchors[0] + distance * _turn_all(TURN_SPOKES, sight.facing)
        inside = ((landings >= 0) & (landings <= FIELD)).all(axis=1)
        turn = self._draw(logits + self._look.turning * self._as_before(), inside)
        if turn is None:
            outside = np.abs(landings - np.clip(landings, 0, FIELD)).sum(axis=1)
            head = np.clip(landings[int(outside.argmin())], 0, FIELD)
            return Move(head=head, distance=float(np.hypot(*(head - sight.anchors[0]))), kind=OTHER)
        angle = self._angle(turn)
        way = _turn_all(np.array([[np.cos(angle), np.sin(angle)]]), sight.facing)[0]
        head = sight.anchors[0] + distance * way
        if not ((head >= 0) & (head <= FIELD)).all():
            head = landings[turn]
        return Move(head=head, distance=distance, kind=kind)

    def _as_before(self) -> np.ndarray:
        """Which turns are as far as the last, to either side, bool (TURNS,)."""
        if self._turn is None:
            return np.zeros(TURNS, bool)
        return np.abs(np.abs(SIGNED_TURNS) - abs(self._turn) * TURNS / (2 * np.pi)) <= 0.5

    def _angle(self, turn: int) -> float:
        """The angle of a turn: exactly the last one's, where it is as far, else somewhere in its
        class."""
        aside = self._rng.uniform(-0.5, 0.5)
        if self._turn is not None and self._as_before()[turn]:
            return float(np.copysign(self._turn, SIGNED_TURNS[turn] or self._turn))
        return (turn + aside) * 2 * np.pi / TURNS

    def _placed(self, index: int, move: Move, context: np.ndarray) -> Placed:
        head = np.clip(np.rint(move.head), 0, FIELD)
        came = head - self._anchors[0]
        distance = float(np.hypot(*came))
        facing = came / distance if distance > STILL_PX else self._facing
        if self._rhythm.kinds[index] != SLIDER:
            return Placed(head=head, end=head, facing=facing)
        wanted = Wanted(
            head=head,
            facing=facing,
            length=float(self._rhythm.lengths_px[index]),
            slides=int(self._rhythm.slides[index]),
        )
        body = self._body(wanted, came, context)
        return Placed(head=head, end=body.end, facing=body.leaving, body=body)

    def _body(self, wanted: Wanted, came: np.ndarray, context: np.ndarray) -> SliderBody:
        """Draw a shape, then how it lies among the ways in which it fits."""
        seen = self._engine.body(self._state, context, wanted.head, came)
        anchors = np.concatenate([wanted.head[None], self._anchors[:-1]])
        sight = Sight(anchors, wanted.facing, 0.0, 0.0, None)
        left = np.ones(len(seen.shapes), bool)
        shapes = seen.shapes + self._look.shaping * self._many_points
        shapes[STRAIGHT_SHAPE] += self._look.straightness
        for _ in range(ATTEMPTS):
            # Rare shapes are what people's sliders are told by: no nucleus is taken of them.
            shape = draw(shapes, left, self._rng.random(), self._look.temperature)
            if shape is None:
                break
            left[shape] = False
            lies = self._engine.orient(seen.query, shape, wanted.length, sight)
            lie = self._draw(lies, self._bodies.fitting(shape, wanted))
            if lie is None:
                continue
            mirrored, spoke = divmod(lie, ORIENTATIONS)
            for aside in (self._rng.uniform(-0.5, 0.5), 0.0):
                body = self._bodies.made(shape, spoke + aside, bool(mirrored), wanted)
                if body is not None:
                    return body
        return any_body(self._bodies, wanted)

    def _draw(self, logits: np.ndarray, allowed: np.ndarray) -> int | None:
        return draw(logits, allowed, self._rng.random(), self._look.temperature, self._look.top_p)


def _steps_ahead(rhythm: Rhythm) -> np.ndarray:
    """How many steps of a stream begin with that to each object, (N,)."""
    circles = np.append(False, (rhythm.kinds[1:] == CIRCLE) & (rhythm.kinds[:-1] == CIRCLE))
    ahead = (circles & (rhythm.gaps <= STREAM_GAP)).astype(np.int64)
    for index in range(len(ahead) - 2, -1, -1):
        ahead[index] *= 1 + ahead[index + 1]
    return ahead


def _evened(logits: np.ndarray, expected: float) -> np.ndarray:
    """Logits of actions where nearly keeping the speed is keeping it."""
    middles = (BIN_EDGES[:-1] + BIN_EDGES[1:]) / 2
    near = FIRST_BIN + np.flatnonzero(np.abs(middles - expected) <= NEAR_STEP * expected)
    logits = logits.copy()
    logits[SAME_SPEED] = _log_sum(logits[[SAME_SPEED, *near]])
    logits[near] = -np.inf
    return logits


def _turn_between(facing: np.ndarray, way: np.ndarray) -> float | None:
    """The signed angle from one direction to another; None for a way too short to have one."""
    if np.hypot(*way) <= STILL_PX:
        return None
    across, along = facing[0] * way[1] - facing[1] * way[0], facing @ way
    return float(np.arctan2(across, along))


def _log_sum(logits: np.ndarray) -> float:
    highest = logits.max()
    return float(highest + np.log(np.exp(logits - highest).sum()))


def _turn_all(vectors: np.ndarray, facing: np.ndarray) -> np.ndarray:
    """Vectors (J, 2) seen from +x, as seen from ``facing``."""
    cos, sin = facing
    return vectors @ np.array([[cos, sin], [-sin, cos]])
