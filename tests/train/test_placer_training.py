"""Training learns, and goes on where it stopped as if it had not."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from beatheritage.dataset.places import read_places  # noqa: E402
from beatheritage.osu.beatmap import (  # noqa: E402
    Beatmap,
    Circle,
    CurveKind,
    Point,
    RedLine,
    Slider,
)
from beatheritage.tokens.moves import Style, style_vector  # noqa: E402
from beatheritage.train.placer import Recipe, judge, learning_rate, train  # noqa: E402
from beatheritage.train.placer_data import PlacerData, join_charts  # noqa: E402
from beatheritage.train.placer_objective import draw_batch  # noqa: E402

RECIPE = Recipe(steps=4, windows=4, length=24, warm_up=2, context=32, state=32)


def circling(seed: int) -> Beatmap:
    """Steps of 60 px around the middle, and a straight slider every fifth."""
    rng = np.random.default_rng(seed)
    angles = np.cumsum(rng.choice([0.5, -0.5], 60)) + rng.uniform(0, 6)
    objects = []
    for index, angle in enumerate(angles):
        x, y = 256 + 120 * np.cos(angle), 192 + 120 * np.sin(angle)
        place = {"time": 300.0 * index, "x": round(x), "y": round(y)}
        if index % 5 == 4:
            end = (Point(round(x), round(y) + 40),)
            objects.append(
                Slider(**place, kind=CurveKind.LINEAR, points=end, slides=1, length=40.0)
            )
        else:
            objects.append(Circle(**place))
    return Beatmap(timing_points=(RedLine(time=0, beat_length=600),), objects=tuple(objects))


@pytest.fixture(scope="module")
def data_and_codebook(tiny_placer):
    charts = [read_places(circling(seed)) for seed in range(6)]
    styles = [style_vector(Style(3.0, 4.0, 0.3))] * 6
    held = [False] * 5 + [True]
    return join_charts(charts, styles, held, tiny_placer[1]), tiny_placer[1]


@pytest.fixture
def data(data_and_codebook) -> PlacerData:
    return data_and_codebook[0]


def test_it_learns(data_and_codebook, tmp_path):
    data, codebook = data_and_codebook
    unseen = torch.tensor([5])
    early = judge(train(data, codebook, RECIPE, tmp_path / "a"), data, unseen, RECIPE)
    later = replace(RECIPE, steps=14)
    late = judge(train(data, codebook, later, tmp_path / "b"), data, unseen, later)
    assert sum(late.values()) < 0.95 * sum(early.values())


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(data_and_codebook, tmp_path):
    data, codebook = data_and_codebook
    whole = train(data, codebook, RECIPE, tmp_path / "whole").state_dict()
    train(data, codebook, RECIPE, tmp_path / "parts", until=2)
    parts = train(data, codebook, RECIPE, tmp_path / "parts").state_dict()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_the_global_seed_is_left_alone(data_and_codebook, tmp_path):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    train(*data_and_codebook, RECIPE, tmp_path)
    assert torch.equal(before, torch.get_rng_state())


def test_mirroring_keeps_moves_and_stays_inside(data):
    batch = draw_batch(data, torch.arange(5), 32, 24, torch.Generator().manual_seed(0))
    moved = (batch.heads - batch.seen.anchors[:, :, 0]).norm(dim=-1)
    rows = torch.from_numpy(data.moved)
    assert torch.isin(moved.mul(8).round(), rows.mul(8).round()).all()
    assert (batch.heads >= 0).all()
    assert (batch.heads[..., 1] <= 384).all()


def test_what_an_object_sees_is_what_lies_before_it(data):
    batch = draw_batch(data, torch.arange(5), 8, 24, torch.Generator().manual_seed(0))
    # The anchor's second place is the head of the object before.
    assert torch.allclose(batch.seen.anchors[:, 1:, 1], batch.heads[:, :-1], atol=1e-3)


@pytest.mark.parametrize(("step", "share"), [(0, 0.5), (1, 1.0), (4, 0.0)])
def test_learning_rate_rises_and_falls(step, share):
    recipe = replace(RECIPE, least_rate=0.0)
    if step == 1:
        share = 0.5 * (1 + np.cos(np.pi / 4))
    assert learning_rate(step, recipe) == pytest.approx(share * recipe.rate, abs=1e-9)
