"""ONNX graphs written by hand out of a module's weights.

Weights stay outside of the graph, which names them: ONNX Runtime packs each for its products, and
needs the array no more. Matrices may be whole numbers with a scale for each row; what they are
multiplied with is made whole as it comes.

Shape suffixes: O outputs, I inputs of a linear layer.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from onnx import TensorProto, helper
from torch import nn

CONTRIB = "com.microsoft"
OPSET, CONTRIB_OPSET, IR_VERSION = 17, 1, 10
RMS_EPSILON = float(np.finfo(np.float32).eps)  # torch's, where none is said
NORM_EPSILON = 1e-5
Fill = Callable[[nn.Module], None]
"""Gives a module its weights."""
FLOAT, WHOLE = TensorProto.FLOAT, TensorProto.INT64


class Graph(NamedTuple):
    """A model, and the weights that it names."""

    model: bytes
    weights: dict[str, np.ndarray]


class GraphWriter:
    """Adds nodes; every method that does gives the name of what comes out.

    ``fill`` gives modules their weights, and they give their matrices up one by one: memory holds
    each once. ``greatest`` is that of the whole numbers that matrices are kept in, 0 for none.
    """

    def __init__(self, fill: Fill, greatest: int = 0) -> None:
        self.fill, self.greatest = fill, greatest
        self.nodes: list = []
        self.weights: dict[str, np.ndarray] = {}
        self.declared: list[TensorProto] = []
        self.inputs: list[tuple[str, int, list]] = []
        self.outputs: list[str] = []

    def graph(self, name: str) -> Graph:
        """All that was written."""
        inputs = [helper.make_tensor_value_info(*each) for each in self.inputs]
        outputs = [helper.make_tensor_value_info(each, FLOAT, None) for each in self.outputs]
        outside = [_named(each, array) for each, array in self.weights.items()]
        constants = [*self.declared, *outside]
        graph = helper.make_graph(self.nodes, name, inputs, outputs, constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, CONTRIB_OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        return Graph(model.SerializeToString(), self.weights)

    def feed_forward(self, at: str, hidden: str, layer) -> str:
        """The second half of a block, added to its first."""
        normed = self.norm(at + "norm", layer.norm, hidden)
        opened = self.add("Gelu", [self.linear(at + "fc1", normed, layer.fc1)], domain=CONTRIB)
        return self.plus(hidden, self.linear(at + "fc2", opened, layer.fc2))

    def linear(self, name: str, hidden: str, module) -> str:
        self.fill(module)
        bias = self.weight(name + ".bias", module.bias.detach().numpy().copy())
        return self.product(name, hidden, module, bias)

    def product(self, name: str, hidden: str, module, bias: str = "") -> str:
        """With a matrix of weights, which the module gives up."""
        self.fill(module)
        matrix_OI = module.weight.detach().numpy()
        module.weight = None
        if not self.greatest:
            matrix = self.weight(name, np.array(matrix_OI.T, order="C"))
            made = self.add("MatMul", [hidden, matrix])
            return self.plus(made, bias) if bias else made
        values_IO, scales_O = whole_rows(matrix_OI, self.greatest)
        matrix, scales = self.weight(name, values_IO), self.weight(name + ".scales", scales_O)
        inputs = [hidden, matrix, scales, "", bias]
        return self.add("DynamicQuantizeMatMul", inputs, domain=CONTRIB)

    def norm(self, name: str, module, hidden: str) -> str:
        """An RMS norm or a layer norm."""
        self.fill(module)
        scale = self.weight(name + ".scale", module.weight.detach().numpy().copy())
        if isinstance(module, nn.RMSNorm):
            options = {"axis": -1, "epsilon": RMS_EPSILON}
            return self.add("SimplifiedLayerNormalization", [hidden, scale], **options)
        shift = self.weight(name + ".shift", module.bias.detach().numpy().copy())
        return self.add("LayerNormalization", [hidden, scale, shift], axis=-1, epsilon=NORM_EPSILON)

    def split(self, joined: str, counts: str, axis: int, parts: int = 2) -> list[str]:
        names = [f"n{len(self.nodes)}_{part}" for part in range(parts)]
        self.nodes.append(helper.make_node("Split", [joined, counts], names, axis=axis))
        return names

    def last(self, name: str, axis: int) -> str:
        """The last of what lies along an axis, which stays."""
        ends = [self.constant("minus_one", [-1]), self.constant("int_max", [2**62])]
        return self.add("Slice", [name, *ends, self.constant(f"axis_{axis}", [axis])])

    def plus(self, one: str, other: str) -> str:
        return self.add("Add", [one, other])

    def add(
        self, kind: str, inputs: Sequence[str], output: str = "", domain: str = "", **options
    ) -> str:
        output = output or f"n{len(self.nodes)}"
        node = helper.make_node(kind, list(inputs), [output], domain=domain, **options)
        self.nodes.append(node)
        return output

    def weight(self, name: str, array: np.ndarray) -> str:
        self.weights[name] = array
        return name

    def constant(self, name: str, values: Sequence[int]) -> str:
        if name not in {each.name for each in self.declared}:
            self.declared.append(helper.make_tensor(name, WHOLE, [len(values)], values))
        return name


def _named(name: str, array: np.ndarray) -> TensorProto:
    """What stands in a graph for a weight that is handed over beside it."""
    kind = helper.np_dtype_to_tensor_dtype(array.dtype)
    outside = TensorProto(name=name, data_type=kind, dims=array.shape)
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="beside")
    return outside


def whole_rows(matrix_OI: np.ndarray, greatest: int) -> tuple[np.ndarray, np.ndarray]:
    """A matrix as whole numbers, int8 (I, O), none greater than that, and each output's scale."""
    scales_O = np.maximum(np.abs(matrix_OI).max(axis=1), 1e-12) / greatest
    values_OI = np.rint(matrix_OI / scales_O[:, None]).astype(np.int8)
    return np.array(values_OI.T, order="C"), scales_O.astype(np.float32)
