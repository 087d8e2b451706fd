"""Places become moves: returns, kept speeds, distances."""

import numpy as np
import pytest

from beatheritage.tokens.moves import (
    BIN_EDGES,
    CENTRE,
    CIRCLE,
    CONDITIONS,
    FIRST_BIN,
    HISTORY,
    RETURN,
    SAME_SPEED,
    SLIDER,
    Places,
    Rhythm,
    Style,
    actions,
    anchors,
    conditions,
    distances,
    measured_spacing,
    same_speed_distances,
    style_vector,
)


def rhythm(times: list[float], *, sliders: tuple[int, ...] = ()) -> Rhythm:
    count = len(times)
    kinds = np.array([SLIDER if i in sliders else CIRCLE for i in range(count)])
    starts = np.array(times, np.float64)
    return Rhythm(
        times=starts,
        ends=starts + np.where(kinds == SLIDER, 100, 0),
        beats=starts / 400,
        bar_phases=starts / 400 % 4,
        beat_lengths=np.full(count, 400.0),
        kinds=kinds,
        new_combos=np.zeros(count, bool),
        lengths_px=np.where(kinds == SLIDER, 70.0, 0.0),
        slides=np.where(kinds == SLIDER, 1, 0),
    )


def places(*heads: tuple[float, float]) -> Places:
    points = np.array(heads, np.float64)
    return Places(points, points.copy(), np.tile([1.0, 0.0], (len(points), 1)))


def test_a_kept_speed_is_kept_over_another_gap():
    at = places((256, 192), (286, 192), (316, 192), (376, 192))
    times = rhythm([0, 100, 200, 400])
    assert same_speed_distances(times, distances(at))[2:] == pytest.approx([30, 60])
    assert actions(times, at).actions.tolist()[2:] == [SAME_SPEED, SAME_SPEED]


@pytest.mark.parametrize(("off", "is_same"), [(1.9, True), (2.0, True), (2.1, False)])
def test_a_kept_speed_has_a_tolerance(off, is_same):
    at = places((100, 100), (130, 100), (160 + off, 100))
    found = actions(rhythm([0, 100, 200]), at).actions[2]
    assert bool(found == SAME_SPEED) is is_same


@pytest.mark.parametrize(("off", "returns"), [(0.0, True), (1.5, True), (1.6, False)])
def test_a_return_is_to_the_same_place(off, returns):
    at = places((100, 100), (200, 200), (100 + off, 100))
    found = actions(rhythm([0, 300, 450]), at)
    assert bool(found.actions[2] == RETURN) is returns
    if returns:
        assert found.slots[2] == 2  # the end of the object before the last


def test_the_centre_before_the_first_object_is_no_place_to_return_to():
    assert actions(rhythm([0, 300]), places(CENTRE, CENTRE)).actions.tolist() == [FIRST_BIN, RETURN]


def test_other_moves_fall_into_bins():
    at = places((0, 0), (0, 383), (0, 3))
    first = actions(rhythm([0, 200, 300]), at).actions[1] - FIRST_BIN
    assert BIN_EDGES[first] <= 383 < BIN_EDGES[first + 1]


def test_anchors_are_earlier_ends_then_heads():
    at = places((10, 10), (20, 20), (30, 30))
    at = at._replace(ends=at.ends + 5)
    seen = anchors(at)
    assert seen.shape == (3, 2 * HISTORY, 2)
    assert seen[2, :4].tolist() == [[25, 25], [20, 20], [15, 15], [10, 10]]
    assert seen[0].tolist() == [list(CENTRE)] * (2 * HISTORY)


def test_conditions_are_finite_whatever_the_rhythm():
    odd = rhythm([0, 0, 0.5, 90_000], sliders=(1, 3))
    told = conditions(odd)
    assert told.shape == (4, CONDITIONS)
    assert told.dtype == np.float32
    assert np.isfinite(told).all()
    assert np.abs(told).max() < 10


def test_spacing_counts_no_rests():
    at = places((256, 192), (384, 192), (0, 0))
    assert measured_spacing(rhythm([0, 300, 900]), at) == pytest.approx(0.5)
    assert measured_spacing(rhythm([0, 900]), places((0, 0), (300, 300))) == 0


def test_an_unknown_spacing_is_told_apart_from_none():
    assert style_vector(Style(4, 4))[2:].tolist() == [0, 0]
    assert style_vector(Style(4, 4, 0.0))[2:].tolist() == [0, 1]
