import pytest

from beatheritage.errors import OptionError
from beatheritage.osu import beatmap
from beatheritage.osu.mode import (
    MODES,
    Mode,
    circle_radius_px,
    column_of,
    column_x,
    parse_mode,
    preempt,
)


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("std", Mode.STD),
        ("osu", Mode.STD),
        (" Osu! ", Mode.STD),
        ("taiko", Mode.TAIKO),
        ("ctb", Mode.CATCH),
        ("fruits", Mode.CATCH),
        ("CATCH", Mode.CATCH),
        ("mania", Mode.MANIA),
        ("3", Mode.MANIA),
    ],
)
def test_words(word, mode):
    assert parse_mode(word) is mode


def test_no_word_stands_for_two_modes():
    words = [word for rules in MODES.values() for word in rules.words]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("word", "hint"), [("maina", "did you mean mania"), ("4", "there are std")]
)
def test_other_words_are_refused(word, hint):
    with pytest.raises(OptionError, match=hint) as caught:
        parse_mode(word)
    assert "std, taiko, catch, mania" in str(caught.value)


def test_object_kinds_are_classes_of_a_beatmap():
    kinds = {kind for rules in MODES.values() for kind in rules.objects}
    assert all(hasattr(beatmap, kind.title()) for kind in kinds)


@pytest.mark.parametrize("keys", range(1, 19))
def test_columns_come_back_from_their_middles(keys):
    assert [column_of(column_x(column, keys), keys) for column in range(keys)] == list(range(keys))


@pytest.mark.parametrize(
    ("x", "keys", "column"),
    [
        (0, 4, 0),
        (127, 4, 0),
        (128, 4, 1),
        (511, 4, 3),
        (512, 4, 3),
        (-5, 4, 0),
        (73, 7, 0),
        (74, 7, 1),
    ],
)
def test_columns_begin_where_osu_begins_them(x, keys, column):
    assert column_of(x, keys) == column


def test_middles_of_columns():
    assert [column_x(column, 7) for column in range(7)] == [36, 109, 182, 256, 329, 402, 475]


@pytest.mark.parametrize("column", [-1, 4])
def test_there_are_no_other_columns(column):
    with pytest.raises(ValueError, match="no column"):
        column_x(column, 4)


@pytest.mark.parametrize(("rate", "time"), [(0, 1800), (4, 1320), (5, 1200), (6, 1050), (10, 450)])
def test_preempt(rate, time):
    assert preempt(rate) == time


@pytest.mark.parametrize(("size", "radius"), [(0, 54.4), (4, 36.48), (10, 9.6)])
def test_radius(size, radius):
    assert circle_radius_px(size) == pytest.approx(radius)
