import codecs
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatheritage.errors import InputError
from beatheritage.generate.splice import splice
from beatheritage.osu.beatmap import (
    Beatmap,
    Break,
    Circle,
    CurveKind,
    Difficulty,
    Events,
    General,
    GreenLine,
    Hold,
    Point,
    RedLine,
    Slider,
    Spinner,
)
from beatheritage.osu.mode import Mode
from beatheritage.osu.pace import Pace
from beatheritage.osu.parse import parse
from beatheritage.osu.write import write

RED = RedLine(time=1000.0, beat_length=500.0, sample_set=1, volume=60)


def make_map(objects=(), lines=(), mode=Mode.STD, **rest):
    points = sorted((RED, *lines), key=lambda point: (point.time, isinstance(point, GreenLine)))
    return Beatmap(
        general=General(mode=mode),
        difficulty=Difficulty(slider_multiplier=1.4, circle_size=4),
        timing_points=tuple(points),
        objects=tuple(objects),
        **rest,
    )


def circle(time, x=100.0):
    return Circle(time=float(time), x=x, y=100.0)


def slider(time, length=140.0):
    curve = {"kind": CurveKind.LINEAR, "points": (Point(400.0, 100.0),)}
    return Slider(time=float(time), x=100.0, y=100.0, slides=1, length=length, **curve)


quarters = st.integers(0, 80).map(lambda step: 1000.0 + 125 * step)
greens = st.builds(
    GreenLine,
    time=quarters,
    velocity=st.sampled_from([0.5, 0.75, 1.0, 1.5]),
    volume=st.sampled_from([40, 60]),
    kiai=st.booleans(),
)
objects = st.lists(quarters, unique=True, max_size=30).map(
    lambda times: [slider(time, 35) if time % 500 else circle(time) for time in sorted(times)]
)
maps = st.builds(
    make_map, objects, st.lists(greens, max_size=6, unique_by=lambda green: green.time)
)


@settings(max_examples=80, deadline=None)
@given(old=maps, fresh=maps, start=quarters, length=st.integers(1, 40))
def test_only_the_range_changes(old, fresh, start, length):
    end = start + 125 * length
    before = write(old).encode()
    after = splice(before, fresh, start, end)
    assert outside(before, start, end) == outside(after, start, end)
    spliced = parse(after).beatmap
    kept = [item for item in old.objects if not start <= item.time < end]
    new = [item for item in spliced.objects if start <= item.time < end]
    assert [item for item in spliced.objects if item not in new] == kept
    assert {item.time for item in new} <= {item.time for item in fresh.objects}
    assert parse(after).warnings == ()
    pace, old_pace, fresh_pace = Pace(spliced), Pace(old), Pace(fresh)
    for item in (*old.objects, circle(end)):
        if not start <= item.time < end:
            assert pace.at(item.time) == old_pace.at(item.time)
    for item in new:
        assert pace.at(item.time).velocity == fresh_pace.at(item.time).velocity
        assert pace.at(item.time).kiai == old_pace.at(item.time).kiai
        assert pace.at(item.time).volume == old_pace.at(item.time).volume


def outside(data, start, end):
    """Lines but those of objects and green lines in the range, and the green one at its end."""
    kept, section = [], b""
    for line in data.splitlines(keepends=True):
        section = line.strip() if line.startswith(b"[") else section
        fields = line.split(b",")
        if section == b"[HitObjects]" and len(fields) > 4 and start <= float(fields[2]) < end:
            continue
        is_green = section == b"[TimingPoints]" and len(fields) > 6 and fields[6] == b"0"
        if is_green and start <= float(fields[0]) <= end:
            continue
        kept.append(line)
    return kept


def spliced(old, fresh, start=2000, end=4000):
    return parse(splice(write(old).encode(), fresh, start, end)).beatmap


def times(beatmap):
    return [item.time for item in beatmap.objects]


def test_the_start_belongs_to_the_range_and_the_end_does_not():
    old = make_map([circle(time) for time in (1999, 2000, 3999, 4000)])
    fresh = make_map([circle(time) for time in (1900, 2125, 4125)])
    assert times(spliced(old, fresh)) == [1999, 2125, 4000]


def test_an_object_that_reaches_into_the_range_stays_and_is_given_room():
    old = make_map([slider(1500, 280)])  # ends at 2,500
    fresh = make_map([circle(time) for time in (2125, 2500, 2519, 2520, 2625)])
    assert times(spliced(old, fresh)) == [1500, 2520, 2625]


