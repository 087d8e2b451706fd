import numpy as np
import pytest

from beatheritage.evaluate.spread import by_song, figure, mean, median, single


def test_no_values_are_no_figure():
    assert figure({}, mean) is None
    assert figure({"a": []}, median) is None


def test_one_song_has_no_spread():
    found = figure({"a": [0.2, 0.4, 0.9]}, median)
    assert found is not None
    assert (found.value, found.low, found.high) == (0.4, 0.4, 0.4)
    assert (found.count, found.songs) == (3, 1)


def test_whole_songs_are_drawn():
    # Two songs, one all 0 and one all 1: a draw gives 0, 0.5 or 1 and nothing between.
    found = figure({"a": [0.0] * 50, "b": [1.0] * 50}, mean)
    assert found is not None
    assert (found.low, found.value, found.high) == (0.0, 0.5, 1.0)


def test_many_songs_come_near_the_textbook():
    values = np.random.default_rng(1).normal(0.6, 0.1, 400)
    found = figure({str(index): [value] for index, value in enumerate(values)}, mean)
    assert found is not None
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert found.low == pytest.approx(found.value - half, abs=0.003)
    assert found.high == pytest.approx(found.value + half, abs=0.003)


def test_the_same_values_give_the_same_spread():
    grouped = by_song([("a", 0.1), ("b", 0.5), ("a", 0.3), ("c", 0.9)])
    assert grouped == {"a": [0.1, 0.3], "b": [0.5], "c": [0.9]}
    assert figure(grouped, mean) == figure(grouped, mean)


def test_a_single_figure_stands_still():
    assert single(0.3, 12, 4).low == single(0.3, 12, 4).high == 0.3
