"""The walk does what its options say, and sees what it did."""

from dataclasses import replace

import numpy as np
import pytest

from beatheritage.generate.place_moves import NEAR_STEP, STREAM_GAP, Look, walk
from beatheritage.tokens.moves import CIRCLE, SLIDER, SPINNER, Rhythm, Style

ALWAYS = 60.0  # as a logit
STYLE = Style(4.0, 4.0)


def circles(count: int, gap: float) -> Rhythm:
    times = np.arange(count) * gap
    return Rhythm(
        times=times,
        ends=times,
        beats=times / 400,
        bar_phases=times / 400 % 4,
        beat_lengths=np.full(count, 400.0),
        kinds=np.full(count, CIRCLE),
        new_combos=np.zeros(count, bool),
        lengths_px=np.zeros(count),
        slides=np.zeros(count, int),
    )


def heads(rhythm: Rhythm, look: Look, engine, seed: int = 0) -> np.ndarray:
    return np.array(
        [p.head for p in walk(rhythm, STYLE, look, engine, np.random.default_rng(seed))]
    )


def test_a_walk_of_nothing_is_nothing(placer_engine, rng):
    assert walk(circles(0, 100), STYLE, Look(), placer_engine, rng) == []


@pytest.mark.parametrize(("gap", "is_stream"), [(STREAM_GAP, True), (STREAM_GAP + 1, False)])
def test_evenness_holds_streams_alone(placer_engine, gap, is_stream):
    look = Look(evenness=ALWAYS, returning=-ALWAYS)
    steps = np.hypot(*np.diff(heads(circles(24, gap), look, placer_engine), axis=0).T)
    # Where even steps end at a wall a new step is begun; rounding moves each by up to a pixel.
    kept = np.abs(np.diff(steps))[1:] < 2
    assert bool(kept.mean() > 0.5) is is_stream


def test_streams_are_even_unasked(placer_engine):
    """Steps differ clearly or not at all, where the model alone would have them waver."""
    for seed in range(3):
        steps = np.hypot(
            *np.diff(heads(circles(24, STREAM_GAP), Look(), placer_engine, seed), axis=0).T
        )
        apart = np.abs(np.diff(steps)[1:]) / np.maximum(steps[1:-1], 1)
        # A pixel of rounding apart: what differs by less than a quarter does not differ.
        assert not ((apart > 0.12) & (apart < NEAR_STEP - 0.12) & (steps[1:-1] > 24)).any()


def stays(rhythm: Rhythm, look: Look, engine, seed: int) -> np.ndarray:
    return np.hypot(*np.diff(heads(rhythm, look, engine, seed), axis=0).T) < 1


@pytest.mark.parametrize(("most", "stays_at_all"), [(23, True), (22, False)])
def test_streams_stay_or_go_to_their_end(placer_engine, most, stays_at_all):
    """All of 23 steps, or none; and none at all where so many stays in a row may not be."""
    rhythm = circles(24, STREAM_GAP)
    look = Look(returning=4, stacking=4, holding=ALWAYS, evenness=0, most_stays=most)
    found = [stays(rhythm, look, placer_engine, seed) for seed in range(8)]
    assert all(len(set(one)) == 1 for one in found)
    assert any(one[0] for one in found) is stays_at_all
    free = [stays(rhythm, replace(look, holding=0), placer_engine, seed) for seed in range(8)]
    assert any(len(set(one)) == 2 for one in free)


def test_outside_of_streams_nothing_is_held(placer_engine):
    rhythm = circles(24, STREAM_GAP + 1)
    loose, held = (
        heads(rhythm, Look(holding=holding, most_stays=30), placer_engine)
        for holding in (0, ALWAYS)
    )
    assert (loose == held).all()


def turns(points: np.ndarray) -> np.ndarray:
    """Between moves that are long enough, degrees."""
    moves = np.diff(points, axis=0)
    angles = np.degrees(np.arctan2(*moves.T[::-1]))
    long = np.hypot(*moves.T) > 24
    return np.abs((np.diff(angles) + 180) % 360 - 180)[long[1:] & long[:-1]]


def test_turning_as_before_is_exact(placer_engine):
    rhythm = circles(60, 300)

    def same(turning: float) -> float:
        look = Look(turning=turning, returning=-ALWAYS)
        return float((np.abs(np.diff(turns(heads(rhythm, look, placer_engine)))) < 3).mean())

    assert same(ALWAYS) > 0.5 > same(-ALWAYS)


def test_slider_shapes_lean_as_asked(placer_engine, rng):
    rhythm = replace(
        circles(40, 300),
        kinds=np.full(40, SLIDER),
        lengths_px=np.full(40, 90.0),
        slides=np.ones(40, int),
    )

    def points(look: Look) -> list[int]:
        placed = walk(rhythm, STYLE, look, placer_engine, rng)
        return [len(item.body.points) for item in placed if item.body]

    assert np.mean(points(Look(shaping=ALWAYS))) > 2 >= np.mean(points(Look(shaping=-ALWAYS)))
    assert set(points(Look(straightness=ALWAYS))) == {1}
    assert 1 not in points(Look(straightness=-ALWAYS))


def test_returning_brings_back_or_keeps_away(placer_engine):
    rhythm = circles(40, 300)
    back = heads(rhythm, Look(returning=ALWAYS, most_stays=40), placer_engine)
    assert len(np.unique(back, axis=0)) <= 2
    away = heads(rhythm, Look(returning=-ALWAYS), placer_engine)
    assert len(np.unique(away, axis=0)) > 30


def test_stacking_keeps_still_or_keeps_off(placer_engine):
    def stacked(stacking: float) -> float:
        look = Look(returning=3, stacking=stacking, most_stays=60)
        moves = np.diff(heads(circles(60, 300), look, placer_engine), axis=0)
        return float((moves == 0).all(axis=1).mean())

    assert stacked(ALWAYS) > 0.9
    assert stacked(-ALWAYS) == 0


@pytest.mark.parametrize("most", [0, 1, 3])
def test_nothing_stays_for_good(most, placer_engine):
    look = Look(returning=ALWAYS, stacking=ALWAYS, most_stays=most)
    moved = (np.diff(heads(circles(60, 300), look, placer_engine), axis=0) != 0).any(axis=1)
    stays = [len(run) for run in "".join("x" if step else "." for step in moved).split("x")]
    assert max(stays) in (most, most + 1)  # a short move may round to none


def test_spinners_stand_in_the_middle(placer_engine, rng):
    rhythm = circles(5, 400)
    rhythm.kinds[2] = SPINNER
    placed = walk(rhythm, STYLE, Look(), placer_engine, rng)
    assert placed[2].head.tolist() == [256, 192]


def test_a_corner_leaves_a_way_out(placer_engine):
    # Wide steps from wherever the walk gets to: there is always a direction, or the wall is met.
    for seed in range(5):
        points = heads(circles(60, 40), Look(top_p=1, temperature=3), placer_engine, seed)
        assert ((points >= 0) & (points <= (512, 384))).all()
