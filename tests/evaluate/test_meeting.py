from dataclasses import replace

import pytest
from tests.evaluate.results import OUTCOME

from beatheritage.evaluate.asks import ASKED, DRAFTED, ENDS, KEPT, PLAIN
from beatheritage.evaluate.meeting import (
    costs,
    kept_by,
    kept_lines,
    kept_table,
    meeting_lines,
    meeting_table,
)

MET = replace(OUTCOME, group=ASKED, stars_asked=4.0, stars=4.05, cpu_s=5.0)
WARNED = replace(MET, song="osu_b", stars_asked=7.0, stars=5.5, reach=(1.5, 5.5))


def values(outcomes):
    return [line.figure and round(line.figure.value, 6) for line in meeting_lines(outcomes)]


def test_errors_are_those_of_requests_that_were_met():
    low = replace(MET, song="osu_c", stars=3.75)
    average, worst, warned, *_ = values([MET, low, WARNED])
    assert (average, worst) == (0.15, 0.25)
    assert warned == pytest.approx(1 / 3)


@pytest.mark.parametrize(("off", "reached"), [(0.29, True), (0.3, True), (0.31, False)])
def test_the_worst_error(off, reached):
    worst = meeting_lines([replace(MET, stars_asked=0.0, stars=off)])[1]
    assert worst.reached is reached


def test_what_could_not_be_written_is_no_error():
    assert values([replace(MET, error="no tempo", stars=0.0)])[:3] == [None, None, None]


def test_the_ends_of_a_range():
    ends = [replace(MET, group=ENDS, stars_asked=5.5, stars=5.9)]
    assert meeting_lines([WARNED, *ends])[3].reached is False
    assert meeting_lines([WARNED])[3].figure is None


def test_work_is_counted_in_plain_generations_of_the_same_request():
    plain = replace(MET, group=PLAIN, cpu_s=2.0)
    other = replace(plain, stars_asked=5.0)
    assert costs([MET, plain]) == [("osu_a", 2.5)]
    assert costs([MET, other]) == []


def test_the_table_is_by_mode_and_step():
    rows = meeting_table([MET, WARNED]).rows
    assert [row[0] for row in rows] == ["std, all", "std, 4", "std, 7"]
    assert rows[0][1:5] == ("0.050", "+0.050", "0.05", "1")
    assert rows[2][1:5] == ("", "", "", "1")


def test_what_is_kept_of_the_rhythm():
    draft, whole = replace(OUTCOME, group=DRAFTED, f1=0.5), replace(OUTCOME, group=KEPT, f1=0.48)
    assert kept_by([draft, whole], "std") == [("osu_a", pytest.approx(-0.02))]
    (line,) = kept_lines([draft, whole])
    assert line.reached is False
    (kept,) = kept_lines([draft, replace(whole, f1=0.495)])
    assert kept.reached is True
    assert kept_table([draft, whole]).rows == (("std", "0.500", "0.480", "-0.020", "1"),)
    assert kept_lines([whole]) == ()
