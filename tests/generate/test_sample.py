"""Each way of drawing changes what is drawn."""

import numpy as np
import pytest

from beatheritage.generate.plan import Sampling
from beatheritage.generate.sample import penalise, sample
from beatheritage.tokens.grammar import Choice
from beatheritage.tokens.vocabulary import SIZE

LOGITS = np.linspace(0, 3, 12)
ALL = np.ones(12, bool)


def draws(
    sampling: Sampling, choice: Choice = Choice.SOUND, lately: tuple[int, ...] = ()
) -> set[int]:
    rng = np.random.default_rng(1)
    return {sample(LOGITS, ALL, choice, lately, sampling, rng) for _ in range(300)}


def test_only_what_is_allowed_is_drawn() -> None:
    allowed = np.zeros(12, bool)
    allowed[[2, 5]] = True
    rng = np.random.default_rng(0)
    seen = {sample(LOGITS, allowed, Choice.SOUND, (), Sampling(top_p=1), rng) for _ in range(100)}
    assert seen == {2, 5}


def test_temperature_zero_takes_the_likeliest() -> None:
    assert draws(Sampling(temperature=0)) == {11}
    assert len(draws(Sampling(temperature=2, top_p=1))) == 12


@pytest.mark.parametrize("top_k", [1, 3])
def test_top_k_keeps_as_many(top_k: int) -> None:
    assert draws(Sampling(top_p=1, top_k=top_k)) == set(range(12 - top_k, 12))


def test_top_p_keeps_the_nucleus() -> None:
    chances = np.exp(LOGITS) / np.exp(LOGITS).sum()
    needed = int(np.searchsorted(np.cumsum(np.sort(chances)[::-1]), 0.5)) + 1
    assert draws(Sampling(top_p=0.5)) == set(range(12 - needed, 12))


def test_repetition_is_penalised_but_never_in_rhythm() -> None:
    strict = Sampling(temperature=0, repetition_penalty=2)
    assert draws(strict, lately=(11,)) == {10}
    assert draws(strict, Choice.TIME, lately=(11,)) == {11}


def test_penalty_lowers_positive_and_negative_logits() -> None:
    lowered = penalise(np.array([2.0, -2.0, 1.0]), [0, 1], 2)
    assert lowered.tolist() == [1.0, -4.0, 1.0]


def test_one_choice_costs_no_chance() -> None:
    rng = np.random.default_rng(9)
    before = rng.bit_generator.state
    allowed = np.zeros(SIZE, bool)
    allowed[4] = True
    assert sample(np.zeros(SIZE), allowed, Choice.TIME, (), Sampling(), rng) == 4
    assert rng.bit_generator.state == before
