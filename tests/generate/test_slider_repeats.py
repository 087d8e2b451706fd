"""Sliders go back where most is heard on their way, and all else stays."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatheritage.generate.repeats import LEAST_SLIDE, REPEATING, OnsetOdds, repeating
from beatheritage.osu.beatmap import EdgeSound, HitSound
from beatheritage.osu.level import Level
from beatheritage.tokens.events import Event, Kind

HEAD, TAIL = EdgeSound(HitSound.WHISTLE), EdgeSound(HitSound.CLAP)
TICK_MS = 10.0


def slider(tick: int, lasts: int, slides: int = 1) -> Event:
    edges = (*(HEAD,) * slides, TAIL)
    return Event(tick=tick, end=tick + lasts, kind=Kind.SLIDER, edges=edges, slides=slides)


def heard(*ticks: int, count: int = 20_000) -> OnsetOdds:
    odds = np.full(count, -5.0)
    odds[list(ticks)] = 2.0
    return OnsetOdds(odds, 0, TICK_MS)


def row(count: int, lasts: int = 48) -> list[Event]:
    return [slider(96 * number, lasts) for number in range(count)]


def test_those_go_back_on_whose_way_something_is_heard() -> None:
    made = repeating(row(20), heard(96 * 4 + 24, 96 * 7 + 24, 96 * 11 + 24), Level.HARD)
    assert [number for number, event in enumerate(made) if event.slides == 2] == [4, 7, 11]
    assert made[4] == replace(row(20)[4], slides=2, edges=(HEAD, HEAD, TAIL))


def test_thirds_are_heard_too() -> None:
    events = [slider(0, 36), *(slider(96 * number, 16) for number in range(1, 7))]
    assert repeating(events, heard(12, 24), Level.INSANE)[0].slides == 3


def test_repeats_that_are_there_count() -> None:
    events = [slider(96 * number, 48, 2) for number in range(3)] + row(20)[3:]
    assert repeating(events, heard(), Level.HARD) == tuple(events)


@pytest.mark.parametrize(("lasts", "slides"), [(LEAST_SLIDE * 2 - 8, 1), (LEAST_SLIDE * 2, 2)])
def test_a_slide_has_a_least_length(lasts: int, slides: int) -> None:
    made = repeating(row(7, lasts), heard(96 * 3 + lasts // 2), Level.INSANE)
    assert made[3].slides == slides


@pytest.mark.parametrize(("level", "slides"), [(Level.EASY, 1), (Level.NORMAL, 2)])
def test_easy_levels_are_not_asked_to_follow_quick_ones(level: Level, slides: int) -> None:
    assert repeating(row(7), heard(96 * 3 + 24), level)[3].slides == slides


@given(st.lists(st.sampled_from([0, 12, 24, 36, 48, 72, 96]), max_size=60), st.integers(0, 9))
def test_only_slides_change_and_as_many_as_people_have(lengths: list[int], seed: int) -> None:
    events = [
        slider(120 * number, lasts) if lasts else Event(tick=120 * number, end=120 * number)
        for number, lasts in enumerate(lengths)
    ]
    odds = np.random.default_rng(seed).normal(size=120 * 61)
    made = repeating(events, OnsetOdds(odds, 0, TICK_MS), Level.INSANE)
    assert [(one.tick, one.end, one.kind) for one in made] == [
        (one.tick, one.end, one.kind) for one in events
    ]
    sliders = [one for one in made if one.kind is Kind.SLIDER]
    could = sum(lasts >= 2 * LEAST_SLIDE for lasts in lengths)
    assert sum(one.slides > 1 for one in sliders) == min(could, round(REPEATING * len(sliders)))
    assert all(len(one.edges) == one.slides + 1 for one in sliders)
