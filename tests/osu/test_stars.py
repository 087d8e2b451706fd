from dataclasses import replace

import pytest

from beatheritage.errors import InputError
from beatheritage.osu.beatmap import Beatmap, Circle, General, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import Counts, count_objects, stars
from beatheritage.osu.write import write

JUMPS = Beatmap(
    timing_points=(RedLine(time=0, beat_length=400),),
    objects=tuple(
        Circle(time=1000 + 200 * index, x=100 + 300 * (index % 2), y=192) for index in range(200)
    ),
)


def test_an_empty_map_has_none():
    assert stars(Beatmap()) == 0


def test_a_map_and_its_text_are_rated_alike():
    text = write(JUMPS)
    assert 2 < stars(JUMPS) < 8
    assert stars(JUMPS) == stars(text) == stars(text.encode())


def test_faster_is_harder():
    assert stars(JUMPS, clock_rate=1.5) > stars(JUMPS) > stars(JUMPS, clock_rate=0.75)


def test_std_is_rated_as_what_it_converts_to():
    rated = [stars(JUMPS, mode) for mode in Mode]
    assert rated[0] == stars(JUMPS)
    assert len(set(rated)) == len(Mode)
    assert all(value > 0 for value in rated)


def test_other_modes_cannot_be_converted():
    with pytest.raises(InputError, match="cannot be converted to std"):
        stars(replace(JUMPS, general=General(mode=Mode.TAIKO)), Mode.STD)


def test_a_map_that_would_take_for_ever_is_refused():
    # Far more objects in one instant than anybody could hit.
    crowd = replace(JUMPS, objects=tuple(Circle(time=1000, x=0, y=0) for _ in range(3000)))
    with pytest.raises(InputError, match="no stars"):
        stars(crowd)


def test_objects_are_counted_by_kind():
    assert count_objects(JUMPS) == Counts(200, 0, 0, 0)
    assert count_objects(JUMPS).total == 200
