"""What runs an ancestor's decoder says the same, however rows are read."""

import numpy as np
import pytest
from tests.ancestors import TINY, relative_error, song_samples, write_tiny
from torch import nn

from beatheritage.engine.ancestor import Told
from beatheritage.engine.ancestor_onnx import AT_ONCE, SLOTS, open_session
from beatheritage.engine.torch_ancestor import (
    BYTE,
    CpuAncestor,
    TorchAncestor,
    greatest_whole,
    load_ancestor,
    open_ancestor,
)
from beatheritage.errors import OptionError
from beatheritage.model.ancestor_cache import Cache
from beatheritage.model.checkpoint import load_mapper
from beatheritage.model.graph_writer import FLOAT, GraphWriter, whole_rows

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


@pytest.mark.parametrize("version", TINY)
def test_steps_in_place_say_what_steps_over_a_growing_cache_say(version, tmp_path, monkeypatch):
    monkeypatch.setattr(Cache, "FIRST_SLOTS", 8)
    recordings = []
    once = "beatheritage.engine.torch_steps.recorded"
    monkeypatch.setattr(once, lambda step, device: recordings.append(device) or step)
    mapper = load_mapper(open_ancestor(write_tiny(version, tmp_path)).checkpoint)
    plain, in_place = TorchAncestor(mapper), TorchAncestor(mapper, in_place=True)
    samples = np.stack([song_samples(plain.window_samples), np.zeros(plain.window_samples)])
    told = Told(np.array([5.0, 2.0]), np.array([-1, 3]), np.array([[0.0, 0.5], [0.5, 1.0]]))
    both = [(engine, engine.hear(samples, told)) for engine in (plain, in_place)]
    steps = [[[number], [number + 5], [number + 9]] for number in range(3, 63)]
    follows = {3: [2, 0, 1], 20: [1, 1, 2]}
    one, other = logits(both, [0, 1, 1], [ROWS, *steps], follows)
    assert relative_error(other, one) < 1e-5
    assert len(recordings) == 2  # the prompts left no room for all of them


def test_steps_in_place_go_on_with_fewer_rows(tmp_path):
    mapper = load_mapper(open_ancestor(write_tiny("v32", tmp_path)).checkpoint)
    said = []
    for in_place in (False, True):
        engine = TorchAncestor(mapper, in_place=in_place)
        told = Told(np.array([5.0]), np.array([-1]), np.array([[0.0, 0.5]]))
        heard = engine.hear(song_samples(engine.window_samples)[None], told)
        decoding = engine.start(heard, [0, 0, 0])
        decoding.read(ROWS)
        decoding.read([[5], [6], [7]])
        decoding.follow([2, 0])
        said.append(np.stack([decoding.read([[8], [9]]) for _ in range(3)]))
    assert relative_error(said[1], said[0]) < 1e-5


def test_int8_is_near(tmp_path):
    opened = open_ancestor(write_tiny("v29", tmp_path))
    plain, small = load_ancestor(opened), load_ancestor(opened, "cpu", "int8")
    samples = song_samples(plain.window_samples)[None]
    told = Told(np.array([5.0]), np.array([-1]), np.array([[0.0, 0.5]]))
    both = [(engine, engine.hear(samples, told)) for engine in (plain, small)]
    one, other = logits(both, [0], [[ROWS[0]], [[5]]])
    assert 0 < relative_error(other, one) < 0.1


@pytest.mark.parametrize("greatest", [BYTE, BYTE // 2])
def test_whole_rows_are_within_half_a_step(greatest):
    matrix = np.random.default_rng(0).normal(0, 1, (6, 40)).astype(np.float32)
    matrix[2] = 0
    values, scales = whole_rows(matrix, greatest)
    assert np.abs(values).max() == greatest
    assert (np.abs(values.T * scales[:, None] - matrix) <= 0.51 * scales[:, None]).all()


def test_sums_of_the_greatest_whole_numbers_do_not_run_over():
    writer = GraphWriter(lambda module: None, greatest_whole())
    linear = nn.Linear(512, 1, bias=False)
    nn.init.constant_(linear.weight, 3.0)
    writer.inputs = [("ones", FLOAT, [1, 512])]
    writer.outputs = [writer.product("weights", "ones", linear)]
    (total,) = open_session(*writer.graph("sum")).run(None, {"ones": np.ones((1, 512), np.float32)})
    assert np.asarray(total).item() == pytest.approx(3 * 512, rel=0.01)


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


def test_what_has_no_cuda_graphs_says_so(tmp_path):
    opened = open_ancestor(write_tiny("v32", tmp_path))
    with pytest.raises(OptionError, match="cpu has no CUDA graphs"):
        load_ancestor(opened, cuda_graphs=True)
