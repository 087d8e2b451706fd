import pytest

from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    CurveKind,
    Difficulty,
    GreenLine,
    Hold,
    RedLine,
    Slider,
    Spinner,
)
from beatheritage.osu.pace import GRACE, Pace
from beatheritage.osu.parse import parse

LINES = (
    RedLine(time=1000, beat_length=500, meter=3),
    GreenLine(time=2000, velocity=2, kiai=True, volume=30),
    RedLine(time=4000, beat_length=250),
)
PACE = Pace(Beatmap(timing_points=LINES, difficulty=Difficulty(slider_multiplier=1.4)))


def slider(time, slides=1, length=140.0):
    return Slider(
        time=time, x=0, y=0, kind=CurveKind.LINEAR, points=(), slides=slides, length=length
    )


@pytest.mark.parametrize(
    ("time", "beat_length", "velocity"),
    [
        (0, 500, 1),
        (1000, 500, 1),
        (2000 - GRACE - 0.01, 500, 1),
        (2000 - GRACE, 500, 2),
        (3999, 500, 2),
        (4000, 250, 1),
    ],
)
def test_lines_hold_from_their_time_on(time, beat_length, velocity):
    state = PACE.at(time)
    assert (state.beat_length, state.velocity) == (beat_length, velocity)


def test_green_lines_carry_volume_and_kiai():
    assert (PACE.at(2500).volume, PACE.at(2500).kiai, PACE.at(2500).meter) == (30, True, 3)
    assert not PACE.at(4000).kiai


@pytest.mark.parametrize(
    ("item", "end"),
    [
        (slider(1000), 1500),  # 140 px at a multiplier of 1.4 are a beat
        (slider(1000, slides=3), 2500),
        (slider(2000), 2250),
        (slider(4000), 4250),
        (slider(1000, length=70.0), 1250),
        (Circle(time=7, x=0, y=0), 7),
        (Spinner(time=7, end=9), 9),
        (Hold(time=7, end=8, x=0), 8),
    ],
)
def test_ends(item, end):
    assert PACE.end(item) == pytest.approx(end)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_green_holds_over_red_at_one_time_in_whatever_order_they_stand(order):
    lines = ("0,500,4,1,0,50,1,0", "0,-50,4,1,0,50,0,0")
    text = "\n".join(["osu file format v14", "[TimingPoints]", *(lines[index] for index in order)])
    assert Pace(parse(text).beatmap).at(0).velocity == 2


def test_a_map_without_lines_goes_at_120():
    assert Pace(Beatmap()).at(0).beat_length == 500
