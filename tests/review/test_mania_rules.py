from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

from beatheritage.osu.beatmap import Circle, GreenLine, HitSound, RedLine, Sample
from beatheritage.osu.mode import Mode
from beatheritage.review.issue import Severity
from beatheritage.review.mania import (
    column_distribution,
    double_hit_sounds,
    high_settings,
    hit_normal_usage,
    hit_sound_consistency,
    lowest_normal,
    missing_hit_sounds,
    phrase_pauses,
    playstyle,
    scroll_changes,
    usual_beat,
    variable_bpm,
)
from beatheritage.review.mania_patterns import (
    anchors,
    chord_size,
    density,
    disturbed_holds,
    fast_rows,
    hold_length,
    long_streams,
    minijacks,
    releases,
    stream_chords,
    trills,
)
from beatheritage.review.subject import MapSubject, SetSubject
from tests.review.charts import LEVELS, RED, chart, hold, note, severities

MINOR, WARNING, PROBLEM = Severity.MINOR, Severity.WARNING, Severity.PROBLEM
EASY, NORMAL, HARD, INSANE, EXPERT = LEVELS[Mode.MANIA]
WHISTLE, CLAP = HitSound.WHISTLE, HitSound.CLAP


def keys(*objects, **settings) -> MapSubject:
    return chart(*objects, mode=Mode.MANIA, **settings)


def judged(rule: Callable, *objects, **settings) -> list[Severity]:
    return severities(rule(keys(*objects, **settings)))


def stream(columns: Iterable[int | tuple[int, ...]], beats: float) -> list[Circle]:
    """Rows so many beats of 300 ms apart, each a column or several."""

    def placed() -> Iterator[Circle]:
        for index, row in enumerate(columns):
            for column in row if isinstance(row, tuple) else (row,):
                yield note(300 * beats * index, column)

    return list(placed())


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ((100, 100, 100, 100), []),
        ((100, 100, 120, 80), []),
        ((100, 100, 121, 79), [WARNING] * 2),
        ((100, 100, 135, 65), [WARNING] * 2),
        ((100, 100, 136, 64), [PROBLEM] * 2),
        ((100, 100, 100, 0), [WARNING] * 0 + [PROBLEM]),
    ],
)
def test_notes_spread_over_the_columns(counts: tuple, found: list):
    objects = [note(0, column) for column, count in enumerate(counts) for _ in range(count)]
    if not counts[-1]:  # a third more elsewhere
        found = [WARNING] * 3 + [PROBLEM]
    assert judged(column_distribution, *objects) == found


@pytest.mark.parametrize(
    ("name", "ms", "found"),
    [
        (EXPERT, 19, [PROBLEM]),
        (EXPERT, 20, [WARNING]),
        (EXPERT, 29, [WARNING]),
        (EXPERT, 30, []),
        (EASY, 297, [WARNING]),
        (EASY, 300, []),
        (NORMAL, 147, [WARNING]),
        (NORMAL, 150, []),
        (HARD, 72, [WARNING]),
        (HARD, 75, []),
    ],
)
def test_holds_last(name: str, ms: float, found: list):
    assert judged(hold_length, hold(0, ms, 0), name=name) == found


@pytest.mark.parametrize(
    ("name", "count", "most"),
    [(EASY, 4, 2), (EASY, 7, 2), (NORMAL, 4, 2), (NORMAL, 7, 3), (HARD, 4, 3), (HARD, 7, 4)],
)
def test_chords(name: str, count: int, most: int):
    for notes, found in ((most, []), (most + 1, [WARNING])):
        chord = [note(0, column, count) for column in range(notes)]
        assert judged(chord_size, *chord, name=name, circle_size=count) == found
        held = [hold(0, 900, 0, count), *[note(300, column, count) for column in range(1, notes)]]
        assert judged(chord_size, *held, name=name, circle_size=count) == found


@pytest.mark.parametrize(
    ("name", "notes", "found"),
    [(INSANE, 6, []), (INSANE, 7, [PROBLEM]), (EXPERT, 7, [])],
)
def test_most_notes_pressed_at_once(name: str, notes: int, found: list):
    chord = [note(0, column, 8) for column in range(notes)]
    assert judged(chord_size, *chord, name=name, circle_size=8) == found


