"""Tempos are weighed by what is heard at them and by what the song is like."""

from dataclasses import replace

import numpy as np
import pytest

from beatheritage.timing.preference import LEARNED
from beatheritage.timing.rank import FAR, Tempo, against_silence, features, score

SLOW, FAST = Tempo(beat_length=60_000 / 90, phase=0), Tempo(beat_length=60_000 / 180, phase=0)


def lead(slow: Tempo, fast: Tempo, traits: np.ndarray = LEARNED.middles) -> float:
    """By how much the slow one is likelier."""
    first, second = score((slow, fast), traits, LEARNED)
    return float(first - second)


def test_beats_on_nothing_speak_against_a_tempo():
    assert lead(SLOW, replace(FAST, heard=-0.5)) > lead(SLOW, FAST)
    assert lead(replace(SLOW, comb=0.5), FAST) < lead(SLOW, FAST)


def test_silence_at_every_other_beat_speaks_against_a_tempo():
    alike, silent = against_silence((FAST, replace(FAST, alternation=0.0)))
    assert alike > silent + 1


def test_what_a_song_is_like_moves_its_tempo():
    loud = LEARNED.middles + LEARNED.spreads * np.sign(LEARNED.weights[-len(LEARNED.middles) :])
    assert lead(SLOW, FAST, loud) < lead(SLOW, FAST) - 1


@pytest.mark.parametrize(("spreads", "share"), [(FAR / 2, 1.0), (FAR, 1.0), (2 * FAR, 1 / 16)])
def test_what_is_like_no_song_is_hardly_believed(spreads: float, share: float):
    odd = LEARNED.middles + spreads * LEARNED.spreads
    traits = features((FAST,), odd, LEARNED)[0][-len(LEARNED.middles) :]
    assert traits == pytest.approx(np.log(180 / 165) * spreads * share)
