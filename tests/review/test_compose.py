"""Rules about objects that every mode shares, at their thresholds."""

import pytest

from beatheritage.osu.beatmap import Break, Hold, Point
from beatheritage.osu.mode import Mode
from beatheritage.review.compose import (
    abnormal_nodes,
    concurrent,
    drain_time,
    invisible_slider,
    zero_length_objects,
)
from beatheritage.review.events import breaks, story_hit_sounds
from beatheritage.review.mapset import read_map
from tests.review.maps import circle, severities, slider, spinner, subject


@pytest.mark.parametrize(("nodes", "found"), [(99, ""), (100, ""), (101, "W")])
def test_nodes_of_a_slider_of_100_px(nodes, found):
    points = tuple(Point(index, 100) for index in range(nodes - 1))
    assert severities(abnormal_nodes, subject(slider(0, 100, points=points))) == found


@pytest.mark.parametrize(
    ("gap", "found"), [(0, "P"), (1.9, "P"), (2, "P"), (9.9, "P"), (10, ""), (11, "")]
)
@pytest.mark.parametrize("mode", [Mode.STD, Mode.TAIKO, Mode.CATCH])
def test_concurrent_outside_mania(mode, gap, found):
    assert severities(concurrent, subject(circle(1000), circle(1000 + gap), mode=mode)) == found


def test_concurrent_is_told_apart_from_almost():
    near = subject(circle(1000), circle(1001.9), circle(1003.9))
    messages = [finding.message for finding in concurrent(near)]
    assert messages == [
        "is concurrent with the object before it",
        "comes 2 ms after the object before it",
    ]


def test_what_a_slider_covers_is_concurrent():
    """Also with what is not the neighbour: the slider goes on past the circle inside it."""
    covered = subject(slider(1000, 280), circle(1500), circle(1900), circle(2010))
    assert [finding.objects for finding in concurrent(covered)] == [(0, 1), (0, 2)]


@pytest.mark.parametrize(("gap", "found"), [(29, "P"), (30, ""), (31, "")])
def test_concurrent_in_a_column(gap, found):
    hold = Hold(time=1000, end=1500, x=64)
    other = circle(1500 + gap, 64)
    chord = circle(1000, 192)
    judged = subject(hold, chord, other, mode=Mode.MANIA, circle_size=4)
    assert severities(concurrent, judged) == found


@pytest.mark.parametrize(("drain", "found"), [(29_999, "P"), (30_000, ""), (30_001, "")])
def test_drain(drain, found):
    assert severities(drain_time, subject(circle(0), circle(drain))) == found


def test_breaks_are_no_drain():
    rest = (Break(1000, 2000),)
    assert severities(drain_time, subject(circle(0), circle(30_500), breaks=rest)) == "P"


def test_invisible_sliders():
    assert severities(invisible_slider, subject(slider(0))) == ""
    assert severities(invisible_slider, subject(slider(0, points=()))) == "P"
    at_head = (Point(100, 100), Point(100, 100))
    assert severities(invisible_slider, subject(slider(0, points=at_head))) == "P"


@pytest.mark.parametrize(("length", "found"), [("-100", "P"), ("100", ""), ("0", "")])
def test_a_negative_length_is_seen_before_the_reader_mends_it(length, found):
    text = f"osu file format v14\n[HitObjects]\n10,10,1000,2,0,L|110:10,1,{length}\n"
    assert severities(invisible_slider, read_map(text.encode())) == found


@pytest.mark.parametrize(("length", "found"), [(0, "P"), (0.4, "P"), (0.5, ""), (0.6, "")])
def test_length_in_time(length, found):
    assert severities(zero_length_objects, subject(spinner(1000, 1000 + length))) == found


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (1200, 3550, ""),
        (1198, 3550, ""),  # cut to whole numbers twice
        (1197, 3550, "P"),
        (1200, 3552, ""),
        (1200, 3553, "P"),
        (1200, 1850, ""),
        (1200, 1851, ""),
        (1200, 1849, "W"),
    ],
)
def test_breaks(start, end, found):
    judged = subject(circle(1000), circle(4000), breaks=(Break(start, end),))
    assert severities(breaks, judged) == found


def test_a_break_over_an_object():
    judged = subject(circle(0), circle(1000), circle(4000), breaks=(Break(200, 3500),))
    assert severities(breaks, judged) == "P"


def test_storyboards_sounds():
    assert severities(story_hit_sounds, subject(storyboard=("Sample,100,0,a.wav,70",))) == "W"
    assert severities(story_hit_sounds, subject(storyboard=("Sprite,Fail,Centre,a.png,1,1",))) == ""
