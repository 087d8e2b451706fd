from collections.abc import Callable, Iterable

import pytest

from beatheritage.osu.beatmap import GreenLine, HitSound, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.review.issue import Severity
from beatheritage.review.subject import MapSubject, SetSubject
from beatheritage.review.taiko import (
    background_offset,
    bar_lines,
    barline_unaffected_by_velocity,
    base_velocity,
    base_velocity_progression,
    close_barlines,
    inconsistent_bar_lines,
    kiai_consistency,
    kiai_flash,
    last_note_hiding_barline,
    low_scroll_speed,
    unusual_difficulty,
)
from beatheritage.review.taiko_patterns import (
    colour_changes,
    density,
    lowest_futsuu,
    pattern_length,
    rest_moments,
    smallest_snap,
    spinner_readability,
    unrankable_finishers,
)
from tests.review.charts import LEVELS, RED, chart, circle, severities, spinner

MINOR, WARNING, PROBLEM = Severity.MINOR, Severity.WARNING, Severity.PROBLEM
KANTAN, FUTSUU, MUZUKASHII, ONI, INNER = LEVELS[Mode.TAIKO]
DON, KAT, BIG = HitSound.NONE, HitSound.CLAP, HitSound.FINISH


def drums(*objects, **settings) -> MapSubject:
    return chart(*objects, mode=Mode.TAIKO, **settings)


def judged(rule: Callable, *objects, **settings) -> list[Severity]:
    return severities(rule(drums(*objects, **settings)))


def beats(gaps: Iterable[float], sounds: Iterable[HitSound] = ()) -> list:
    """Notes so many beats of 300 ms apart."""
    times = [0.0]
    for gap in gaps:
        times.append(times[-1] + 300 * gap)
    heard = [*sounds, *[DON] * len(times)]
    return [circle(time, sound=sound) for time, sound in zip(times, heard, strict=False)]


@pytest.mark.parametrize(
    ("name", "snap", "most"),
    [
        (KANTAN, 1, 7),
        (FUTSUU, 1 / 2, 7),
        (MUZUKASHII, 1 / 4, 5),
        (MUZUKASHII, 1 / 6, 4),
        (ONI, 1 / 4, 9),
        (ONI, 1 / 6, 4),
    ],
)
def test_the_longest_pattern_of_a_snap(name: str, snap: float, most: int):
    for notes, found in ((most - 1, []), (most, [MINOR]), (most + 1, [WARNING])):
        pattern = beats([snap] * (notes - 1))
        assert judged(pattern_length, *pattern, name=name)[:1] == found
    assert judged(pattern_length, *beats([snap] * 40), name=INNER) == []


@pytest.mark.parametrize(("name", "snap"), [(KANTAN, 1 / 2), (FUTSUU, 1 / 3), (ONI, 1 / 8)])
def test_pairs_of_the_fastest_snap(name: str, snap: float):
    assert judged(pattern_length, *beats([snap]), name=name) == []
    assert judged(pattern_length, *beats([snap, snap]), name=name) == [WARNING]


def test_patterns_may_be_longer_in_slow_songs():
    timing = (RedLine(time=0, beat_length=500),)  # 120 BPM: twice as long
    pattern = [circle(500 * index) for index in range(8)]
    assert judged(pattern_length, *pattern, name=KANTAN, timing=timing) == []


@pytest.mark.parametrize(
    ("name", "snap", "found"),
    [
        (KANTAN, 1 / 2, []),
        (KANTAN, 1 / 3, [WARNING]),
        (KANTAN, 1 / 4, [PROBLEM]),
        (FUTSUU, 1 / 3, []),
        (FUTSUU, 1 / 4, [PROBLEM]),
        (MUZUKASHII, 1 / 6, []),
        (MUZUKASHII, 1 / 8, [PROBLEM]),
        (ONI, 1 / 6, []),
        (ONI, 1 / 8, [WARNING]),
        (ONI, 1 / 12, [PROBLEM]),
        (INNER, 1 / 16, []),
    ],
)
def test_the_smallest_snap(name: str, snap: float, found: list):
    assert judged(smallest_snap, *beats([snap]), name=name) == found


