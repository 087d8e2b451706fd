from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatheritage.evaluate.validity import faults, off_tick_ms
from beatheritage.generate.polish import (
    apart,
    long_holds,
    on_playfield,
    on_ticks,
    polish,
    roomy_spinners,
    usual_steps,
    within_song,
)
from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    CurveKind,
    Difficulty,
    EdgeSound,
    General,
    Hold,
    Point,
    RedLine,
    Slider,
    Spinner,
)
from beatheritage.osu.curve import slider_path
from beatheritage.osu.level import Level
from beatheritage.osu.mode import Mode, column_of
from beatheritage.osu.pace import Pace
from beatheritage.timing.grid import Timing

SONG_MS = 20_000


def make_map(*objects, mode=Mode.STD):
    """120 BPM from 1,000 ms: a quarter of a beat lasts 125 ms, a slider of 140 px one beat."""
    return Beatmap(
        general=General(mode=mode),
        difficulty=Difficulty(slider_multiplier=1.4, circle_size=4),
        timing_points=(RedLine(time=1000.0, beat_length=500.0),),
        objects=objects,
    )


def circle(time, x=100.0, y=100.0):
    return Circle(time=time, x=x, y=y)


def slider(time, length=140.0, slides=1):
    return Slider(
        time=time,
        x=100.0,
        y=100.0,
        kind=CurveKind.LINEAR,
        points=(Point(400.0, 100.0),),
        slides=slides,
        length=length,
        edges=tuple(EdgeSound() for _ in range(slides + 1)),
    )


changes = st.lists(st.tuples(st.floats(200, 4000), st.floats(240, 900)), min_size=1, max_size=5)


def on_lines(beatmap, changes):
    """The map on red lines that follow each other after so many ms, each with its beat's length."""
    starts = 1000 + np.cumsum([0.0, *(after for after, _ in changes)])
    lengths = [500.0, *(length for _, length in changes)]
    lines = [
        RedLine(time=float(round(start)), beat_length=length)
        for start, length in zip(starts, lengths, strict=True)
    ]
    return replace(beatmap, timing_points=tuple(lines))


times = st.floats(-500, 22_000)
lasting = st.floats(0, 3_000)
places = {"x": st.floats(-50, 600), "y": st.floats(-50, 450)}
any_object = st.one_of(
    st.builds(circle, times, **places),
    st.builds(slider, times, st.floats(1, 600), st.integers(1, 4)),
    st.builds(lambda time, length: Spinner(time=time, end=time + length), times, lasting),
)
any_note = st.one_of(
    st.builds(circle, times, **places),
    st.builds(
        lambda time, length, x: Hold(time=time, end=time + length, x=x), times, lasting, places["x"]
    ),
)
levels = st.sampled_from(Level)


@settings(max_examples=60, deadline=None)
@given(
    objects=st.lists(any_object, max_size=25),
    mode=st.sampled_from([Mode.STD, Mode.TAIKO, Mode.CATCH]),
    level=levels,
)
def test_polished_maps_have_no_faults_and_stay_as_they_are(objects, mode, level):
    steps = usual_steps(level, SONG_MS)
    once = polish(make_map(*objects, mode=mode), steps)
    assert polish(once, steps) == once
    assert not once.objects or faults(once) == []
    pace = Pace(once)
    for item in once.objects:
        assert 0 < item.time <= pace.end(item) <= SONG_MS
        assert 0 <= item.x <= 512
        assert 0 <= item.y <= 384
        assert_on_tick(item.time)
        assert_on_tick(pace.end(item))
    for before, item in pairwise(once.objects):
        room = 10 if isinstance(before, Circle) else 20
        assert item.time - pace.end(before) >= room - 1e-6


@settings(max_examples=60, deadline=None)
@given(objects=st.lists(any_object, max_size=12), changes=changes, level=levels)
def test_polished_maps_have_no_faults_on_any_red_lines(objects, changes, level):
    steps = usual_steps(level, SONG_MS)
    once = polish(on_lines(make_map(*objects), changes), steps)
    assert polish(once, steps) == once
    assert not once.objects or faults(once) == []
    assert all(item.length > 0 for item in once.objects if isinstance(item, Slider))


@pytest.mark.parametrize(("slides", "kept"), [(1, 1), (2, 2), (3, 2), (4, 2)])
def test_a_slider_repeats_no_further_than_its_tempo(slides, kept):
    lines = on_lines(make_map(slider(2000, slides=slides)), [(2000, 437.0)])
    (item,) = polish(lines, [on_ticks]).objects
    assert isinstance(item, Slider)
    assert (item.slides, len(item.edges), item.length) == (kept, kept + 1, pytest.approx(140))
    same = on_lines(make_map(slider(2000, slides=slides)), [(2000, 500.0)])
    assert polish(same, [on_ticks]).objects == same.objects


@given(notes=st.lists(any_note, max_size=30), level=levels)
def test_polished_mania_has_room_in_every_column(notes, level):
    steps = usual_steps(level, SONG_MS)
    once = polish(make_map(*notes, mode=Mode.MANIA), steps)
    assert polish(once, steps) == once
    assert not once.objects or faults(once) == []
    pace = Pace(once)
    for column in range(4):
        lane = [item for item in once.objects if column_of(item.x, 4) == column]
        for before, item in pairwise(lane):
            assert item.time - pace.end(before) >= 30
    assert all(item.end - item.time >= 30 for item in once.objects if isinstance(item, Hold))


