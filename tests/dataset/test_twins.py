"""What is here twice is found, and what is not is left alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.dataset.test_build import chart

from beatheritage.audio.mel import FRAME_MS
from beatheritage.dataset.twins import (
    SAME_CHART,
    flux_bytes,
    likeness,
    same_charts,
    same_recordings,
    sketch,
)
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.parse import parse


def beatmap(seed: int, **fields: object) -> Beatmap:
    return parse(chart(seed, **fields)).beatmap


def flux(seed: int, late_frames: int = 0, frames: int = 6000) -> np.ndarray:
    """Attacks at random times, each three frames wide."""
    rng = np.random.default_rng(seed)
    values = np.zeros(frames)
    values[np.sort(rng.integers(50, frames - 1500, 150))] = rng.uniform(0.5, 2, 150)
    return np.roll(np.convolve(values, [0.5, 1, 0.5], "same"), late_frames)


@pytest.mark.parametrize("late", [0, 3, 8, 77, 900])
def test_a_recording_is_found_however_late_it_starts(late: int):
    found = list(same_recordings([flux_bytes(one) for one in (flux(1, late), flux(2), flux(1))]))
    assert [(pair.first, pair.second) for pair in found] == [(0, 2)]
    assert found[0].late == pytest.approx(late * FRAME_MS, abs=0.5)


def test_files_of_other_lengths_and_none_are_not_compared():
    alike = flux(1)
    fluxes = [flux_bytes(alike), flux_bytes(np.pad(alike, (0, 1001))), b"", b""]
    assert list(same_recordings(fluxes)) == []
    fluxes[1] = flux_bytes(np.pad(alike, (0, 1000)))
    assert [(pair.first, pair.second) for pair in same_recordings(fluxes)] == [(0, 1)]


def test_a_sketch_does_not_hang_on_time_or_settings():
    moved = beatmap(1, late=240, version="Other")
    assert sketch(moved) == sketch(beatmap(1))
    assert likeness(sketch(beatmap(1)), sketch(beatmap(1, places=1))) < 0.3


@settings(deadline=None, max_examples=25)
@given(share=st.floats(0, 1), seed=st.integers(0, 5))
def test_likeness_is_the_share_of_objects_in_common(share: float, seed: int):
    one, other = beatmap(seed), beatmap(seed, places=1)
    kept = round(share * len(one.objects))
    mixed = Beatmap(
        timing_points=one.timing_points, objects=(*one.objects[:kept], *other.objects[kept:])
    )
    true = kept / (2 * len(one.objects) - kept)
    # Three standard deviations of what 64 hashes can tell, and a hash's own whims.
    assert likeness(sketch(one), sketch(mixed)) == pytest.approx(true, abs=0.2)


def test_pairs_of_charts_are_found_once_and_in_order():
    charts = [beatmap(1), beatmap(2), beatmap(1, late=9), beatmap(3), beatmap(1, late=500)]
    sketches = [sketch(one) for one in charts]
    assert list(same_charts(sketches)) == [(0, 2), (0, 4), (2, 4)]
    nearly = Beatmap(timing_points=charts[0].timing_points, objects=charts[0].objects[:-1])
    assert likeness(sketches[0], sketch(nearly)) >= SAME_CHART
    assert list(same_charts([sketches[0], sketch(nearly)])) == [(0, 1)]
