"""Words for a style mean something to the native model, or are refused by name."""

from dataclasses import replace
from pathlib import Path

import pytest

from beatheritage.errors import OptionError
from beatheritage.generate.plan import make_plan
from beatheritage.generate.request import Request
from beatheritage.generate.styles import WORDS, styled
from beatheritage.osu.mode import Mode

ASKED = Request(audio=Path("a.mp3"))


@pytest.mark.parametrize("word", WORDS)
def test_every_word_changes_the_plan(word):
    plain, said = make_plan(ASKED), make_plan(replace(ASKED, descriptors=(word,)))
    assert (plain.style, plain.quality) != (said.style, said.quality)


def test_words_have_other_forms():
    assert styled(replace(ASKED, descriptors=("Streams",))).style.stream_share == 0.6


def test_what_is_said_goes_before_a_word():
    style = replace(ASKED.style, spacing=0.4)
    said = styled(replace(ASKED, descriptors=("jump aim",), style=style)).style
    assert (said.spacing, said.stream_share) == (0.4, 0.1)


@pytest.mark.parametrize("word", ["tech", "complex"])
def test_what_is_not_measured_is_refused(word):
    with pytest.raises(OptionError, match=f"measures no style called '{word}'"):
        make_plan(replace(ASKED, descriptors=(word,)))


def test_a_word_that_means_nothing_in_a_mode_is_refused():
    with pytest.raises(OptionError, match="spacing means nothing in mania"):
        make_plan(replace(ASKED, mode=Mode.MANIA, descriptors=("spaced",)))


@pytest.mark.parametrize(
    "changes",
    [{"mapper": 3}, {"year": 2020}, {"unlike": ("tech",)}],
    ids=lambda each: next(iter(each)),
)
def test_what_only_a_checkpoint_knows_is_refused(changes):
    with pytest.raises(OptionError, match="is for a checkpoint of the ancestors"):
        make_plan(replace(ASKED, **changes))
