from dataclasses import replace
from pathlib import Path

from tests.evaluate.results import human_map, subject

from beatheritage.evaluate.run import (
    ASKED_STARS,
    CONVERTED,
    SONGS_ASKED,
    STEPS,
    asks_of,
    plan_work,
)
from beatheritage.evaluate.shelf import Shelf
from beatheritage.evaluate.subjects import HumanChart
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import stars

SHELF = Shelf(folder=Path("unused"), makers={})


def test_a_std_chart_asks_for_std_and_for_catch():
    (chart,) = subject("osu_a").charts
    own, converted = asks_of(chart, "found")
    assert (own.group, own.mode, own.stars) == ("std", Mode.STD, chart.stars)
    assert (converted.group, converted.mode) == (CONVERTED, Mode.CATCH)
    assert converted.stars == stars(chart.beatmap, Mode.CATCH)
    assert own.truth == converted.truth == chart.beatmap


def test_a_mania_chart_asks_for_its_keys():
    chart = HumanChart(name="m", beatmap=human_map(Mode.MANIA), stars=2.0, keys=7, shift_ms=12)
    (ask,) = asks_of(chart, "true")
    assert (ask.group, ask.keys, ask.timing, ask.shift_ms) == ("mania", 7, "true", 12)


def test_steps_are_asked_of_the_first_std_songs():
    songs = [subject(f"osu_{index:02}") for index in range(SONGS_ASKED + 2)]
    mania = replace(songs[0].charts[0], beatmap=human_map(Mode.MANIA))
    songs[0] = replace(songs[0], charts=(mania,))
    steps = {
        one.subject.id: [ask.stars for ask in one.asks if ask.group == ASKED_STARS]
        for one in plan_work(songs, SHELF, true_timing=False)
    }
    assert sum(found == list(STEPS) for found in steps.values()) == SONGS_ASKED
    assert steps["osu_00"] == steps[f"osu_{SONGS_ASKED + 1:02}"] == []


def test_true_timing_asks_twice():
    songs = [subject("osu_a", kind="osu")]
    once, twice = (plan_work(songs, SHELF, true_timing=both)[0].asks for both in (False, True))
    assert len(twice) - len(once) == 2
    assert {ask.timing for ask in twice} == {"found", "true"}
