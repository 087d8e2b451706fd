"""Whatever the draft, what is placed lies inside the field and ends on its tick."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beatheritage.generate.place import Before, PlaceOptions, place
from beatheritage.generate.place_catch import FRAME_GRACE, WALK_SPEED, reach_speed
from beatheritage.osu.beatmap import (
    Circle,
    EdgeSound,
    HitSound,
    Hold,
    RedLine,
    Slider,
    Spinner,
)
from beatheritage.osu.curve import slider_path
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import Timing
from beatheritage.tokens.events import Draft, Event, Kind

TIMING = Timing(lines=(RedLine(time=1000.3, beat_length=60_000 / 177),))
OPTIONS = PlaceOptions(stars=4.0)
QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def drafts(draw) -> Draft:
    """Circles, sliders (some far too long for the field) and spinners, closely and far apart."""
    tick, events = 0, []
    for _ in range(draw(st.integers(0, 24))):
        tick += draw(st.sampled_from([6, 12, 16, 24, 48, 96]))
        kind = draw(st.sampled_from([Kind.CIRCLE, Kind.CIRCLE, Kind.SLIDER, Kind.SPINNER]))
        slides = draw(st.integers(1, 4)) if kind is Kind.SLIDER else 1
        length = 0 if kind is Kind.CIRCLE else draw(st.sampled_from([3, 12, 24, 96, 480])) * slides
        events.append(
            Event(
                tick=tick,
                kind=kind,
                end=tick + length,
                slides=slides,
                velocity=draw(st.sampled_from([0.1, 0.75, 1.0, 3.337])),
                new_combo=draw(st.booleans()),
            )
        )
        tick += length
    return Draft(events=tuple(events))


def circles(count: int, ticks: int = 24) -> Draft:
    return Draft(events=tuple(Event(tick=i * ticks, end=i * ticks) for i in range(count)))


def inside(item) -> bool:
    points = slider_path(item).points if isinstance(item, Slider) else np.array([[item.x, item.y]])
    return bool(((points >= 0) & (points <= (512, 384))).all())


@given(draft=drafts(), seed=st.integers(0, 999), mode=st.sampled_from([Mode.STD, Mode.CATCH]))
@QUICK
def test_nothing_leaves_the_field_and_sliders_end_on_their_tick(placer_engine, draft, seed, mode):
    look = replace(OPTIONS, mode=mode)
    objects = place(draft, TIMING, look, placer_engine, np.random.default_rng(seed))
    assert len(objects) == len(draft.events)
    for item, event in zip(objects, draft.events, strict=True):
        assert inside(item)
        assert float(item.x).is_integer()
        assert float(item.y).is_integer()
        assert abs(item.time - float(TIMING.tick_time(event.tick))) <= 0.5
        if isinstance(item, Slider):
            assert slider_path(item).length == pytest.approx(item.length)
            speed = 100 * look.slider_multiplier * round(event.velocity, 2)
            lasts = item.length * item.slides / speed * TIMING.lines[0].beat_length
            exact = float(TIMING.tick_time(event.end) - TIMING.tick_time(event.tick))
            assert lasts == pytest.approx(exact, abs=0.01)


def test_an_empty_draft_is_an_empty_map(placer_engine, rng):
    for mode in Mode:
        assert (
            place(Draft(events=()), TIMING, replace(OPTIONS, mode=mode), placer_engine, rng) == ()
        )


def test_the_same_seed_gives_the_same_places(placer_engine):
    def placed(seed: int, **changes: object):
        rng = np.random.default_rng(seed)
        return place(circles(60), TIMING, replace(OPTIONS, **changes), placer_engine, rng)

    assert placed(3) == placed(3)
    assert placed(3) != placed(4)


@pytest.mark.parametrize(
    "changes",
    [{"stars": 6.0}, {"circle_size": 2.0}, {"spacing": 0.9}, {"top_p": 0.2}, {"temperature": 0.3}],
)
def test_every_option_changes_the_places(placer_engine, changes):
    def placed(look: PlaceOptions):
        return place(circles(60), TIMING, look, placer_engine, np.random.default_rng(3))

    assert placed(OPTIONS) != placed(replace(OPTIONS, **changes))


@pytest.mark.parametrize("mode", [Mode.STD, Mode.CATCH])
def test_places_go_on_from_what_stands_before(placer_engine, mode):
    look = replace(OPTIONS, mode=mode)
    whole, slider = circles(12), Event(tick=288, end=336, kind=Kind.SLIDER)
    events = (*whole.events, slider, Event(tick=360, end=360))
    objects = place(Draft(events=events), TIMING, look, placer_engine, np.random.default_rng(1))

    def rest(**moved: float):
        last = replace(objects[11], **moved)
        before = Before(events=events[:12], objects=(*objects[:11], last))
        draft = Draft(events=events[12:])
        return place(draft, TIMING, look, placer_engine, np.random.default_rng(2), before)

    assert [item.time for item in rest()] == [item.time for item in objects[12:]]
    assert rest() != rest(x=500.0 - objects[11].x)
    assert all(inside(item) for item in rest())


def test_sounds_and_combos_are_kept(placer_engine, rng):
    edges = (EdgeSound(HitSound.CLAP), EdgeSound(HitSound.WHISTLE))
    slider = Event(tick=48, end=96, kind=Kind.SLIDER, edges=edges, sound=HitSound.FINISH)
    draft = Draft(events=(Event(tick=0, end=0, new_combo=True, sound=HitSound.CLAP), slider))
    first, second = place(draft, TIMING, OPTIONS, placer_engine, rng)
    assert isinstance(first, Circle)
    assert isinstance(second, Slider)
    assert (first.new_combo, first.sound) == (True, HitSound.CLAP)
    assert (second.edges, second.sound, second.new_combo) == (edges, HitSound.FINISH, False)


def test_taiko_stands_still_and_its_drumrolls_have_their_length(placer_engine, rng):
    roll = Event(tick=48, end=144, kind=Kind.SLIDER, velocity=1.2)
    denden = Event(tick=192, end=288, kind=Kind.SPINNER)
    draft = Draft(events=(Event(tick=0, end=0, sound=HitSound.WHISTLE), roll, denden))
    look = replace(OPTIONS, mode=Mode.TAIKO)
    kat, drumroll, spinner = place(draft, TIMING, look, placer_engine, rng)
    assert (kat.x, kat.y, kat.sound) == (256, 192, HitSound.WHISTLE)
    assert isinstance(drumroll, Slider)
    assert drumroll.length == pytest.approx(2 * 140 * 1.2)
    assert slider_path(drumroll).length == pytest.approx(drumroll.length)
    assert isinstance(spinner, Spinner)
    assert spinner.end - spinner.time == pytest.approx(2 * 60_000 / 177, abs=1)


@pytest.mark.parametrize("keys", [4, 7, 10])
def test_mania_notes_stand_in_their_columns(placer_engine, rng, keys):
    events = [Event(tick=0, end=0, column=column) for column in range(keys)]
    events.append(Event(tick=48, end=96, kind=Kind.HOLD, column=keys - 1))
    look = replace(OPTIONS, mode=Mode.MANIA, keys=keys)
    notes = place(Draft(events=tuple(events)), TIMING, look, placer_engine, rng)
    assert [int(note.x * keys // 512) for note in notes] == [*range(keys), keys - 1]
    assert isinstance(notes[-1], Hold)
    assert {note.y for note in notes} == {192}


@given(draft=drafts(), seed=st.integers(0, 999), stars=st.sampled_from([1.0, 2.5, 3.9]))
@QUICK
def test_below_rain_no_fruit_needs_a_hyperdash(placer_engine, draft, seed, stars):
    look = replace(OPTIONS, mode=Mode.CATCH, stars=stars)
    objects = place(draft, TIMING, look, placer_engine, np.random.default_rng(seed))
    x, time = None, 0.0
    for item, event in zip(objects, draft.events, strict=True):
        if isinstance(item, Spinner):
            continue
        if x is not None:
            gap = max(item.time - time - FRAME_GRACE, 0)
            assert abs(item.x - x) <= gap * reach_speed(stars) + 1
        path = slider_path(item) if isinstance(item, Slider) else None
        at = path.length if path and item.slides % 2 else 0.0
        x = path.at(at).x if path else item.x
        time = round(float(TIMING.tick_time(event.end)))


def test_a_cup_is_walked_and_a_rain_may_be_dashed():
    assert reach_speed(1.0) == reach_speed(1.5) == WALK_SPEED
    assert WALK_SPEED < reach_speed(2.5) < reach_speed(3.99) < 1
    assert reach_speed(4.0) == 1
