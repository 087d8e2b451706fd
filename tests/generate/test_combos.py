from dataclasses import replace

import pytest

from beatheritage.generate.combos import new_combos
from beatheritage.osu.beatmap import Beatmap, Break, Circle, Events, General, RedLine, Spinner
from beatheritage.osu.level import Level
from beatheritage.osu.mode import Mode


def make_map(times, mode=Mode.STD, **rest):
    """120 BPM in four from 1,000 ms: bars begin every two seconds."""
    return Beatmap(
        general=General(mode=mode),
        timing_points=(RedLine(time=1000.0, beat_length=500.0),),
        objects=tuple(Circle(time=time, x=100, y=100) for time in times),
        **rest,
    )


def starts(beatmap):
    return [item.time for item in beatmap.objects if item.new_combo]


def test_long_combos_are_split_on_downbeats():
    eighths = range(1000, 9000, 250)  # four bars of eight
    assert starts(new_combos(Level.HARD)(make_map(eighths))) == [1000, 3000, 5000, 7000]


@pytest.mark.parametrize(("count", "combos"), [(11, 1), (12, 1), (13, 2)])
def test_twelve_objects_are_not_yet_too_many_for_insane(count, combos):
    beatmap = make_map([1000 + 250 * index for index in range(count)])
    assert len(starts(new_combos(Level.INSANE)(beatmap))) == combos


def test_combos_of_the_model_stay():
    beatmap = make_map(range(1000, 5000, 500))
    marked = replace(
        beatmap,
        objects=(
            *beatmap.objects[:3],
            replace(beatmap.objects[3], new_combo=True),
            *beatmap.objects[4:],
        ),
    )
    assert starts(new_combos(Level.HARD)(marked)) == [1000, 2500]


def test_new_combos_after_breaks_and_spinners():
    beatmap = make_map([1000, 9000, 13_000], events=Events(breaks=(Break(1200, 8000),)))
    spun = (*beatmap.objects[:2], Spinner(time=10_000, end=12_000), beatmap.objects[2])
    assert starts(new_combos(Level.HARD)(replace(beatmap, objects=spun))) == [
        1000,
        9000,
        10_000,
        13_000,
    ]


def test_nothing_is_split_off_the_beat():
    sixteenths_off = [1000 + 62 + 125 * index for index in range(40)]
    assert len(starts(new_combos(Level.HARD)(make_map(sixteenths_off)))) == 1


@pytest.mark.parametrize("mode", [Mode.TAIKO, Mode.MANIA])
def test_combos_mean_nothing_in_taiko_and_mania(mode):
    beatmap = make_map(range(1000, 9000, 250), mode=mode)
    assert new_combos(Level.HARD)(beatmap) == beatmap


def test_twice_is_once():
    step = new_combos(Level.NORMAL)
    once = step(make_map(range(1000, 30_000, 125)))
    assert step(once) == once
