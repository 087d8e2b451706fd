"""Conditions to classes: mappers by their number, descriptors by their name wherever it is from."""

import numpy as np
import pytest
from tests.diffusion import CLASSES, TOKENIZED

from beatheritage.errors import OptionError, WeightsError
from beatheritage.generate.diffusion.classes import PlacerVocabulary, PlacingConditions

VOCABULARY = PlacerVocabulary(TOKENIZED, CLASSES)
STARS, MAPPERS, DESCRIPTORS, SIZES = 0, 26, 29, 32
UNKNOWN = [STARS + 25, MAPPERS + 2, DESCRIPTORS + 2, SIZES + 21]


def classes(*, guided=False, **said) -> list[list[int]]:
    rows = VOCABULARY.vectors(PlacingConditions(**said), guided=guided)
    return [np.flatnonzero(row).tolist() for row in rows]


def changed(**places) -> list[list[int]]:
    order = ("stars", "mapper", "descriptors", "size")
    row = [places.get(name, [unknown]) for name, unknown in zip(order, UNKNOWN, strict=True)]
    return [sorted(index for part in row for index in part)]


def test_what_is_not_said_is_not_known():
    assert classes() == changed()


@pytest.mark.parametrize(
    ("stars", "step"), [(0.0, 0), (0.49, 0), (0.5, 1), (6.0, 12), (11.99, 23), (12.0, 24), (99, 24)]
)
def test_stars_in_halves(stars, step):
    assert classes(stars=stars) == changed(stars=[STARS + step])


@pytest.mark.parametrize(("size", "step"), [(0, 0), (4.2, 8), (4.5, 9), (10, 20), (12, 20)])
def test_circle_sizes_in_halves(size, step):
    assert classes(circle_size=size) == changed(size=[SIZES + step])


def test_a_mapper_is_known_by_the_number_of_the_user():
    """The original asked for a map's number there, and so never knew one."""
    assert classes(mapper=1001) == changed(mapper=[MAPPERS + 1])
    assert classes(mapper=7) == changed()


@pytest.mark.parametrize("name", ["slider tech", "Slider-Tech", "tech/slider tech", "slider_tech"])
def test_a_descriptor_is_known_by_its_bare_name(name):
    """osu!'s own tags have a group before it, which the original did not take off."""
    assert classes(descriptors=(name, "jump aim")) == changed(
        descriptors=[DESCRIPTORS, DESCRIPTORS + 1]
    )
    VOCABULARY.check(PlacingConditions(descriptors=(name,)))


def test_guidance_leads_away_from_what_is_unlike_without_the_mapper():
    told = {"stars": 3.0, "mapper": 1000, "descriptors": ("jump aim",)}
    both = classes(guided=True, **told, unlike=("slider tech",))
    assert both == [
        *changed(stars=[6], mapper=[MAPPERS], descriptors=[DESCRIPTORS]),
        *changed(stars=[6], descriptors=[DESCRIPTORS + 1]),
    ]
    assert classes(guided=True, stars=3.0) == changed(stars=[6])


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"mapper": 7}, "no mapper 7"),
        ({"descriptors": ("jumpaim",)}, "no descriptor 'jumpaim'.*did you mean 'jump aim'"),
        ({"unlike": ("tek",)}, "no descriptor 'tek'"),
    ],
)
def test_what_a_checkpoint_does_not_know_is_refused_by_name(said, says):
    with pytest.raises(OptionError, match=says):
        VOCABULARY.check(PlacingConditions(**said))


@pytest.mark.parametrize(
    ("tokenizer", "classes", "says"),
    [
        (TOKENIZED, CLASSES + 1, "has 54 classes, the model 55"),
        ({"num_diff_classes": 26}, 26, "max_difficulty"),
        ({**TOKENIZED, "mapper_idx": [1]}, CLASSES, "none of osu-diffusion"),
        ({**TOKENIZED, "mapper_idx": {"1000": 3}}, CLASSES, "outside its block"),
        ({**TOKENIZED, "num_cs_classes": -1}, 31, "none of osu-diffusion"),
    ],
)
def test_tokenizers_that_do_not_fit_are_refused(tokenizer, classes, says):
    with pytest.raises(WeightsError, match=says):
        PlacerVocabulary(tokenizer, classes)


def test_older_tokenizers_have_fewer_blocks():
    few = {"num_diff_classes": 26, "max_difficulty": 12}
    (row,) = PlacerVocabulary(few, 26).vectors(PlacingConditions(stars=1, mapper=3), guided=True)
    assert np.flatnonzero(row).tolist() == [2]