def test_held_notes_are_not_pressed_again():
    held = [hold(0, 900, column, 8) for column in range(5)]
    later = [note(300, column, 8) for column in (5, 6)]
    assert judged(chord_size, *held, *later, name=INSANE, circle_size=8) == []


@pytest.mark.parametrize(
    ("name", "snap", "most"), [(EASY, 1 / 4, 2), (NORMAL, 1 / 6, 2), (HARD, 1 / 8, 3)]
)
def test_snaps_that_must_not_follow_one_another(name: str, snap: float, most: int):
    assert judged(fast_rows, *stream([0, 1, 2, 3][:most], snap), name=name) == []
    assert judged(fast_rows, *stream([0, 1, 2, 3][: most + 1], snap), name=name) == [WARNING]
    assert judged(fast_rows, *stream([0, 1, 2, 3], snap * 1.4), name=name) == []


@pytest.mark.parametrize(
    ("name", "snap", "notes", "found"),
    [
        (EASY, 1 / 2, 5, []),
        (EASY, 1 / 2, 6, [WARNING]),
        (NORMAL, 1 / 4, 5, []),
        (NORMAL, 1 / 4, 6, [WARNING]),
        (NORMAL, 1 / 2, 20, []),
        (INSANE, 1 / 8, 33, []),
        (INSANE, 1 / 8, 34, [WARNING]),
        (EXPERT, 1 / 8, 60, []),
    ],
)
def test_long_streams(name: str, snap: float, notes: int, found: list):
    assert judged(long_streams, *stream([0, 1, 2, 3] * 16, snap)[:notes], name=name) == found


@pytest.mark.parametrize(("name", "snap"), [(EASY, 1 / 2), (NORMAL, 1 / 4)])
def test_chords_only_at_the_ends_of_a_stream(name: str, snap: float):
    assert judged(stream_chords, *stream([(0, 1), 2, (0, 3)], snap), name=name) == []
    assert judged(stream_chords, *stream([0, (1, 2), 3], snap), name=name) == [WARNING]
    assert judged(stream_chords, *stream([0, (1, 2), 3], 1), name=name) == []


def test_chords_of_a_hards_stream_are_a_beat_apart():
    apart, close = [(0, 1), 2, 3, 2, (0, 1)], [(0, 1), 2, 3, (0, 1), 2]
    assert judged(stream_chords, *stream(apart, 1 / 4), name=HARD) == []
    assert judged(stream_chords, *stream(close, 1 / 4), name=HARD) == [WARNING]


@pytest.mark.parametrize(("gap", "found"), [(75, [WARNING]), (90, [])])
def test_minijacks_and_shields(gap: float, found: list):
    assert judged(minijacks, note(0, 0), note(gap, 0), name=NORMAL) == found
    assert judged(minijacks, note(0, 0), hold(gap, 900, 0), name=NORMAL) == found
    assert judged(minijacks, note(0, 0), note(gap, 1), name=NORMAL) == []
    assert judged(minijacks, note(0, 0), note(gap, 0), name=HARD) == []


@pytest.mark.parametrize(("name", "most"), [(NORMAL, 3), (HARD, 5)])
def test_anchors(name: str, most: int):
    assert judged(anchors, *stream([0, 1] * (most - 1), 1 / 4), name=name) == []
    assert judged(anchors, *stream([0, 1] * (most - 1) + [0], 1 / 4), name=name) == [MINOR]
    assert judged(anchors, *stream([0, 1] * 9, 1 / 2), name=name) == []


@pytest.mark.parametrize(("notes", "found"), [(9, []), (10, [WARNING])])
def test_trills(notes: int, found: list):
    assert judged(trills, *stream(([0, 1] * 5)[:notes], 1 / 4), name=HARD) == found
    assert judged(trills, *stream([2, 3, *([0, 1] * 5)[:notes]], 1 / 4), name=HARD) == found
    assert judged(trills, *stream([0, 1, 2, 3] * 5, 1 / 4), name=HARD) == []
    assert judged(trills, *stream(([0, 1] * 5)[:notes], 1 / 2), name=HARD) == []


