from dataclasses import replace

import numpy as np
import pytest
from tests.evaluate.results import human_map

from beatheritage.evaluate.promises import (
    OPTIONS,
    PromiseOutcome,
    beyond_people,
    compare,
    distances,
    ks_p,
    promise_lines,
    promise_table,
)
from beatheritage.generate.quality.options import NONE
from beatheritage.generate.quality.variety import PEOPLE, repetition
from beatheritage.osu.beatmap import Beatmap, Circle
from beatheritage.osu.level import Level

FLOW = PromiseOutcome(
    song="osu_a", option="flow", before=0.5, after=0.4, stars_moved=0.01, ks_p=0.6
)


def placed(step: float) -> Beatmap:
    human = human_map()
    return replace(
        human,
        objects=tuple(
            Circle(time=item.time, x=60 + step * (index % 4), y=100)
            for index, item in enumerate(human.objects)
        ),
    )


def test_two_samples_of_one_kind_and_of_two():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 400))
    assert ks_p(one, one) == 1
    assert ks_p(one, other) > 0.05
    assert ks_p(one, other + 0.5) < 1e-6
    assert ks_p(one, np.array([])) == 1


def test_the_p_of_a_known_distance():
    """Ten in a row against ten shifted by four: D 0.4; exact p is 0.418, the limit's 0.313."""
    assert ks_p(np.arange(10.0), np.arange(10.0) + 4) == pytest.approx(0.313, abs=0.001)


def test_a_number_before_and_after():
    near, far = placed(15), placed(60)
    found = compare("osu_a", "min_distance", near, far)
    assert found.before > found.after == 0
    assert found.stars_moved > 0
    assert found.ks_p < 0.05
    assert distances(near)[:3].tolist() == [15, 15, 15]


def test_repetition_beyond_people_s():
    same = placed(60)  # to and fro, as no one maps
    usual = PEOPLE[Level.HARD]  # as it is named
    assert repetition(same) > usual.high
    assert beyond_people(same) == repetition(same) - usual.high
    alone = replace(same, objects=same.objects[:2])
    assert beyond_people(alone) == usual.low - repetition(alone)


def test_lines_take_the_worst():
    worse = replace(FLOW, song="osu_b", after=0.45, stars_moved=0.021, ks_p=0.04)
    lines = {line.what: line for line in promise_lines([FLOW, worse])}
    cost = lines["quality.flow: flow cost, lower by (mean)"]
    assert cost.figure is not None
    assert cost.figure.value == pytest.approx(0.15)
    assert lines["the same: stars moved by (most)"].reached is False
    assert lines["the same: distances as before, KS p (least)"].reached is False
    assert (
        lines[
            "quality.max_overlap: objects over others, streams over themselves apart (most)"
        ].figure
        is None
    )
    (row,) = promise_table([FLOW, worse]).rows
    assert row[:3] == ("quality.flow", "0.500", "0.425")


def test_every_option_is_switched_on_alone():
    for name, option in OPTIONS.items():
        assert option.quality != NONE
        assert replace(option.quality, **{name: getattr(NONE, name)}) == NONE
