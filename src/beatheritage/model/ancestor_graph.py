"""A decoder's step as an ONNX graph, written by hand: past keys and values come in as they lie in
memory, and only the new ones go out, so that nothing that was written is ever copied.

Weights stay outside of the graph, which names them: ONNX Runtime packs each for its products, which
then take a quarter of the time for several rows, and needs the array no more. Those in int8 are in
blocks with a scale each.

Shape suffixes: R rows, T new tokens, N slots of the cache, W windows, P encoder positions, H heads,
D width of a head, C width, V vocabulary.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from onnx import TensorProto, helper
from torch import nn

from beatheritage.model.ancestor import AncestorConfig, Decoder

BLOCKS = (128, 64, 32)  # how many weights may share a scale: the most that fit
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


def step_graph(
    decoder: Decoder, config: AncestorConfig, fill: Fill, *, int8: bool = False
) -> Graph:
    """The graph of a decoder, whose modules are filled and give their matrices up one by one:
    memory holds each once."""
    writer = _Writer(decoder, config, fill, int8)
    writer.write()
    inputs = [helper.make_tensor_value_info(*each) for each in writer.inputs]
    outputs = [helper.make_tensor_value_info(name, FLOAT, None) for name in writer.outputs]
    outside = [_named(name, array) for name, array in writer.weights.items()]
    constants = [*writer.declared, *outside]
    graph = helper.make_graph(writer.nodes, "step", inputs, outputs, constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, CONTRIB_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    return Graph(model.SerializeToString(), writer.weights)


def _named(name: str, array: np.ndarray) -> TensorProto:
    """What stands in a graph for a weight that is handed over beside it."""
    kind = helper.np_dtype_to_tensor_dtype(array.dtype)
    outside = TensorProto(name=name, data_type=kind, dims=array.shape)
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="beside")
    return outside


class _Writer:
    """Adds nodes; every method that does gives the name of what comes out."""

    def __init__(self, decoder: Decoder, config: AncestorConfig, fill: Fill, int8: bool) -> None:
        self.decoder, self.config, self.fill, self.int8 = decoder, config, fill, int8
        self.nodes: list = []
        self.weights: dict[str, np.ndarray] = {}
        self.declared: list[TensorProto] = []
        self.inputs: list[tuple[str, int, list]] = [
            ("hidden", FLOAT, ["R", "T", config.width]),
            ("bias", FLOAT, ["R", 1, "T", "S"]),
            ("parts", WHOLE, [2]),
            ("crossed", WHOLE, [4]),
            ("joined", WHOLE, [3]),
        ]
        if config.rotary:
            half = config.width // config.heads // 2
            self.inputs += [(name, FLOAT, ["R", "T", 1, half]) for name in ("cosine", "sine")]
        self.outputs = ["logits"]

    def write(self) -> None:
        config, decoder = self.config, self.decoder
        self.trio = self.constant("trio", [0, 0, 3 * config.heads, -1])
        self.flat = self.constant("flat", [0, 0, -1])
        hidden = "hidden"
        for number, layer in enumerate(decoder.layers):
            hidden = self.layer(f"{number}.", layer, hidden)
        hidden = self.norm("norm", decoder.norm, hidden)
        ends = [self.constant("minus_one", [-1]), self.constant("int_max", [2**62])]
        last = self.add("Slice", [hidden, *ends, self.constant("axis_one", [1])])
        logits = self.product("head", last, decoder.head)
        self.add("Squeeze", [logits, self.constant("axis_one", [1])], output="logits")

    def layer(self, at: str, layer, hidden: str) -> str:
        normed = self.norm(at + "attention_norm", layer.attention_norm, hidden)
        hidden = self.plus(hidden, self.attend(at, layer.attention, normed))
        normed = self.norm(at + "cross_norm", layer.cross_norm, hidden)
        hidden = self.plus(hidden, self.look(at, layer.cross, normed))
        normed = self.norm(at + "norm", layer.norm, hidden)
        opened = self.add("Gelu", [self.linear(at + "fc1", normed, layer.fc1)], domain=CONTRIB)
        return self.plus(hidden, self.linear(at + "fc2", opened, layer.fc2))

    def attend(self, at: str, attention, hidden: str) -> str:
        """What the tokens before, in the cache and new, have to say."""
        config, heads = self.config, self.config.heads
        keys, values = f"{at}past_keys", f"{at}past_values"
        width = config.width // heads
        self.inputs += [
            (keys, FLOAT, ["R", heads, "N", width]),
            (values, FLOAT, ["R", heads, "N", width]),
        ]
        parted = self.add("Reshape", [self.asking(at + "qkv", hidden, attention.qkv), self.trio])
        counts = self.constant("two_and_one", [2 * heads, heads])
        turned, fresh = self.split(parted, counts, 2)
        turned = self.rotated(turned) if config.rotary else turned
        counts = self.constant("one_and_one", [heads, heads])
        queries, new_keys = self.split(turned, counts, 2)
        queries = self.add("Transpose", [queries], perm=[0, 2, 1, 3])
        self.outputs += [f"{at}new_keys", f"{at}new_values"]
        new_keys = self.add("Transpose", [new_keys], f"{at}new_keys", perm=[0, 2, 1, 3])
        new_values = self.add("Transpose", [fresh], f"{at}new_values", perm=[0, 2, 1, 3])
        scores = [self.scores(queries, each) for each in (keys, new_keys)]
        scores = self.plus(self.add("Concat", scores, axis=3), "bias")
        old, new = self.split(self.add("Softmax", [scores], axis=-1), "parts", 3)
        mixed = self.plus(self.add("MatMul", [old, values]), self.add("MatMul", [new, new_values]))
        return self.out(at + "out", mixed, attention.out, self.flat)

    def look(self, at: str, cross, hidden: str) -> str:
        """What was heard; rows of one window look at it together."""
        config, heads = self.config, self.config.heads
        keys, values = f"{at}song_keys", f"{at}song_values"
        width = config.width // heads
        self.inputs += [
            (keys, FLOAT, ["W", heads, "P", width]),
            (values, FLOAT, ["W", heads, "P", width]),
        ]
        queries = self.add("Reshape", [self.asking(at + "q", hidden, cross.q), "crossed"])
        queries = self.add("Transpose", [queries], perm=[0, 2, 1, 3])
        weights = self.add("Softmax", [self.scores(queries, keys)], axis=-1)
        mixed = self.add("MatMul", [weights, values])
        return self.out(at + "cross_out", mixed, cross.out, "joined")

    def scores(self, queries: str, keys: str) -> str:
        return self.add("FusedMatMul", [queries, keys], domain=CONTRIB, transB=1)

    def rotated(self, turned: str) -> str:
        half = self.config.width // self.config.heads // 2
        first, second = self.split(turned, self.constant("halves", [half, half]), 3)

        def turn(one: str, other: str, kind: str) -> str:
            products = [self.add("Mul", [one, "cosine"]), self.add("Mul", [other, "sine"])]
            return self.add(kind, products)

        return self.add("Concat", [turn(first, second, "Sub"), turn(second, first, "Add")], axis=3)

    def out(self, name: str, mixed: str, module, shape: str) -> str:
        mixed = self.add("Transpose", [mixed], perm=[0, 2, 1, 3])
        return self.linear(name, self.add("Reshape", [mixed, shape]), module)

    def asking(self, name: str, hidden: str, module) -> str:
        """A linear layer that gives queries (and, beside them, what else it makes): they leave it
        scaled, since the runtime is several times slower where a product has a factor."""
        self.fill(module)
        width, heads = self.config.width, self.config.heads
        for matrix in (module.weight, module.bias):
            matrix[:width] *= (width // heads) ** -0.5
        return self.linear(name, hidden, module)

    def linear(self, name: str, hidden: str, module) -> str:
        self.fill(module)
        bias = self.weight(name + ".bias", module.bias.detach().numpy().copy())
        return self.plus(self.product(name, hidden, module), bias)

    def product(self, name: str, hidden: str, module) -> str:
        """With a matrix of weights, which the module gives up."""
        self.fill(module)
        matrix_OI = module.weight.detach().numpy()
        module.weight = None
        outputs, inputs = matrix_OI.shape
        block = next((size for size in BLOCKS if inputs % size == 0), None)
        if not self.int8 or block is None:
            return self.add("MatMul", [hidden, self.weight(name, np.array(matrix_OI.T, order="C"))])
        values, scales = blocks_of(matrix_OI, block)
        names = [name, name + ".scales"]
        self.weights |= zip(names, (values, scales), strict=True)
        options = {"K": inputs, "N": outputs, "bits": 8, "block_size": block, "accuracy_level": 4}
        return self.add("MatMulNBits", [hidden, *names], domain=CONTRIB, **options)

    def norm(self, name: str, module, hidden: str) -> str:
        self.fill(module)
        scale = self.weight(name + ".scale", module.weight.detach().numpy().copy())
        if self.config.rotary:
            options = {"axis": -1, "epsilon": RMS_EPSILON}
            return self.add("SimplifiedLayerNormalization", [hidden, scale], **options)
        shift = self.weight(name + ".shift", module.bias.detach().numpy().copy())
        return self.add("LayerNormalization", [hidden, scale, shift], axis=-1, epsilon=NORM_EPSILON)

    def split(self, joined: str, counts: str, axis: int) -> list[str]:
        names = [f"n{len(self.nodes)}_{part}" for part in "ab"]
        self.nodes.append(helper.make_node("Split", [joined, counts], names, axis=axis))
        return names

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


def blocks_of(matrix_OI: np.ndarray, block: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights as bytes (O, blocks, block), 128 standing for 0, and the scale of each block."""
    outputs, inputs = matrix_OI.shape
    blocks = matrix_OI.reshape(outputs, inputs // block, block)
    scales = np.maximum(np.abs(blocks).max(axis=2), 1e-12) / 127
    values = np.rint(blocks / scales[:, :, None]) + 128
    return values.astype(np.uint8), scales.astype(np.float32).reshape(-1)
