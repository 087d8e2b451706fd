"""Evidence adds up at the beats it is for, and tells the bar."""

import numpy as np
import pytest

from beatheritage.timing.beats import (
    BEAT,
    DOWNBEAT,
    FRAME_MS,
    SHORTEST_BARS,
    TRUST,
    Evidence,
    beat_profile,
    find_bar,
    hear,
)


class Known:
    """A listener that has been told the beats: one every 25 frames from frame 10."""

    def listen(self, mel: np.ndarray) -> np.ndarray:
        activations = np.full((len(mel) // 4, 2), 0.01)
        activations[10::25] = 0.99
        return activations


@pytest.fixture
def evidence() -> Evidence:
    return hear(np.zeros((8 * 250, 48), np.float32), Known())


def test_profiles_peak_at_the_beat(evidence):
    phases = np.arange(0, 400.0)
    profile = beat_profile(evidence, 25 * FRAME_MS, phases)
    assert phases[np.argmax(profile)] == 10 * FRAME_MS


def test_nobody_is_believed_beyond_trust(evidence):
    assert np.abs(evidence.odds).max() <= TRUST


def test_outside_the_song_nothing_is_known(evidence):
    assert np.all(evidence.at(np.array([-500.0, 1e6]), BEAT) == 0)


def test_a_stretch_begins_at_nought(evidence):
    part = evidence.between(1600, 4800)
    times = np.arange(0, 3000, 37.0)
    assert np.allclose(part.at(times, DOWNBEAT), evidence.at(times + 1600, DOWNBEAT))


@pytest.mark.parametrize("meter", [3, 4])
@pytest.mark.parametrize("first", [0, 1, 2])
def test_bars_are_found(meter, first):
    downbeats = np.where(np.arange(96) % meter == first, 2.0, -2.0)
    bar = find_bar(downbeats)
    assert (bar.meter, bar.first) == (meter, first)


def test_without_a_downbeat_the_beginning_is_one():
    bar = find_bar(np.zeros(64))
    assert (bar.meter, bar.first) == (4, 0)


def test_few_beats_are_in_four():
    assert find_bar(np.ones(SHORTEST_BARS * 4 - 1)).meter == 4
    assert find_bar(np.ones(1)).meter == 4
