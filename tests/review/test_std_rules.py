from collections.abc import Callable, Iterable

import pytest

from beatheritage.osu.beatmap import RedLine
from beatheritage.review.issue import Severity
from beatheritage.review.std import (
    active_halves,
    apart_halves,
    density,
    half_sliders,
    long_streams,
    lowest_normal,
    ninja_spinner,
    rests,
    spinner_recovery,
    unusual_difficulty,
)
from beatheritage.review.subject import SetSubject
from tests.review.charts import chart, circle, line, severities, spinner

MINOR, WARNING, PROBLEM = Severity.MINOR, Severity.WARNING, Severity.PROBLEM


def judged(rule: Callable, *objects, **settings) -> list[Severity]:
    return severities(rule(chart(*objects, **settings)))


def tapped(gaps: Iterable[float], px: float = 0) -> list:
    times = [0.0]
    for gap in gaps:
        times.append(times[-1] + gap)
    return [circle(time, 100 + px * (index % 2)) for index, time in enumerate(times)]


@pytest.mark.parametrize(
    ("od", "ms", "found"),
    [
        (5, 449, [PROBLEM]),
        (5, 450, [WARNING]),
        (5, 499, [WARNING]),
        (5, 500, []),
        (10, 534, [PROBLEM]),
        (10, 535, [WARNING]),
        (10, 600, []),
        (0, 364, [PROBLEM]),
        (0, 365, [WARNING]),
        (0, 391, []),
    ],
)
def test_spinners_too_short_for_a_bonus(od: float, ms: float, found: list):
    assert judged(ninja_spinner, spinner(0, ms), overall_difficulty=od) == found


@pytest.mark.parametrize(
    ("name", "ms", "found"),
    [
        ("Easy", 999, [PROBLEM]),
        ("Easy", 1000, [WARNING]),
        ("Easy", 1199, [WARNING]),
        ("Easy", 1200, []),
        ("Normal", 749, [PROBLEM]),
        ("Normal", 900, []),
        ("Hard", 499, [PROBLEM]),
        ("Hard", 599, [WARNING]),
        ("Hard", 600, []),
        ("Insane", 100, []),
    ],
)
def test_spinners_need_a_length(name: str, ms: float, found: list):
    assert judged(spinner_recovery, spinner(0, ms), name=name) == found


@pytest.mark.parametrize(
    ("name", "ms", "found"),
    [
        ("Easy", 999, [PROBLEM]),
        ("Easy", 1000, [WARNING]),
        ("Easy", 1200, []),
        ("Normal", 499, [PROBLEM]),
        ("Normal", 598, [WARNING]),
        ("Normal", 600, []),
        ("Hard", 249, [PROBLEM]),
        ("Hard", 298, [WARNING]),
        ("Hard", 300, []),
    ],
)
def test_spinners_need_time_after_them(name: str, ms: float, found: list):
    assert judged(spinner_recovery, spinner(0, 2000), circle(2000 + ms), name=name) == found


@pytest.mark.parametrize(("ms", "found"), [(1498, [WARNING]), (1500, [])])
def test_recovery_in_beats_eases_with_the_tempo(ms: float, found: list):
    # Four beats in an Easy; at 120 BPM three, which are 1500 ms.
    timing = (RedLine(time=0, beat_length=500),)
    objects = (spinner(0, 4000), circle(4000 + ms))
    assert judged(spinner_recovery, *objects, timing=timing) == found


@pytest.mark.parametrize(
    ("setting", "value", "found"),
    [
        ("approach_rate", 5, []),
        ("approach_rate", 5.1, [WARNING]),
        ("overall_difficulty", 3, []),
        ("overall_difficulty", 3.1, [WARNING]),
        ("overall_difficulty", 0.9, [WARNING]),
        ("hp_drain", 1, []),
        ("hp_drain", 0.9, [WARNING]),
        ("circle_size", 4, []),
        ("circle_size", 4.1, [WARNING]),
    ],
)
def test_settings_of_an_easy(setting: str, value: float, found: list):
    usual = {"approach_rate": 3, "overall_difficulty": 2, "hp_drain": 2, "circle_size": 3}
    assert judged(unusual_difficulty, circle(0), **(usual | {setting: value})) == found


@pytest.mark.parametrize(
    ("name", "fast", "slow", "found"),
    [("Easy", 5, 5, []), ("Easy", 6, 5, [MINOR]), ("Insane", 10, 0, [])],
)
def test_density(name: str, fast: int, slow: int, found: list):
    assert judged(density, *tapped([150] * fast + [300] * slow), name=name) == found


@pytest.mark.parametrize(("notes", "gap", "found"), [(5, 75, []), (6, 75, [WARNING]), (6, 90, [])])
def test_streams_of_a_hard(notes: int, gap: float, found: list):
    assert judged(long_streams, *tapped([gap] * (notes - 1)), name="Hard") == found
    assert judged(long_streams, *tapped([gap] * (notes - 1)), name="Insane") == []


@pytest.mark.parametrize(("gaps", "found"), [(3, []), (4, [WARNING])])
def test_clicked_halves_in_a_row(gaps: int, found: list):
    assert judged(active_halves, *tapped([150] * gaps)) == found


def test_a_sliders_end_is_not_clicked():
    pattern = [circle(0), circle(150), line(300, 50), circle(600), circle(750), circle(900)]
    assert judged(active_halves, *pattern) == []


@pytest.mark.parametrize(
    ("count", "length", "found"), [(4, 50, []), (5, 50, [WARNING]), (5, 60, [])]
)
def test_half_beat_sliders_in_a_row(count: int, length: float, found: list):
    assert judged(half_sliders, *[line(300 * index, length) for index in range(count)]) == found


@pytest.mark.parametrize(("halves", "found"), [(16, []), (17, [WARNING])])
def test_a_gap_of_a_beat_every_two_measures(halves: int, found: list):
    assert judged(rests, *tapped([150] * halves + [300, 150])) == found
    assert judged(rests, *tapped([150] * 8 + [300] + [150] * 8)) == []


@pytest.mark.parametrize(("px", "found"), [(72, []), (73, [WARNING])])
def test_clicked_halves_overlap(px: float, found: list):
    assert judged(apart_halves, *tapped([150], px)) == found


def test_only_the_lowest_normal_has_a_beginners_rules():
    halves = tapped([150] * 4)
    normal, insane = chart(*halves, name="Normal"), chart(*tapped([75] * 300, 300), name="Insane")
    easy = chart(circle(0), circle(4000), name="Easy")
    assert [found.map_index for found in lowest_normal(SetSubject(maps=(insane, normal)))] == [1]
    assert list(lowest_normal(SetSubject(maps=(easy, normal)))) == []
    assert list(lowest_normal(SetSubject(maps=(insane,)))) == []
