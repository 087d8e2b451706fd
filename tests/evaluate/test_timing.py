"""Scores of timing: the same is perfect, a factor of two is told apart, tolerances are exact."""

from dataclasses import replace

import pytest

from beatheritage.evaluate.timing import BPM_TOLERANCE, timing_scores
from beatheritage.osu.beatmap import RedLine
from beatheritage.timing.grid import Timing

LINE = RedLine(time=500.0, beat_length=400.0)


def found(*lines: RedLine) -> Timing:
    return Timing(lines=lines)


def moved(time: float, bpm: float = 150.0) -> RedLine:
    return replace(LINE, time=time, beat_length=60_000 / bpm)


def test_the_same_lines_are_perfect():
    score = timing_scores(found(LINE), [LINE])
    assert score.bpm_error == score.phase_error == 0
    assert score.octave_right
    assert score.bpm_right
    assert score.on_downbeat
    assert score.human_constant
    assert score.phase_close
    assert score.phase_near
    assert score.one_line


@pytest.mark.parametrize(
    ("time", "phase", "downbeat"),
    [
        (507.0, 7.0, True),
        (2100.0 - 12, -12.0, True),
        (900.0, 0.0, False),
        (600.0, 100.0, True),
        (601.0, 101.0, False),
        (700.0, -200.0, False),
    ],
)
def test_phase_and_downbeat(time, phase, downbeat):
    score = timing_scores(found(moved(time)), [LINE])
    assert score.phase_error == pytest.approx(phase, abs=1e-6)
    assert score.on_downbeat is downbeat


@pytest.mark.parametrize(
    ("bpm", "right", "octave"), [(150, 1, 1), (75, 1, 0), (300, 1, 0), (100, 0, 0)]
)
def test_a_factor_of_two_is_forgiven_but_told(bpm, right, octave):
    score = timing_scores(found(moved(500.0, bpm)), [LINE])
    assert (score.bpm_right, score.octave_right) == (bool(right), bool(octave))


@pytest.mark.parametrize(("off", "right"), [(-0.001, True), (0.001, False)])
def test_the_tolerance_of_bpm(off, right):
    score = timing_scores(found(moved(500.0, 150 + BPM_TOLERANCE + off)), [LINE])
    assert score.bpm_right is right


def test_double_tempo_off_by_half_its_beat_is_no_phase_error():
    assert timing_scores(found(moved(700.0, 300)), [LINE]).phase_error == pytest.approx(0)


@pytest.mark.parametrize(("off", "close", "near"), [(9.9, 1, 1), (10.1, 0, 1), (20.1, 0, 0)])
def test_the_tolerances_of_phase(off, close, near):
    score = timing_scores(found(moved(500 + off)), [LINE])
    assert (score.phase_close, score.phase_near) == (bool(close), bool(near))


def test_changes_are_told_and_lines_counted():
    changing = timing_scores(found(LINE), [LINE, moved(9000.0, 180)])
    split = timing_scores(found(LINE, moved(4500.0)), [LINE])
    assert not changing.human_constant
    assert split.human_constant
    assert split.lines == 2
    assert not split.one_line


@pytest.mark.parametrize(("off", "constant"), [(9.9, True), (10.1, False)])
def test_lines_on_one_grid_are_one_click(off, constant):
    again = timing_scores(found(LINE), [LINE, moved(500 + 40 * 400 + off)])
    assert again.human_constant is constant
