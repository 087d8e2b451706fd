"""From events to a map: times onto the beat, red lines from beats, sliders, sounds and speeds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ancestors import golden, needs_goldens, small_map, tokenizer_of, vocabulary_of

from beatheritage.generate.ancestors.beats import beat_length_of, timing_of
from beatheritage.generate.ancestors.objects import Laid, Setting, lay
from beatheritage.generate.ancestors.overlaps import met
from beatheritage.generate.ancestors.resnap import resnapped, snap
from beatheritage.generate.ancestors.slider import Pacing, likely_velocity, share_of
from beatheritage.generate.lines import Change, timing_points
from beatheritage.osu.beatmap import (
    Beatmap,
    CurveKind,
    Difficulty,
    General,
    Hold,
    Point,
    RedLine,
    Slider,
    Spinner,
)
from beatheritage.osu.curve import flatten
from beatheritage.osu.mode import Mode
from beatheritage.osu.pace import Pace
from beatheritage.osu.parse import parse
from beatheritage.tokens.steps import Event, Step, Vocabulary
from beatheritage.tokens.steps_decode import Group, Sound, groups_of, stamped
from beatheritage.tokens.steps_encode import encode_map

BEAT = RedLine(time=200.0, beat_length=400.0)
HELPERS = ("helpers_bh", "helpers_mp")


def lines_of(recorded):
    return tuple(
        RedLine(time=line["offset_ms"], beat_length=line["ms_per_beat"], meter=line["meter"])
        for line in recorded
    )


def events_of(recorded):
    return [Event(Step(kind), value) for kind, value in recorded]


def recorded_maps(helpers):
    for name, recorded in golden(helpers, "postprocess.json").items():
        yield name.split("/")[0], recorded


@needs_goldens
def test_resnapping_is_as_recorded():
    """The original cut ticks before it compared them, so some of a coarser divisor slipped in."""
    recorded = golden("helpers_mp", "resnap.json")
    timings = {name: lines_of(lines) for name, lines in recorded["timings"].items()}
    cases = recorded["cases[timing,divisor,time_ms,result]"]
    for name, divisor, time, expected in cases:
        got = snap(time, divisor, timings[name])
        is_tie = abs(abs(got - time) - abs(expected - time)) <= 1
        is_coarse = any(is_tick(expected, coarse, timings[name]) for coarse in range(1, divisor))
        assert is_tie or is_coarse
        assert is_tie or abs(got - time) >= abs(expected - time)
    agreeing = [snap(time, n, timings[name]) - expected for name, n, time, expected in cases]
    assert np.mean(np.abs(agreeing) <= 1) > 0.98


def is_tick(time, divisor, lines):
    beats = ((time - line.time) * divisor / line.beat_length for line in lines)
    lengths = (divisor / line.beat_length for line in lines)
    return any(
        abs(beat - round(beat)) <= 1.01 * length
        for beat, length in zip(beats, lengths, strict=True)
    )


@needs_goldens
def test_whole_maps_resnap_as_recorded():
    for _, recorded in recorded_maps("helpers_mp"):
        events = events_of(recorded["jittered_map_events"])
        got = resnapped(events, lines_of(recorded["timing"]))
        for event, (kind, value) in zip(got, recorded["resnap_events(jittered_map)"], strict=True):
            assert event.kind.value == kind
            assert abs(event.value - value) <= (kind == "t")


@given(beats=st.integers(-20, 200), divisor=st.sampled_from([1, 2, 3, 4, 6, 8]))
def test_a_tick_stays_where_it_is(beats, divisor):
    time = int(BEAT.time + beats * BEAT.beat_length + BEAT.beat_length / divisor * (divisor > 1))
    assert snap(time, divisor, (BEAT,)) == time


@needs_goldens
@pytest.mark.parametrize("helpers", HELPERS)
def test_red_lines_of_beats_are_as_recorded(helpers):
    for version, recorded in recorded_maps(helpers):
        leniency = 3.0 if version == "v29" else 20.0
        for events, lines in (
            ("timing_events", "generate_timing(timing_events)"),
            ("jittered_timing_events", "generate_timing(jittered)"),
        ):
            beats = stamped(events_of(recorded[events]), vocabulary_of(version), 1e9)
            assert said(timing_of(beats, leniency)) == said(lines_of(recorded[lines]))
    recorded = golden(helpers, "super_timing.json")
    pairs = zip(recorded["result_events"], recorded["result_times"], strict=True)
    beats = [Event(Step(kind), value, time) for (kind, value), time in pairs]
    assert said(timing_of(beats, 3.0)) == said(lines_of(recorded["generate_timing"]))


def said(lines):
    return [(round(line.time), round(line.beat_length, 6), line.meter) for line in lines]


@needs_goldens
def test_numbers_are_as_recorded():
    recorded = golden("helpers_mp", "postprocess_numeric.json")
    for time, beats, leniency, expected in recorded["get_ms_per_beat[time,beats,leniency->out]"]:
        assert beat_length_of(time, beats, leniency) == pytest.approx(expected)
    (velocities,) = (cases for name, cases in recorded.items() if name.startswith("get_human_sv"))
    line = RedLine(time=0.0, beat_length=333.333)
    for length, span, last, new_combo, velocity, fitted in velocities:
        pacing = Pacing(line=line, slider_multiplier=1.6, velocity=last)
        got = likely_velocity(pacing.velocity_for(length, span), last, new_combo)
        assert got == pytest.approx(velocity)
        assert pacing.length(got, span) == pytest.approx(fitted)


@pytest.mark.parametrize("meter", [3, 4])
def test_steady_beats_are_one_line(meter):
    kinds = [Step.MEASURE if beat % meter == 0 else Step.BEAT for beat in range(24)]
    rounded = [Event(kind, 0, round(205 + 397.3 * beat, -1)) for beat, kind in enumerate(kinds)]
    (line,) = timing_of(rounded)
    assert (line.time, line.meter) == (200, meter)
    assert line.bpm == 151
    assert timing_of([]) == ()


@needs_goldens
@pytest.mark.parametrize("helpers", HELPERS)
def test_maps_are_as_recorded(helpers):
    """But for places outside the field, which the original wrote as they were."""
    for version, recorded in recorded_maps(helpers):
        config = recorded["beatmap_config"]
        vocabulary = vocabulary_of(version)
        vocabulary.precision = 1  # positions were recorded in pixels
        events = stamped(events_of(recorded["generate_input_events"]), vocabulary, 1e9)
        setting = Setting(
            mode=Mode(config["mode"]),
            lines=lines_of(recorded["timing"]),
            slider_multiplier=config["slider_multiplier"],
            keys=7,
        )
        groups = with_columns(groups_of(events, vocabulary), setting)
        groups = met(groups) if helpers == "helpers_bh" else groups
        laid = lay(groups, setting, np.random.default_rng(0))
        expected = parse(recorded["osu_text"]).beatmap
        assert laid.left_out == 0
        assert len(laid.objects) == len(expected.objects)
        got = beatmap_of(laid, setting)
        for item, other in zip(got.objects, expected.objects, strict=True):
            assert alike(heard_and_seen(item, got), heard_and_seen(other, expected))


def alike(facts, others):
    """Whether facts are the same; numbers, by a hair."""
    if isinstance(facts, dict):
        return facts.keys() == others.keys() and all(alike(facts[k], others[k]) for k in facts)
    if isinstance(facts, list | tuple):
        return len(facts) == len(others) and all(map(alike, facts, others))
    return facts == others if isinstance(facts, str) else abs(facts - others) < 1e-3


def with_columns(groups, setting):
    """Mania's columns were recorded as places."""
    if setting.mode is not Mode.MANIA:
        return groups
    return [
        replace(group, column=None if group.x is None else int(group.x * setting.keys / 512))
        for group in groups
    ]


