"""What is asked of a set: its difficulties, their names, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatheritage.errors import OptionError
from beatheritage.generate.request import STARS_RANGE, Request, Settings
from beatheritage.generate.spread_plan import (
    MOST_DIFFICULTIES,
    SURE_DRAIN,
    USUAL_STARS,
    SpreadRequest,
    check_spread,
    complete_spread,
    parse_levels,
    parse_modes,
    parse_stars,
    spread_plans,
)
from beatheritage.osu.level import LEVEL_NAMES, Level, level_name, level_names, level_of
from beatheritage.osu.mode import Mode
from beatheritage.review.spread import strictest_drains

BASE = Request(audio=Path("song.mp3"))
EASY, NORMAL, HARD, INSANE, EXPERT, EXPERT_PLUS = Level
MINUTE = 60_000.0


def asked(**said):
    return SpreadRequest(base=BASE, **said)


def refusal(request):
    with pytest.raises(OptionError) as caught:
        check_spread(request)
    return str(caught.value)


@pytest.mark.parametrize("mode", Mode)
def test_usual_stars_are_inside_their_levels(mode):
    assert [level_of(stars) for stars in USUAL_STARS[mode]] == list(Level)


@given(
    st.sampled_from(list(Mode)),
    st.lists(st.floats(*STARS_RANGE), min_size=1, max_size=16, unique=True),
    st.integers(4, 10),
)
@settings(max_examples=40, deadline=None)
def test_names_are_unique_and_say_their_level(mode, stars, keys):
    stars = sorted(stars)
    names = level_names(mode, stars, keys)
    assert len({name.casefold() for name in names}) == len(stars)
    for name, each in zip(names, stars, strict=True):
        assert LEVEL_NAMES[mode][level_of(each)] in name
        assert name.startswith(f"{keys}K ") == (mode is Mode.MANIA)


def test_names_are_what_mappers_call_them():
    assert level_names(Mode.STD, (1.6, 2.4, 3.4, 4.8)) == ("Easy", "Normal", "Hard", "Insane")
    assert level_names(Mode.TAIKO, (2.8, 3.4, 4.4)) == ("Light Muzukashii", "Muzukashii", "Oni")
    assert level_names(Mode.MANIA, (4.0, 4.5, 5.0), 7) == ("7K Light MX", "7K MX", "7K Heavy MX")
    assert level_names(Mode.CATCH, (1.0, 1.1, 1.2, 1.3)) == ("Cup 1", "Cup 2", "Cup 3", "Cup 4")
    assert level_names(Mode.STD, (3.0,)) == (level_name(Mode.STD, 3.0),)


@pytest.mark.parametrize("mode", Mode)
def test_a_complete_spread_begins_where_the_length_asks(mode):
    normal, hard, insane = (drain / SURE_DRAIN for drain in strictest_drains(mode))
    full = (EASY, NORMAL, HARD, INSANE)
    assert complete_spread(mode, 30_000) == full
    assert complete_spread(mode, normal - 1) == full
    assert complete_spread(mode, normal + 1) == (HARD, INSANE)
    assert complete_spread(mode, hard - 1) == (HARD, INSANE)
    assert complete_spread(mode, hard + 1) == (INSANE, EXPERT)
    assert complete_spread(mode, insane + 1) == (INSANE, EXPERT)


def test_plans_go_by_mode_and_rise():
    request = asked(modes=(Mode.STD, Mode.TAIKO), levels=(HARD, EASY))
    plans = spread_plans(request, duration=MINUTE)
    assert [(plan.mode, plan.version) for plan in plans] == [
        (Mode.STD, "Easy"),
        (Mode.STD, "Hard"),
        (Mode.TAIKO, "Kantan"),
        (Mode.TAIKO, "Muzukashii"),
    ]
    assert [plan.stars for plan in plans[:2]] == [USUAL_STARS[Mode.STD][each] for each in (0, 2)]


def test_keys_are_for_the_mania_of_a_set():
    request = SpreadRequest(
        base=Request(audio=Path("song.mp3"), keys=7), modes=(Mode.STD, Mode.MANIA), stars=(3.0,)
    )
    std, mania = spread_plans(request, duration=MINUTE)
    assert (std.version, mania.version, mania.keys) == ("Hard", "7K HD", 7)


def test_what_holds_for_one_holds_for_all():
    base = Request(audio=Path("song.mp3"), seed=5, settings=Settings(hp_drain=3.0), mode=Mode.CATCH)
    plans = spread_plans(SpreadRequest(base=base, stars=(1.0, 3.0)), duration=MINUTE)
    assert {plan.seed for plan in plans} == {5}
    assert {plan.settings.hp_drain for plan in plans} == {3.0}
    assert [plan.version for plan in plans] == ["Cup", "Platter"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"stars": (2.0, 2.0)}, "stars must rise, but 2 comes after 2"),
        ({"stars": (2.0, 1.0)}, "stars must rise, but 1 comes after 2"),
        ({"stars": (2.0, 11.0)}, "stars must be from 0.5 to 10"),
        ({"stars": (2.0,), "levels": (EASY,)}, "leave one of them out"),
        ({"levels": (EASY, HARD, EASY)}, "the difficulty easy is asked for twice"),
        ({"modes": (Mode.TAIKO, Mode.TAIKO)}, "the mode taiko is asked for twice"),
    ],
)
def test_what_cannot_be_meant(said, told):
    assert told in refusal(asked(**said))


def test_as_many_as_fit():
    stars = tuple(1 + 0.25 * number for number in range(MOST_DIFFICULTIES))
    assert check_spread(asked(stars=stars)).stars == 1
    assert "17 difficulties are too many (up to 16)" in refusal(asked(stars=(*stars, 9.0)))
    modes = (Mode.STD, Mode.TAIKO)
    assert check_spread(asked(stars=stars[:8], modes=modes)).mode is Mode.STD
    assert "18 difficulties are too many" in refusal(asked(stars=stars[:9], modes=modes))


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ({"within": Path("a.osu"), "start": 0.0, "end": 9.0}, "within is about one difficulty"),
        ({"version": "Mine"}, "version is about one difficulty"),
        ({"takes": 2}, "takes is about one difficulty"),
        ({"mode": Mode.STD}, "mode and modes"),
    ],
)
def test_what_is_about_one_difficulty(base, told):
    request = SpreadRequest(base=Request(audio=Path("song.mp3"), **base), modes=(Mode.TAIKO,))
    assert told in refusal(request)


def test_lists_in_words():
    assert parse_levels("easy, Muzukashii,rain,Expert+,SC") == (
        EASY,
        HARD,
        INSANE,
        EXPERT_PLUS,
        EXPERT,
    )
    assert parse_stars("1.6, 2") == (1.6, 2.0)
    assert parse_modes("std,ctb") == (Mode.STD, Mode.CATCH)


@pytest.mark.parametrize(
    ("parse", "text", "told"),
    [
        (parse_levels, "easy,insnae", "no difficulty 'insnae' (did you mean 'insane'?)"),
        (parse_levels, "easy,,hard", "difficulties must be a list"),
        (parse_stars, "1,two", "stars must be numbers"),
        (parse_stars, "1,nan", "stars must be numbers"),
        (parse_stars, "", "stars must be a list"),
        (parse_modes, "std,tako", "did you mean taiko?"),
    ],
)
def test_lists_that_are_none(parse, text, told):
    with pytest.raises(OptionError) as caught:
        parse(text)
    assert told in str(caught.value)
