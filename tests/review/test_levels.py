import pytest

from beatheritage.osu.level import Level
from beatheritage.review.levels import level_of_map, lowest, share_faster
from beatheritage.review.subject import SetSubject
from tests.review.charts import chart, circle, note

JUMPS = [circle(100 * index, 500 * (index % 2), 380 * (index % 3) / 2) for index in range(200)]


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("Easy", Level.EASY),
        ("Someone's Futsuu", Level.NORMAL),
        ("MUZUKASHII", Level.HARD),
        ("Oni", Level.INSANE),
        ("Inner Oni", Level.EXPERT),
        ("Collab Rain", Level.INSANE),
        ("4K NM", Level.NORMAL),
        ("Overdose", Level.EXPERT),
        ("Rainbow", Level.EASY),  # a word counts whole; of two slow notes the stars make an Easy
        ("Easy Hard", Level.HARD),
    ],
)
def test_names_say_the_level(name: str, level: Level):
    assert level_of_map(chart(circle(0), circle(2000), name=name)) == level


def test_two_levels_more_stars_outweigh_a_name():
    hard = chart(*JUMPS, name="Easy")
    assert hard.level >= Level.HARD
    assert level_of_map(hard) == hard.level


def test_chords_count_once_for_density():
    chords = [note(300 * index, column) for index in range(4) for column in (0, 1)]
    assert share_faster(chart(*chords), 1.0) == 0
    assert share_faster(chart(*chords), 1.5) == 1
    assert share_faster(chart(circle(0)), 1.0) == 0


def test_the_lowest_is_the_one_with_fewest_stars():
    easy, hard = chart(circle(0), circle(2000)), chart(*JUMPS)
    assert lowest(SetSubject(maps=(hard, easy))) == (1, easy)
    assert lowest(SetSubject(maps=())) is None
