"""What runs an ancestor's decoder says the same, however rows are read."""

import numpy as np
import pytest
from tests.ancestors import TINY, relative_error, song_samples, write_tiny

from beatheritage.engine.ancestor import Told
from beatheritage.engine.ancestor_onnx import AT_ONCE, SLOTS
from beatheritage.engine.torch_ancestor import (
    CpuAncestor,
    TorchAncestor,
    load_ancestor,
    open_ancestor,
)
from beatheritage.errors import OptionError
from beatheritage.model.ancestor_graph import BLOCKS, blocks_of
from beatheritage.model.checkpoint import load_mapper

ROWS = [list(range(3, 40)), list(range(90, 120)), [7]]
LONG = [[3 + number % 400 for number in range(AT_ONCE + SLOTS + 5)]]


@pytest.fixture(scope="module", params=TINY)
def both(request, tmp_path_factory):
    opened = open_ancestor(write_tiny(request.param, tmp_path_factory.mktemp(request.param)))
    plain = TorchAncestor(load_mapper(opened.checkpoint))
    fast = load_ancestor(opened)
    assert isinstance(fast, CpuAncestor)
    samples = np.stack([song_samples(plain.window_samples), np.zeros(plain.window_samples)])
    told = Told(np.array([5.0, 2.0]), np.array([-1, 3]), np.array([[0.0, 0.5], [0.5, 1.0]]))
    return (plain, plain.hear(samples, told)), (fast, fast.hear(samples, told))


def logits(both, windows, reads, follows=()):
    for engine, heard in both:
        decoding = engine.start(heard, windows)
        read = []
        for number, rows in enumerate(reads):
            read.append(decoding.read(rows))
            if number in follows:
                decoding.follow(follows[number])
        yield np.stack(read)


@pytest.mark.parametrize(
    ("windows", "reads", "follows"),
    [
        ([0], [[ROWS[0]], [[5]], [[6]]], {}),
        ([0, 1, 1], [ROWS, [[5], [6], [7]], [[1], [2], [3]]], {}),
        ([1, 1], [ROWS[:2], [[5], [6]], [[5], [6]]], {0: [1, 0], 1: [1, 1]}),
        ([0], [LONG, [[5]], *([[[9]]] * SLOTS)], {}),
    ],
    ids=["one", "three of two windows", "rows that follow others", "more than there was room for"],
)
def test_onnx_runtime_says_what_torch_says(both, windows, reads, follows):
    plain, fast = logits(both, windows, reads, follows)
    assert relative_error(fast, plain) < 1e-4


def test_int8_is_near(tmp_path):
    opened = open_ancestor(write_tiny("v29", tmp_path))
    plain, small = load_ancestor(opened), load_ancestor(opened, "cpu", "int8")
    samples = song_samples(plain.window_samples)[None]
    told = Told(np.array([5.0]), np.array([-1]), np.array([[0.0, 0.5]]))
    both = [(engine, engine.hear(samples, told)) for engine in (plain, small)]
    one, other = logits(both, [0], [[ROWS[0]], [[5]]])
    assert 0 < relative_error(other, one) < 0.1


@pytest.mark.parametrize("block", BLOCKS)
def test_blocks_are_within_half_a_step(block):
    matrix = np.random.default_rng(0).normal(0, 1, (6, 2 * block)).astype(np.float32)
    values, scales = blocks_of(matrix, block)
    steps = scales.reshape(6, 2, 1)
    off = (values.astype(float) - 128) * steps - matrix.reshape(6, 2, block)
    assert (np.abs(off) <= 0.51 * steps).all()


@pytest.mark.parametrize(
    ("device", "precision", "message"),
    [
        ("cuda:9", "fp32", "there is no device 'cuda:9'"),
        ("toaster", "fp32", "there is no device 'toaster'"),
        ("cpu", "bf16", "bf16 is for a GPU"),
    ],
)
def test_what_is_not_there_is_refused(tmp_path, device, precision, message):
    opened = open_ancestor(write_tiny("v32", tmp_path))
    with pytest.raises(OptionError, match=message):
        load_ancestor(opened, device, precision)
