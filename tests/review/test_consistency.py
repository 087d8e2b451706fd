"""Rules about several difficulties: what they share, and whether they make a spread."""

from dataclasses import replace
from typing import Any

import pytest

from beatheritage.osu.beatmap import Break, HitSound, RedLine
from beatheritage.osu.level import Level
from beatheritage.osu.mode import Mode
from beatheritage.review.consistency import (
    hit_sound_consistency,
    inconsistent_lines,
    inconsistent_metadata,
    inconsistent_settings,
    preview,
    wrong_snapping,
)
from beatheritage.review.spread import lowest_difficulty, spread, strictest_drains
from beatheritage.review.subject import MapSubject, SetSubject
from tests.review.maps import BEAT, circle, letters, mapset, severities, slider, subject


def rated(stars: float, *objects, **changes) -> MapSubject:
    """A map that is taken to have so many stars."""
    named: dict[str, Any] = {"version": f"{stars}"} | changes
    made = subject(*(objects or (circle(0), circle(60_000))), **named)
    made.__dict__["stars"] = stars  # as the property itself keeps it
    return made


@pytest.mark.parametrize("field", ["artist", "artist_unicode", "title", "creator", "source"])
def test_metadata(field):
    same, other = subject(**{field: "a"}), subject(**{field: "b"})
    assert severities(inconsistent_metadata, mapset(same, same)) == ""
    (found,) = inconsistent_metadata(mapset(same, other, same))
    assert found.map_index == 1
    assert severities(inconsistent_metadata, mapset(same)) == ""


def test_tags():
    assert severities(inconsistent_metadata, mapset(subject(tags=("a",)), subject())) == "P"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, ""),
        ({"audio_lead_in": 500}, "P"),
        ({"other": (("EpilepsyWarning", "1"),)}, "P"),
        ({"countdown": 1}, "W"),
        ({"letterbox_in_breaks": True}, "W"),
        ({"widescreen_storyboard": True}, "W"),
        ({"slider_tick_rate": 2.0}, "M"),
        ({"slider_tick_rate": 2.0, "mode": Mode.TAIKO}, ""),
        ({"stack_leniency": 0.2}, ""),
    ],
)
def test_settings(changes, found):
    plain = subject()
    assert severities(inconsistent_settings, mapset(plain, plain, subject(**changes))) == found


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((RedLine(time=0, beat_length=BEAT),), ""),
        ((RedLine(time=0, beat_length=BEAT, volume=30),), ""),
        ((RedLine(time=0, beat_length=BEAT + 0.0009),), ""),
        ((RedLine(time=0, beat_length=BEAT + 0.0011),), "P"),
        ((RedLine(time=0, beat_length=BEAT, meter=3),), "P"),
        ((RedLine(time=1, beat_length=BEAT),), "PP"),
        ((RedLine(time=0, beat_length=BEAT), RedLine(time=9, beat_length=BEAT)), "P"),
    ],
)
def test_red_lines(lines, found):
    plain = subject()
    assert severities(inconsistent_lines, mapset(plain, plain, subject(lines=lines))) == found


def test_preview():
    plain = subject()
    assert severities(preview, mapset(plain, plain)) == ""
    assert severities(preview, mapset(subject(preview_time=-1))) == "P"
    assert severities(preview, mapset(subject(preview_time=0))) == ""
    assert severities(preview, mapset(plain, plain, subject(preview_time=1001))) == "P"


@pytest.mark.parametrize(
    ("count", "found"), [(1, "W"), (3, "W"), (4, "M"), (7, "M"), (8, ""), (0, "")]
)
def test_rare_divisors(count, found):
    """Sixths among a hundred quarters."""
    quarters = [circle(index * BEAT / 4) for index in range(100)]
    sixths = [circle(50_000 + index * BEAT + BEAT / 6) for index in range(count)]
    assert severities(wrong_snapping, mapset(subject(*quarters, *sixths))) == found


@pytest.mark.parametrize(
    ("count", "found"), [(10, "W"), (11, "M"), (100, "M"), (101, ""), (105, "")]
)
def test_rare_divisors_of_a_long_map(count, found):
    """Of 2000 edges 0.5 % are a warning, 5 % a minor."""
    quarters = [circle(index * BEAT / 4) for index in range(2000 - count)]
    sixths = [circle(900_000 + index * BEAT + BEAT / 6) for index in range(count)]
    assert severities(wrong_snapping, mapset(subject(*quarters, *sixths))) == found