@pytest.mark.parametrize(
    ("name", "rest", "least", "most"),
    [(KANTAN, 3, 36, 44), (FUTSUU, 2, 36, 44), (MUZUKASHII, 1.5, 36, 44), (ONI, 1, 20, 32)],
)
def test_rests(name: str, rest: float, least: int, most: int):
    beat = [1.0] if rest >= 2 else [0.5] * 2
    for played, found in (
        (least, []),
        (least + 1, [MINOR]),
        (most, [MINOR]),
        (most + 1, [WARNING]),
    ):
        objects = beats([*beat * played, rest, 0.5])
        assert judged(rest_moments, *objects, name=name) == found
    short = rest - 0.25
    without = beats([*beat * (most // 2), short, *beat * (most // 2 + 1)])
    assert judged(rest_moments, *without, name=name) == [WARNING]


def test_three_short_rests_are_one_in_a_muzukashii():
    play, rests = [0.5] * 60, [1.0] * 3
    assert judged(rest_moments, *beats(play + rests + play), name=MUZUKASHII) == []
    assert judged(rest_moments, *beats(play + rests[:2] + play), name=MUZUKASHII) == [WARNING]


@pytest.mark.parametrize(
    ("name", "gap", "found"),
    [(KANTAN, 150, []), (KANTAN, 140, [MINOR]), (ONI, 75, []), (INNER, 70, [MINOR])],
)
def test_notes_stay_clear_of_spinners(name: str, gap: float, found: list):
    assert judged(spinner_readability, circle(0), spinner(gap, 2000), name=name) == found


@pytest.mark.parametrize(
    ("name", "snap", "found"),
    [
        (KANTAN, 1 / 2, [PROBLEM]),
        (KANTAN, 1, []),
        (FUTSUU, 1 / 3, [PROBLEM]),
        (FUTSUU, 1 / 2, []),
        (MUZUKASHII, 1 / 4, [PROBLEM]),
        (MUZUKASHII, 1 / 3, []),
        (ONI, 1 / 6, [PROBLEM]),
        (INNER, 1 / 8, []),
    ],
)
def test_big_notes_in_fast_patterns(name: str, snap: float, found: list):
    pattern = beats([snap, snap], [DON, DON, KAT | BIG])
    assert judged(unrankable_finishers, *pattern, name=name) == found


@pytest.mark.parametrize(
    ("sounds", "found"),
    [
        ((DON, DON, KAT | BIG), []),
        ((DON, KAT, KAT | BIG), [PROBLEM]),
        ((DON, KAT | BIG, DON), [PROBLEM]),
        ((DON | BIG, DON, DON), [PROBLEM]),
    ],
)
def test_big_notes_in_an_onis_quarters(sounds: tuple, found: list):
    assert judged(unrankable_finishers, *beats([0.25, 0.25], sounds), name=ONI) == found


def test_colours_of_simple_patterns():
    assert judged(colour_changes, *beats([0.5], [DON, KAT]), name=KANTAN) == [PROBLEM]
    assert judged(colour_changes, *beats([0.5], [KAT, KAT]), name=KANTAN) == []
    assert judged(colour_changes, *beats([0.5], [DON, KAT]), name=FUTSUU) == []
    assert judged(colour_changes, *beats([1 / 3], [DON, KAT]), name=FUTSUU) == [PROBLEM]


@pytest.mark.parametrize(
    ("sounds", "found"),
    [
        ([DON, DON, KAT, KAT], [WARNING]),
        ([DON, DON, DON, KAT], []),
        ([DON, KAT, KAT, KAT], []),
        ([DON, KAT, KAT, DON], [WARNING]),
    ],
)
def test_colours_of_a_muzukashiis_quarters(sounds: list, found: list):
    assert judged(colour_changes, *beats([0.25] * 3, sounds), name=MUZUKASHII) == found


def test_density():
    assert judged(density, *beats([1] * 6 + [2] * 5), name=KANTAN) == [MINOR]
    assert judged(density, *beats([1] * 5 + [2] * 5), name=KANTAN) == []
    assert judged(density, *beats([1] * 9), name=FUTSUU) == []


def test_a_lowest_futsuu_is_simpler():
    def found(gaps: list[float]) -> list:
        return severities(lowest_futsuu(SetSubject(maps=(drums(*beats(gaps), name=FUTSUU),))))

    assert found([0.5] * 4) == []
    assert found([0.5] * 5) == [WARNING]
    assert found([1 / 3]) == [WARNING]


@pytest.mark.parametrize(
    ("end", "found"), [(1200, []), (1199.2, []), (1198.9, [PROBLEM]), (1195, [PROBLEM]), (1194, [])]
)
def test_a_last_note_just_before_its_bar_line(end: float, found: list):
    assert judged(last_note_hiding_barline, circle(end)) == found


def test_bar_lines_restart_at_red_lines_and_can_be_omitted():
    again = RedLine(time=1500, beat_length=300)
    assert bar_lines(drums(circle(3000), timing=(RED, again)).beatmap) == [0, 1200, 1500, 2700]
    omitted = RedLine(time=1500, beat_length=300, omit_barline=True)
    assert bar_lines(drums(circle(3000), timing=(RED, omitted)).beatmap) == [0, 1200, 2700]
    assert bar_lines(drums().beatmap) == []


@pytest.mark.parametrize(
    ("time", "found"),
    [(1274, [PROBLEM]), (1275, [WARNING]), (1496, [WARNING]), (1500, []), (1200, [])],
)
def test_bar_lines_close_to_one_another(time: float, found: list):
    timing = (RED, RedLine(time=time, beat_length=300))
    assert judged(close_barlines, circle(2000), timing=timing) == found


@pytest.mark.parametrize(("late", "found"), [(0, []), (1, [WARNING]), (5, [WARNING]), (6, [])])
def test_a_velocity_that_misses_its_bar_line(late: float, found: list):
    timing = (RED, GreenLine(time=1200 + late, velocity=1.5))
    assert judged(barline_unaffected_by_velocity, circle(2000), timing=timing) == found


def test_a_green_line_of_the_same_velocity_changes_nothing():
    timing = (RED, GreenLine(time=1203, velocity=1.0))
    assert judged(barline_unaffected_by_velocity, circle(2000), timing=timing) == []


@pytest.mark.parametrize(
    ("ms", "found"), [(100, [WARNING]), (103, [WARNING]), (104, [MINOR]), (150, [MINOR]), (154, [])]
)
def test_kiai_flashes(ms: float, found: list):
    timing = (RED, GreenLine(time=600, kiai=True), GreenLine(time=600 + ms))
    assert judged(kiai_flash, circle(2000), timing=timing) == found


@pytest.mark.parametrize(
    ("velocity", "found"), [(0.8, []), (0.79, [WARNING]), (1.25, []), (1.26, [WARNING])]
)
def test_scroll_speed_of_low_difficulties(velocity: float, found: list):
    timing = (RED, GreenLine(time=1000, velocity=velocity))
    notes = [circle(0), circle(300), circle(600), circle(1200)]
    assert judged(low_scroll_speed, *notes, timing=timing, name=FUTSUU) == found
    assert judged(low_scroll_speed, *notes, timing=timing, name=MUZUKASHII) == []


@pytest.mark.parametrize(
    ("name", "od", "hp", "found"),
    [
        (KANTAN, 3, 8, []),
        (KANTAN, 3.1, 8, [WARNING]),
        (KANTAN, 3, 7.9, [WARNING]),
        (FUTSUU, 4, 7, []),
        (MUZUKASHII, 5, 6, []),
        (ONI, 5, 5.5, []),
        (ONI, 4.9, 5.5, [WARNING]),
        (ONI, 5, 5.4, [MINOR]),
        (ONI, 5, 6.6, [MINOR]),
        (INNER, 5, 5, []),
    ],
)
def test_settings(name: str, od: float, hp: float, found: list):
    objects = (circle(0), circle(100_000))
    settings = {"overall_difficulty": od, "hp_drain": hp}
    assert judged(unusual_difficulty, *objects, name=name, **settings) == found


def test_long_songs_drain_less_and_short_ones_more():
    long, short = (circle(0), circle(225_001)), (circle(0), circle(59_999))
    settings = {"overall_difficulty": 5, "name": ONI}
    assert judged(unusual_difficulty, *long, hp_drain=5, **settings) == []
    assert judged(unusual_difficulty, *short, hp_drain=7, **settings) == []
    assert judged(unusual_difficulty, *long, hp_drain=7, **settings) == [MINOR]


def test_base_velocity():
    assert judged(base_velocity, slider_multiplier=1.4) == []
    assert judged(base_velocity, slider_multiplier=1.6) == [MINOR]
    assert judged(base_velocity, slider_multiplier=1.4, slider_tick_rate=2) == [MINOR]


@pytest.mark.parametrize(
    ("bases", "found"), [((1.4, 1.4, 1.6), []), ((1.4, 1.6, 1.4), [WARNING]), ((1.4,), [])]
)
def test_base_velocity_goes_one_way(bases: tuple, found: list):
    maps = tuple(
        drums(*beats([1 / (number + 1)] * 30), slider_multiplier=base)
        for number, base in enumerate(bases)
    )
    assert severities(base_velocity_progression(SetSubject(maps=maps))) == found


def test_bar_lines_and_kiai_are_those_of_the_set():
    one = drums(circle(0))
    other = drums(circle(0), timing=(RedLine(time=0, beat_length=300, omit_barline=True),))
    shining = drums(circle(0), timing=(RED, GreenLine(time=600, kiai=True)))
    assert severities(inconsistent_bar_lines(SetSubject(maps=(one, other)))) == [PROBLEM]
    assert severities(inconsistent_bar_lines(SetSubject(maps=(one, one)))) == []
    assert severities(kiai_consistency(SetSubject(maps=(one, shining)))) == [MINOR]
    assert severities(kiai_consistency(SetSubject(maps=(one, one)))) == []


def test_backgrounds_are_moved_alike():
    def moved(x: int, y: int) -> MapSubject:
        data = f'osu file format v14\n\n[Events]\n0,0,"bg.jpg",{x},{y}\n'.encode()
        return MapSubject(beatmap=drums().beatmap, data=data)

    def found(*maps: MapSubject) -> list:
        return severities(background_offset(SetSubject(maps=maps)))

    assert found(moved(0, 30), moved(0, 30)) == []
    assert found(moved(0, 30), moved(0, 0)) == [WARNING]
    assert found(moved(5, 0)) == [WARNING]
