"""Conditions light their bins, unknown ones none, and styles are measured as they are defined."""

from dataclasses import replace

import numpy as np
import pytest

from beatheritage.osu.beatmap import HitSound
from beatheritage.osu.mode import Mode
from beatheritage.tokens.events import Event, Kind
from beatheritage.tokens.prompt import (
    SCALES,
    SIZE,
    Conditions,
    Style,
    condition_vector,
    measure_style,
)


def test_what_is_unknown_lights_nothing() -> None:
    vector = condition_vector(Conditions(mode=Mode.STD))
    assert vector.shape == (SIZE,)
    assert vector.sum() == 1
    assert vector[Mode.STD] == 1


@pytest.mark.parametrize("name", list(SCALES))
def test_each_scale_has_two_lights_that_share_one(name: str) -> None:
    base, bins = Conditions(mode=Mode.STD), SCALES[name]
    value = 0.25 * bins[2] + 0.75 * bins[3]
    known = (
        replace(base, **{name: value})
        if name in ("stars", "bpm")
        else replace(base, style=replace(Style(), **{name: value}))
    )
    lit = condition_vector(known) - condition_vector(base)
    assert lit[lit > 0].tolist() == pytest.approx([0.25, 0.75])


def test_values_beyond_the_scale_light_its_end() -> None:
    high = condition_vector(Conditions(mode=Mode.STD, stars=99))
    end = condition_vector(Conditions(mode=Mode.STD, stars=SCALES["stars"][-1]))
    np.testing.assert_array_equal(high, end)


def test_keys_count_in_mania_alone() -> None:
    std = condition_vector(Conditions(mode=Mode.STD, keys=7))
    mania = condition_vector(Conditions(mode=Mode.MANIA, keys=7))
    assert std.sum() == 1
    assert mania.sum() == 2


def test_style_is_measured_by_hand() -> None:
    events = [
        Event(tick=0, end=0, sound=HitSound.CLAP),
        Event(tick=12, end=12),
        Event(tick=24, end=48, kind=Kind.SLIDER),
        Event(tick=96, end=96),
    ]
    style = measure_style(events)
    # Eight quarter beats from first to last onset, four of them with an object.
    assert style.density == pytest.approx(4 / 8)
    assert style.slider_share == pytest.approx(1 / 4)
    assert style.stream_share == pytest.approx(2 / 3)
    assert style.hold_share == 0
    assert style.hitsounding == pytest.approx(1 / 4)


def test_a_rest_says_nothing_about_density() -> None:
    near = [Event(tick=tick, end=tick) for tick in (0, 12, 24)]
    far = [*near, Event(tick=24 + 8 * 48, end=24 + 8 * 48)]
    farther = [*near, Event(tick=24 + 80 * 48, end=24 + 80 * 48)]
    assert measure_style(far).density == measure_style(farther).density


def test_an_empty_chart_has_no_style() -> None:
    assert measure_style([]) == Style()
