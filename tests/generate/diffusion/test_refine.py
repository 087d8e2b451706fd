"""Placing maps anew: nothing but places changes, lengths hold, and all stays on the field."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ancestors import GOLDENS, needs_goldens, small_map
from tests.diffusion import placer_in, write_tiny
from tests.osu.strategies import beatmaps

from beatheritage.errors import OptionError
from beatheritage.generate.ancestors.objects import Setting
from beatheritage.generate.diffusion.file import with_places
from beatheritage.generate.diffusion.maps import spelled
from beatheritage.generate.diffusion.options import Amount, PlacingOptions
from beatheritage.generate.diffusion.refine import (
    Placing,
    has_places,
    place_groups,
    refined,
)
from beatheritage.generate.splice import Span
from beatheritage.osu.beatmap import Circle, CurveKind, Point, Slider, Spinner
from beatheritage.osu.curve import flatten, slider_path
from beatheritage.osu.mode import Mode
from beatheritage.osu.pace import Pace
from beatheritage.osu.parse import parse
from beatheritage.osu.write import write
from beatheritage.tokens.steps import Step
from beatheritage.tokens.steps_decode import Group

WHOLE = Span(float("-inf"), float("inf"))
FEW = PlacingOptions(steps=(4, *[0] * 49))
COORDINATES = re.compile(
    rb"^( *)[^,\r\n]*,[^,\r\n]*(,[^,\r\n]*,\d+,[^,\r\n]*)(?:,([BCLP])\|[^,\r\n]*)?", re.M
)


def place_of(group: Group) -> np.ndarray:
    assert group.place is not None
    return np.array(group.place)


@pytest.fixture(scope="module")
def placer(tmp_path_factory):
    return placer_in(write_tiny(tmp_path_factory.mktemp("placer")))


def anew(beatmap, placer, how=FEW, seed=0, span=WHOLE):
    placing = Placing(placer=placer, how=how)
    return refined(beatmap, placing, np.random.default_rng(seed), span)


def long_map(count: int = 300):
    """Circles, sliders and spinners over the whole field, in a loop."""
    objects = []
    for number in range(count):
        time, x = 1000.0 + 300 * number, float(40 + number * 37 % 430)
        y = float(30 + number * 53 % 320)
        match number % 5:
            case 3:
                side = 60.0 if x < 256 else -60.0
                points = (Point(x + side, y), Point(x + side, y), Point(x + side, 192.0))
                objects.append(
                    Slider(
                        time=time,
                        x=x,
                        y=y,
                        kind=CurveKind.BEZIER,
                        points=points,
                        slides=1,
                        length=60.0,
                    )
                )
            case 4 if number % 50 == 49:
                objects.append(Spinner(time=time, end=time + 150))
            case _:
                objects.append(Circle(time=time, x=x, y=y, new_combo=number % 8 == 0))
    return replace(small_map(Mode.STD), objects=tuple(objects))


def without_places(file: bytes) -> bytes:
    """A map's file with the coordinates of its objects, and nothing else, taken out."""
    head, section, objects = file.partition(b"[HitObjects]")
    return head + section + COORDINATES.sub(rb"\1\2,\3", objects)


def test_taking_places_out_takes_nothing_else():
    line = b"[HitObjects]\r\n100,20,1500,2,4,B|1:2|3:4,1,140.5,2|0,0:0|0:0,0:0:0:0:\r\n"
    left = b"[HitObjects]\r\n,1500,2,4,B,1,140.5,2|0,0:0|0:0,0:0:0:0:\r\n"
    assert without_places(line) == left


@pytest.mark.parametrize("mode", [Mode.STD, Mode.CATCH])
def test_only_places_change_byte_for_byte(mode, placer):
    beatmap = long_map(60)
    beatmap = replace(beatmap, general=replace(beatmap.general, mode=mode))
    file = write(beatmap).encode()
    fresh = anew(beatmap, placer)
    changed = with_places(file, beatmap, fresh)
    assert changed != file
    assert without_places(changed) == without_places(file)
    assert parse(changed).beatmap == parse(write(fresh)).beatmap


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(beatmap=beatmaps(modes=st.just(Mode.STD)))
def test_whatever_the_map_only_places_change(beatmap, placer):
    file = write(beatmap).encode()
    read = parse(file).beatmap
    changed = with_places(file, read, anew(read, placer))
    assert without_places(changed) == without_places(file)
    times = [(type(item), item.time) for item in parse(changed).beatmap.objects]
    assert times == [(type(item), item.time) for item in read.objects]


def test_all_is_on_the_field(placer):
    """Heads, ends of paths, and all of paths on what a screen shows."""
    far = replace(FEW, steps=(), amount=Amount.MUCH)
    fresh = anew(long_map(150), placer, far)
    moved = sum(a != b for a, b in zip(fresh.objects, long_map(150).objects, strict=True))
    assert moved > 130
    for item in fresh.objects:
        places = [(item.x, item.y)]
        if isinstance(item, Slider):
            path = slider_path(item)
            places.append(path.end)
            assert -67 <= path.points[:, 0].min() <= path.points[:, 0].max() <= 579
            assert -60 <= path.points[:, 1].min() <= path.points[:, 1].max() <= 428
        for x, y in places:
            assert -0.5 <= x <= 512.5
            assert -0.5 <= y <= 384.5


