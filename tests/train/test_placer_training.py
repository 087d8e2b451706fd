"""The placer learns, and what it is asked of a window is true."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from beatheritage.tokens.moves import (  # noqa: E402
    RETURN,
    Rhythm,
    conditions,
    scaled_conditions,
)
from beatheritage.train.loop import judge, train  # noqa: E402
from beatheritage.train.placer_data import PlacerData  # noqa: E402
from beatheritage.train.placer_windows import (  # noqa: E402
    PLAIN,
    Batch,
    Placing,
    draw_window,
    gather,
)
from tests.train.learners import placer_data, placer_learner  # noqa: E402


@pytest.fixture
def data(tiny_placer) -> PlacerData:
    return placer_data(tiny_placer[1])


def windows(data: PlacerData, placing: Placing, seed: int = 0, count: int = 8) -> Batch:
    rng = np.random.default_rng(seed)
    told = (placing, 1.0)
    return gather(data, [draw_window(data, np.arange(5), 24, told, rng) for _ in range(count)])


def test_it_learns(tiny_placer, tmp_path):
    learner = placer_learner(tmp_path, tiny_placer[1], ("steps=14", "optimiser.rate=3e-3"))
    early = judge(learner.model, learner, learner.recipe, learner.unseen())
    late = judge(train(learner, learner.recipe), learner, learner.recipe, learner.unseen())
    assert late["sum"] < 0.97 * early["sum"]


def test_mirroring_keeps_moves_and_stays_inside(data):
    batch = windows(data, Placing(), count=32)
    moved = (batch.heads - batch.seen.anchors[:, :, 0]).norm(dim=-1)
    rows = torch.from_numpy(data.moved)
    assert torch.isin(moved.mul(8).round(), rows.mul(8).round()).float().mean() > 0.99
    assert (batch.heads >= 0).all()
    assert (batch.heads[..., 1] <= 384).all()


def test_what_an_object_sees_is_what_lies_before_it(data):
    batch = windows(data, Placing())
    # The anchor's second place is the head of the object before.
    assert torch.allclose(batch.seen.anchors[:, 1:, 1], batch.heads[:, :-1], atol=1e-3)


def test_turning_keeps_every_distance_and_angle(data):
    plain, turned = (windows(data, placing) for placing in (PLAIN, Placing(flip=0, rotation=8)))
    assert not torch.allclose(plain.heads, turned.heads, atol=1.0)
    assert torch.equal(plain.actions, turned.actions)
    apart = [(batch.heads[:, 1:] - batch.heads[:, :-1]).norm(dim=-1) for batch in (plain, turned)]
    assert torch.allclose(*apart, atol=1e-2)
    assert (turned.heads >= 0).all()
    assert (turned.heads <= torch.tensor([512.0, 384.0])).all()


def test_scaling_scales_moves_lengths_and_what_is_told_of_them(data):
    plain, scaled = (windows(data, placing) for placing in (PLAIN, Placing(flip=0, scale=0.1)))
    ratios = scaled.seen.expected / plain.seen.expected.clamp(min=1e-6)
    told = ratios[:, 5, 0]
    assert (told - 1).abs().max() > 0.01
    for row, ratio in enumerate(told.tolist()):
        assert torch.allclose(scaled.lengths[row], plain.lengths[row] * ratio, rtol=1e-3)
    assert torch.equal(scaled.actions == RETURN, plain.actions == RETURN)


def test_scaled_conditions_are_those_of_the_scaled_map():
    count, rng = 12, np.random.default_rng(0)
    times = np.arange(count) * 400.0
    parts = {
        "times": times,
        "ends": times + 150,
        "beats": times / 500,
        "bar_phases": times / 500 % 4,
        "beat_lengths": np.full(count, 500.0),
        "kinds": rng.integers(0, 2, count),
        "new_combos": rng.integers(0, 2, count) > 0,
        "slides": np.ones(count, np.int64),
    }
    lengths = np.where(parts["kinds"] == 1, rng.uniform(60, 200, count), 0)
    plain, scaled = (Rhythm(**parts, lengths_px=lengths * scale) for scale in (1.0, 0.9))
    np.testing.assert_allclose(
        scaled_conditions(conditions(plain), 0.9), conditions(scaled), rtol=1e-5, atol=1e-6
    )


def test_noise_is_on_what_is_seen_and_not_on_what_is_asked(data):
    plain, noisy = (windows(data, placing) for placing in (PLAIN, Placing(flip=0, noise=0.05)))
    assert torch.equal(plain.heads, noisy.heads)
    apart = (plain.seen.anchors - noisy.seen.anchors).std()
    assert float(apart) == pytest.approx(0.05 * 128, rel=0.1)
