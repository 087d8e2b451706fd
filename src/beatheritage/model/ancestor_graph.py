"""A decoder's step as an ONNX graph: past keys and values come in as they lie in memory, and only
the new ones go out, so that nothing that was written is ever copied. Of several tokens the last
one's logits alone are asked for: the others leave the last layer once they are keys and values.

Shape suffixes: R rows, T new tokens, N slots of the cache, W windows, P encoder positions, H heads,
D width of a head, C width, V vocabulary.
"""

from beatheritage.model.ancestor import AncestorConfig, Decoder
from beatheritage.model.graph_writer import CONTRIB, FLOAT, WHOLE, Fill, Graph, GraphWriter


def step_graph(decoder: Decoder, config: AncestorConfig, fill: Fill, greatest: int = 0) -> Graph:
    """The graph of a decoder, which gives its matrices up; see ``GraphWriter``."""
    writer = _StepWriter(decoder, config, fill, greatest)
    writer.write()
    return writer.graph("step")


class _StepWriter(GraphWriter):
    def __init__(self, decoder: Decoder, config: AncestorConfig, fill: Fill, greatest: int) -> None:
        super().__init__(fill, greatest)
        self.decoder, self.config = decoder, config
        self.inputs += [
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
            is_last = number + 1 == len(decoder.layers)
            hidden = self.layer(f"{number}.", layer, hidden, is_last=is_last)
        logits = self.product("head", self.norm("norm", decoder.norm, hidden), decoder.head)
        self.add("Squeeze", [logits, self.constant("axis_1", [1])], output="logits")

    def layer(self, at: str, layer, hidden: str, *, is_last: bool) -> str:
        normed = self.norm(at + "attention_norm", layer.attention_norm, hidden)
        attended = self.attend(at, layer.attention, normed, is_last=is_last)
        hidden = self.plus(self.last(hidden, 1) if is_last else hidden, attended)
        normed = self.norm(at + "cross_norm", layer.cross_norm, hidden)
        hidden = self.plus(hidden, self.look(at, layer.cross, normed))
        return self.feed_forward(at, hidden, layer)

    def attend(self, at: str, attention, hidden: str, *, is_last: bool) -> str:
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
        bias = "bias"
        if is_last:
            queries, bias = self.last(queries, 2), self.last(bias, 2)
        scores = [self.scores(queries, each) for each in (keys, new_keys)]
        scores = self.plus(self.add("Concat", scores, axis=3), bias)
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
