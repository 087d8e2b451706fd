"""The placer on ONNX Runtime gives what torch gives."""

import json
import shutil

import numpy as np
import pytest
import torch

from beatheritage.engine.placer_onnx import OnnxPlacer, Sight
from beatheritage.engine.weights import MANIFEST, make_manifest
from beatheritage.errors import WeightsError
from beatheritage.model.placer import Seen
from beatheritage.tokens import moves

AGREES = 1e-4


def batch_of_one(*values) -> list[torch.Tensor]:
    return [torch.from_numpy(np.asarray(value, np.float32))[None] for value in values]


@pytest.fixture
def sight(rng):
    anchors = rng.uniform(0, 380, (2 * moves.HISTORY, 2))
    return Sight(anchors, np.array([0.6, 0.8]), 80.0, 95.0, 1)


@pytest.fixture
def seen(sight):
    return Seen(
        *batch_of_one(sight.anchors, sight.facing, [80.0], [95.0], [0, 1, 0]),
    )


def test_encode_agrees_for_any_number_of_objects(tiny_placer, placer_engine, rng):
    placer, _ = tiny_placer
    style = rng.normal(size=4)
    for count in (1, 2, 77):
        conditions = rng.normal(size=(count, moves.CONDITIONS))
        with torch.no_grad():
            expected = placer.encode(*batch_of_one(conditions, style))[0].numpy()
        assert np.abs(placer_engine.encode(conditions, style) - expected).max() < AGREES


def test_step_agrees(tiny_placer, placer_engine, sight, seen, rng):
    placer, _ = tiny_placer
    context, state = rng.normal(size=32), rng.normal(size=32)
    got = placer_engine.step(context, sight, state)
    with torch.no_grad():
        tensors = batch_of_one(context, state)
        expected = placer.step(tensors[0], seen, tensors[1])
    for mine, theirs in zip(got, expected, strict=True):
        assert np.abs(mine - theirs[0].numpy()).max() < AGREES


@pytest.mark.parametrize("distance", [3.0, 120.0, 500.0])
def test_turn_agrees(tiny_placer, placer_engine, sight, seen, rng, distance):
    placer, _ = tiny_placer
    state = rng.normal(size=32)
    with torch.no_grad():
        tensors = batch_of_one(state, [distance])
        expected = placer.turn(tensors[0], seen, tensors[1])[0].numpy()
    assert np.abs(placer_engine.turn(state, sight, distance) - expected).max() < AGREES


@pytest.mark.parametrize("shape", [0, 1, 2])
def test_body_and_orient_agree(tiny_placer, placer_engine, sight, seen, rng, shape):
    placer, _ = tiny_placer
    state, context = rng.normal(size=32), rng.normal(size=32)
    head, came = np.array([200.0, 100.0]), np.array([30.0, -60.0])
    body = placer_engine.body(state, context, head, came)
    lies = placer_engine.orient(body.query, shape, 140.0, sight)
    with torch.no_grad():
        query = placer.body(*batch_of_one(state, context, head, came))
        shapes = placer.shape(query)[0].numpy()
        length = torch.tensor([[140.0]])
        expected = placer.orient(query, torch.tensor([shape]), length, seen)[0].numpy()
    assert np.abs(body.shapes - shapes).max() < AGREES
    assert np.abs(lies - expected).max() < AGREES


@pytest.mark.parametrize("name", ["placer.json", "placer_turn.onnx"])
def test_missing_weights_are_named(placer_folder, tmp_path, name):
    folder = shutil.copytree(placer_folder, tmp_path / "weights")
    (folder / name).unlink()
    with pytest.raises(WeightsError, match="missing") as caught:
        OnnxPlacer(folder)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("placer.json", "{"), ("placer.json", json.dumps({"shapes": []})), ("placer_step.onnx", "x")],
)
def test_damaged_weights_are_named(placer_folder, tmp_path, name, text):
    folder = shutil.copytree(placer_folder, tmp_path / "weights")
    (folder / name).write_text(text)
    with pytest.raises(WeightsError, match="hash differs"):
        OnnxPlacer(folder)
    # Damaged before it was packed: the hash is right.
    (folder / MANIFEST).write_text(make_manifest(folder))
    with pytest.raises(WeightsError, match="damaged"):
        OnnxPlacer(folder)
