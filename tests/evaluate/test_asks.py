from collections import Counter
from dataclasses import replace

import pytest
from tests.evaluate.results import OUTCOME, human_map, subject

from beatheritage.evaluate.asks import (
    ASKED,
    CONVERTED,
    DRAFTED,
    HOLD_SHARES,
    KEPT,
    KNOB_SONGS,
    PLAIN,
    PLAIN_EVERY,
    RATINGS,
    SONGS,
    TABLES,
    Extent,
    TableName,
    asks_for,
    end_asks,
    evenly,
    hold_asks,
    kept_asks,
    knob_asks,
    ladder,
    rhythm_asks,
    star_asks,
)
from beatheritage.evaluate.subjects import HumanChart
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import stars

SUBJECTS = [subject(f"osu_{index:02}") for index in range(SONGS + 2)]


def test_a_std_chart_asks_for_std_and_for_catch():
    (chart,) = subject("osu_a").charts
    own, converted = rhythm_asks(subject("osu_a"), ("found",))
    assert (own.group, own.mode, own.stars, own.stage) == ("std", Mode.STD, chart.stars, "plain")
    assert (converted.group, converted.mode) == (CONVERTED, Mode.CATCH)
    assert converted.stars == stars(chart.beatmap, Mode.CATCH)
    assert own.truth == converted.truth == chart.beatmap


def test_a_mania_chart_asks_for_its_keys():
    chart = HumanChart(name="m", beatmap=human_map(Mode.MANIA), stars=2.0, keys=7, shift_ms=12)
    (ask,) = rhythm_asks(replace(subject("osu_a"), charts=(chart,)), ("true",))
    assert (ask.group, ask.keys, ask.timing, ask.shift_ms) == ("mania", 7, "true", 12)


def test_true_timing_asks_twice():
    songs = [subject("osu_a")]
    once, twice = (
        asks_for(songs, ["rhythm"], Extent(true_timing=both))["osu_a"] for both in (False, True)
    )
    assert len(twice) - len(once) == 2
    assert {ask.timing for ask in twice} == {"found", "true"}


def test_every_seed_asks_for_rhythm_anew():
    asked = asks_for([subject("osu_a")], ["rhythm", "kept"], Extent(seeds=3))["osu_a"]
    assert Counter(ask.seed for ask in asked if ask.group == "std") == {1: 1, 2: 1, 3: 1}
    assert {ask.seed for ask in asked if ask.group == KEPT} == {1}


def test_the_middle_chart_of_each_mode_is_asked_for_as_a_draft_and_whole():
    (chart,) = subject("osu_a").charts
    charts = tuple(
        replace(chart, name=name, stars=of) for name, of in (("a", 5), ("b", 3), ("c", 4))
    )
    draft, whole = kept_asks(replace(subject("osu_a"), charts=charts))
    assert (draft.group, draft.stage, draft.chart) == (DRAFTED, "draft", "c")
    assert (whole.group, whole.stage, whole.chart) == (KEPT, "whole", "c")
    assert draft.truth is whole.truth is not None


@pytest.mark.parametrize("mode", Mode)
def test_all_steps_of_stars_are_asked_for_alike(mode):
    assert (ladder(mode)[0], ladder(mode)[-1]) == (1.5, 7.0 if mode is Mode.STD else 6.0)
    asked = [
        [ask.stars for ask in star_asks(place) if ask.group == ASKED and ask.mode is mode]
        for place in range(SONGS)
    ]
    assert all(len(set(steps)) == RATINGS for steps in asked)
    counts = Counter(step for steps in asked for step in steps)
    assert set(counts) == set(ladder(mode))
    assert max(counts.values()) - min(counts.values()) <= RATINGS


def test_some_are_written_plainly_for_the_cost():
    asks = [ask for place in range(SONGS) for ask in star_asks(place)]
    plain = [replace(ask, group=ASKED, stage="whole") for ask in asks if ask.group == PLAIN]
    assert len(plain) == SONGS * RATINGS * len(Mode) / PLAIN_EVERY
    assert all(ask in asks for ask in plain)


def test_the_ends_of_a_range_are_asked_for():
    met = replace(OUTCOME, group=ASKED, chart="7 stars", mode="mania", keys=7)
    assert end_asks(met) == []
    low, high = end_asks(replace(met, reach=(1.2, 5.4)))
    assert (low.stars, high.stars) == (1.2, 5.4)
    assert {ask.mode for ask in (low, high)} == {Mode.MANIA}
    assert {ask.keys for ask in (low, high)} == {7}


def test_knobs_are_turned_one_at_a_time():
    assert [ask.style.hold_share for ask in hold_asks()] == list(HOLD_SHARES)
    for ask in knob_asks():
        knob, value = ask.chart.split()
        asked = {name: getattr(ask.style, name) for name in ask.style.__dataclass_fields__}
        assert {name: of for name, of in asked.items() if of is not None} == {knob: float(value)}
    assert {ask.stars for ask in knob_asks()} == {None}


@pytest.mark.parametrize("table", TABLES)
def test_only_what_was_chosen_is_asked(table: TableName):
    asked = asks_for(SUBJECTS, [table], Extent())
    assert list(asked) == [one.id for one in SUBJECTS]
    songs = sum(bool(asks) for asks in asked.values())
    whole = {"rhythm": len(SUBJECTS), "kept": len(SUBJECTS), "stars": SONGS, "knobs": KNOB_SONGS}
    if table in whole:
        assert songs == whole[table]
    assert not any(asks_for(SUBJECTS, [], Extent()).values())


@pytest.mark.parametrize(("most", "places"), [(1, [0]), (2, [0, 2]), (5, [0, 1, 2, 3, 4])])
def test_songs_from_all_over_the_list(most, places):
    songs = SUBJECTS[:5]
    assert evenly(songs, most) == [songs[place] for place in places]
    assert evenly(songs, 9) == songs


@pytest.mark.parametrize("table", ["stars", "kept", "holds", "knobs"])
def test_only_so_many_songs_are_asked(table):
    asked = asks_for(SUBJECTS, [table], Extent(most=2))
    assert (
        sum(map(bool, asked.values()))
        <= 2
        < sum(map(bool, asks_for(SUBJECTS, [table], Extent()).values()))
    )


def test_rhythm_is_asked_of_every_song():
    both = (asks_for(SUBJECTS, ["rhythm"], Extent(most=most)) for most in (1, 1000))
    assert next(both) == next(both)
