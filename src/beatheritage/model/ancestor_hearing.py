"""An encoder's layers, and what the decoder keeps of what they heard, as ONNX graphs: the runtime's
products, and its attention that never has all scores at once, measure better than torch's.

Shape suffixes: W windows, P encoder positions, H heads, D width of a head, C width.
"""

import torch

from beatheritage.model.ancestor import AncestorConfig, Decoder, Encoder
from beatheritage.model.graph_writer import CONTRIB, FLOAT, Fill, Graph, GraphWriter
from beatheritage.model.rotary import turns


def layers_graph(encoder: Encoder, config: AncestorConfig, fill: Fill, greatest: int = 0) -> Graph:
    """From ``hidden`` (W, P, C), as the convolutions leave it, to ``memory`` (W, P, C)."""
    writer = GraphWriter(fill, greatest)
    writer.inputs = [("hidden", FLOAT, ["W", config.source_positions, config.width])]
    if config.rotary:
        _add_turns(writer, config)
    hidden = "hidden"
    for number, layer in enumerate(encoder.layers):
        hidden = _layer(writer, f"{number}.", layer, hidden, config)
    normed = writer.norm("norm", encoder.norm, hidden)
    writer.outputs = [writer.add("Identity", [normed], "memory")]
    return writer.graph("layers")


def keeping_graph(decoder: Decoder, config: AncestorConfig, fill: Fill, greatest: int = 0) -> Graph:
    """From ``memory`` (W, P, C) to the keys and values of every layer, (W, H, P, D) each."""
    writer = GraphWriter(fill, greatest)
    writer.inputs = [("memory", FLOAT, ["W", "P", config.width])]
    heads = writer.constant("heads", [0, 0, config.heads, -1])
    halves = writer.constant("halves", [config.width, config.width])
    for number, layer in enumerate(decoder.layers):
        both = writer.linear(f"{number}.kv", "memory", layer.cross.kv)  # pyright: ignore[reportAttributeAccessIssue]
        for kind, one in zip(("keys", "values"), writer.split(both, halves, 2), strict=True):
            parted = writer.add("Reshape", [one, heads])
            name = f"{number}.song_{kind}"
            writer.outputs.append(writer.add("Transpose", [parted], name, perm=[0, 2, 1, 3]))
    return writer.graph("keeping")


def _add_turns(writer: GraphWriter, config: AncestorConfig) -> None:
    half = config.width // config.heads // 2
    cosine_PD, sine_PD = turns(torch.arange(config.source_positions), half)
    writer.weight("cosine", cosine_PD.numpy())
    writer.weight("sine", sine_PD.numpy())
    writer.constant("first", [0])


def _layer(writer: GraphWriter, at: str, layer, hidden: str, config: AncestorConfig) -> str:
    normed = writer.norm(at + "attention_norm", layer.attention_norm, hidden)
    trio = writer.linear(at + "qkv", normed, layer.attention.qkv)
    thirds = writer.constant("thirds", [config.width] * 3)
    queries, keys, values = writer.split(trio, thirds, 2, 3)
    if config.rotary:
        places = ["first", "cosine", "sine"]
        queries, keys = (
            writer.add("RotaryEmbedding", [each, *places], domain=CONTRIB)
            for each in (queries, keys)
        )
    attended = writer.add(
        "MultiHeadAttention", [queries, keys, values], domain=CONTRIB, num_heads=config.heads
    )
    hidden = writer.plus(hidden, writer.linear(at + "out", attended, layer.attention.out))
    return writer.feed_forward(at, hidden, layer)
