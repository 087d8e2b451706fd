"""Kiai begins and ends on downbeats, lasts, and does not fill the song."""

import numpy as np

from beatheritage.generate.kiai import LEAST_BARS, MOST_SHARE, kiai_spans


def logits_of(bars: list[float]) -> tuple[np.ndarray, np.ndarray]:
    return np.repeat(np.array(bars), 4), np.arange(0, 4 * len(bars), 4)


def test_a_chorus_is_found() -> None:
    spans = kiai_spans(*logits_of([-3.0] * 8 + [3.0] * 8 + [-3.0] * 8))
    assert spans == ((32, 64),)


def test_one_bar_makes_no_kiai_and_one_bar_does_not_break_it() -> None:
    assert kiai_spans(*logits_of([-3.0] * 8 + [3.0] + [-3.0] * 8)) == ()
    spans = kiai_spans(*logits_of([-3.0] * 12 + [3.0] * 4 + [-1.0] + [3.0] * 4 + [-3.0] * 12))
    assert spans == ((48, 84),)


def test_short_runs_are_left_out() -> None:
    short = [-9.0] * 8 + [9.0] * (LEAST_BARS - 1) + [-9.0] * 8
    assert kiai_spans(*logits_of(short)) == ()
    assert len(kiai_spans(*logits_of([-9.0] * 8 + [9.0] * LEAST_BARS + [-9.0] * 8))) == 1


def test_kiai_is_not_everywhere() -> None:
    logits, downbeats = logits_of([2.0] * 10 + [5.0] * 10 + [2.0] * 10)
    spans = kiai_spans(logits, downbeats)
    assert 0 < sum(stop - start for start, stop in spans) <= MOST_SHARE * len(logits)


def test_no_bars_no_kiai() -> None:
    assert kiai_spans(np.zeros(3), np.array([0])) == ()
