"""Weights come out as the choices were made, and are judged on artists left out."""

import numpy as np
import pytest

from beatheritage.timing.character import TRAITS
from beatheritage.timing.rank import Tempo
from beatheritage.train.tempo import Choice, choose, fit, right_elsewhere


def songs(count: int) -> list[Choice]:
    """People chose the faster of two tempos where the first trait is high."""
    rng, made = np.random.default_rng(3), []
    for number in range(count):
        slow = rng.uniform(70, 110)
        tempos = [
            Tempo(beat_length=60_000 / bpm, phase=0.0, heard=rng.normal(0, 0.1))
            for bpm in (slow, 2 * slow)
        ]
        traits = rng.normal(0, 1, TRAITS)
        made.append(
            Choice(
                kind="osu",
                artist=f"artist {number}",
                tempos=tuple(tempos),
                character=traits,
                chosen=int(traits[0] > 0),
            )
        )
    return made


def test_a_trait_that_decides_is_found():
    learned = fit(songs(120))
    traits = learned.weights[-TRAITS:]
    assert np.argmax(np.abs(traits)) == 0
    assert traits[0] > 0
    fresh = songs(150)[120:]
    assert np.mean([choose(song, learned) == song.chosen for song in fresh]) > 0.8


def test_choices_are_judged_on_other_artists():
    made = songs(90)
    assert right_elsewhere(made).mean() > 0.8
    rng = np.random.default_rng(4)
    chance = [
        Choice(
            kind=song.kind,
            artist=song.artist,
            tempos=song.tempos,
            character=song.character,
            chosen=int(rng.integers(2)),
        )
        for song in made
    ]
    assert right_elsewhere(chance).mean() == pytest.approx(0.5, abs=0.2)
