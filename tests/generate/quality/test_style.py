"""Keeping a style: what is measured comes near to what was asked, and off is as left out."""

import pytest
from tests.generate.quality.test_options_of_quality import SONG_MS, wandering
from tests.review.charts import BEAT, chart, circle, line, note

from beatheritage.config import configure
from beatheritage.errors import OptionError
from beatheritage.generate.plan import make_plan
from beatheritage.generate.quality.options import NONE
from beatheritage.generate.quality.style import AskedStyle, kept_style, style_error
from beatheritage.generate.repair.finish import finish
from beatheritage.generate.request import Request
from beatheritage.osu.beatmap import Hold
from beatheritage.osu.level import Level
from beatheritage.osu.mode import Mode

TOLERANCE = 0.05


def std_map():
    objects = [
        line(600 * index, 50) if index % 2 else circle(600 * index, 256 + index)
        for index in range(60)
    ]
    return chart(*objects, name="Insane").beatmap


def mania_map():
    notes = [note(BEAT * index, index % 4) for index in range(80)]
    return chart(*notes, mode=Mode.MANIA, name="MX").beatmap


ASKED = {
    "hold_share": (mania_map(), 0.4),
    "slider_share": (std_map(), 0.2),
    "hitsounding": (std_map(), 0.5),
    "density": (wandering(120, every=BEAT / 4), 0.6),
    "stream_share": (wandering(120, every=BEAT / 4), 0.4),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_was_asked_is_kept(name):
    beatmap, value = ASKED[name]
    asked = AskedStyle(**{name: value}, keep=TOLERANCE)
    assert style_error(beatmap, asked) > TOLERANCE
    kept = kept_style(beatmap, asked)
    assert style_error(kept, asked) <= TOLERANCE
    assert kept_style(kept, asked) == kept


@pytest.mark.parametrize("name", ASKED)
def test_not_asked_to_keep_is_as_left_out(name):
    beatmap, value = ASKED[name]
    off = AskedStyle(**{name: value})
    assert kept_style(beatmap, off) == beatmap
    assert finish(beatmap, Level.INSANE, SONG_MS, NONE, off) == finish(
        beatmap, Level.INSANE, SONG_MS, NONE
    )


def test_taiko_keeps_its_colours():
    beatmap = chart(*(circle(600 * index) for index in range(20)), mode=Mode.TAIKO).beatmap
    assert kept_style(beatmap, AskedStyle(hitsounding=1.0, keep=TOLERANCE)) == beatmap


def test_more_holds_have_room():
    kept = kept_style(mania_map(), AskedStyle(hold_share=0.4, keep=TOLERANCE))
    starts = [item.time for item in mania_map().objects]
    assert [item.time for item in kept.objects] == starts
    holds = [item for item in kept.objects if isinstance(item, Hold)]
    for hold in holds:
        later = [item.time for item in kept.objects if item.x == hold.x and item.time > hold.time]
        assert all(time - hold.end >= 30 for time in later)


def test_a_style_error_of_nothing_asked_is_none():
    assert style_error(std_map(), AskedStyle()) == 0
    assert style_error(chart().beatmap, AskedStyle(density=0.5)) == 0


def test_keeping_needs_a_style_to_keep(tmp_path):
    request = configure(Request(audio=tmp_path / "song.mp3"), words=["style.keep=0.1"])
    with pytest.raises(OptionError, match=r"style\.keep needs a style to keep"):
        make_plan(request)
    words = ["style.keep=0.1", "style.density=0.5"]
    plan = make_plan(configure(Request(audio=tmp_path / "song.mp3"), words=words))
    assert plan.style == AskedStyle(density=0.5, keep=0.1)
