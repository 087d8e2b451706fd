"""Tempos to a thousandth of a BPM, round ones believed first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatheritage.timing.novelty import attacks
from beatheritage.timing.segments import spans
from beatheritage.timing.tempo import CENTRE_BPM, candidates, comb, prior, refine


def pulse(bpm: float, seconds: float = 60.0) -> np.ndarray:
    """Attack strength of a steady pulse, without any sound."""
    at = np.arange(int(seconds * 1000))
    off = (at + 30_000 / bpm) % (60_000 / bpm) - 30_000 / bpm
    return (1000 * np.exp(-np.abs(off) / 6)).astype(np.float32)


@settings(max_examples=20, deadline=None)
@given(bpm=st.floats(62, 240))
def test_any_tempo_is_refined_to_a_hundredth(bpm):
    found = 60_000 / refine(pulse(bpm), bpm * 1.00015)
    assert found == pytest.approx(bpm, abs=0.01)


@pytest.mark.parametrize(("bpm", "found"), [(150.002, 150.0), (149.5005, 149.5), (150.03, 150.03)])
def test_round_tempos_are_believed_when_they_fit(bpm, found):
    assert 60_000 / refine(pulse(bpm), bpm) == pytest.approx(found, abs=0.0005)


def test_candidates_hold_the_tempo_and_no_twins():
    found = [candidate.bpm for candidate in candidates(pulse(128))]
    assert min(abs(bpm - 128) for bpm in found) < 0.05
    assert all(abs(np.log(a / b)) > 0.003 for a in found for b in found if a is not b)


def test_noise_has_no_comb(clicks):
    noise = np.random.default_rng(4).standard_normal(16_000 * 20).astype(np.float32)
    music = attacks(clicks("sine", 120, 500, seconds=20))
    assert comb(music)[1].max() > 3 * comb(attacks(noise))[1].max()


def test_the_usual_tempo_is_most_usual():
    assert prior(CENTRE_BPM) == 1
    assert prior(CENTRE_BPM) > prior(200.0) > prior(240.0)


def test_one_tempo_is_one_span():
    assert len(spans(pulse(140, 90))) == 1


def test_a_change_of_tempo_is_seen_where_it_is():
    both = np.concatenate([pulse(140, 45), pulse(171, 45)])
    first, second = spans(both)
    assert (first.bpm, second.bpm) == (pytest.approx(140, rel=0.01), pytest.approx(171, rel=0.01))
    assert second.start == first.end == pytest.approx(45_000, abs=4000)


def test_double_time_is_no_change():
    both = np.concatenate([pulse(90, 45), pulse(180, 45)])
    assert len(spans(both)) == 1