@pytest.mark.parametrize(
    ("name", "gap", "found"),
    [
        (EASY, 297, [WARNING]),
        (EASY, 299, []),
        (NORMAL, 147, [WARNING]),
        (NORMAL, 149, []),
        (HARD, 10, []),
        (EASY, 0, []),
    ],
)
def test_releases(name: str, gap: float, found: list):
    assert judged(releases, hold(0, 900, 0), hold(0, 900 + gap, 1), name=name) == found


@pytest.mark.parametrize(
    ("name", "length", "found"),
    [(EASY, 300, [WARNING]), (EASY, 450, []), (NORMAL, 150, [WARNING]), (NORMAL, 300, [])],
)
def test_notes_inside_short_holds(name: str, length: float, found: list):
    assert judged(disturbed_holds, hold(0, length, 0), note(75, 1), name=name) == found
    assert judged(disturbed_holds, hold(0, length, 0), note(length, 1), name=name) == []
    assert judged(disturbed_holds, hold(0, length, 0), note(0, 1), name=name) == []


def test_density():
    assert judged(density, *stream([0, 1, 2, 3], 1 / 2), name=EASY) == [MINOR]
    assert judged(density, *stream([0, 1, 2, 3], 1), name=EASY) == []


@pytest.mark.parametrize(("name", "most"), [(EASY, 7.0), (NORMAL, 7.5), (HARD, 8.0)])
def test_settings_of_low_difficulties(name: str, most: float):
    assert judged(high_settings, note(0, 0), name=name, hp_drain=most) == []
    assert judged(high_settings, note(0, 0), name=name, hp_drain=most + 0.1) == [WARNING]
    assert judged(high_settings, note(0, 0), name=name, overall_difficulty=9) == [WARNING]
    assert judged(high_settings, note(0, 0), name=INSANE, overall_difficulty=9) == []


def test_the_usual_tempo_is_the_longest():
    timing = (RED, RedLine(time=600, beat_length=500), RedLine(time=900, beat_length=300))
    assert usual_beat(keys(note(0, 0), note(1000, 0), timing=timing)) == 300
    assert usual_beat(keys(note(0, 0), note(850, 0), timing=timing[:2])) == 300
    assert usual_beat(keys(note(0, 0), note(2000, 0), timing=timing[:2])) == 500


@pytest.mark.parametrize(("velocity", "found"), [(1.01, []), (1.02, [PROBLEM])])
def test_an_easy_scrolls_evenly(velocity: float, found: list):
    timing = (RED, GreenLine(time=500, velocity=velocity))
    assert judged(scroll_changes, note(0, 0), note(900, 1), timing=timing, name=EASY) == found


def test_an_easy_may_even_out_its_tempos():
    timing = (
        RED,
        RedLine(time=1200, beat_length=150),
        GreenLine(time=1200, velocity=0.5),
    )
    notes = (note(0, 0), note(1200, 1))
    assert judged(scroll_changes, *notes, timing=timing, name=EASY) == []
    assert judged(variable_bpm, *notes, timing=timing, name=EASY) == []
    assert judged(variable_bpm, *notes, timing=timing[:2], name=EASY) == [PROBLEM]
    assert judged(variable_bpm, *notes, timing=timing[:2], name=HARD) == [WARNING]


@pytest.mark.parametrize(
    ("name", "slowest", "fastest"),
    [(NORMAL, 0.9, 1.05), (HARD, 0.8, 1.1), (INSANE, 0.7, 1.1), (EXPERT, 0.6, 1.1)],
)
def test_scroll_speeds_that_last(name: str, slowest: float, fastest: float):
    def found(velocity: float, end: float = 6000) -> list:
        timing = (RED, GreenLine(time=0, velocity=velocity), GreenLine(time=end, velocity=1))
        return judged(scroll_changes, note(0, 0), note(9000, 1), timing=timing, name=name)

    assert found(slowest) == found(fastest) == []
    assert found(slowest - 0.02) == found(fastest + 0.02) == [WARNING]
    assert found(0.5, end=4800) == []  # four measures
    assert found(0.5, end=4801) == [WARNING]