def test_edges_beside_those_of_another_difficulty():
    here = subject(*(circle(index * BEAT) for index in range(60)), circle(30_000 + BEAT / 6))
    there = subject(*(circle(index * BEAT) for index in range(60)), circle(30_000 + BEAT / 4))
    messages = [one.message for one in wrong_snapping(mapset(here, there))]
    assert sum("beside it" in message for message in messages) == 1
    far = subject(*(circle(index * BEAT) for index in range(60)))
    assert not any("beside" in one.message for one in wrong_snapping(mapset(here, far)))


@pytest.mark.parametrize(("different", "found"), [(0, ""), (1, "M"), (2, "M"), (3, "W")])
def test_hitsounds_of_two_difficulties(different, found):
    """Of eight edges in common, a quarter may differ."""
    full = subject(*(circle(index * BEAT, sound=HitSound.CLAP) for index in range(9)))
    own = [HitSound.NONE if index < different else HitSound.CLAP for index in range(8)]
    other = subject(*(circle(index * BEAT, sound=sound) for index, sound in enumerate(own)))
    assert severities(hit_sound_consistency, mapset(full, other)) == found


def test_the_strictest_table():
    assert strictest_drains(Mode.STD) == (210_000, 255_000, 300_000)
    assert strictest_drains(Mode.TAIKO) == (210_000, 255_000, 300_000)
    assert strictest_drains(Mode.CATCH) == (150_000, 195_000, 240_000)
    assert strictest_drains(Mode.MANIA) == (150_000, 195_000, 240_000)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("place", "allowed"), [(0, Level.NORMAL), (1, Level.HARD), (2, Level.INSANE), (3, None)]
)
@pytest.mark.parametrize("late", [-1, 0])
def test_the_lowest_difficulty(mode, place, allowed, late):
    """Just below a threshold, and from it on, at each level's own stars."""
    at = [*strictest_drains(mode), 3_600_000.0][place] + late
    if late == 0:  # from here on the next line of the table holds
        allowed = [Level.HARD, Level.INSANE, None, None][place]
    stars = {Level.EASY: 1.5, Level.NORMAL: 2.5, Level.HARD: 3.5, Level.INSANE: 5, Level.EXPERT: 6}
    for level, rating in stars.items():
        lowest = rated(rating, circle(0), circle(at), mode=mode)
        found = severities(lowest_difficulty, mapset(lowest))
        assert found == ("" if allowed is None or level <= allowed else "P")


@pytest.mark.parametrize(("rest", "found"), [(29_999, "P"), (30_000, ""), (60_000, "")])
def test_half_a_minute_of_breaks_counts(rest, found):
    """A Hard under 3:30 of drain, with as much break as makes it 3:30, or more."""
    drain = 180_000
    breaks = (Break(1000, 1000 + rest),)
    lowest = rated(3.5, circle(0), circle(drain + rest), breaks=breaks)
    assert severities(lowest_difficulty, mapset(lowest)) == found


def test_a_spread_leaves_no_level_out():
    whole = [rated(stars) for stars in (1.5, 2.5, 3.5, 5.0, 6.0)]
    assert severities(spread, mapset(*whole)) == ""
    (found,) = spread(mapset(whole[4], whole[0], whole[1], whole[3]))
    assert "no Hard" in found.message
    assert found.map_index == 3
    other_mode = rated(5.0, mode=Mode.TAIKO)
    assert severities(spread, mapset(whole[0], other_mode)) == ""


@pytest.mark.parametrize(
    ("names", "found"),
    [(("Kantan", "Futsuu", "Muzukashii"), ""), (("Kantan", "Muzukashii"), "P"), (("", ""), "")],
)
def test_a_level_is_what_the_map_calls_itself(names, found):
    """Taiko's stars put the first levels all among the easy: names tell first."""
    maps = [
        rated(1.2 + 0.2 * step, mode=Mode.TAIKO, version=name) for step, name in enumerate(names)
    ]
    assert severities(spread, mapset(*maps)) == found


def test_sets_of_nothing():
    for judge in (
        inconsistent_metadata,
        inconsistent_settings,
        inconsistent_lines,
        preview,
        wrong_snapping,
        hit_sound_consistency,
        lowest_difficulty,
        spread,
    ):
        empty = subject(lines=())
        assert letters(judge(SetSubject(maps=(empty, replace(empty))))) == ""


def test_sliders_edges_are_compared():
    held = subject(slider(0), circle(1500))
    assert severities(hit_sound_consistency, mapset(held, held)) == ""
