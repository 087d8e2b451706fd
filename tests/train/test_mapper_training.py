"""Training learns, goes on where it stopped, and what it says of a window is true."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from tests.tiny import tiny_mapper  # noqa: E402

from beatheritage.osu.beatmap import Beatmap, Circle, RedLine  # noqa: E402
from beatheritage.tokens.grammar import MASKS  # noqa: E402
from beatheritage.tokens.vocabulary import Token, ids, token_id  # noqa: E402
from beatheritage.train.mapper import Recipe, _tensors, train  # noqa: E402
from beatheritage.train.mapper_data import BUCKET, Windows, batches, example_of  # noqa: E402
from beatheritage.train.objective import mapper_loss  # noqa: E402


def windows(size: int = 2) -> Windows:
    """One chart, a circle on every beat of two minutes, and its made-up song."""
    circles = tuple(Circle(time=1000 + 500.0 * beat, x=256, y=192) for beat in range(240))
    beatmap = Beatmap(timing_points=(RedLine(time=1000, beat_length=500),), objects=circles)
    mel = np.random.default_rng(0).normal(0, 1, (33_000, 48)).astype(np.float16)
    return Windows([example_of(beatmap, "song", 2.0)], {"song": mel}, size)


def test_batches_are_the_same_again_and_from_any_step() -> None:
    whole = batches(windows(), 3, 0)
    first = [next(whole) for _ in range(2 * BUCKET)]
    late = next(batches(windows(), 3, BUCKET + 1))
    np.testing.assert_array_equal(late.tokens_BT, first[BUCKET + 1].tokens_BT)
    np.testing.assert_array_equal(late.patch_BPM, first[BUCKET + 1].patch_BPM)


def test_targets_are_among_their_choices_and_onsets_where_the_tokens_are() -> None:
    batch = next(batches(windows(4), 0, 0))
    learnt = batch.targets_BT >= 0
    assert learnt.any()
    assert MASKS[batch.choices_BT[learnt], batch.targets_BT[learnt]].all()
    ticks = ids(Token.TICK)
    is_tick = (batch.targets_BT >= ticks.start) & (batch.targets_BT < ticks.stop)
    for row in range(len(is_tick)):
        # A target's place is told with the next token.
        places = batch.ticks_BT[row, 1:][is_tick[row, :-1]]
        assert (batch.onset_BN[row, places] == 1).all()


def test_the_future_is_told_and_not_learnt() -> None:
    batch = batches(windows(8), 1, 0)
    future = token_id(Token.FUTURE)
    for made in (next(batch) for _ in range(BUCKET)):
        for tokens, targets in zip(made.tokens_BT, made.targets_BT, strict=True):
            if tokens[0] == future:
                start = int(np.flatnonzero(tokens == token_id(Token.START))[0])
                assert (targets[:start] == -1).all()
                assert (targets[start:] >= 0).any()
                return
    pytest.fail("no window had a hole")


def test_a_batch_is_learnt() -> None:
    mapper, batch = tiny_mapper().train(), _tensors(next(batches(windows(), 0, 0)))
    optimiser = torch.optim.AdamW(mapper.parameters(), lr=3e-3)
    masks, losses = torch.from_numpy(MASKS), []
    for _ in range(12):
        loss, _ = mapper_loss(mapper, batch, masks)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.slow
def test_a_resumed_run_ends_with_the_same_weights(tmp_path: Path) -> None:
    source, recipe = windows(1), Recipe(steps=4, batch=1, save_every=2)
    straight = train(source, source, recipe, tmp_path / "straight")
    train(source, source, recipe, tmp_path / "halves", stop=2)
    resumed = train(source, source, recipe, tmp_path / "halves")
    for one, other in zip(straight.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(one, other)