def beatmap_of(laid: Laid, setting: Setting) -> Beatmap:
    return Beatmap(
        general=General(mode=setting.mode),
        difficulty=Difficulty(slider_multiplier=setting.slider_multiplier),
        timing_points=timing_points(
            setting.lines, laid.velocities, laid.volumes or [Change(0.0, 70)], laid.kiai
        ),
        objects=tuple(laid.objects),
    )


def heard_and_seen(item, beatmap):
    """What a player notices of an object."""
    state = Pace(beatmap).at(item.time)
    facts = {
        "kind": item.__class__.__name__,
        "time": item.time,
        "x": min(max(item.x, 0), 512),
        "y": min(max(item.y, 0), 384),
        "new_combo": item.new_combo,
        "sound": int(item.sound),
        # BeatHeritage wrote mania's volumes where the index belongs.
        "volume": item.sample.volume or max(item.sample.index, 0) or state.volume,
    }
    if not (isinstance(item, Slider) and beatmap.mode is Mode.TAIKO):
        facts["sets"] = item.sample[:2]
    if isinstance(item, Slider):
        facts |= {"length": item.length, "slides": item.slides, "velocity": state.velocity}
    if isinstance(item, Slider) and beatmap.mode is not Mode.TAIKO:
        facts |= {"curve": item.kind.value, "points": item.points, "edges": item.edges}
    return facts


@needs_goldens
def test_places_on_paths_are_as_recorded():
    kinds = {
        "Bezier": CurveKind.BEZIER,
        "PerfectCurve": CurveKind.PERFECT,
        "Catmull": CurveKind.CATMULL,
        "Linear": CurveKind.LINEAR,
    }
    for recorded in golden("helpers_mp", "slider_path.json"):
        head, *points = (Point(*point) for point in recorded["points"])
        path = flatten(head, kinds[recorded["type"]], points)
        assert path.natural_length == pytest.approx(recorded["distance"], abs=0.3)
        for share, place in recorded["positions"].items():
            got = path.at(float(share) * path.length)
            assert got == pytest.approx(place, abs=0.3)


