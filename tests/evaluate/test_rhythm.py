from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatheritage.evaluate.rhythm import onset_f1, onsets, sounded
from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    CurveKind,
    Difficulty,
    General,
    Hold,
    Point,
    RedLine,
    Slider,
    Spinner,
)
from beatheritage.osu.mode import Mode

TIMES = [500.0, 900.0, 1000.0, 1900.0]


def test_the_same_times_score_one():
    score = onset_f1(TIMES, TIMES)
    assert (score.precision, score.recall, score.f1, score.count) == (1.0, 1.0, 1.0, 4)


@pytest.mark.parametrize(("shift", "f1"), [(19, 1.0), (20, 1.0), (21, 0.0)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_tolerance_at_below_and_above(shift: int, f1: float, sign: int):
    assert onset_f1([time + sign * shift for time in TIMES], TIMES).f1 == f1


@pytest.mark.parametrize(("found", "true"), [([], TIMES), (TIMES, []), ([], [])])
def test_an_empty_side_scores_nothing(found: list[float], true: list[float]):
    score = onset_f1(found, true)
    assert (score.precision, score.recall, score.f1, score.count) == (0, 0, 0, len(true))


def test_stored_numbers():
    # 500 fits 510; 1000 fits 1000; 915 is taken by 900 alone; 3000 fits nothing
    score = onset_f1([510, 895, 915, 1000, 3000], TIMES)
    assert score.precision == 3 / 5
    assert score.recall == 3 / 4
    assert score.f1 == pytest.approx(2 / 3)


def test_the_nearest_is_not_taken_where_it_would_lose_a_pair():
    # 15 is nearest to 20, but then 30 would have no partner left.
    assert onset_f1([15, 30], [0, 20]).f1 == 1.0


def test_order_does_not_matter():
    assert onset_f1(TIMES[::-1], TIMES).f1 == 1.0


times = st.lists(st.integers(0, 1500), min_size=1, max_size=60, unique=True)


@pytest.fixture(scope="module")
def onset():
    return pytest.importorskip("mir_eval.onset", reason="mir_eval is an extra for tests")


@settings(deadline=None)
@given(found=times, true=times)
def test_agrees_with_mir_eval(onset: ModuleType, found: list[int], true: list[int]):
    # Its times are seconds; a hair more, since it rounds where we keep 20 ms exactly.
    f1, precision, recall = onset.f_measure(
        np.sort(true) / 1000, np.sort(found) / 1000, window=0.0200001
    )
    score = onset_f1(found, true)
    assert (score.f1, score.precision, score.recall) == pytest.approx((f1, precision, recall))


@settings(deadline=None)
@given(times, times)
def test_swapping_sides_swaps_precision_and_recall(found: list[int], true: list[int]):
    one, other = onset_f1(found, true), onset_f1(true, found)
    assert (one.precision, one.recall) == (other.recall, other.precision)


def test_onsets_are_starts_and_chords_count_once():
    chords = Beatmap(
        general=General(mode=Mode.MANIA),
        difficulty=Difficulty(circle_size=4),
        timing_points=(RedLine(time=0, beat_length=500),),
        objects=(Circle(time=500, x=64, y=192), Hold(time=500, end=900, x=192)),
    )
    assert onsets(chords).tolist() == [500]
    slider = Slider(
        time=700, x=0, y=0, kind=CurveKind.LINEAR, points=(Point(100, 0),), slides=2, length=100
    )
    assert onsets(Beatmap(objects=(slider,))).tolist() == [700]


def test_repeats_and_ends_sound_and_holds_let_go_do_not():
    slider = Slider(
        time=1000, x=0, y=0, kind=CurveKind.LINEAR, points=(Point(70, 0),), slides=2, length=70
    )
    map_ = Beatmap(
        timing_points=(RedLine(time=1000, beat_length=400),),
        objects=(slider, Spinner(time=2000, end=3000), Hold(time=4000, end=4400, x=64)),
    )
    assert sounded(map_).tolist() == [1000, 1200, 1400, 2000, 3000, 4000]
    assert onsets(map_).tolist() == [1000, 2000, 4000]
