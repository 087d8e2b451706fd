"""Diffusing places: as recorded, and the laws of windows, of what is kept and of what is held."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ancestors import golden, needs_goldens, vocabulary_of
from tests.diffusion import (
    RECORDED,
    VERSIONS,
    field_of,
    kept,
    placer_in,
    write_recorded,
    write_tiny,
)

from beatheritage.errors import OptionError
from beatheritage.generate.ancestors.objects import Setting
from beatheritage.generate.diffusion.classes import PlacingConditions
from beatheritage.generate.diffusion.options import Amount, PlacingOptions, check_placing
from beatheritage.generate.diffusion.points import (
    LONGEST_WAVE,
    NUMBER_WIDTH,
    TIME_SCALE,
    Points,
    points_of,
)
from beatheritage.generate.diffusion.refine import lengths_of
from beatheritage.generate.diffusion.sample import cut, diffused
from beatheritage.generate.diffusion.schedule import make_schedule
from beatheritage.osu.beatmap import RedLine
from beatheritage.osu.mode import Mode
from beatheritage.tokens.steps import Event, Step
from beatheritage.tokens.steps_decode import Group, groups_of, stamped

FEW = (10, *[0] * 99)
NOTHING = PlacingConditions()


@pytest.fixture(scope="module")
def placer(tmp_path_factory):
    return placer_in(write_tiny(tmp_path_factory.mktemp("placer")))


def recorded_groups(version: str, name: str) -> list[Group]:
    """A recorded map's groups; its places are pixels, whatever the version's cells."""
    vocabulary = vocabulary_of(version)
    recorded = golden(RECORDED, "pipeline.json")[f"{version}_windowed"][name]
    events = [Event(Step(kind), value) for kind, value in recorded]
    end = max(event.value for event in events if event.kind is Step.TIME)
    groups = groups_of(stamped(events, vocabulary, end), vocabulary)
    cell = vocabulary.precision
    return [
        replace(group, x=group.place.x / cell, y=group.place.y / cell) if group.place else group
        for group in groups
    ]


class Replayed:
    """The noise that the original drew: twice as much, for both rows of guidance."""

    def __init__(self, version):
        self.values = golden(RECORDED, "pipeline_noise.npz")[f"{version}_windowed"]

    def standard_normal(self, size):
        count = 2 * int(np.prod(size))
        drawn, self.values = self.values[:count], self.values[count:]
        return drawn.reshape(2, size[1], size[0])[0].T


@needs_goldens
@pytest.mark.parametrize("version", VERSIONS)
def test_points_are_those_of_the_original(version):
    points = points_of(recorded_groups(version, "events_in"), as_timed=True)
    recorded = golden(RECORDED, f"events_to_sequence_{version}.npz")
    assert np.abs(field_of(points.places) - recorded["seq_x"].T).max() < 1e-6
    # The original's waves are of float32 numbers, up to 1450.
    assert np.abs(points.context - recorded["seq_c"].T).max() < 1e-4


@needs_goldens
@pytest.mark.parametrize("version", VERSIONS)
def test_places_are_those_of_the_original(version, tmp_path):
    recorded = golden(RECORDED, "pipeline.json")[f"{version}_windowed"]
    groups = recorded_groups(version, "events_in")
    lines = tuple(RedLine(time=t, beat_length=b, meter=m) for t, b, m in recorded["timing_points"])
    setting = Setting(mode=Mode.STD, lines=lines, slider_multiplier=1.6)
    points = points_of(groups, as_timed=True)
    points = points.holding(lengths_of(points, groups, setting))
    assert (
        sum(body.length is not None for body in points.bodies) == (recorded["n_sliders_recomputed"])
    )
    placer = placer_in(write_recorded(tmp_path))
    conditions = PlacingConditions(
        stars=5.5, circle_size=4.2, descriptors=("jump aim",), unlike=("tech",)
    )
    told = placer.vocabulary.vectors(conditions, guided=True)[0]
    assert np.flatnonzero(told).tolist() == recorded["class_vector_nonzero"]
    how = PlacingOptions(
        steps=tuple(recorded["timesteps"]),
        guidance=recorded["cfg_scale"],
        window=recorded["max_seq_len"],
        overlap=recorded["overlap_buffer"],
    )
    placer = replace(placer, reach=recorded["seq_len_band"])
    places = np.rint(diffused(placer, points, conditions, how, Replayed(version)))
    expected = [group.place for group in recorded_groups(version, "events_out")]
    for index, place in zip(points.groups, places.tolist(), strict=True):
        assert expected[index] is None or tuple(place) == expected[index]


def line_of_circles(count: int) -> Points:
    """Circles along a wave over the field, ten to a second."""
    places = np.arange(count)
    xs, ys = 256 + 200 * np.sin(places / 9), 192 + 150 * np.cos(places / 7)
    return points_of(
        [
            Group(kind=Step.CIRCLE, time=100 * int(place), x=float(x), y=float(y))
            for place, x, y in zip(places, xs, ys, strict=True)
        ]
    )


def test_what_it_gave_when_it_agreed_is_what_it_gives(placer):
    how = PlacingOptions(steps=FEW, window=24, overlap=4)
    near = replace(placer, reach=8)
    places = diffused(near, line_of_circles(60), NOTHING, how, np.random.default_rng(5))
    assert places[::17] == pytest.approx(np.array(kept()["places"]), abs=1e-2)


@given(st.integers(0, 300), st.integers(1, 12), st.integers(1, 40))
def test_windows_hold_every_point_and_share_what_they_must(count, overlap, more):
    how = PlacingOptions(window=2 * overlap + more, overlap=overlap)
    windows = cut(count, how)
    found = np.zeros(count, int)
    for before, window in zip([None, *windows], windows, strict=False):
        assert window.end - window.first <= how.window
        if before is not None:
            assert window.known == overlap
            assert window.first + 2 * overlap == before.end
        found[window.first + window.known : window.end] = 1
    assert found.all()
    assert windows[-1].end == count


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257])
def test_short_maps_are_placed_too(count, placer):
    """The original left maps of up to twice the overlap as they were, and said nothing."""
    points = line_of_circles(count)
    how = PlacingOptions(steps=(2, *[0] * 99))
    places = diffused(placer, points, NOTHING, how, np.random.default_rng(0))
    assert (np.abs(places - points.places).max(axis=1) > 1e-3).all()


def test_one_seed_one_map(placer):
    points, how = line_of_circles(50), PlacingOptions(steps=FEW)
    first, again, other = (
        diffused(placer, points, NOTHING, how, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_what_is_kept_stays_to_the_last_bit(placer):
    points = line_of_circles(50)
    stays = np.arange(50) % 3 == 0
    points = replace(points, kept=stays)
    places = diffused(placer, points, NOTHING, PlacingOptions(steps=FEW), np.random.default_rng(0))
    assert (places[stays] == points.places[stays]).all()
    assert (places[~stays] != points.places[~stays]).any(axis=1).all()


class Towards:
    """An engine that knows of every moment where it belongs: whatever the places, the noise that it
    names is what they have more than that. ``rows`` are those of each window that it was given."""

    def __init__(self, where, schedule):
        self.where, self.schedule = where, schedule
        self.rows: list[int] = []

    def start(self, context_NC, classes_RK, reach):
        self.rows.append(len(classes_RK))
        slowest = LONGEST_WAVE ** (-(NUMBER_WIDTH // 2 - 1) / (NUMBER_WIDTH // 2))
        times = np.arcsin(context_NC[:, NUMBER_WIDTH - 1]) / slowest / TIME_SCALE
        return Towards.Run(self, self.where(times), len(classes_RK))

    class Run:
        def __init__(self, engine, goal, rows):
            self.engine, self.goal, self.rows = engine, goal, rows

        def denoise(self, places_N2, step):
            schedule = self.engine.schedule
            share = schedule.kept[schedule.steps.index(step)]
            noise = (places_N2 - np.sqrt(share) * self.goal) / np.sqrt(1 - share)
            told = np.concatenate([noise, -np.ones_like(noise)], axis=1)
            return np.repeat(told[None], self.rows, axis=0)


def on_a_ring(times):
    return 0.8 * np.stack([np.sin(times / 700), np.cos(times / 700)], axis=1)


def test_a_seam_is_no_jump(placer):
    how = PlacingOptions(steps=FEW, window=40, overlap=8)
    points = line_of_circles(200)
    assert len(cut(200, how)) == 8
    engine = Towards(on_a_ring, make_schedule(how.steps))
    knowing = replace(placer, engine=engine)
    places = diffused(knowing, points, NOTHING, how, np.random.default_rng(0))
    assert field_of(places) == pytest.approx(on_a_ring(np.arange(200) * 100), abs=1e-4)


def test_a_seam_of_a_real_network_moves_points_no_more_than_elsewhere(placer):
    how = PlacingOptions(steps=FEW, window=48, overlap=8)
    points = line_of_circles(300)
    places = diffused(replace(placer, reach=8), points, NOTHING, how, np.random.default_rng(0))
    steps = np.hypot(*np.diff(places - points.places, axis=0).T)
    seams = [window.first + window.known - 1 for window in cut(300, how)[1:]]
    assert steps[seams].max() < np.delete(steps, seams).max()


@pytest.mark.parametrize(
    ("guidance", "unlike", "rows"), [(1.0, ("jump aim",), 1), (2.0, (), 1), (2.0, ("jump aim",), 2)]
)
def test_two_rows_only_where_guidance_has_something_to_lead_away_from(
    guidance, unlike, rows, placer
):
    how = PlacingOptions(steps=FEW, guidance=guidance)
    engine = Towards(on_a_ring, make_schedule(how.steps))
    told = PlacingConditions(stars=4.0, unlike=unlike)
    diffused(
        replace(placer, engine=engine), line_of_circles(9), told, how, np.random.default_rng(0)
    )
    assert engine.rows == [rows]


def test_a_second_checkpoint_has_the_last_word(placer):
    """The original loads one and never runs it."""
    how = PlacingOptions(steps=FEW, refinements=3)
    engine = Towards(on_a_ring, make_schedule(how.steps))
    points = line_of_circles(30)
    both = replace(placer, refiner=engine)
    places = diffused(both, points, NOTHING, how, np.random.default_rng(0))
    assert field_of(places) == pytest.approx(on_a_ring(np.arange(30) * 100), abs=1e-4)
    never = diffused(both, points, NOTHING, replace(how, refinements=0), np.random.default_rng(0))
    alone = diffused(placer, points, NOTHING, how, np.random.default_rng(0))
    assert (never == alone).all()


def test_from_noise_forgets_where_points_were(placer):
    how = PlacingOptions(steps=FEW, from_noise=True)
    points = line_of_circles(30)
    elsewhere = replace(points, places=points.places[::-1])
    first, second = (
        diffused(placer, each, NOTHING, how, np.random.default_rng(0))
        for each in (points, elsewhere)
    )
    assert (first == second).all()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"steps": (101, *[0] * 9)}, "101 steps"),
        ({"guidance": 0.5}, "placing.guidance must be from 1 to 20, not 0.5"),
        ({"window": 8, "overlap": 4}, "placing.window must be more than twice placing.overlap"),
        ({"overlap": 0}, "placing.overlap must be from 1"),
        ({"refinements": -1}, "placing.refinements must be from 0"),
        ({"refinements": 11}, "placing.refinements are a second checkpoint's"),
        ({"diffuses": False, "guidance": 2}, "placing.guidance says how places are found anew"),
        ({"diffuses": False, "placer": "x"}, "placing.placer says how places are found anew"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes, says):
    with pytest.raises(OptionError, match=says):
        check_placing(PlacingOptions(**{"diffuses": True, **changes}))
    check_placing(PlacingOptions(diffuses=True, window=9, overlap=4, refiner="x", refinements=0))
    check_placing(PlacingOptions(amount=Amount.LITTLE))
