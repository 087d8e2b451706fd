"""Quality: what each number says of small maps, what each option does to it, and how it is off."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.review.charts import BEAT, chart, circle, line

from beatheritage.config import configure
from beatheritage.errors import OptionError
from beatheritage.generate.place_moves import STREAM_GAP
from beatheritage.generate.plan import make_plan
from beatheritage.generate.quality import variety
from beatheritage.generate.quality.flow import flow_cost, smoother
from beatheritage.generate.quality.improve import improved
from beatheritage.generate.quality.mirrors import Chain
from beatheritage.generate.quality.options import NONE, USUAL, Quality, check_quality, known_quality
from beatheritage.generate.quality.spacing import (
    close_share,
    less_overlap,
    overlap_share,
    spread_apart,
)
from beatheritage.generate.quality.variety import repetition, varied
from beatheritage.generate.repair.finish import finish, repair
from beatheritage.generate.request import Request
from beatheritage.osu.level import Level
from beatheritage.osu.limits import Range
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import stars

SONG_MS = 120_000


def wandering(count=300, seed=1, every=BEAT / 2, reach=90):
    """A map whose next object may lie anywhere near the last."""
    rng = np.random.default_rng(seed)
    place, objects = np.array([256.0, 192.0]), []
    for index in range(count):
        place = np.rint(np.clip(place + rng.normal(0, reach, 2), 40, (470, 340)))
        time = round(300 + index * every)
        objects.append(
            line(time, 60, *np.minimum(place, (400, 340)).tolist())
            if index % 7 == 0
            else circle(time, *place.tolist())
        )
    return chart(*objects, name="Insane", approach_rate=9).beatmap


def distances(beatmap):
    chain = Chain(beatmap)
    return np.hypot(*(chain.heads[1:] - chain.tails[:-1]).T)


def rhythm(beatmap):
    return [(type(item), item.time) for item in beatmap.objects]


@pytest.mark.parametrize(("px", "share"), [(2.9, 0), (3, 1), (19.9, 1), (20, 0), (21, 0)])
def test_close_share_at_its_limits(px, share):
    assert close_share(chart(circle(0, 100), circle(600, 100 + px)).beatmap) == share


def test_what_follows_a_slider_may_lie_near():
    assert close_share(chart(line(0, 100), circle(600, 210)).beatmap) == 0


@pytest.mark.parametrize(("px", "share"), [(2.9, 0), (3, 1 / 3), (72.9, 1 / 3), (73, 0)])
def test_overlap_share_at_its_limits(px, share):
    """At CS 4 a circle's diameter is 72.96 px; a neighbour does not count."""
    beatmap = chart(circle(0, 100), circle(150, 300), circle(300, 100 + px)).beatmap
    assert overlap_share(beatmap) == pytest.approx(share)


@pytest.mark.parametrize(("time", "share"), [(599, 1 / 3), (600, 0)])
def test_what_is_gone_is_not_covered(time, share):
    """At AR 9 an object appears 600 ms ahead."""
    beatmap = chart(circle(0), circle(150, 50), circle(time, 260), approach_rate=9).beatmap
    assert overlap_share(beatmap) == pytest.approx(share)


@pytest.mark.parametrize(("every", "overlaps"), [(STREAM_GAP, False), (STREAM_GAP + 1, True)])
def test_a_stream_lies_over_itself_as_it_should(every, overlaps):
    stream = chart(*(circle(300 + every * n, 100 + 25 * n) for n in range(12))).beatmap
    assert (overlap_share(stream) > 0) is overlaps
    assert (less_overlap(stream, 0.0) != stream) is overlaps


def test_a_stream_over_others_stays_in_one_piece():
    others = [circle(300 + 200 * n, 100 + 100 * n, 200) for n in range(3)]
    stream = [circle(900 + 80 * n, 100 + 25 * n, 200) for n in range(9)]
    beatmap = chart(*others, *stream).beatmap
    assert overlap_share(beatmap) > 0
    assert less_overlap(beatmap, 0.0).objects[3:] == beatmap.objects[3:]


def test_min_distance_moves_what_is_too_near_and_nothing_else():
    beatmap = chart(circle(0, 100), circle(300, 110), circle(600, 200), circle(900, 201)).beatmap
    apart = spread_apart(beatmap, 20)
    assert close_share(apart) == 0
    assert [a == b for a, b in zip(apart.objects, beatmap.objects, strict=True)] == [
        True,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("seed", range(3))
def test_both_numbers_are_brought_to_what_is_asked(seed):
    beatmap = wandering(seed=seed, reach=40)
    assert close_share(beatmap) > 0.02
    assert overlap_share(beatmap) > 0.3
    apart = spread_apart(beatmap, 20)
    assert close_share(apart) == 0
    assert rhythm(apart) == rhythm(beatmap)
    spread = wandering(seed=seed)
    less = less_overlap(spread, 0.15)
    assert overlap_share(spread) > 0.2
    assert overlap_share(less) <= 0.15
    assert less_overlap(spread, 1.0) == spread


def test_flow_cost_says_what_turns():
    on = chart(*(circle(300 + 150 * index, 60 + 40 * index) for index in range(8))).beatmap
    back = chart(*(circle(300 + 150 * index, 100 + 40 * (index % 2)) for index in range(8))).beatmap
    assert flow_cost(on) == 0
    speed = 40 / 150
    assert flow_cost(back) == pytest.approx(speed / (speed + 0.5))
    assert flow_cost(chart(circle(0)).beatmap) == 0
    assert flow_cost(chart().beatmap) == 0


@pytest.mark.parametrize("seed", range(2))
def test_flow_is_lowered_while_rhythm_distances_and_stars_stay(seed):
    beatmap = wandering(150, seed=seed)
    smooth = smoother(beatmap)
    assert flow_cost(smooth) <= 0.85 * flow_cost(beatmap)
    assert rhythm(smooth) == rhythm(beatmap)
    assert distances(smooth) == pytest.approx(distances(beatmap), abs=1.5)
    assert stars(smooth) == pytest.approx(stars(beatmap), rel=0.02)
    assert smoother(beatmap) == smooth


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), first=st.integers(1, 30))
def test_a_mirror_keeps_distances_and_undoes_itself(seed, first):
    beatmap = wandering(40, seed=seed)
    chain = Chain(beatmap)
    heads, before = chain.heads.copy(), distances(beatmap)
    for mirror in chain.mirrors(first):
        chain.apply(mirror)
        now = np.hypot(*(chain.heads[1:] - chain.tails[:-1]).T)
        assert now == pytest.approx(before, abs=1e-6)
        chain.apply(mirror)
        assert chain.heads == pytest.approx(heads, abs=1e-6)


