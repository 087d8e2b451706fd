import numpy as np
import pytest

from beatheritage.evaluate.likeness.frechet import distance, frechet, learn_embedding
from beatheritage.evaluate.likeness.telling import Windows

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(500, 3))


def test_a_cloud_is_no_way_from_itself():
    assert distance(POINTS, POINTS) == pytest.approx(0, abs=1e-9)


def test_a_move_counts_by_its_square():
    assert distance(POINTS, POINTS + np.array([2, 0, 0])) == pytest.approx(4)


def test_a_wider_cloud_of_the_same_mean():
    """Of normal distributions on a line: the squared difference of the deviations."""
    line = RNG.normal(size=(1000, 1))
    line -= line.mean()
    assert distance(line, 3 * line) == pytest.approx(4 * line.var(ddof=1))


def test_a_single_point_has_no_spread():
    assert np.isnan(distance(POINTS[:1], POINTS))


def windows(shift: float, seed: int = 1) -> Windows:
    """Four songs of people's and ours; ours lie elsewhere in the first feature."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(400, 6))
    ours = np.arange(400) % 2 == 0
    table[ours, 0] += shift
    table[::7, 3] = np.nan
    names = tuple("abcdef")
    return Windows(names=names, table=table, ours=ours, songs=np.arange(400) // 2 % 4)


def test_the_embedding_has_people_in_its_middle():
    people = windows(0).table
    places = learn_embedding(people).places(people)
    assert places.mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert np.cov(places.T) == pytest.approx(np.eye(6), abs=0.01)


def test_ours_elsewhere_are_farther_than_halves():
    alike, apart = frechet(windows(0)), frechet(windows(2))
    assert alike.apart.value < alike.halves
    assert apart.apart.value > 3
    assert apart.halves == pytest.approx(alike.halves)
    assert apart.apart.low < apart.apart.value < apart.apart.high * 1.2
