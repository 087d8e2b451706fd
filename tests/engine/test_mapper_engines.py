"""Both engines give the same numbers, and pieces of a song those of the whole."""

import json

import numpy as np
import pytest

from beatheritage.engine.mapper import BLOCK_POSITIONS, MARGIN_POSITIONS, blocks
from beatheritage.engine.mapper_onnx import OnnxMapper
from beatheritage.engine.weights import WEIGHTS
from beatheritage.tokens import prompt, vocabulary

torch = pytest.importorskip("torch", reason="torch is not installed")

from tests.tiny import random_score, tiny_mapper  # noqa: E402

from beatheritage.engine.torch import TorchMapper, load_mapper  # noqa: E402


def test_engines_agree_on_the_weights_that_ship() -> None:
    rng = np.random.default_rng(5)
    score, condition = random_score(16), rng.random(prompt.SIZE).astype(np.float32)
    onnx, plain = OnnxMapper(WEIGHTS), load_mapper(WEIGHTS)
    memories = onnx.encode(score, condition), plain.encode(score, condition)
    for name in ("memory", "onsets", "kiai"):
        ours, theirs = (getattr(memory, name) for memory in memories)
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    decodings = onnx.start(memories[0]), plain.start(memories[0])
    for count in (9, 1, 1, 4):
        tokens = rng.integers(0, vocabulary.SIZE, count)
        ticks, floors = np.sort(rng.integers(0, 768, count)), rng.integers(0, 49, count)
        ours, theirs = (each.step(tokens, ticks, floors) for each in decodings)
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    assert decodings[0].room == decodings[1].room


def test_the_weights_fit_the_vocabulary() -> None:
    config = json.loads((WEIGHTS / "mapper.json").read_text("utf-8"))
    assert config["vocabulary"] == vocabulary.SIZE
    assert config["conditions"] == prompt.SIZE


@pytest.mark.parametrize("positions", [1, BLOCK_POSITIONS, BLOCK_POSITIONS + 1, 10_000])
def test_blocks_keep_every_position_once(positions: int) -> None:
    kept = [place for hear, keep in blocks(positions) for place in range(positions)[hear][keep]]
    assert kept == list(range(positions))


def test_a_song_in_blocks_is_heard_as_a_whole() -> None:
    mapper = tiny_mapper()
    assert sum(mapper.config.dilations) <= MARGIN_POSITIONS
    score, condition = random_score(290), np.ones(prompt.SIZE, np.float32)
    engine = TorchMapper(mapper)
    assert len(blocks(len(score.phases))) == 2
    pieces = engine.encode(score, condition)
    with torch.no_grad():
        whole = mapper.encoder(
            engine.tensor(score.patches),
            engine.tensor(score.phases),
            engine.tensor(score.tempos),
            torch.ones(1),
            engine.tensor(condition),
        )
    np.testing.assert_allclose(pieces.memory, whole[0][0].numpy(), atol=1e-4)
    np.testing.assert_allclose(pieces.onsets, whole[1][0].numpy(), atol=1e-4)
