"""Shares and densities come to what was asked for, whatever the model would rather do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatheritage.generate.share import REST_CELLS, Density, Share, chances, shift_to


def drawn(asked: float, odds: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """The decisions of a share that meets log-odds one after another."""
    share, luck = Share(asked), np.random.default_rng(4)
    made = []
    for index, own in enumerate(odds.tolist()):
        shift = share.shift(own, len(odds) - index, temperature)
        made.append(own + shift > temperature * np.log(1 / max(luck.random(), 1e-9) - 1))
        share.add(made[-1], own)
    return np.array(made)


@pytest.mark.parametrize("asked", [0.1, 0.2, 0.4, 0.6, 0.9])
@pytest.mark.parametrize("bias", [-4.0, 0.0, 3.0])
def test_a_share_is_met_behind_any_bias(asked: float, bias: float) -> None:
    odds = bias + np.random.default_rng(1).normal(0, 2, 300)
    assert drawn(asked, odds).mean() == pytest.approx(asked, abs=0.03)


def test_a_share_is_met_by_a_model_that_changes_its_mind() -> None:
    odds = np.repeat([-5.0, 2.0, -1.0, 6.0], 80)
    assert drawn(0.3, odds).mean() == pytest.approx(0.3, abs=0.03)


def test_all_and_nothing_are_exact() -> None:
    odds = np.random.default_rng(2).normal(0, 5, 100)
    assert not drawn(0, odds).any()
    assert drawn(1, odds).all()


def test_what_the_model_finds_fitting_comes_first() -> None:
    odds = np.tile(np.repeat([-1.0, -6.0], 25), 8)
    made = drawn(0.4, odds)
    assert made[odds > -2].mean() > made[odds < -2].mean() + 0.4


def test_where_there_is_nothing_to_decide_the_others_make_up_for_it() -> None:
    share = Share(0.5)
    for _ in range(20):
        share.add(False, None)
    even = Share(0.5)
    assert share.shift(0.0, 10, 1.0) > even.shift(0.0, 10, 1.0)


@given(
    st.lists(st.floats(-20, 20), min_size=1, max_size=50),
    st.floats(0.01, 0.99),
    st.floats(0.05, 2),
)
def test_the_shift_brings_odds_to_a_share(
    odds: list[float], share: float, temperature: float
) -> None:
    known = np.array(odds)
    shift = shift_to(known, share, temperature)
    low, high = (chances(known + shift + aside, temperature).mean() for aside in (-1e-3, 1e-3))
    assert low <= share <= high


def density_of(asked: float, odds: np.ndarray, window: int = 96) -> float:
    """What comes of a density when a writer leaves out one in five of what is foreseen."""
    density, luck = Density(asked, odds, 0.3), np.random.default_rng(3)
    written = np.zeros(0, int)
    for done in range(0, len(odds), window):
        density.look_ahead(done, written)
        chance = 0.8 * chances(odds[done : done + window] + density.shift, 0.3)
        fresh = done + np.flatnonzero(luck.random(len(chance)) < chance)
        written = np.concatenate([written, fresh])
    return len(written) / np.minimum(np.diff(written), REST_CELLS).sum()


@pytest.mark.parametrize("asked", [0.1, 0.3, 0.5, 0.7])
def test_a_density_is_met(asked: float) -> None:
    odds = np.random.default_rng(5).normal(-2, 3, 1500)
    assert density_of(asked, odds) == pytest.approx(asked, abs=0.03)


def test_quiet_parts_stay_emptier() -> None:
    odds = np.repeat([-6.0, 0.0], 400) + np.random.default_rng(6).normal(0, 1, 800)
    density = Density(0.3, odds, 0.3)
    density.look_ahead(0, np.zeros(0, int))
    quiet, loud = np.split(chances(odds + density.shift, 0.3), 2)
    assert quiet.mean() < 0.05
    assert loud.mean() > 0.25


def test_a_song_without_sound_is_left_alone() -> None:
    density = Density(0.5, np.full(64, -30.0), 0.3)
    density.look_ahead(0, np.zeros(0, int))
    assert chances(np.array(-30 + density.shift), 0.3) < 0.01
