"""Places pulled apart or together stay the same drawing, inside the field."""

import numpy as np
import pytest

from beatheritage.generate.place_moves import Look, Placed, walk
from beatheritage.generate.place_scale import scaled
from beatheritage.osu.beatmap import Point
from beatheritage.osu.curve import flatten
from beatheritage.tokens.moves import CENTRE, CIRCLE, FIELD, SLIDER, SPINNER, Rhythm, Style


def rhythm_of(kinds: list[int]) -> Rhythm:
    count = len(kinds)
    times = 1000.0 + 300.0 * np.arange(count)
    is_slider = np.array(kinds) == SLIDER
    return Rhythm(
        times=times,
        ends=times + np.where(is_slider, 150.0, 0.0),
        beats=0.75 * np.arange(count),
        bar_phases=np.zeros(count),
        beat_lengths=np.full(count, 400.0),
        kinds=np.array(kinds),
        new_combos=np.zeros(count, bool),
        lengths_px=np.where(is_slider, 90.0, 0.0),
        slides=np.where(is_slider, 1, 0),
    )


def circles(*places: tuple[float, float]) -> tuple[list[Placed], Rhythm]:
    heads = [np.array(place) for place in places]
    placed = [Placed(head=head, end=head, facing=np.array([1.0, 0.0])) for head in heads]
    return placed, rhythm_of([CIRCLE] * len(places))


@pytest.fixture
def walked(placer_engine) -> tuple[list[Placed], Rhythm]:
    kinds = [CIRCLE, SLIDER, CIRCLE, CIRCLE, SLIDER, SPINNER] * 12
    rhythm = rhythm_of(kinds)
    style = Style(4.0, 4.0, None)
    return walk(rhythm, style, Look(), placer_engine, np.random.default_rng(1)), rhythm


def test_distances_are_scaled() -> None:
    placed, rhythm = circles((206, 192), (306, 192), (256, 242))
    assert [item.head.tolist() for item in scaled(placed, rhythm, 1.5)] == [
        [181, 192],
        [331, 192],
        [256, 267],
    ]


def test_each_can_have_a_factor_of_its_own() -> None:
    placed, rhythm = circles((206, 192), (306, 192), (256, 242))
    moved = scaled(placed, rhythm, np.array([1.0, 0.5, 2.0]))
    assert [item.head.tolist() for item in moved] == [[206, 192], [281, 192], [256, 292]]


def test_what_stood_on_another_still_does() -> None:
    placed, rhythm = circles((206, 192), (306, 100), (206, 193), (307, 100))
    first, second, third, fourth = (item.head.tolist() for item in scaled(placed, rhythm, 1.33))
    assert first == third
    assert second == fourth


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25, 1.5])
def test_nothing_leaves_the_field_and_bodies_keep_their_shapes(
    factor: float, walked: tuple[list[Placed], Rhythm]
) -> None:
    placed, rhythm = walked
    for index, (before, after) in enumerate(zip(placed, scaled(*walked, factor), strict=True)):
        assert ((after.head >= 0) & (after.head <= FIELD)).all()
        if before.body is None or after.body is None:
            assert rhythm.kinds[index] != SLIDER
            continue
        old, new = (
            np.array([(point.x, point.y) for point in item.body.points]) - item.head
            for item in (before, after)
            if item.body is not None
        )
        assert (old == new).all()
        start = Point(*after.head.tolist())
        path = flatten(start, after.body.kind, after.body.points, rhythm.lengths_px[index])
        assert ((path.points >= 0) & (path.points <= FIELD)).all()


def test_by_one_nothing_changes(walked: tuple[list[Placed], Rhythm]) -> None:
    placed, rhythm = walked
    assert scaled(placed, rhythm, 1.0) == placed


def test_spinners_and_what_stood_before_stay(walked: tuple[list[Placed], Rhythm]) -> None:
    placed, rhythm = walked
    moved = scaled(placed, rhythm, 0.5, standing=10)
    assert moved[:10] == placed[:10]
    assert any(
        (after.head != before.head).any() for after, before in zip(moved, placed, strict=True)
    )
    assert all((moved[index].head == CENTRE).all() for index in range(5, 72, 6))