def test_sliders_keep_their_lengths_and_have_paths_as_long(placer):
    old = long_map(100)
    fresh = anew(old, placer, replace(FEW, steps=(), amount=Amount.MUCH))
    for before, after in zip(old.objects, fresh.objects, strict=True):
        if isinstance(before, Slider):
            assert isinstance(after, Slider)
            natural = flatten(Point(after.x, after.y), after.kind, after.points).natural_length
            assert after.length == before.length
            assert natural >= before.length - 2  # whole pixels
            assert after.points[0] == after.points[1]  # a corner stays one


def test_one_seed_one_map(placer):
    first, again, other = (anew(long_map(40), placer, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_what_is_outside_the_span_stays(placer):
    old, span = long_map(60), Span(4000.0, 9000.0)
    file = write(old).encode()
    fresh = anew(old, placer, span=span)
    for before, after in zip(old.objects, fresh.objects, strict=True):
        if before.time not in span:
            assert after == before
    inside = [a != b for a, b in zip(old.objects, fresh.objects, strict=True) if a.time in span]
    assert sum(inside) >= len(inside) - 1
    assert with_places(file, old, anew(old, placer, span=Span(0.0, 1.0))) == file


def test_more_noise_goes_farther(placer):
    def far(amount):
        fresh = anew(long_map(40), placer, replace(FEW, steps=(), amount=amount))
        pairs = zip(long_map(40).objects, fresh.objects, strict=True)
        return float(np.median([np.hypot(a.x - b.x, a.y - b.y) for a, b in pairs]))

    assert far(Amount.LITTLE) < far(Amount.SOME) < far(Amount.MUCH)


@pytest.mark.parametrize("mode", [Mode.TAIKO, Mode.MANIA])
def test_modes_without_places_are_refused(mode, placer):
    beatmap = small_map(mode)
    assert not has_places(beatmap)
    with pytest.raises(OptionError, match="has no places to find"):
        anew(beatmap, placer)


def test_a_length_that_is_not_written_does_not_change():
    line = "100,100,1000,2,0,L|200:100,1\r\n"
    file = f"osu file format v14\r\n\r\n[HitObjects]\r\n{line}".encode()
    beatmap = parse(file).beatmap
    (item,) = beatmap.objects
    assert isinstance(item, Slider)
    moved = replace(item, x=50.0, points=(Point(180.0, 100.0),))
    assert with_places(file, beatmap, replace(beatmap, objects=(moved,))) == file
    shifted = replace(item, x=90.0, points=(Point(190.0, 100.0),))
    assert b"90,100,1000,2,0,L|190:100,1" in with_places(
        file, beatmap, replace(beatmap, objects=(shifted,))
    )


def test_groups_being_written_hold_the_lengths_that_their_velocities_say(placer):
    beatmap = small_map(Mode.STD)
    setting = Setting(mode=Mode.STD, lines=beatmap.red_lines, slider_multiplier=1.6)
    head = {"kind": Step.SLIDER_HEAD, "time": 200, "x": 100.0, "y": 100.0, "speed": 1.0}
    groups = [
        Group(**head),
        Group(kind=Step.LAST_ANCHOR, time=500, x=400.0, y=100.0),
        Group(kind=Step.SLIDER_END, time=500, x=100.0, y=100.0),
        Group(kind=Step.BEAT, time=600),
        Group(kind=Step.SPINNER, time=700),
        Group(kind=Step.SPINNER_END, time=900),
    ]
    placing = Placing(placer=placer, how=FEW)
    head, last, end, *others = place_groups(groups, setting, placing, np.random.default_rng(0))
    length = 300 / beatmap.red_lines[0].beat_length * 160
    assert np.hypot(*(place_of(end) - place_of(head))) == pytest.approx(length, abs=1.5)
    assert np.hypot(*(place_of(last) - place_of(head))) >= length - 1.5
    assert others == groups[3:]
    assert [group.time for group in (head, last, end)] == [200, 500, 500]


def test_groups_being_written_fit_on_to_those_around(placer):
    beatmap = small_map(Mode.STD)
    setting = Setting(mode=Mode.STD, lines=beatmap.red_lines)
    placing = Placing(placer=placer, how=FEW)
    fresh = [Group(kind=Step.CIRCLE, time=1000, x=100.0, y=100.0)]

    def found(around):
        return place_groups(fresh, setting, placing, np.random.default_rng(0), around=around)

    pace = Pace(beatmap)
    around = [group for item in beatmap.objects for group in spelled(item, pace)]
    (alone,), (within,) = found(()), found(around)
    assert alone.time == within.time == 1000
    assert alone.place != within.place


@needs_goldens
@pytest.mark.parametrize("name", ["syn_std.osu", "syn_ctb.osu", "ppy_basic_multi.osu"])
def test_recorded_maps_keep_every_other_byte(name, placer):
    file = (GOLDENS / "shared" / "osu" / name).read_bytes()
    beatmap = parse(file).beatmap
    changed = with_places(file, beatmap, anew(beatmap, placer))
    assert changed != file
    assert without_places(changed) == without_places(file)
