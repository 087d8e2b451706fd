import numpy as np
import pytest
from tests.evaluate.likeness.maps import circle, columns, slider

from beatheritage.evaluate.distance import wasserstein
from beatheritage.evaluate.likeness.distances import (
    ANGLE,
    DENSITY,
    SLIDER_LENGTH,
    SPACING,
    Pooled,
    Sample,
    densities,
    distances,
    samples,
)
from beatheritage.evaluate.likeness.pairs import Owned, Sides
from beatheritage.osu.mode import Mode

ONE = np.ones(2)


def sample(values: list[float], songs: list[int] | None = None) -> Sample:
    return Sample(np.array(values, float), np.array(songs or [0] * len(values)))


def spaced(px: float):
    """A map whose circles lie so far apart, to and fro."""
    return columns(*(circle(beat, 100 + px * (beat % 2)) for beat in range(32)))


def test_a_sample_moved_by_three_is_three_away():
    pooled = Pooled(sample([0, 1, 5]), sample([8, 3, 4]))
    assert pooled.apart(ONE, ONE) == pytest.approx(3)


def test_a_sample_is_no_way_from_itself():
    one = sample([3, 1, 4, 1, 5])
    assert Pooled(one, one).apart(ONE, ONE) == 0


def test_it_is_what_quantiles_give():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0, 1, 2000), rng.normal(0.5, 2, 3000)
    pooled = Pooled(sample(first.tolist()), sample(second.tolist()))
    assert pooled.apart(ONE, ONE) == pytest.approx(wasserstein(first, second), rel=0.01)


def test_songs_are_weighed():
    pooled = Pooled(sample([0, 10], [0, 1]), sample([0, 0], [0, 1]))
    assert pooled.apart(np.array([1, 0]), ONE) == 0
    assert pooled.apart(np.array([0, 1]), ONE) == 10
    assert pooled.apart(np.array([3, 1]), ONE) == pytest.approx(2.5)
    assert np.isnan(pooled.apart(np.zeros(2), ONE))


def test_density_is_counted_where_something_is():
    found = densities(columns(circle(0), circle(1), circle(2), circle(20)))
    assert found.tolist() == [1.5, 0.5]


def test_samples_hold_what_is_known_alone():
    found = samples(columns(circle(0), slider(1, 200, 140), circle(3, 340)))
    assert found[SPACING].tolist() == pytest.approx([100, 0])
    assert found[SLIDER_LENGTH].tolist() == [140]
    assert len(found[ANGLE]) == 1
    assert DENSITY in found


def sides(ours: list[float], people: list[float]) -> Sides:
    named = [
        [Owned(str(place), spaced(px)) for place, px in enumerate(one)] for one in (ours, people)
    ]
    return Sides(mode=Mode.STD, ours=tuple(named[0]), people=tuple(named[1]))


def test_ours_beside_halves_of_peoples():
    people = [40.0, 50.0, 60.0, 70.0]
    alike = {one.measure: one for one in distances(sides(people, people))}
    assert alike[SPACING].apart == alike[SPACING].ratio.value == 0
    assert alike[SPACING].halves > 0
    moved = {one.measure: one for one in distances(sides([px + 30 for px in people], people))}
    assert moved[SPACING].apart == pytest.approx(30)
    assert moved[SPACING].ratio.value == pytest.approx(30 / moved[SPACING].halves)
    assert (moved[SPACING].ours, moved[SPACING].people) == (85, 55)
    assert moved[SPACING].ratio.low <= moved[SPACING].ratio.value <= moved[SPACING].ratio.high


def test_fewer_than_four_songs_have_no_halves():
    assert distances(sides([50, 60, 70, 80], [50, 60, 70])) == ()
