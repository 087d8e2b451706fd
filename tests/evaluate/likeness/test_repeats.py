import numpy as np
import pytest

from beatheritage.audio.mel import BANDS, FRAME_MS
from beatheritage.evaluate.likeness.repeats import (
    SECTION_BEATS,
    Repeat,
    agreement,
    alike,
    find_repeats,
)
from beatheritage.osu.beatmap import RedLine
from beatheritage.timing.grid import Timing

BEAT = 400.0
SECTION = SECTION_BEATS * BEAT
TIMING = Timing(lines=(RedLine(time=0, beat_length=BEAT),))
FRAMES = round(SECTION / FRAME_MS)
REPEAT = Repeat(0.0, SECTION, SECTION)
EVEN = np.arange(0, SECTION, BEAT)


def heard(*sections: int) -> np.ndarray:
    """A song of sections, each number a sound of its own."""
    sounds = [np.random.default_rng(number).normal(size=(FRAMES, BANDS)) for number in sections]
    return np.concatenate(sounds)


def test_what_sounds_alike_is_a_repeat():
    found = find_repeats(heard(1, 2, 1, 3), TIMING)
    assert (0.0, 2 * SECTION) in [(one.first, one.second) for one in found]
    assert all(one.second - one.first == 2 * SECTION for one in found)
    assert {one.length for one in found} == {SECTION}


def test_a_song_that_goes_on_and_on_repeats_nothing():
    assert find_repeats(heard(1, 2, 3, 4), TIMING) == []


@pytest.mark.parametrize("sections", [(), (1,)])
def test_a_short_song_repeats_nothing(sections: tuple[int, ...]):
    mel = heard(*sections) if sections else np.zeros((4, BANDS))
    assert find_repeats(mel, TIMING) == []


def test_the_same_rhythm_agrees():
    assert alike(REPEAT, np.concatenate([EVEN, EVEN + SECTION])) == 1
    assert alike(REPEAT, np.array([])) == 1


def test_half_of_a_rhythm():
    assert alike(REPEAT, np.concatenate([EVEN, EVEN[::2] + SECTION])) == pytest.approx(2 / 3)
    assert alike(REPEAT, EVEN) == 0


def test_a_note_just_before_its_section_belongs_to_it():
    early = np.concatenate([EVEN - 3, EVEN + SECTION - 3])
    assert alike(REPEAT, early) == 1


def test_agreement_is_ours_and_peoples():
    people = np.concatenate([EVEN, EVEN + SECTION])
    found = agreement([REPEAT], EVEN, people)
    assert found is not None
    assert found == (0, 1)


def test_where_people_rest_nothing_is_asked():
    assert agreement([REPEAT], EVEN, np.array([0.0, BEAT, SECTION])) is None
    assert agreement([], EVEN, EVEN) is None