@given(share=st.floats(0.05, 0.95))
def test_the_share_of_a_place_on_a_path_is_found(share):
    path = flatten(Point(0, 0), CurveKind.BEZIER, [Point(80, 120), Point(200, 40), Point(300, 90)])
    assert share_of(path, path.at(share * path.length)) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("mode", [0, 1, 3])
def test_a_map_comes_back_from_its_events(mode):
    vocabulary = Vocabulary(tokenizer_of("v32"))
    beatmap = small_map(mode)
    setting = Setting(mode=Mode(mode), lines=beatmap.red_lines, slider_multiplier=1.6, keys=4)
    groups = groups_of(encode_map(beatmap, vocabulary), vocabulary)
    laid = lay(groups, setting, np.random.default_rng(0))
    assert laid.left_out == 0
    for item, other in zip(laid.objects, beatmap.objects, strict=True):
        assert type(item) is type(other)
        assert item.time == other.time
        assert int(item.sound) == int(other.sound) & 14
        if mode != 1:
            assert (item.x, item.y) == pytest.approx((other.x, other.y), abs=2)
        if isinstance(item, Slider):
            length, other_length = item.length * item.slides, other.length * other.slides
            assert length == pytest.approx(other_length, rel=0.01)
            assert item.slides == (other.slides if mode == 0 else 1)
        if isinstance(item, Spinner | Hold):
            assert item.end == other.end


def circle(time, **parts):
    return Group(kind=Step.CIRCLE, time=time, **parts)


def laid_of(*groups, mode=Mode.STD, lines=(BEAT,)):
    return lay(groups, Setting(mode=mode, lines=lines, keys=4), np.random.default_rng(3))


def test_ends_without_beginnings_are_left_out_and_counted():
    laid = laid_of(
        Group(kind=Step.SPINNER_END, time=300),
        Group(kind=Step.SLIDER_END, time=400, x=1.0, y=1.0),
        Group(kind=Step.HOLD_NOTE, time=500, column=1),
        Group(kind=Step.SPINNER, time=600),
        Group(kind=Step.SPINNER_END, time=600),
        circle(700, x=1.0, y=2.0),
    )
    assert [item.time for item in laid.objects] == [700]
    assert laid.left_out == 4


def test_of_a_distance_alone_comes_a_place_so_far_away():
    first, second, third = laid_of(
        circle(200, x=10.0, y=10.0), circle(600, distance=100), circle(1000)
    ).objects
    assert np.hypot(second.x - first.x, second.y - first.y) == pytest.approx(100, abs=0.01)
    assert (third.x, third.y) == (second.x, second.y)


@given(x=st.floats(-256, 768), y=st.floats(-256, 640))
def test_nothing_begins_outside_the_field(x, y):
    (item,) = laid_of(circle(200, x=x, y=y)).objects
    assert 0 <= item.x <= 512
    assert 0 <= item.y <= 384


def test_kiai_ends_with_the_map_where_no_end_was_written():
    laid = laid_of(
        Group(kind=Step.KIAI, value=1, time=300),
        Group(kind=Step.KIAI, value=0, time=700),
        Group(kind=Step.KIAI, value=1, time=900),
        circle(1000, x=1.0, y=1.0),
    )
    assert laid.kiai == [(300, 700), (900, 1001)]


def test_scroll_speed_counts_from_the_tempo():
    lines = (BEAT, RedLine(time=5000.0, beat_length=200.0))
    change = Group(kind=Step.SCROLL_SPEED_CHANGE, time=1000, speed=2.0)
    note = replace(circle(9000), column=0)
    laid = laid_of(change, note, mode=Mode.MANIA, lines=lines)
    assert [(change.time, change.value) for change in laid.velocities] == [
        (200, 1.0),
        (1000, 2.0),
        (5000, 1.0),
    ]


@pytest.mark.parametrize(
    ("apart_px", "apart_ms", "meets"),
    [(3.7, 1000, True), (3.8, 1000, False), (3.7, 1001, False)],
)
def test_near_places_meet(apart_px, apart_ms, meets):
    groups = met([circle(200, x=0.0, y=9.0), circle(200 + apart_ms, x=apart_px, y=9.0)])
    assert (groups[1].x == 0) is meets


def test_volumes_follow_nodes_and_the_body_between_them():
    sound = Sound(volume=40)
    groups = (
        Group(kind=Step.SLIDER_HEAD, time=200, x=0.0, y=0.0, speed=1.0, sounds=(sound,)),
        Group(
            kind=Step.LAST_ANCHOR,
            time=600,
            x=140.0,
            y=0.0,
            sounds=(Sound(volume=10), Sound(volume=50)),
        ),
        Group(kind=Step.SLIDER_END, time=1000, x=140.0, y=0.0, sounds=(Sound(volume=60),)),
    )
    laid = laid_of(*groups)
    assert [(change.time, change.value) for change in laid.volumes] == [
        (200, 40),
        (206, 10),
        (600, 50),
        (606, 10),
        (1000, 60),
    ]
    (slider,) = laid.objects
    assert isinstance(slider, Slider)
    assert (slider.slides, slider.length) == (2, pytest.approx(140))
