from dataclasses import replace

import pytest
from tests.evaluate.results import OUTCOME, RED, result

from beatheritage.evaluate.asks import CONVERTED
from beatheritage.evaluate.figures import (
    constant_songs,
    fault_count,
    habits_table,
    misses,
    rhythm_lines,
    rhythm_table,
    speed_line,
    stars_table,
    timing_lines,
    validity_table,
)
from beatheritage.osu.beatmap import RedLine

LATE = replace(RED, time=1015)
TWICE = RedLine(time=1000, beat_length=200)


def shares(results, kind="osu"):
    return [line.figure.value for line in timing_lines(results, kind) if line.figure]


def test_timing_as_people_have_it():
    assert shares([result("a"), result("b")]) == [1, 1, 1, 1, 1, 1]


def test_each_share_counts_its_own_mistake():
    found = shares([result("a"), result("b", TWICE), result("c", LATE), result("d", None)])
    # right with a factor forgiven, octave, 10 ms, 20 ms, one line, downbeat
    assert found == [0.75, 0.5, 0.5, 0.75, 0.75, 0.75]


def test_kinds_are_told_apart():
    results = [result("a"), result("t", TWICE, kind="tja")]
    assert shares(results, "tja")[1] == 0
    assert shares(results)[1] == 1
    assert all(line.target is None for line in timing_lines(results, "tja"))


def test_songs_with_changes_are_left_out():
    changing = result("a")
    chart = changing.subject.charts[0]
    lines = (RED, RedLine(time=9000, beat_length=300))
    beatmap = replace(chart.beatmap, timing_points=lines)
    charts = (replace(chart, beatmap=beatmap),)
    changing = replace(changing, subject=replace(changing.subject, charts=charts))
    assert constant_songs([changing], "osu") == []
    assert timing_lines([changing], "osu")[0].figure is None


def test_misses_name_the_songs():
    rows = misses([result("a"), result("b", TWICE), result("d", None)]).rows
    assert [row[:3] for row in rows] == [("b", "150.000", "300.000"), ("d", "150.000", "none")]


def test_speed_is_a_minute_of_audio():
    line = speed_line([result("a")])  # one second of work for two minutes
    assert line.figure is not None
    assert (line.figure.value, line.reached) == (0.5, True)


def test_rhythm_is_a_median_over_found_timing():
    outcomes = [replace(OUTCOME, f1=value) for value in (0.1, 0.68, 0.9)]
    outcomes.append(replace(OUTCOME, f1=0.0, timing="true"))
    outcomes.append(replace(OUTCOME, f1=0.599, group=CONVERTED, mode="catch"))
    std, taiko, mania, catch, converted, given = rhythm_lines(outcomes)
    assert std.figure is not None
    assert (std.figure.value, std.figure.count, std.reached) == (0.68, 3, True)
    assert taiko.figure is mania.figure is catch.figure is None
    assert (converted.target, converted.reached) == (0.60, False)
    assert given.figure is not None
    assert (given.figure.value, given.target) == (0.0, 0.71)


def test_taiko_is_shown_by_kind_too():
    osu = replace(OUTCOME, group="taiko", mode="taiko", f1=0.8)
    tja = replace(osu, song="tja_a", kind="tja", f1=0.4)
    rows = rhythm_table([osu, tja], "found", "").rows
    assert [row[:2] for row in rows] == [
        ("taiko", "0.600"),
        ("– osu! charts", "0.800"),
        ("– .tja courses", "0.400"),
    ]


def test_star_errors_are_signed():
    high = replace(OUTCOME, stars_asked=3.0, stars=3.75)
    low = replace(high, stars_asked=6.0, stars=5.25)
    lost = replace(high, error="no tempo", stars=0.0)
    assert stars_table([high, lost]).rows == (("std", "+0.75", "–", "0.75", "1 song"),)
    assert stars_table([high, low]).rows[0][1:4] == ("+0.00", "–", "0.75")


@pytest.mark.parametrize(("read", "count"), [(90, 0), (89, 1)])
def test_another_readers_count_is_a_fault(read: int, count: int):
    assert fault_count([replace(OUTCOME, objects_read=read)]) == count


def test_faults_are_counted_in_objects_and_maps():
    faulty = replace(OUTCOME, faults={"off_tick": 3, "outside": 1})
    table = validity_table([OUTCOME, faulty, replace(OUTCOME, mode="taiko")])
    std, taiko = table.rows
    by_name = dict(zip(table.head, std, strict=True))
    assert by_name["off a tick"] == "**3** in 1"
    assert by_name["outside the playfield"] == "**1** in 1"
    assert by_name["two at one tick"] == "0"
    assert (by_name["maps"], by_name["read alike"]) == ("2", "2 of 2")
    assert taiko[0] == "taiko"
    assert fault_count([OUTCOME, faulty]) == 4


def test_habits_stand_beside_peoples():
    (row,) = habits_table([OUTCOME]).rows
    assert row == ("std", "3.00 / 2.00", "0.40 / 0.30", "100 / 120", "1")