def test_fresh_objects_end_before_what_follows_the_range():
    old = make_map([circle(4000)])
    fresh = make_map([slider(3750), circle(3995)])
    first, last = spliced(old, fresh).objects
    assert (first.time, first.length, last.time) == (3750, pytest.approx(35), 4000)


def test_columns_of_mania_make_room_each_for_itself():
    held = Hold(time=1500.0, end=3000.0, x=64.0)
    old = make_map([held], mode=Mode.MANIA)
    fresh = make_map([circle(2500, x=64.0), circle(2500, x=192.0)], mode=Mode.MANIA)
    assert [(item.time, item.x) for item in spliced(old, fresh).objects] == [
        (1500, 64),
        (2500, 192),
    ]


def test_the_old_velocity_returns_at_the_end():
    old = make_map([slider(5000)])
    fresh = make_map([slider(3000)], [GreenLine(time=3000.0, velocity=1.5)])
    lines = [(line.time, line.velocity) for line in spliced(old, fresh).timing_points[1:]]
    assert lines == [(3000, 1.5), (4000, 1.0)]


def test_scroll_speeds_of_taiko_stay_and_drumrolls_last_as_long():
    slow = GreenLine(time=1000.0, velocity=0.5, sample_set=1, volume=60)
    old = make_map([circle(1000)], [slow], mode=Mode.TAIKO)
    result = spliced(old, make_map([slider(3000)], mode=Mode.TAIKO))
    assert result.timing_points == old.timing_points
    assert Pace(result).end(result.objects[1]) == 3500


def test_another_base_velocity_is_made_up_for():
    fresh = make_map([slider(3000)])
    fast = replace(fresh, difficulty=replace(fresh.difficulty, slider_multiplier=2.8))
    result = spliced(make_map(), fast)
    assert Pace(result).end(result.objects[0]) == 3250


def test_breaks_stay_empty():
    old = make_map(events=Events(breaks=(Break(2500, 3500),)))
    fresh = make_map([circle(time) for time in (2125, 3000, 3625)])
    assert times(spliced(old, fresh)) == [2125, 3625]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, b""])
def test_line_ends_and_marks_are_kept(newline, mark):
    text = write(make_map([circle(3000), circle(5000)])).replace("\r\n", newline)
    before = mark + text.encode()
    after = splice(before, make_map([circle(3125)]), 2000, 4000)
    assert after == before.replace(b"100,100,3000,", b"100,100,3125,")


def test_utf_16_and_odd_bytes_are_kept():
    text = write(make_map([circle(3000)]))
    wide = text.encode("utf-16")
    assert splice(wide, make_map(), 0, 1) == wide
    odd = text.encode().replace(b"Title:", b"Title:\xff\x8f")
    assert splice(odd, make_map([circle(3125)]), 2000, 4000) == odd.replace(b",3000,", b",3125,")


def test_a_file_without_a_last_line_end_keeps_that():
    before = write(make_map([circle(3000)])).rstrip().encode()
    after = splice(before, make_map([circle(3125), circle(3250)]), 2000, 4000)
    assert after.splitlines()[-2:] == [b"100,100,3125,1,0,0:0:0:0:", b"100,100,3250,1,0,0:0:0:0:"]
    assert not after.endswith(b"\n")


def test_formats_that_stand_early():
    text = "osu file format v3\n\n[TimingPoints]\n976,500\n\n[HitObjects]\n64,64,1976,1,0\n"
    after = splice(text.encode(), make_map([circle(3125)]), 3000, 4000)
    assert times(parse(after).beatmap) == [2000, 3125]
    assert b",3101," in after


def test_broken_lines_stay():
    before = write(make_map([circle(3000)])).replace(
        "[HitObjects]\r\n", "[HitObjects]\r\nrubbish\r\n"
    )
    after = splice(before.encode(), make_map(), 2000, 4000)
    assert b"rubbish\r\n" in after
    assert b",3000," not in after


def test_a_map_without_timing_is_refused():
    with pytest.raises(InputError, match="no timing"):
        splice(b"osu file format v14\n[HitObjects]\n", make_map(), 0, 1)


def test_spinners_of_the_original_are_held():
    old = make_map([Spinner(time=1500.0, end=3000.0)])
    assert times(spliced(old, make_map([circle(2500), circle(3125)]))) == [1500, 3125]
