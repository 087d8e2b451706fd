"""Check, repair, check: laws over any map, and what is told of what is left."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.review.charts import RED, chart, circle
from tests.review.maps import clean_map

from beatheritage.generate.quality.options import Quality
from beatheritage.generate.repair.changes import changes_of
from beatheritage.generate.repair.finish import faults, finish, repair, told
from beatheritage.osu.beatmap import CurveKind, HitSound, Hold, Point, Slider, Spinner
from beatheritage.osu.level import Level
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.osu.write import write

SONG_MS = 60_000
LEVELS = {
    Mode.STD: ("Easy", "Normal", "Hard", "Insane", "Expert"),
    Mode.TAIKO: ("Kantan", "Futsuu", "Muzukashii", "Oni", "Inner Oni"),
    Mode.CATCH: ("Cup", "Salad", "Platter", "Rain", "Overdose"),
    Mode.MANIA: ("EZ", "NM", "HD", "MX", "SC"),
}

ticks = st.integers(1, 400).map(lambda tick: 75.0 * tick)
x, y = st.integers(0, 512).map(float), st.integers(0, 384).map(float)
sounds = st.sampled_from([HitSound.NONE, HitSound.CLAP, HitSound.FINISH])
circles = st.builds(circle, ticks, x, y, sounds)
sliders = st.builds(
    lambda time, x, y, to, beats, slides: Slider(
        time=time,
        x=x,
        y=y,
        kind=CurveKind.LINEAR,
        points=(to,),
        slides=slides,
        length=25.0 * beats,
    ),
    ticks,
    x,
    y,
    st.builds(Point, x, y),
    st.integers(1, 8),
    st.integers(1, 3),
)
spinners = st.builds(
    lambda time, beats: Spinner(time=time, end=time + 300 * beats), ticks, st.integers(1, 6)
)
holds = st.builds(
    lambda time, beats, x: Hold(time=time, end=time + 75 * beats, x=x), ticks, st.integers(1, 9), x
)


@st.composite
def maps(draw):
    mode = draw(st.sampled_from(Mode))
    kinds = (
        st.one_of(circles, holds) if mode is Mode.MANIA else st.one_of(circles, sliders, spinners)
    )
    objects = draw(st.lists(kinds, min_size=1, max_size=40))
    level = draw(st.integers(0, 4))
    beatmap = chart(
        *sorted(objects, key=lambda item: (item.time, item.x)), mode=mode, name=LEVELS[mode][level]
    ).beatmap
    return beatmap, Level(level)


@settings(max_examples=60, deadline=None)
@given(maps())
def test_repair_is_the_same_every_time_and_done_once(made):
    beatmap, _ = made
    finished = repair(beatmap)
    assert finished == repair(beatmap)
    assert repair(finished.beatmap).beatmap == finished.beatmap
    assert finished.badness <= repair(finished.beatmap).badness
    before = faults(beatmap)
    assert finished.left == faults(finished.beatmap)
    assert len(finished.problems) <= sum(issue.severity == 3 for issue in before)
    if not before:
        assert finished.beatmap == beatmap


@settings(max_examples=40, deadline=None)
@given(maps())
def test_what_is_finished_can_be_written_and_read(made):
    beatmap, level = made
    finished = finish(beatmap, level, SONG_MS)
    assert parse(write(finished.beatmap)).beatmap == finished.beatmap


@settings(max_examples=40, deadline=None)
@given(maps())
def test_changes_are_told_where_there_are_some(made):
    beatmap, _ = made
    finished = repair(beatmap)
    if finished.beatmap != beatmap:
        assert changes_of(finished.applied)
    assert all(change.what for change in changes_of(finished.applied))


def test_a_map_without_faults_comes_out_as_it_was():
    beatmap = replace(
        clean_map().beatmap, difficulty=replace(clean_map().beatmap.difficulty, approach_rate=7)
    )
    left = [issue for issue in faults(beatmap) if issue.rule != "DiffSettingsStandard"]
    assert left == []
    assert repair(beatmap).beatmap == beatmap
    assert repair(beatmap).applied == ()


def test_what_is_left_is_told():
    untimed = chart(circle(0), circle(600), name="Hard", timing=()).beatmap
    assert any(line.startswith("FirstLine: there is no red line") for line in told(untimed))
    assert told(clean_map().beatmap) == ()


def test_what_is_alike_is_told_once_and_what_was_there_before_not_at_all():
    before = chart(*(circle(1000 + 500 * number) for number in range(60))).beatmap
    moved = (circle(1007), circle(1507), *before.objects[2:])
    after = replace(before, objects=moved)
    line = (
        "Unsnaps at 00:01:007: is 5.5 ms before the nearest tick (and 1 more) "
        "(could not be repaired)"
    )
    assert line in told(after)
    assert told(after, before) == (line,)
    assert told(after, after) == ()
    later = replace(after, objects=(*moved[:2], circle(2020), *moved[3:]))
    assert [each[:22] for each in told(later, after)] == ["Unsnaps at 00:02:020: "]


@pytest.mark.parametrize("correct", [True, False])
def test_auto_correct_sees_to_sliders_that_cannot_be_read(correct):
    back = Slider(
        time=600,
        x=100,
        y=100,
        kind=CurveKind.LINEAR,
        points=(Point(200, 100), Point(110, 100)),
        slides=1,
        length=190.0,
    )
    beatmap = chart(circle(0), back, name="Hard", timing=(RED,)).beatmap
    finished = finish(beatmap, Level.HARD, SONG_MS, Quality(auto_correct=correct))
    assert ("Burai" in [issue.rule for issue in finished.left]) is not correct
