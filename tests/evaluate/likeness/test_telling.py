from dataclasses import replace

import numpy as np
import pytest
from tests.evaluate.likeness.maps import circle, columns

from beatheritage.evaluate.likeness.pairs import Owned, Sides
from beatheritage.evaluate.likeness.telling import Told, gathered, two_sample
from beatheritage.evaluate.likeness.trees import Growth
from beatheritage.osu.beatmap import HitSound
from beatheritage.osu.mode import Mode

SONGS = 6
WINDOWS = 12  # of each map
SMALL = Growth(trees=8, depth=2)


def drums(seed: int, kats: float, count: int = 416):
    """A taiko map of one onset a beat, with so many kats."""
    rng = np.random.default_rng(seed)
    sounds = np.where(rng.random(count) < kats, int(HitSound.CLAP), 0)
    return columns(
        *(circle(beat, sound=HitSound(int(sound))) for beat, sound in enumerate(sounds)),
        mode=Mode.TAIKO,
    )


def sides(kats: float, songs: int = SONGS) -> Sides:
    """People's maps have 30 % kats."""
    return Sides(
        mode=Mode.TAIKO,
        ours=tuple(Owned(str(song), drums(100 + song, kats)) for song in range(songs)),
        people=tuple(Owned(str(song), drums(song, 0.3)) for song in range(songs)),
    )


@pytest.fixture(scope="module")
def apart() -> Told:
    told = two_sample(sides(0.8), SMALL)
    assert told is not None
    return told


def test_other_maps_are_told_apart(apart: Told):
    assert apart.auc.value > 0.95
    assert apart.auc.low <= apart.auc.value <= apart.auc.high
    assert len(apart.by_halving) == 10
    assert (apart.auc.count, apart.auc.songs) == (2 * WINDOWS * SONGS, SONGS)


def test_what_gives_them_away_is_named(apart: Told):
    assert apart.groups[0].name == "colours"
    assert apart.groups[0].alone > 0.95
    kats = next(one for one in apart.tells if one.name == "colours: kat")
    assert kats.alone == 1
    assert kats.ours > kats.people


def test_alike_maps_are_not(apart: Told):
    told = two_sample(sides(0.3), SMALL)
    assert told is not None
    assert abs(told.auc.value - 0.5) < 0.25
    assert told.auc.value < apart.auc.value - 0.2


def test_too_few_songs_say_nothing():
    assert two_sample(sides(0.8, songs=3), SMALL) is None


def test_windows_know_their_song_and_side():
    windows = gathered(sides(0.8))
    assert windows is not None
    assert windows.table.shape == (2 * WINDOWS * SONGS, len(windows.names))
    assert windows.ours.sum() == WINDOWS * SONGS
    assert np.bincount(windows.songs[windows.ours]).tolist() == [WINDOWS] * SONGS


def test_maps_without_a_window_are_no_trial():
    short = tuple(Owned(str(song), drums(song, 0.3, count=20)) for song in range(SONGS))
    assert gathered(replace(sides(0.8), ours=short, people=short)) is None
