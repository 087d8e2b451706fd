import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatheritage.generate.settings import (
    RANGES,
    TABLES,
    Level,
    difficulty_name,
    difficulty_settings,
    fit_table,
    level_of,
    monotone,
)
from beatheritage.osu.mode import Mode

STARS = st.floats(0.5, 10)


@pytest.mark.parametrize(
    ("below", "at", "level"),
    [
        (1.994, 1.995, Level.NORMAL),
        (2.694, 2.695, Level.HARD),
        (3.994, 3.995, Level.INSANE),
        (5.294, 5.295, Level.EXPERT),
    ],
)
def test_levels_begin_where_osu_says_less_its_tolerance(below, at, level):
    assert level_of(below) == level - 1
    assert level_of(at) == level


@given(mode=st.sampled_from(Mode), stars=STARS)
def test_settings_are_within_the_ranking_criteria_and_editor_precision(mode, stars):
    made = difficulty_settings(mode, stars, keys=7)
    limits = RANGES[mode][level_of(stars)]
    values = [made.hp_drain, made.circle_size, made.overall_difficulty, made.approach_rate]
    for value, limit in zip(values, limits, strict=True):
        assert limit.low <= value <= limit.high
        assert value == round(value, 1)
    assert 0.4 <= made.slider_multiplier <= 3.6


@given(mode=st.sampled_from(Mode), stars=STARS, more=st.floats(0, 3))
def test_harder_maps_are_faster_and_stricter_or_the_same(mode, stars, more):
    easy, hard = (difficulty_settings(mode, value) for value in (stars, stars + more))
    assert easy.overall_difficulty <= hard.overall_difficulty
    assert easy.approach_rate <= hard.approach_rate
    assert easy.slider_multiplier <= hard.slider_multiplier


def test_medians_of_people_at_whole_stars():
    insane = difficulty_settings(Mode.STD, 5)
    assert (insane.approach_rate, insane.overall_difficulty) == (9.0, 8.0)
    assert difficulty_settings(Mode.STD, 1).approach_rate == 3.0
    assert difficulty_settings(Mode.STD, 0.5) == difficulty_settings(Mode.STD, 1)


def test_circle_size_is_the_key_count_in_mania_alone():
    assert difficulty_settings(Mode.MANIA, 3, keys=7).circle_size == 7
    assert difficulty_settings(Mode.STD, 3, keys=7).circle_size == 4


def test_catch_has_one_value_for_approach_and_accuracy():
    made = difficulty_settings(Mode.CATCH, 3.3)
    assert made.approach_rate == made.overall_difficulty


def test_names():
    assert difficulty_name(Mode.STD, 1.2) == "Easy"
    assert difficulty_name(Mode.TAIKO, 5.5) == "Inner Oni"
    assert difficulty_name(Mode.CATCH, 3.0) == "Platter"
    assert difficulty_name(Mode.MANIA, 4.5, keys=7) == "[7K] Insane"


def test_monotone_pools_what_violates_the_order():
    fit = monotone(np.array([1.0, 3.0, 2.0, 4.0]), np.array([1.0, 1.0, 3.0, 1.0]))
    np.testing.assert_allclose(fit, [1, 2.25, 2.25, 4])


def test_monotone_falls_when_that_fits_better():
    np.testing.assert_allclose(
        monotone(np.array([9.0, 7.0, 8.0, 5.0]), np.ones(4)), [9, 7.5, 7.5, 5]
    )


def test_fit_table_takes_medians_near_each_star():
    stars = np.repeat(np.arange(1.0, 9.0), 10)
    table = fit_table(stars, np.stack([stars, 10 - stars], axis=1))
    np.testing.assert_allclose(table[:, 0], np.arange(1, 9))
    np.testing.assert_allclose(table[:, 1], 10 - np.arange(1, 9))


def test_every_mode_has_a_row_per_star():
    assert {len(table) for table in TABLES.values()} == {8}
