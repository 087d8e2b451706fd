from dataclasses import replace
from itertools import pairwise

import pytest
import rosu_pp_py

from beatheritage.generate.assemble import assemble, on_whole_milliseconds
from beatheritage.generate.plan import make_plan
from beatheritage.generate.request import AskedMetadata, Request
from beatheritage.osu.beatmap import Circle, GreenLine, RedLine, Slider, Spinner
from beatheritage.osu.mode import Mode
from beatheritage.osu.pace import Pace
from beatheritage.osu.parse import parse
from beatheritage.osu.write import write
from beatheritage.timing.grid import Timing
from beatheritage.tokens.events import Draft, Event, Kind


@pytest.fixture
def beatmap(objects, draft, timing, plan, song):
    return assemble(objects, draft, timing, plan, song)


def test_the_writer_takes_it_the_reader_gives_it_back_and_rosu_rates_it(beatmap):
    text = write(beatmap)
    assert parse(text).beatmap == beatmap
    assert parse(text).warnings == ()
    assert rosu_pp_py.Difficulty().calculate(rosu_pp_py.Beatmap(content=text)).stars > 0


def test_objects_are_where_the_draft_says(beatmap, draft, timing):
    pace = Pace(beatmap)
    for item, event in zip(beatmap.objects, draft.events, strict=True):
        assert item.time == round(float(timing.tick_time(event.tick)))
        assert pace.end(item) == pytest.approx(float(timing.tick_time(event.end)), abs=1)


def test_green_lines_stand_only_where_something_changes(beatmap):
    greens = [point for point in beatmap.timing_points if isinstance(point, GreenLine)]
    velocity_changes = [(point.time, point.velocity) for point in greens if point.time < 10_000]
    assert velocity_changes == [(5000.0, 1.5), (9000.0, 1.0)]
    states = [(line.velocity, line.volume, line.kiai) for line in greens]
    assert all(now != before for before, now in pairwise(states))


def test_kiai_and_volumes(beatmap):
    pace = Pace(beatmap)
    assert [pace.at(time).kiai for time in (30_999, 31_000, 38_999, 39_000)] == [0, 1, 1, 0]
    assert pace.at(5_000).volume < pace.at(20_000).volume < pace.at(35_000).volume
    assert pace.at(45_000).volume == pace.at(20_000).volume
    assert beatmap.general.preview_time == 31_000


def test_breaks_where_the_music_rests(beatmap):
    # The spinner ends at 14,000; the next object is at 23,000 and AR 8.5 shows it 675 ms before.
    assert beatmap.difficulty.approach_rate == 8.5
    assert beatmap.events.breaks[0] == (14_200, 22_325)


def test_the_first_red_line_never_starts_a_kiai(objects, draft, timing, plan, song):
    glowing = replace(draft, kiai=((0, 480),))
    red, green = assemble(objects, glowing, timing, plan, song).timing_points[:2]
    assert (type(red), red.kiai) == (RedLine, False)
    assert (type(green), green.kiai, green.time) == (GreenLine, True, red.time)


def test_nothing_stands_before_the_first_red_line(objects, draft, timing, plan, song):
    early = replace(draft, kiai=((-96, 480),))
    points = assemble(objects, early, timing, plan, song).timing_points
    assert isinstance(points[0], RedLine)
    assert points[0].time == min(point.time for point in points)
    assert points[1].kiai


@pytest.mark.parametrize(("tick", "time"), [(0, 5000), (-1, 3000), (-192, 3000), (-193, 1000)])
def test_the_first_red_line_moves_back_by_bars_to_cover_what_comes_before_it(
    tick, time, objects, draft, plan, song
):
    timing = Timing(lines=(RedLine(time=5000.0, beat_length=500.0),))
    early = Event(tick=tick, end=tick + 12, kind=Kind.SLIDER, velocity=2.0)
    shifted = Draft(events=(early, *draft.events[1:]))
    beatmap = assemble((objects[1], *objects[1:]), shifted, timing, plan, song)
    assert beatmap.red_lines[0].time == time
    slider = beatmap.objects[0]
    assert Pace(beatmap).end(slider) - slider.time == pytest.approx(125, abs=1)


def test_a_red_line_resets_the_velocity_and_keeps_kiai_and_volume(objects, draft, plan, song):
    timing = Timing(
        lines=(
            RedLine(time=1000.0, beat_length=500.0),
            RedLine(time=6000.0, beat_length=400.0),  # at beat 10, between the two fast sliders
            RedLine(time=30_000.0, beat_length=500.0),  # at beat 70, in the kiai
        )
    )
    beatmap = assemble(objects, draft, timing, plan, song)
    pace = Pace(beatmap)
    assert pace.at(6_000).velocity == 1.0
    assert [point.velocity for point in beatmap.timing_points if point.time == 6_800] == [1.5]
    assert pace.at(30_000).kiai
    assert pace.at(30_000).volume == 80


def test_mania_scrolls_at_one_speed_across_tempi(plan, song):
    timing = Timing(
        lines=(RedLine(time=1000.0, beat_length=500.0), RedLine(time=9000.0, beat_length=250.0))
    )
    mania = make_plan(Request(audio=plan.audio, mode=Mode.MANIA, keys=7))
    note = Circle(time=0, x=36, y=192)
    draft = Draft(events=(Event(tick=0, end=0),))
    beatmap = assemble((note,), draft, timing, mania, song)
    # The fast part lasts longer, so its speed is the usual one.
    assert Pace(beatmap).at(1_000).velocity == 2.0
    assert Pace(beatmap).at(9_000).velocity == 1.0
    assert beatmap.difficulty.circle_size == 7


def test_red_lines_come_to_whole_milliseconds():
    timing = Timing(lines=(RedLine(time=1000.4, beat_length=500.0),))
    assert on_whole_milliseconds(timing).lines[0].time == 1000


def test_every_object_needs_its_event(objects, draft, timing, plan, song):
    with pytest.raises(ValueError, match="longer"):
        assemble(objects[:-1], draft, timing, plan, song)


def test_general_facts(beatmap):
    assert beatmap.general.audio_filename == "audio.mp3"
    assert beatmap.events.background == "background.jpg"
    assert len(beatmap.combo_colours) >= 2
    assert beatmap.general.countdown == 0
    assert any(isinstance(item, Spinner) for item in beatmap.objects)
    assert sum(isinstance(item, Slider) for item in beatmap.objects) == 4


@pytest.mark.parametrize("said", [0, 12_345])
def test_a_preview_that_is_said(objects, draft, timing, plan, song, said):
    asked = replace(plan, metadata=AskedMetadata(preview=said))
    assert assemble(objects, draft, timing, asked, song).general.preview_time == said
