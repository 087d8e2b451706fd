"""Training learns, goes on where it stopped, and what it says of a window is true."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from beatheritage.osu.beatmap import Beatmap, Circle, RedLine  # noqa: E402
from beatheritage.tokens.grammar import MASKS  # noqa: E402
from beatheritage.tokens.vocabulary import Token, ids, token_id  # noqa: E402
from beatheritage.train.grading import TokenGrading  # noqa: E402
from beatheritage.train.mapper import Recipe, _tensors, train  # noqa: E402
from beatheritage.train.mapper_data import BUCKET, Windows, batches, example_of  # noqa: E402
from beatheritage.train.mapper_noise import NO_NOISE, Noise  # noqa: E402
from beatheritage.train.objective import glance_totals, mapper_totals  # noqa: E402
from tests.tiny import tiny_mapper  # noqa: E402


def windows(size: int = 2, noise: Noise = NO_NOISE) -> Windows:
    """One chart, a circle on every beat of two minutes, and its made-up song."""
    circles = tuple(Circle(time=1000 + 500.0 * beat, x=256, y=192) for beat in range(240))
    beatmap = Beatmap(timing_points=(RedLine(time=1000, beat_length=500),), objects=circles)
    mel = np.random.default_rng(0).normal(0, 1, (33_000, 48)).astype(np.float16)
    return Windows([example_of(beatmap, "song", 2.0)], {"song": mel}, size, noise)


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


def test_noise_changes_what_is_told_and_not_what_is_learnt() -> None:
    plain = next(batches(windows(4), 0, 0))
    noisy = next(batches(windows(4, Noise(codec=1, slipping=1, slips=1)), 0, 0))
    heard = [made for made in (plain, noisy) if made.heard_B.any()]
    assert len(heard) == 2
    assert not np.array_equal(plain.patch_BPM, noisy.patch_BPM)
    sliders = ids(Token.SLIDER)

    def tells_of_sliders(tokens: np.ndarray) -> bool:
        return bool(((tokens >= sliders.start) & (tokens < sliders.stop)).any())

    assert tells_of_sliders(noisy.tokens_BT)
    assert not tells_of_sliders(noisy.targets_BT)
    assert not tells_of_sliders(plain.tokens_BT)


def test_the_glance_is_learnt_alone_where_that_is_asked() -> None:
    mapper, batch = tiny_mapper().train(), _tensors(next(batches(windows(), 0, 0)))
    masks = torch.from_numpy(MASKS)
    alone = glance_totals(mapper, batch, masks, TokenGrading())["glance"]
    both = mapper_totals(mapper, batch, masks, TokenGrading())
    assert float(alone) == float(both["glance"])
    alone.backward()
    moved = {name for name, each in mapper.named_parameters() if each.grad is not None}
    assert moved == {
        f"decoder.glance.{name}" for name, _ in mapper.decoder.glance.named_parameters()
    }


@pytest.mark.parametrize("grade", [mapper_totals, glance_totals])
def test_a_batch_is_learnt(grade: Callable[..., dict[str, torch.Tensor]]) -> None:
    mapper, batch = tiny_mapper().train(), _tensors(next(batches(windows(), 0, 0)))
    optimiser = torch.optim.AdamW(mapper.parameters(), lr=3e-3)
    masks, losses = torch.from_numpy(MASKS), []
    for _ in range(12):
        parts = grade(mapper, batch, masks, TokenGrading())
        loss = torch.stack(list(parts.values())).sum() / 1000
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