def test_a_lowest_normal_scrolls_evenly():
    timing = (RED, GreenLine(time=500, velocity=0.95))
    normal = keys(note(0, 0), note(900, 1), timing=timing, name=NORMAL)
    easy = keys(note(0, 0), note(3000, 1), name=EASY)
    assert severities(lowest_normal(SetSubject(maps=(normal,)))) == [PROBLEM]
    assert severities(lowest_normal(SetSubject(maps=(normal, easy)))) == []


def test_a_chord_plays_a_hitsound_once():
    def chord(first: HitSound, second: HitSound) -> list:
        return judged(double_hit_sounds, note(0, 0, sound=first), note(0, 1, sound=second))

    assert chord(WHISTLE, CLAP) == []
    assert chord(WHISTLE, WHISTLE) == [WARNING]
    assert judged(double_hit_sounds, note(0, 0, sound=CLAP), note(1, 1, sound=CLAP)) == []


@pytest.mark.parametrize(("keyed", "found"), [(0, []), (2, [MINOR]), (3, [WARNING])])
def test_keysounds(keyed: int, found: list):
    key = Sample(filename="piano.wav")
    notes = [replace(note(index, 0), sample=key) for index in range(keyed)]
    assert judged(hit_normal_usage, *notes, *[note(9, 0)] * (4 - keyed)) == found


@pytest.mark.parametrize(("unlike", "found"), [(1, []), (2, [MINOR]), (4, [MINOR]), (5, [WARNING])])
def test_difficulties_sound_alike(unlike: int, found: list):
    one = keys(*[note(100 * index, 0, sound=CLAP) for index in range(20)])
    other = keys(
        *[note(100 * index, 1, sound=WHISTLE if index < unlike else CLAP) for index in range(20)]
    )
    assert severities(hit_sound_consistency(SetSubject(maps=(one, other)))) == found


class Folder:
    """Files of a set, by name alone."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def size(self, name: str) -> int:
        return 1

    def read(self, name: str) -> bytes:
        return b""


def test_keysounds_that_are_not_there():
    one = keys(replace(note(0, 0), sample=Sample(filename="Sounds/piano.wav")))

    def found(*names: str) -> list:
        return severities(missing_hit_sounds(SetSubject(maps=(one,), files=Folder(*names))))

    assert found() == [PROBLEM]
    assert found("sounds/piano.ogg") == []
    assert severities(missing_hit_sounds(SetSubject(maps=(one,)))) == []


def test_names_say_the_keys_where_they_differ():
    four, seven = keys(name="4K Easy"), keys(name="Easy", circle_size=7)
    twelve = keys(name="Easy", circle_size=12)
    assert severities(playstyle(SetSubject(maps=(seven,)))) == []
    assert severities(playstyle(SetSubject(maps=(four, seven)))) == [WARNING]
    assert severities(playstyle(SetSubject(maps=(twelve,)))) == [WARNING]


def test_special_style_has_its_tag():
    plain = keys(note(0, 0)).beatmap
    special = replace(plain, general=replace(plain.general, special_style=True))
    tagged = replace(special, metadata=replace(plain.metadata, tags=("N+1",)))
    assert severities(playstyle(SetSubject(maps=(MapSubject(beatmap=special),)))) == [WARNING]
    assert severities(playstyle(SetSubject(maps=(MapSubject(beatmap=tagged),)))) == []


@pytest.mark.parametrize(("name", "snap"), [(NORMAL, 1 / 2), (HARD, 1 / 4)])
def test_streams_pause_after_a_phrase(name: str, snap: float):
    notes = round(16 / snap) + 1  # four measures
    columns = [0, 1, 2, 3] * 20
    assert judged(phrase_pauses, *stream(columns[:notes], snap), name=name) == []
    assert judged(phrase_pauses, *stream(columns[: notes + 1], snap), name=name) == [MINOR]
    assert judged(phrase_pauses, *stream(columns[: notes + 1], 2 * snap), name=name) == []
