"""What tests of several layers share: real but tiny models."""

import json
from dataclasses import asdict

import numpy as np
import pytest


@pytest.fixture(scope="session")
def tiny_placer():
    """A placer with random weights, and three shapes: a line, an arc, a corner."""
    torch = pytest.importorskip("torch", reason="the models are made with torch")
    from beatheritage.model.placer import Placer, PlacerConfig
    from beatheritage.osu.beatmap import CurveKind, Point
    from beatheritage.tokens import moves
    from beatheritage.tokens.shapes import Codebook, Shape

    codebook = Codebook(
        shapes=(
            Shape(kind=CurveKind.LINEAR, points=(Point(1.0, 0.0),)),
            Shape(kind=CurveKind.PERFECT, points=(Point(0.47, 0.12), Point(0.93, 0.0))),
            Shape(
                kind=CurveKind.BEZIER,
                points=(Point(0.45, 0.22), Point(0.45, 0.22), Point(0.9, 0.0)),
            ),
        )
    )
    config = PlacerConfig(
        conditions=moves.CONDITIONS,
        actions=moves.ACTIONS,
        turns=moves.TURNS,
        orientations=moves.ORIENTATIONS,
        anchors=2 * moves.HISTORY,
        shapes=len(codebook.shapes),
        context=32,
        state=32,
        judged=16,
    )
    generator = torch.Generator().manual_seed(5)
    placer = Placer(config, torch.from_numpy(codebook.polylines)).eval()
    with torch.no_grad():
        for weight in placer.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) * 0.2)
    return placer, codebook


@pytest.fixture(scope="session")
def placer_folder(tiny_placer, tmp_path_factory):
    """The tiny placer as it would ship."""
    from beatheritage.engine.weights import MANIFEST, make_manifest
    from beatheritage.model.placer_export import export_placer

    placer, codebook = tiny_placer
    folder = tmp_path_factory.mktemp("placer")
    export_placer(placer, folder)
    described = {"config": asdict(placer.config), "shapes": codebook.to_json()}
    (folder / "placer.json").write_text(json.dumps(described), encoding="utf-8")
    (folder / MANIFEST).write_text(make_manifest(folder), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def placer_engine(placer_folder):
    from beatheritage.engine.placer_onnx import OnnxPlacer

    return OnnxPlacer(placer_folder)


@pytest.fixture
def rng():
    return np.random.default_rng(7)