def assert_on_tick(time):
    timing = Timing(lines=(RedLine(time=1000.0, beat_length=500.0),))
    assert off_tick_ms(np.array([time]), timing)[0] < 1.01


def test_on_ticks_moves_starts_and_ends():
    moved, turned = on_ticks(
        make_map(slider(1502.0, length=140.5), Spinner(time=2498, end=3003))
    ).objects
    assert moved.time == 1500
    assert moved.length == pytest.approx(140)
    assert (turned.time, turned.end) == (2500, 3000)


def test_on_ticks_leaves_fractions_of_a_millisecond_in_slider_ends():
    beatmap = make_map(slider(1500.0, length=140.2))
    assert on_ticks(beatmap) == beatmap


@pytest.mark.parametrize(("time", "kept"), [(-1, 0), (0, 0), (1, 1), (20_000, 1), (20_001, 0)])
def test_within_song(time, kept):
    assert len(within_song(SONG_MS)(make_map(circle(time))).objects) == kept


@pytest.mark.parametrize(("room", "kept"), [(9, 1), (10, 2), (11, 2)])
def test_apart_by_ten_ms_after_a_circle(room, kept):
    assert len(apart(make_map(circle(1000), circle(1000 + room))).objects) == kept


@pytest.mark.parametrize(("room", "shortened"), [(19, True), (20, False), (21, False)])
def test_apart_by_twenty_ms_after_a_slider(room, shortened):
    first, _ = apart(make_map(slider(1000.0), circle(1500 + room))).objects
    assert (first.length < 140) == shortened


def test_a_slider_gives_up_repeats_before_length_and_length_before_itself():
    repeats, _ = apart(make_map(slider(1000.0, slides=3), circle(2300))).objects
    assert (repeats.slides, repeats.length, len(repeats.edges)) == (2, 140.0, 3)
    shorter, _ = apart(make_map(slider(1000.0), circle(1400))).objects
    assert (shorter.slides, shorter.length) == (1, pytest.approx(105))
    gone, _ = apart(make_map(slider(1000.0), circle(1100))).objects
    assert isinstance(gone, Circle)


def test_objects_inside_a_spinner_end_it():
    spun, _ = apart(make_map(Spinner(time=1000, end=5000), circle(3010))).objects
    assert spun.end == 2875


@pytest.mark.parametrize(("ticks_ms", "kind"), [(30, Circle), (42, Hold), (500, Hold)])
def test_holds_of_a_twelfth_of_a_beat_stay(ticks_ms, kind):
    beatmap = make_map(Hold(time=1000, end=1000 + ticks_ms, x=64), mode=Mode.MANIA)
    (item,) = long_holds(Level.EXPERT)(beatmap).objects
    assert isinstance(item, kind)


def test_easy_holds_last_a_beat():
    beatmap = make_map(Hold(time=1000, end=1490, x=64), Hold(time=2000, end=2500, x=64))
    short, long = long_holds(Level.EASY)(replace(beatmap, general=General(mode=Mode.MANIA))).objects
    assert (type(short), type(long)) == (Circle, Hold)


@pytest.mark.parametrize(("length", "kept"), [(875, 0), (1000, 1), (1125, 1)])
def test_easy_spinners_last_a_second(length, kept):
    beatmap = make_map(Spinner(time=1000, end=1000 + length))
    assert len(roomy_spinners(Level.EASY)(beatmap).objects) == kept


@pytest.mark.parametrize(("following", "end"), [(4000, 3000), (3900, 2875), (2900, None)])
def test_easy_spinners_leave_a_second_to_recover(following, end):
    objects = roomy_spinners(Level.EASY)(make_map(Spinner(time=1000, end=3000), circle(following)))
    spinners = [item.end for item in objects.objects if isinstance(item, Spinner)]
    assert spinners == ([] if end is None else [end])


def test_heads_stay_on_the_field_in_whole_pixels():
    (item,) = on_playfield(make_map(circle(1000, x=-3.2, y=390.0))).objects
    assert (item.x, item.y) == (0, 384)


def test_a_slider_that_leaves_the_field_is_moved_in():
    beatmap = make_map(replace(slider(1000.0), x=450.0, points=(Point(600.0, 100.0),)))
    (item,) = on_playfield(beatmap).objects
    assert slider_path(item).end.x == 512
    assert (item.x, item.points) == (372, (Point(522.0, 100.0),))


def test_a_slider_too_long_for_the_field_is_bent_back():
    beatmap = make_map(slider(1000.0, length=840))
    (item,) = on_playfield(beatmap).objects
    assert faults(make_map(item)) == []
    assert item.length == 840


@pytest.mark.parametrize(
    ("ticks", "slides", "snapped"), [(12, 1, 12), (13, 1, 12), (7, 2, 6), (17, 3, 16)]
)
def test_every_slide_ends_on_a_snap_that_people_use(ticks, slides, snapped):
    px_a_tick = 140 / 48
    beatmap = make_map(slider(1000.0, length=ticks * px_a_tick, slides=slides))
    (item,) = on_ticks(beatmap).objects
    assert item.length == pytest.approx(snapped * px_a_tick)


def test_steps_run_in_order():
    beatmap = make_map(circle(1000))
    log = []
    steps = [lambda it, name=name: (log.append(name), it)[1] for name in "abc"]
    assert polish(beatmap, steps) is beatmap
    assert log == ["a", "b", "c"]
