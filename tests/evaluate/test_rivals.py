from dataclasses import replace

import pytest
from tests.evaluate.likeness.maps import circle, columns
from tests.evaluate.results import OUTCOME

from beatheritage.evaluate.likeness.chapter import measure_likeness
from beatheritage.evaluate.likeness.pairs import MapPair
from beatheritage.evaluate.likeness.trees import Growth
from beatheritage.evaluate.rivals import Comparison, Rival, compare_rivals, rivals_table
from beatheritage.osu.mode import Mode

F1 = "onset F1 ±20 ms, std: median"
STARS = "stars got less those asked, std: mean of the absolute"


def rival(name: str, *f1: float, stars: float = 4.0) -> Rival:
    outcomes = [
        replace(OUTCOME, song=f"osu_{song}", f1=value, stars=stars) for song, value in enumerate(f1)
    ]
    return Rival(name=name, outcomes=tuple(outcomes), likeness=None)


def compared(first: Rival, second: Rival) -> dict[str, Comparison]:
    return {one.what: one for one in compare_rivals(first, second)}


def test_the_one_that_is_better_in_every_song_surely_is():
    found = compared(rival("a", 0.5, 0.6, 0.7), rival("b", 0.6, 0.7, 0.8))[F1]
    assert found.values == (0.6, 0.7)
    assert (found.better, found.probability) == (1, 1.0)
    assert found.low == pytest.approx(found.high) == pytest.approx(0.1)


def test_a_model_beside_itself_is_level():
    found = compared(rival("a", 0.5, 0.6), rival("b", 0.5, 0.6))[F1]
    assert (found.better, found.probability, found.low, found.high) == (None, 0.5, 0, 0)


def test_better_in_some_songs_is_not_sure():
    found = compared(rival("a", 0.5, 0.5, 0.5, 0.5), rival("b", 0.4, 0.6, 0.6, 0.45))[F1]
    assert found.better == 1
    assert 0.5 < found.probability < 1
    assert found.low < 0 < found.high


def test_an_error_is_better_where_it_is_less():
    first, second = rival("a", 0.5, 0.5, stars=4.1), rival("b", 0.5, 0.5, stars=3.5)
    found = compared(first, second)[STARS]
    assert found.values == pytest.approx((0.1, 0.5))
    assert (found.better, found.probability) == (0, 1.0)


def test_only_what_both_have_is_compared():
    taiko = replace(OUTCOME, group="taiko", mode="taiko")
    assert compare_rivals(rival("a", 0.5), Rival(name="b", outcomes=(taiko,), likeness=None)) == ()


def pair(song: int, px: float) -> MapPair:
    ours, people = (
        columns(*(circle(beat, 100 + each * (beat % 2)) for beat in range(96)))
        for each in (px, 60.0 + song)
    )
    return MapPair(
        song=f"osu_{song}", chart="", mode=Mode.STD, ours=ours, people=people, repeats=None
    )


def test_likeness_is_compared_too():
    small = Growth(trees=2, depth=1)
    first, second = (
        replace(
            rival(name, *[0.5] * 4),
            likeness=measure_likeness([pair(song, px) for song in range(4)], (), small),
        )
        for name, px in (("a", 61.5), ("b", 90.0))
    )
    found = compared(first, second)["spacing, std: distance to people's, px"]
    assert found.values == pytest.approx((1.0, 28.5))
    assert (found.better, found.probability) == (0, 1.0)
    assert "two-sample test, std: AUC" in compared(first, second)


def test_the_table_names_the_better_one():
    table = rivals_table(rival("old", 0.5, 0.6, 0.7), rival("new", 0.6, 0.7, 0.8))
    row = next(row for row in table.rows if row[0] == F1)
    assert row == (F1, "0.600", "0.700", "+0.100", "+0.100 to +0.100", "new", "100 %")
