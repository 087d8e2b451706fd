"""Rules about lines and ticks, at their thresholds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatheritage.osu.beatmap import GreenLine, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.review.mapset import read_map
from beatheritage.review.snapping import DIVISORS, divisors, off_tick
from beatheritage.review.timing import (
    before_line,
    concurrent_lines,
    first_line,
    invalid_volume,
    kiai_unsnap,
    red_line_snapping,
    unsnaps,
    unused_lines,
)
from beatheritage.timing.grid import Timing
from tests.review.maps import BEAT, circle, severities, slider, subject

RED = RedLine(time=0, beat_length=BEAT)
SLOW = RedLine(time=0, beat_length=6000)  # ticks far apart: what is off one is off all
TIMING = Timing(lines=(RED,))


@pytest.mark.parametrize(
    ("off", "found"),
    [(0, ""), (0.9, ""), (1, "M"), (1.9, "M"), (2, "P"), (-1.9, "M"), (-2, "P")],
)
@pytest.mark.parametrize("mode", Mode)
def test_unsnapped_starts(mode, off, found):
    assert severities(unsnaps, subject(circle(6000 + off), lines=(SLOW,), mode=mode)) == found


def test_unsnapped_ends_and_repeats():
    snapped = slider(0, 140, slides=2)
    assert severities(unsnaps, subject(snapped)) == ""
    # 2.1 ms short at its end, and half of that at its repeat: one finding, the worse.
    short = slider(0, 140 * (1 - 2.1 / 1000), slides=2)
    (found,) = unsnaps(subject(short))
    assert found.message == "is 2.1 ms before the nearest tick"
    assert found.objects == (0,)


@given(st.sampled_from(DIVISORS), st.integers(-200, 200))
def test_every_tick_of_every_divisor_is_on_one(divisor, number):
    times = np.array([number * BEAT / divisor])
    assert abs(off_tick(times, TIMING)[0]) < 1e-9
    assert 0 < divisors(times, TIMING)[0] <= divisor


@pytest.mark.parametrize(
    ("gap", "found"), [(0, ""), (0.4, ""), (1, "W"), (5, "W"), (5.1, ""), (-1, "")]
)
def test_sliders_before_a_line(gap, found):
    lines = (RED, GreenLine(time=1000, velocity=2))
    assert severities(before_line, subject(slider(1000 - gap), lines=lines)) == found


def test_what_a_line_before_means_to_other_objects():
    lines = (RED, GreenLine(time=1000, velocity=2))
    same = (RED, GreenLine(time=1000, velocity=1))
    assert severities(before_line, subject(circle(998), lines=lines)) == ""
    assert severities(before_line, subject(circle(998), lines=lines, mode=Mode.TAIKO)) == "W"
    assert severities(before_line, subject(slider(998), lines=same)) == ""


def test_lines_at_one_time():
    green = GreenLine(time=0)
    assert severities(concurrent_lines, subject(lines=(RED, green))) == ""
    assert severities(concurrent_lines, subject(lines=(RED, RED))) == "P"
    assert severities(concurrent_lines, subject(lines=(RED, green, green))) == "P"
    assert severities(concurrent_lines, subject(lines=(RED, GreenLine(time=0, kiai=True)))) == "M"
    assert severities(concurrent_lines, subject(lines=(RED, GreenLine(time=1, kiai=True)))) == ""


def test_the_first_line():
    assert severities(first_line, subject()) == ""
    assert severities(first_line, subject(lines=())) == "P"
    assert severities(first_line, subject(lines=(GreenLine(time=-1), RED))) == "P"
    assert severities(first_line, subject(lines=(RED, GreenLine(time=0)))) == ""
    assert (
        severities(first_line, subject(lines=(RedLine(time=0, beat_length=1, kiai=True),))) == "P"
    )


@pytest.mark.parametrize(
    ("volume", "found"),
    [("0", ""), ("100", ""), ("101", "P"), ("-1", "P"), ("70.5", "P"), ("x", "P")],
)
def test_volumes_as_written(volume, found):
    text = f"osu file format v14\n[TimingPoints]\n0,500,4,2,0,{volume},1,0\n"
    assert severities(invalid_volume, read_map(text.encode())) == found


@pytest.mark.parametrize(
    ("off", "found"), [(0.9, ""), (1, "M"), (9.9, "M"), (10, "W"), (11, "W"), (-10, "W")]
)
def test_kiai_off_the_ticks(off, found):
    lines = (SLOW, GreenLine(time=6000 + off, kiai=True))
    assert severities(kiai_unsnap, subject(lines=lines)) == found


def test_kiai_that_goes_on_is_no_change():
    lines = (SLOW, GreenLine(time=6000, kiai=True), GreenLine(time=6123, kiai=True))
    assert severities(kiai_unsnap, subject(lines=lines)) == ""


@pytest.mark.parametrize(("off", "found"), [(0, ""), (1.9, ""), (2, "W"), (3, "W"), (-2, "W")])
def test_red_lines_off_the_one_before(off, found):
    later = RedLine(time=12_000 + off, beat_length=444)
    assert severities(red_line_snapping, subject(lines=(SLOW, later))) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (RedLine(time=8000, beat_length=BEAT), "P"),
        (RedLine(time=6000, beat_length=BEAT), "W"),  # three bars on
        (RedLine(time=8000.9, beat_length=BEAT), "P"),
        (RedLine(time=8001, beat_length=BEAT), ""),
        (RedLine(time=1500, beat_length=BEAT), ""),  # the bar starts anew
        (RedLine(time=2000, beat_length=BEAT + 0.002), ""),
        (RedLine(time=2000, beat_length=BEAT, meter=3), ""),
        (RedLine(time=2000, beat_length=BEAT, omit_barline=True), ""),
        (RedLine(time=8000, beat_length=BEAT, volume=50), "P"),
        (RedLine(time=2000, beat_length=BEAT, kiai=True), "W"),
        (GreenLine(time=2000), "M"),
        (GreenLine(time=2000, volume=50), ""),
        (GreenLine(time=2000, velocity=1.1), ""),
    ],
)
def test_lines_that_change_nothing(line, found):
    assert severities(unused_lines, subject(lines=(RED, line))) == found


def test_a_red_line_that_only_ends_a_velocity():
    lines = (RED, GreenLine(time=0, velocity=2), RedLine(time=2000, beat_length=BEAT))
    assert severities(unused_lines, subject(lines=lines)) == "W"
