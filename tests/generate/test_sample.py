"""Each way of drawing changes what is drawn."""

import numpy as np
import pytest

from beatheritage.generate.request import Sampling
from beatheritage.generate.sample import (
    RHYTHM_BIAS,
    ROUND_BEATS,
    Luck,
    penalise,
    sample,
    sample_time,
)
from beatheritage.tokens.grammar import MASKS, Choice
from beatheritage.tokens.vocabulary import SIZE, Token, ids, meaning, token_id

LOGITS = np.linspace(0, 3, 12)
ALL = np.ones(12, bool)
LUCK = np.linspace(0, 0.999, 300).tolist()


def draws(
    sampling: Sampling, choice: Choice = Choice.SOUND, lately: tuple[int, ...] = ()
) -> set[int]:
    return {sample(LOGITS, ALL, choice, lately, sampling, luck) for luck in LUCK}


def test_only_what_is_allowed_is_drawn() -> None:
    allowed = np.zeros(12, bool)
    allowed[[2, 5]] = True
    loose = Sampling(top_p=1)
    assert {sample(LOGITS, allowed, Choice.SOUND, (), loose, luck) for luck in LUCK} == {2, 5}


def test_nothing_allowed_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="allows nothing"):
        sample(LOGITS, ~ALL, Choice.SOUND, (), Sampling(), 0.5)


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


def test_structure_is_drawn_more_carefully() -> None:
    loose = Sampling(top_p=1)
    likeliest = [
        sample(LOGITS, ALL, choice, (), loose, 0.6) for choice in (Choice.SOUND, Choice.LENGTH)
    ]
    assert likeliest[0] < likeliest[1]


def kinds(circle: float, combo: float, slider: float, top_p: float) -> list[int]:
    """What is drawn of these chances: a circle, and one with a new combo; a slider."""
    logits, allowed = np.full(SIZE, -30.0), MASKS[Choice.PLACED_KIND]
    for token, chance in (
        (token_id(Token.CIRCLE), circle),
        (token_id(Token.CIRCLE, 1), combo),
        (token_id(Token.SLIDER), slider),
    ):
        logits[token] = np.log(chance)
    loose = Sampling(top_p=top_p)
    return [sample(logits, allowed, Choice.PLACED_KIND, (), loose, luck) for luck in LUCK]


def test_a_rare_combo_is_written_now_and_then_and_a_rare_kind_is_not() -> None:
    drawn = kinds(circle=0.93, combo=0.04, slider=0.03, top_p=0.95)
    assert 0.01 < drawn.count(token_id(Token.CIRCLE, 1)) / len(drawn) < 0.1
    assert token_id(Token.SLIDER) not in drawn
    assert token_id(Token.SLIDER) in kinds(circle=0.93, combo=0.04, slider=0.03, top_p=1)


def test_combos_come_less_often_than_the_mapper_thinks_and_kinds_do_not() -> None:
    drawn = kinds(circle=0.25, combo=0.25, slider=0.5, top_p=1)
    plain, combo = (drawn.count(token_id(Token.CIRCLE, value)) for value in (0, 1))
    assert combo / (combo + plain) < 0.48
    assert (combo + plain) / len(drawn) == pytest.approx(0.5, abs=0.05)


def test_repetition_is_penalised() -> None:
    assert draws(Sampling(temperature=0, repetition_penalty=2), lately=(11,)) == {10}


def test_penalty_lowers_positive_and_negative_logits() -> None:
    lowered = penalise(np.array([2.0, -2.0, 1.0]), [0, 1], 2)
    assert lowered.tolist() == [1.0, -4.0, 1.0]


def times(chances: dict[int, float], luck: float, temperature: float = 1.0) -> int | None:
    """The tick that is drawn where ticks sound with given chances, each by itself; None: none."""
    logits, allowed = np.full(SIZE, -30.0), np.zeros(SIZE, bool)
    missed = 0.0
    for tick, chance in chances.items():
        logits[ids(Token.TICK).start + tick] = missed + np.log(chance)
        missed += np.log1p(-chance)
        allowed[ids(Token.TICK).start + tick] = True
    logits[token_id(Token.BEAT)] = missed
    allowed[token_id(Token.BEAT)] = True
    sampling = Sampling(temperature=temperature)
    token = sample_time(logits, allowed, np.full(48, luck), sampling)
    return None if token == token_id(Token.BEAT) else meaning(token)[1]


def test_a_sure_tick_does_not_hide_a_less_sure_one_before_it() -> None:
    assert times({0: 0.55, 24: 0.99}, luck=0.5, temperature=0) == 0


@pytest.mark.parametrize(("offset", "written"), [(-0.01, None), (0.01, 12)])
def test_without_chance_a_tick_is_written_from_a_threshold_on(
    offset: float, written: int | None
) -> None:
    threshold = 1 / (1 + np.exp(RHYTHM_BIAS))
    assert times({12: threshold + offset}, luck=0.5, temperature=0) == written


def test_luck_decides_what_is_open() -> None:
    assert times({12: 0.3}, luck=0.01) == 12
    assert times({12: 0.3}, luck=0.99) is None


def test_luck_is_tied_to_its_tick() -> None:
    luck = Luck(np.random.default_rng(1), 96, 480)
    assert luck.of_onsets(3).shape == (48,)
    assert luck.at(150, 0) == luck.at(150, 0)
    assert len({luck.at(150, draws) for draws in range(6)} | {luck.of_onsets(3)[6]}) == 7


def test_the_luck_of_onsets_comes_round_and_is_spread_evenly_on_the_way() -> None:
    luck = Luck(np.random.default_rng(2), 0, 48)
    rounds = np.array([luck.of_onsets(beat) for beat in range(-ROUND_BEATS, ROUND_BEATS)])
    assert (rounds[:ROUND_BEATS] == rounds[ROUND_BEATS:]).all()
    spread = np.sort(rounds[:ROUND_BEATS], axis=0) * ROUND_BEATS
    assert (np.floor(spread) == np.arange(ROUND_BEATS)[:, None]).all()
