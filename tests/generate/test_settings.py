from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from beatheritage.generate.plan import make_plan
from beatheritage.generate.request import Request, Settings
from beatheritage.generate.settings import (
    RANGES,
    TABLES,
    difficulty_settings,
    fit_table,
    main,
    monotone,
    plan_settings,
)
from beatheritage.osu.beatmap import Beatmap, Difficulty
from beatheritage.osu.level import Level, level_of
from beatheritage.osu.mode import Mode
from beatheritage.osu.write import save

STARS = st.floats(0.5, 10)


@given(mode=st.sampled_from(Mode), stars=STARS)
def test_settings_are_within_the_ranking_criteria_and_editor_precision(mode, stars):
    made = difficulty_settings(mode, stars, keys=7)
    limits = RANGES[mode][min(level_of(stars), Level.EXPERT)]
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


def test_what_the_plan_pins_stays():
    settings = Settings(approach_rate=10.0, slider_multiplier=2.2, slider_tick_rate=2.0)
    plan = make_plan(Request(audio=Path("song.mp3"), stars=3, settings=settings))
    made = plan_settings(plan)
    assert (made.approach_rate, made.slider_multiplier) == (10.0, 2.2)
    assert made.slider_tick_rate == 2.0
    assert made.overall_difficulty == difficulty_settings(Mode.STD, 3).overall_difficulty


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


def test_the_command_fits_the_maps_of_a_manifest(tmp_path, capsys):
    rows = ["md5,stars"]
    for index, stars in enumerate(np.linspace(0.6, 8.4, 79)):
        settings = Difficulty(hp_drain=5, overall_difficulty=round(stars), approach_rate=9)
        save(tmp_path / f"map{index}.osu", Beatmap(difficulty=settings))
        rows.append(f"map{index},{stars:.2f}")
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("\n".join(rows))
    assert main([str(manifest)]) == 0
    printed = capsys.readouterr().out
    assert "STD: 79 maps" in printed
    assert "(5.0, 5.0, 4.0, 9.0, 1.4)," in printed


def test_the_command_says_which_file_is_missing(tmp_path, capsys):
    assert main([str(tmp_path / "none.csv")]) == 1
    assert "none.csv" in capsys.readouterr().err
