from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatheritage.errors import InputError
from beatheritage.osu.beatmap import (
    Beatmap,
    Break,
    Circle,
    Colour,
    CurveKind,
    Difficulty,
    EdgeSound,
    Events,
    General,
    GreenLine,
    Hold,
    Metadata,
    Point,
    RedLine,
    Sample,
    Slider,
    Spinner,
)
from beatheritage.osu.mode import Mode
from beatheritage.osu.numbers import number_text, round_velocity, velocity_of, velocity_text
from beatheritage.osu.parse import parse, read
from beatheritage.osu.stars import count_objects
from beatheritage.osu.write import save, write
from tests.osu.strategies import beatmaps, times

SLIDER = Slider(time=0, x=0, y=0, kind=CurveKind.LINEAR, points=(Point(9, 0),), slides=1, length=9)


def with_object(item):
    return Beatmap(objects=(item,))


def with_line(line):
    return Beatmap(timing_points=(line,))


@given(beatmaps())
@settings(max_examples=50, deadline=None)
def test_reading_what_was_written_gives_the_same(beatmap):
    parsed = parse(write(beatmap))
    assert parsed.beatmap == beatmap
    assert parsed.warnings == ()


@given(beatmaps())
@settings(max_examples=15, deadline=None)
def test_rosu_reads_every_object(beatmap):
    assert count_objects(write(beatmap)).total == len(beatmap.objects)


@given(st.floats(0.01, 10).map(round_velocity))
def test_velocities_come_back(velocity):
    assert velocity_of(float(velocity_text(velocity))) == velocity


@pytest.mark.parametrize(
    ("velocity", "text"),
    [(1, "-100"), (0.75, "-133.3333333333"), (2, "-50"), (0.1, "-1000")],
)
def test_velocities_are_written_short(velocity, text):
    assert velocity_text(velocity) == text


@given(times)
def test_numbers_come_back(value):
    assert float(number_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (-0.0, "0"), (0.1, "0.1"), (1e-7, "0.0000001"), (2.5, "2.5")]
)
def test_numbers_are_written_plain(value, text):
    assert number_text(value) == text


def test_lines_end_as_osu_ends_them():
    text = write(Beatmap())
    assert text.startswith("osu file format v14\r\n")
    assert text.count("\n") == text.count("\r\n")


@pytest.mark.parametrize(
    ("version", "x", "written"), [(14, 1.5, 14), (3, 1, 14), (128, 1, 14), (128, 1.5, 128)]
)
def test_version_is_14_unless_lazer_needs_its_own(version, x, written):
    beatmap = replace(with_object(Circle(time=0, x=x, y=0)), format_version=version)
    assert write(beatmap).startswith(f"osu file format v{written}\r\n")


@pytest.mark.parametrize(("x", "whole"), [(1.5, 2), (1.4, 1), (-0.5, 0), (511.6, 512)])
def test_version_14_rounds_to_whole_pixels(x, whole):
    again = parse(write(with_object(Circle(time=0, x=x, y=0)))).beatmap
    assert again.objects[0].x == whole


REFUSED = {
    "time is NaN": with_object(Circle(time=float("nan"), x=0, y=0)),
    "time too large": with_object(Circle(time=2**31, x=0, y=0)),
    "coordinate too large": with_object(Circle(time=0, x=131_073, y=0)),
    "skip without combo": with_object(Circle(time=0, x=0, y=0, combo_skip=1)),
    "skip too large": with_object(Circle(time=0, x=0, y=0, new_combo=True, combo_skip=8)),
    "negative length": with_object(replace(SLIDER, length=-1.0)),
    "length is NaN": with_object(replace(SLIDER, length=float("nan"))),
    "no slides": with_object(replace(SLIDER, slides=0)),
    "too many slides": with_object(replace(SLIDER, slides=9001)),
    "more edges than there are": with_object(replace(SLIDER, edges=(EdgeSound(),) * 3)),
    "control point too far": with_object(replace(SLIDER, points=(Point(131_073, 0),))),
    "spinner ends early": with_object(Spinner(time=10, end=9)),
    "hold ends at infinity": with_object(Hold(time=10, end=float("inf"), x=0)),
    "comma in sample": with_object(Circle(time=0, x=0, y=0, sample=Sample(filename="a,b.wav"))),
    "negative volume": with_object(Circle(time=0, x=0, y=0, sample=Sample(volume=-1))),
    "objects out of order": Beatmap(
        objects=(Circle(time=1, x=0, y=0), Circle(time=0, x=0, y=0)),
    ),
    "beat too short": with_line(RedLine(time=0, beat_length=5.9)),
    "beat is NaN": with_line(RedLine(time=0, beat_length=float("nan"))),
    "no beats in a bar": with_line(RedLine(time=0, beat_length=500, meter=0)),
    "too loud": with_line(RedLine(time=0, beat_length=500, volume=101)),
    "too slow": with_line(GreenLine(time=0, velocity=0.09)),
    "too fast": with_line(GreenLine(time=0, velocity=10.1)),
    "timing out of order": Beatmap(
        timing_points=(RedLine(time=1, beat_length=500), RedLine(time=0, beat_length=500)),
    ),
    "difficulty above range": Beatmap(difficulty=Difficulty(approach_rate=10.1)),
    "difficulty is NaN": Beatmap(difficulty=Difficulty(hp_drain=float("nan"))),
    "mania without keys": Beatmap(
        general=General(mode=Mode.MANIA), difficulty=Difficulty(circle_size=0)
    ),
    "leniency is NaN": Beatmap(general=General(stack_leniency=float("nan"))),
    "line break in title": Beatmap(metadata=Metadata(title="a\nCreator:b")),
    "comment in file name": Beatmap(general=General(audio_filename="a//b.mp3")),
    "quote in background": Beatmap(events=Events(background='a".jpg')),
    "section in storyboard": Beatmap(events=Events(storyboard=("[HitObjects]",))),
    "break ends early": Beatmap(events=Events(breaks=(Break(2, 1),))),
    "colour above 255": Beatmap(combo_colours=(Colour(256, 0, 0),)),
}


@pytest.mark.parametrize("beatmap", REFUSED.values(), ids=REFUSED)
def test_what_osu_would_refuse_is_not_written(beatmap):
    with pytest.raises(InputError):
        write(beatmap)


@pytest.mark.parametrize(
    "beatmap",
    [
        with_object(Circle(time=2**31 - 1, x=131_072, y=-131_072)),
        with_object(replace(SLIDER, length=131_072.0, slides=9000, edges=(EdgeSound(),) * 9001)),
        with_object(Spinner(time=10, end=10)),
        with_line(RedLine(time=0, beat_length=6, volume=100)),
        with_line(RedLine(time=0, beat_length=60_000, volume=0, meter=1)),
        with_line(GreenLine(time=0, velocity=0.1)),
        with_line(GreenLine(time=0, velocity=10)),
        replace(with_line(GreenLine(time=0, velocity=0.01)), general=General(mode=Mode.MANIA)),
    ],
)
def test_the_limits_themselves_are_written(beatmap):
    assert parse(write(beatmap)).beatmap == beatmap


def test_a_file_is_saved_as_it_is_written(tmp_path):
    beatmap = with_object(Circle(time=1.5, x=1, y=2))
    save(tmp_path / "map.osu", beatmap)
    assert (tmp_path / "map.osu").read_bytes() == write(beatmap).encode()
    assert read(tmp_path / "map.osu").beatmap == beatmap
