"""The placer on ONNX Runtime: numpy in, numpy out, one object at a time.

Array suffixes: N objects, C conditions, D context, A anchors, J candidates; a last 2 is x and y.
"""

import json
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from beatheritage.engine.weights import open_session, weight_file
from beatheritage.errors import WeightsError

GRAPHS = ("encode", "step", "turn", "body", "orient")
LAST_ACTIONS = 3


class Sight(NamedTuple):
    """What is seen from where the last object ended.

    ``anchors`` (A, 2) px: earlier ends and heads, nearest in time first; ``facing`` (2,) unit;
    ``moved`` px is the last move, ``expected`` what its speed would make of the next;
    ``last_action`` is 0 for a return, 1 for a kept speed, 2 for another move, None at first.
    """

    anchors: np.ndarray
    facing: np.ndarray
    moved: float
    expected: float
    last_action: int | None


class Step(NamedTuple):
    """``actions`` and ``slots`` (A,) are logits; ``state`` goes into the next step."""

    actions: np.ndarray
    slots: np.ndarray
    state: np.ndarray


class Body(NamedTuple):
    """``shapes`` are logits; ``query`` goes into ``orient``."""

    query: np.ndarray
    shapes: np.ndarray


class PlacerEngine(Protocol):
    """What placing asks of a model, on whatever runs it."""

    shapes: list[list[object]]
    """The codebook of slider shapes, as ``placer.json`` holds it."""

    def encode(self, conditions_NC: np.ndarray, style: np.ndarray) -> np.ndarray: ...

    def first_state(self) -> np.ndarray: ...

    def step(self, context_D: np.ndarray, sight: Sight, state: np.ndarray) -> Step: ...

    def turn(self, state: np.ndarray, sight: Sight, distance: float) -> np.ndarray: ...

    def body(
        self, state: np.ndarray, context_D: np.ndarray, head_2: np.ndarray, came_2: np.ndarray
    ) -> Body: ...

    def orient(self, query: np.ndarray, shape: int, length: float, sight: Sight) -> np.ndarray: ...


class OnnxPlacer:
    """The shipped placer: ``placer.json``, ``placer_<graph>.onnx`` and a manifest in a folder."""

    def __init__(self, folder: Path) -> None:
        """Raises WeightsError for weights that are missing or damaged."""
        described = _read_json(weight_file("placer.json", folder))
        self.shapes: list[list[object]] = described["shapes"]
        self._state_width = int(described["config"]["state"])
        self._sessions = {graph: open_session(folder / f"placer_{graph}.onnx") for graph in GRAPHS}

    def encode(self, conditions_NC: np.ndarray, style: np.ndarray) -> np.ndarray:
        """What the rhythm says to each object, (N, D)."""
        return self._run("encode", conditions=conditions_NC, style=style)[0]

    def first_state(self) -> np.ndarray:
        return np.zeros(self._state_width, np.float32)

    def step(self, context_D: np.ndarray, sight: Sight, state: np.ndarray) -> Step:
        last_actions = np.zeros(LAST_ACTIONS, np.float32)
        if sight.last_action is not None:
            last_actions[sight.last_action] = 1
        outputs = self._run(
            "step",
            context=context_D,
            anchors=sight.anchors,
            exits=sight.facing,
            moved=[sight.moved],
            expected=[sight.expected],
            last_actions=last_actions,
            state=state,
        )
        return Step(*outputs)

    def turn(self, state: np.ndarray, sight: Sight, distance: float) -> np.ndarray:
        """Logits of directions, evenly all around from the one faced."""
        return self._run(
            "turn",
            state=state,
            anchors=sight.anchors,
            exits=sight.facing,
            expected=[sight.expected],
            distance=[distance],
        )[0]

    def body(
        self, state: np.ndarray, context_D: np.ndarray, head_2: np.ndarray, came_2: np.ndarray
    ) -> Body:
        """Which shape a slider may have, whose head is at ``head`` and was come to by ``came``."""
        return Body(*self._run("body", state=state, context=context_D, head=head_2, came=came_2))

    def orient(self, query: np.ndarray, shape: int, length: float, sight: Sight) -> np.ndarray:
        """Logits of how the shape lies, seen from its head: directions, then those mirrored."""
        return self._run(
            "orient",
            query=query,
            shape=shape,
            length=[length],
            anchors=sight.anchors,
            exits=sight.facing,
        )[0]

    def _run(self, graph: str, **inputs: object) -> list[np.ndarray]:
        """Run for a batch of one, which is added and taken away again."""
        feeds = {
            name: np.asarray(value, np.int64 if name == "shape" else np.float32)[None]
            for name, value in inputs.items()
        }
        return [np.asarray(output)[0] for output in self._sessions[graph].run(None, feeds)]


def _read_json(path: Path) -> dict:
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        return {"shapes": described["shapes"], "config": described["config"]}
    except (ValueError, KeyError) as error:
        raise WeightsError("the placer's description is damaged", where=str(path)) from error
