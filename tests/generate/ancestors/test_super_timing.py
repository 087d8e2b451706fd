"""Timing that many passes agree on: as the original found it, and without its crash."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ancestors import golden, needs_goldens

from beatheritage.generate.ancestors.beats import timing_of
from beatheritage.generate.ancestors.peaks import find_peaks, smoothed
from beatheritage.generate.ancestors.super_timing import agreed_beats, count_beats
from beatheritage.tokens.steps import Event, Step


def events_of(recorded):
    pairs = zip(recorded[::2], recorded[1::2], strict=True)
    return [Event(Step(kind), 0, time) for (kind, _), (_, time) in pairs]


@needs_goldens
@pytest.mark.parametrize("helpers", ["bh", "mp"])
def test_what_passes_agree_on_is_as_recorded(helpers):
    recorded = golden(f"helpers_{helpers}", "super_timing.json")
    passes = [(call["audio_offset"], events_of(call["events"])) for call in recorded["calls"]]
    counted = count_beats(passes, recorded["audio_samples"] / 16)
    beats = agreed_beats(counted, recorded["iterations"], recorded["bpm_change_threshold"])
    assert beats == events_of(recorded["result_events"])


def clicks(rng, length=400, count=60, jitter=8.0, first=300):
    """One pass over a steady song: beats that are a little off, some of them missing."""
    events = []
    for number in range(count):
        if rng.random() < 0.1:
            continue
        kind = Step.MEASURE if number % 4 == 0 else Step.BEAT
        time = int(first + number * length + rng.normal(0, jitter))
        events.append(Event(Step.TIMING_POINT if number == 0 else kind, 0, time))
    return events


@pytest.mark.parametrize("length", [300, 400, 615])
def test_a_steady_tempo_is_found_from_wavering_passes(length):
    rng = np.random.default_rng(3)
    passes = [(0.0, clicks(rng, length)) for _ in range(20)]
    beats = agreed_beats(count_beats(passes, 300 + 60.0 * length), 20, 0.1)
    lines = timing_of(beats)
    assert lines[0].beat_length == pytest.approx(length, abs=1.0)
    assert lines[0].time == pytest.approx(300, abs=10)
    assert lines[0].meter == 4


def test_a_song_without_beats_has_none():
    assert agreed_beats(count_beats([(0.0, [])] * 3, 20_000), 3, 0.1) == []
    lone = [(0.0, [Event(Step.BEAT, 0, 500)])] * 3
    assert agreed_beats(count_beats(lone, 20_000), 3, 0.1) == []


def test_what_was_heard_late_is_moved_back():
    counted = count_beats([(500.0, [Event(Step.BEAT, 0, 700)])], 1000)
    assert np.flatnonzero(counted.heard[Step.BEAT]).tolist() == [200]
    outside = count_beats([(500.0, [Event(Step.BEAT, 0, 300)])], 1000)
    assert not outside.heard[Step.BEAT].any()


def test_peaks_stand_apart_and_out():
    curve = np.zeros(600)
    curve[[100, 130, 300]] = [1.0, 2.0, 1.0]
    curve[500] = 0.02
    peaks = find_peaks(smoothed(curve * 25, 10))
    assert peaks.times.tolist() == [130, 300]  # the one at 100 is too near, that at 500 too low


@given(values=st.lists(st.floats(0, 9), min_size=1, max_size=80))
def test_smoothing_keeps_what_there_is(values):
    assert smoothed(np.array(values), 3.0).sum() == pytest.approx(sum(values), abs=1e-6)
