"""The measurements of places have known values on known maps."""

import numpy as np
import pytest

from beatheritage.evaluate.distance import compare, measure, pool, table, wasserstein
from beatheritage.tokens.moves import CIRCLE, SLIDER, Places, Rhythm


def line_map(steps: list[float], *, gap: float = 100.0) -> tuple[Rhythm, Places]:
    """Circles in a row, so far from one another."""
    x = np.concatenate([[10.0], 10 + np.cumsum(steps)])
    heads = np.stack([x, np.full(len(x), 100.0)], axis=1)
    times = np.arange(len(x)) * gap
    count = len(x)
    rhythm = Rhythm(
        times=times,
        ends=times,
        beats=times / 400,
        bar_phases=times / 400,
        beat_lengths=np.full(count, 400.0),
        kinds=np.full(count, CIRCLE),
        new_combos=np.zeros(count, bool),
        lengths_px=np.zeros(count),
        slides=np.zeros(count, int),
    )
    return rhythm, Places(heads, heads.copy(), np.tile([1.0, 0.0], (count, 1)))


def test_wasserstein_of_a_shift_is_the_shift():
    sample = np.linspace(0, 100, 1001)
    assert wasserstein(sample, sample) == 0
    assert wasserstein(sample, sample + 7) == pytest.approx(7)
    assert np.isnan(wasserstein(sample, sample[:0]))


def test_a_map_is_at_no_distance_from_itself():
    measured = measure(*line_map([20, 30, 40, 50, 60]))
    rows = compare([measured], [measured])
    assert [row.placer for row in rows[:3]] == [0, 0, 0]
    assert all(row.placer == row.people or np.isnan(row.placer) for row in rows[3:])


def test_streams_are_measured_by_their_steps():
    even, uneven = measure(*line_map([30] * 6)), measure(*line_map([20, 40] * 3))
    assert even.unevenness.tolist() == [0]
    assert uneven.unevenness == pytest.approx([10 / 30])
    assert not len(measure(*line_map([30] * 6, gap=116)).unevenness)
    assert not len(measure(*line_map([30] * 3)).unevenness)


def test_turns_run_from_straight_on_to_back():
    assert measure(*line_map([30, 30])).turns == pytest.approx([0])
    assert measure(*line_map([30, -30])).turns == pytest.approx([180])
    assert not len(measure(*line_map([30, 5])).turns)


def test_stacks_and_returns_are_told_apart():
    measured = measure(*line_map([3, 50, -50, 50]))
    assert measured.stacked.tolist() == [True, False, False, False]
    assert measured.back_again.tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(("x", "outside"), [(512.5, False), (512.6, True), (-0.6, True)])
def test_outside_is_past_the_edge_by_more_than_rounding(x, outside):
    rhythm, places = line_map([20])
    places.heads[1, 0] = x
    assert measure(rhythm, places).outside.tolist() == [False, outside]


def test_reach_is_of_single_slides():
    rhythm, places = line_map([20, 20])
    rhythm.kinds[:2] = SLIDER
    rhythm.slides[:2] = (1, 2)
    rhythm.lengths_px[:2] = 50
    places.ends[0] += (30, 40)
    assert measure(rhythm, places).reaches == pytest.approx([1.0])


def test_an_empty_map_measures_nothing():
    rhythm, places = line_map([])
    empty = measure(rhythm, Places(places.heads, places.ends, places.exits))
    assert not len(pool([empty, empty]).spacings)
    assert "| stacked | nan | nan |" in table(compare([empty], [empty, empty]))
