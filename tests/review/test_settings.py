"""Settings, colours and hitsounds, at their thresholds."""

from dataclasses import replace

import pytest

from beatheritage.osu.beatmap import Colour, EdgeSound, GreenLine, HitSound, Hold, RedLine, Sample
from beatheritage.osu.mode import Mode
from beatheritage.review.hit_sounds import common_finish, few_hit_sounds, muted
from beatheritage.review.mapset import read_map
from beatheritage.review.samples import used_samples
from beatheritage.review.settings import (
    default_colours,
    difficulty_settings,
    luminosity,
    score_overflow,
    tick_rate,
)
from tests.review.maps import circle, severities, slider, spinner, subject

WHISTLE = HitSound.WHISTLE


def test_default_colours():
    assert severities(default_colours, subject()) == "P"
    assert severities(default_colours, subject(combo_colours=(Colour(200, 100, 0),))) == ""
    assert severities(default_colours, subject(other=(("SkinPreference", "Mine"),))) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [("5", ""), ("5.5", ""), ("5.50", ""), ("5.55", "P"), ("0", ""), ("10", ""), ("10.1", "W")],
)
@pytest.mark.parametrize("key", ["HPDrainRate", "OverallDifficulty", "ApproachRate", "CircleSize"])
def test_settings_as_written(key, text, found):
    data = f"osu file format v14\n[Difficulty]\n{key}:{text}\n"
    assert severities(difficulty_settings, read_map(data.encode())) == found


@pytest.mark.parametrize(
    ("keys", "found"), [(3, "P"), (4, ""), (10, ""), (11, "P"), (12, ""), (18, ""), (4.5, "P")]
)
def test_key_counts(keys, found):
    judged = subject(mode=Mode.MANIA, circle_size=float(keys))
    assert severities(difficulty_settings, judged) == found


@pytest.mark.parametrize(
    ("grey", "found"), [(42, "P"), (43, "W"), (49, "W"), (50, ""), (220, ""), (221, "")]
)
def test_dark_colours(grey, found):
    assert severities(luminosity, subject(combo_colours=(Colour(grey, grey, grey),))) == found


@pytest.mark.parametrize(("grey", "found"), [(219, ""), (220, ""), (221, "W")])
def test_bright_colours_in_kiai(grey, found):
    lines = (RedLine(time=0, beat_length=500), GreenLine(time=1000, kiai=True))
    colours = (Colour(grey, grey, grey),)
    assert severities(luminosity, subject(combo_colours=colours, lines=lines)) == found


def test_the_border_is_seen_too():
    assert severities(luminosity, subject(other_colours=(("SliderBorder", "0,0,0"),))) == "P"
    assert severities(luminosity, subject(other_colours=(("SliderBorder", "none"),))) == ""


@pytest.mark.parametrize(
    ("rate", "found"),
    [(0.5, ""), (1, ""), (1.33, ""), (1.333, ""), (4, ""), (1.25, "P"), (5, "P"), (1.31, "P")],
)
def test_tick_rates(rate, found):
    assert severities(tick_rate, subject(slider_tick_rate=rate)) == found


@pytest.mark.parametrize(("count", "found"), [(9453, ""), (9454, "P")])
def test_scores_past_32_bits(count, found):
    """At a multiplier of 4, n circles score 300 n + 24 n (n - 1)."""
    circles = [circle(index * 250) for index in range(count)]
    assert severities(score_overflow, subject(*circles)) == found


@pytest.mark.parametrize(
    ("slides", "found"), [(65_534, ""), (65_535, "P")], ids=["most", "one too many"]
)
def test_combos_past_16_bits(slides, found):
    # One slider: a point of combo for its head, and one for each slide.
    judged = subject(slider(0, 1, slides=slides), slider_tick_rate=1.0)
    combos = [one for one in score_overflow(judged) if "combo is" in one.message]
    assert len(combos) == len(found)


def test_no_hitsounds_at_all():
    assert severities(few_hit_sounds, subject(circle(0), circle(500))) == "P"
    assert severities(few_hit_sounds, subject(circle(0), circle(500, sound=WHISTLE))) == ""


@pytest.mark.parametrize(
    ("seconds", "edges", "found"),
    [
        (4, 6, ""),
        (4.1, 6, "M"),
        (4.1, 4, ""),
        (8, 6, "M"),
        (8.1, 6, "W"),
        (24, 20, "W"),
        (24.1, 20, "P"),
        (24.1, 16, "W"),
        (24.1, 17, "P"),
    ],
)
def test_long_silence(seconds, edges, found):
    """``edges`` in as many seconds, the last of them with a whistle."""
    times = [1000 * seconds * index / (edges - 1) for index in range(edges)]
    last = circle(times[-1], sound=WHISTLE)
    assert severities(few_hit_sounds, subject(*map(circle, times[:-1]), last)) == found


def test_a_sound_at_a_sliders_end_breaks_the_silence():
    quiet = [circle(index * 500) for index in range(10)]
    edges = (EdgeSound(), EdgeSound(WHISTLE))
    with_end = [*quiet[:5], slider(2400, 14, edges=edges), *quiet[5:], circle(5000, sound=WHISTLE)]
    assert severities(few_hit_sounds, subject(*with_end)) == ""


@pytest.mark.parametrize(
    ("volume", "found", "mania"), [(4, "P", "W"), (5, "P", "W"), (6, "W", "W"), (20, "W", "W")]
)
def test_muted(volume, found, mania):
    soft = circle(0, sample=Sample(volume=volume))
    assert severities(muted, subject(soft)) == found
    assert severities(muted, subject(soft, mode=Mode.MANIA)) == mania


def test_what_can_be_heard():
    assert severities(muted, subject(circle(0, sample=Sample(volume=21)))) == ""


def test_soft_ends_are_minor():
    lines = (RedLine(time=0, beat_length=500), GreenLine(time=500, volume=5))
    assert severities(muted, subject(slider(0), lines=lines)) == "M"
    assert severities(muted, subject(spinner(0, 500), lines=lines)) == "M"
    assert severities(muted, subject(slider(500), lines=lines)) == "P"
    hold = Hold(time=0, end=500, x=64)
    assert severities(muted, subject(hold, lines=lines, mode=Mode.MANIA)) == ""


@pytest.mark.parametrize(("finishes", "found"), [(19, ""), (20, ""), (21, "W")])
def test_finishes_among_a_hundred(finishes, found):
    sounds = [HitSound.FINISH] * finishes + [HitSound.NONE] * (100 - finishes)
    edges = [circle(index * 500, sound=sound) for index, sound in enumerate(sounds)]
    assert severities(common_finish, subject(*edges)) == found


def test_names_of_samples():
    lines = (RedLine(time=0, beat_length=500, sample_set=2, sample_index=3),)
    clap = circle(0, sound=HitSound.CLAP, sample=Sample(addition_set=3))
    judged = subject(clap, lines=lines)
    assert used_samples(judged.hits, Mode.STD) == {"soft-hitnormal3", "drum-hitclap3"}
    own = replace(clap, sample=Sample(filename="Kick.wav"))
    assert "kick" in used_samples(subject(own, lines=lines).hits, Mode.STD)
    # Bank 0 is the player's own skin, bank 1 has no number.
    plain = (RedLine(time=0, beat_length=500, sample_index=0),)
    assert used_samples(subject(circle(0), lines=plain).hits, Mode.STD) == set()
    first = (RedLine(time=0, beat_length=500, sample_index=1),)
    assert "normal-hitnormal" in used_samples(subject(slider(0), lines=first).hits, Mode.STD)
