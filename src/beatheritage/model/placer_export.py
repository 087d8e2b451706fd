"""The placer's five networks as ONNX files, one each, for a batch of one map."""

from pathlib import Path

import torch
from torch import Tensor, nn

from beatheritage.model.placer import Placer, Seen

GRAPHS = ("encode", "step", "turn", "body", "orient")
OPSET = 18


class _Graph(nn.Module):
    """One network of the placer with flat inputs and outputs, as ONNX wants it."""

    def __init__(self, placer: Placer) -> None:
        super().__init__()
        self.placer = placer


class _Encode(_Graph):
    def forward(self, conditions: Tensor, style: Tensor) -> Tensor:
        return self.placer.encode(conditions, style)


class _Step(_Graph):
    def forward(
        self,
        context: Tensor,
        anchors: Tensor,
        exits: Tensor,
        moved: Tensor,
        expected: Tensor,
        last_actions: Tensor,
        state: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        seen = Seen(anchors, exits, moved, expected, last_actions)
        stepped = self.placer.step(context, seen, state)
        return stepped.actions, stepped.slots, stepped.state


class _Turn(_Graph):
    def forward(
        self, state: Tensor, anchors: Tensor, exits: Tensor, expected: Tensor, distance: Tensor
    ) -> Tensor:
        seen = Seen(anchors, exits, expected, expected, expected)
        return self.placer.turn(state, seen, distance)


class _Body(_Graph):
    def forward(
        self, state: Tensor, context: Tensor, head: Tensor, came: Tensor
    ) -> tuple[Tensor, Tensor]:
        query = self.placer.body(state, context, head, came)
        return query, self.placer.shape(query)


class _Orient(_Graph):
    def forward(
        self, query: Tensor, shape: Tensor, length: Tensor, anchors: Tensor, exits: Tensor
    ) -> Tensor:
        return self.placer.orient(
            query, shape, length, Seen(anchors, exits, length, length, length)
        )


_WRAPPERS = {"encode": _Encode, "step": _Step, "turn": _Turn, "body": _Body, "orient": _Orient}
_OUTPUTS = {
    "encode": ["context"],
    "step": ["actions", "slots", "next_state"],
    "turn": ["turns"],
    "body": ["query", "shapes"],
    "orient": ["lies"],
}


def graph_path(folder: Path, graph: str) -> Path:
    return folder / f"placer_{graph}.onnx"


def export_placer(placer: Placer, folder: Path) -> None:
    """Write ``placer_<graph>.onnx`` for each graph; a file is never left half-written."""
    placer = placer.eval()
    inputs = _examples(placer)
    for graph in GRAPHS:
        path = graph_path(folder, graph)
        partial = path.with_suffix(".partial")
        torch.onnx.export(
            _WRAPPERS[graph](placer).eval(),
            tuple(inputs[graph].values()),
            str(partial),
            input_names=list(inputs[graph]),
            output_names=_OUTPUTS[graph],
            dynamic_axes={"conditions": {1: "objects"}} if graph == "encode" else None,
            opset_version=OPSET,
            dynamo=False,
        )
        partial.replace(path)


def _examples(placer: Placer) -> dict[str, dict[str, Tensor]]:
    config = placer.config
    context, state = torch.zeros(1, config.context), torch.zeros(1, config.state)
    anchors = torch.rand(1, config.anchors, 2) * 300
    exits, one = torch.tensor([[1.0, 0.0]]), torch.ones(1, 1)
    point = torch.ones(1, 2)
    return {
        "encode": {
            "conditions": torch.zeros(1, 40, config.conditions),
            "style": torch.zeros(1, config.style),
        },
        "step": {
            "context": context,
            "anchors": anchors,
            "exits": exits,
            "moved": one,
            "expected": one,
            "last_actions": torch.zeros(1, 3),
            "state": state,
        },
        "turn": {
            "state": state,
            "anchors": anchors,
            "exits": exits,
            "expected": one,
            "distance": one,
        },
        "body": {"state": state, "context": context, "head": point, "came": point},
        "orient": {
            "query": placer.body(state, context, point, point).detach(),
            "shape": torch.zeros(1, dtype=torch.int64),
            "length": one * 100,
            "anchors": anchors,
            "exits": exits,
        },
    }
