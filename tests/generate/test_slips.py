"""Edges on a snap that a map hardly uses."""

import pytest

from beatheritage.generate.slips import without_slips
from beatheritage.osu.beatmap import Beatmap, Circle, CurveKind, Hold, Point, RedLine, Slider
from beatheritage.review.consistency import RARE_WARNING, RARE_WARNING_SHARE

BEAT = 480.0  # ms: every snap is a whole millisecond
EDGES = 1000


def note(time):
    return Circle(time=time, x=256, y=192)


def beatmap(*objects):
    ordered = tuple(sorted(objects, key=lambda item: item.time))
    return Beatmap(timing_points=(RedLine(time=0, beat_length=BEAT),), objects=ordered)


def thirds(count, first=0):
    return [note((first + index) * BEAT + BEAT / 3) for index in range(count)]


def halves(count):
    return [note(index * BEAT / 2) for index in range(count)]


@pytest.mark.parametrize("count", range(1, RARE_WARNING + 1))
def test_a_few_thirds_are_left_out(count):
    assert without_slips(beatmap(*halves(40), *thirds(count))) == beatmap(*halves(40))


def test_more_are_meant():
    meant = beatmap(*halves(40), *thirds(RARE_WARNING + 1))
    assert without_slips(meant) is meant


def test_of_many_edges_more_are_slips():
    most = int(RARE_WARNING_SHARE * EDGES)
    rare = beatmap(*halves(EDGES - most), *thirds(most))
    assert without_slips(rare) == beatmap(*halves(EDGES - most))
    meant = beatmap(*halves(EDGES - most - 1), *thirds(most + 1))
    assert without_slips(meant) is meant


def test_common_snaps_are_no_slips():
    quarter = beatmap(*halves(40), note(BEAT / 4))
    assert without_slips(quarter) is quarter


def test_what_ends_on_one_lasts_no_longer():
    # 1.4 multiplied by 100 px a beat.
    line = {"kind": CurveKind.LINEAR, "points": (Point(300, 100),), "slides": 1}
    slider = Slider(time=100 * BEAT, x=100, y=100, length=140 / 3, **line)
    hold = Hold(time=110 * BEAT, end=110 * BEAT + BEAT / 3, x=64)
    short = without_slips(beatmap(*halves(40), slider, hold))
    assert short.objects[:40] == tuple(halves(40))
    assert [(type(item), item.time) for item in short.objects[40:]] == [
        (Circle, slider.time),
        (Circle, hold.time),
    ]


def test_twice_is_as_once():
    once = without_slips(beatmap(*halves(40), *thirds(3), note(7 * BEAT + BEAT / 8)))
    assert without_slips(once) is once