def test_repetition_counts_patterns_that_came_before():
    square = [(100, 100), (200, 100), (200, 200), (100, 200)]
    beatmap = chart(*(circle(300 * index, *square[index % 4]) for index in range(41))).beatmap
    # 40 moves, 39 turns all alike, 37 patterns: one and its 36 repeats.
    assert repetition(beatmap) == pytest.approx(36 / 37)
    assert repetition(chart(circle(0)).beatmap) == 0


def test_repetition_does_not_hang_on_where_a_map_lies():
    beatmap = wandering(80)
    moved = tuple(replace(item, time=item.time + 8 * BEAT) for item in beatmap.objects)
    assert repetition(replace(beatmap, objects=moved)) == repetition(beatmap)


@pytest.mark.parametrize("sign", [-1, 1])
def test_variety_brings_repetition_towards_peoples(sign, monkeypatch):
    beatmap = wandering(300, reach=35)
    now = repetition(beatmap)
    goal = Range(now + 0.02, 1) if sign > 0 else Range(0, now - 0.02)
    monkeypatch.setattr(variety, "PEOPLE", (goal,) * 5)
    made = varied(beatmap)
    assert sign * (repetition(made) - now) > 0.01
    assert rhythm(made) == rhythm(beatmap)
    assert distances(made) == pytest.approx(distances(beatmap), abs=1.5)
    monkeypatch.setattr(variety, "PEOPLE", (Range(0, 1),) * 5)
    assert varied(beatmap) == beatmap


CHANGES = {
    "min_distance": (wandering(reach=12), 20.0, 0.0),
    "max_overlap": (wandering(), 0.15, 1.0),
    "flow": (wandering(80), True, False),
    "variety": (wandering(), True, False),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_option_changes_the_map_and_off_is_as_left_out(name):
    beatmap, on, off = CHANGES[name]
    assert improved(beatmap, replace(NONE, **{name: on})) != beatmap
    assert improved(beatmap, replace(NONE, **{name: off})) == beatmap
    left_out = finish(beatmap, Level.INSANE, SONG_MS, NONE)
    assert finish(beatmap, Level.INSANE, SONG_MS, replace(NONE, **{name: off})) == left_out


def test_what_is_usual_holds_in_std_alone():
    assert known_quality(Quality(), Mode.STD).min_distance == 20
    assert known_quality(Quality(), Mode.STD).max_overlap == 0.15
    assert known_quality(Quality(auto_correct=False), Mode.STD) == NONE
    assert known_quality(Quality(min_distance=0), Mode.STD).max_overlap == 0.15
    assert known_quality(Quality(), Mode.MANIA) == NONE


@pytest.mark.parametrize("mode", [Mode.TAIKO, Mode.CATCH, Mode.MANIA])
def test_other_modes_refuse_by_name(mode):
    check_quality(Quality(), mode)
    with pytest.raises(OptionError, match=r"quality\.flow .* means nothing in"):
        check_quality(Quality(flow=True), mode)


@pytest.mark.parametrize(
    ("word", "says"),
    [("quality.min_distance=-1", "from 0 to 200"), ("quality.max_overlap=1.1", "from 0 to 1")],
)
def test_values_out_of_range_are_refused(word, says, tmp_path):
    request = configure(Request(audio=tmp_path / "song.mp3"), words=[word])
    with pytest.raises(OptionError, match=says):
        make_plan(request)


def test_options_reach_the_plan(tmp_path):
    words = ["quality.min_distance=30", "quality.flow=true"]
    plan = make_plan(configure(Request(audio=tmp_path / "song.mp3"), words=words))
    assert (plan.quality.min_distance, plan.quality.flow) == (30, True)
    assert plan.quality.max_overlap == 0.15


def test_variety_ends_inside_the_range_with_whole_pixels(monkeypatch):
    beatmap = wandering(200, reach=20)
    goal = Range(0, repetition(beatmap) - 0.02)
    assert goal.high > 0
    monkeypatch.setattr(variety, "PEOPLE", (goal,) * 5)
    assert repetition(varied(beatmap)) in goal


def test_what_a_repair_undoes_is_brought_back():
    """What is moved nearer to the object before it may come to lie over others."""
    beatmap = wandering(120, seed=6, reach=50)
    once = repair(improved(beatmap, USUAL))
    assert once.applied
    assert overlap_share(once.beatmap) > USUAL.max_overlap
    finished = finish(beatmap, Level.INSANE, SONG_MS, USUAL)
    assert overlap_share(finished.beatmap) <= USUAL.max_overlap
    assert finished.badness <= once.badness
