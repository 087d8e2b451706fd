from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from beatheritage.audio.mel import FRAME_MS, SAMPLE_RATE
from beatheritage.audio.song import Song
from beatheritage.errors import InputError
from beatheritage.evaluate.canvas import NIGHT
from beatheritage.evaluate.draw import WIDTH, draw_map, main
from beatheritage.evaluate.falling import key_ink
from beatheritage.evaluate.scene import make_scene
from beatheritage.evaluate.timeline import clock
from beatheritage.osu.archive import write_archive
from beatheritage.osu.beatmap import (
    Beatmap,
    Break,
    Circle,
    CurveKind,
    Difficulty,
    Events,
    General,
    GreenLine,
    Hold,
    Metadata,
    Point,
    RedLine,
    Slider,
    Spinner,
)
from beatheritage.osu.mode import Mode
from beatheritage.osu.write import save, write

OBJECTS = (
    Circle(time=1000, x=100, y=100, new_combo=True),
    Slider(
        time=1500,
        x=200,
        y=200,
        kind=CurveKind.BEZIER,
        points=(Point(300, 100), Point(400, 200)),
        slides=3,
        length=140,
    ),
    Spinner(time=4000, end=6000),
    Circle(time=7000, x=400, y=300, new_combo=True),
)
HOLDS = (
    Circle(time=1000, x=64, y=192),
    Hold(time=2000, end=4000, x=192),
    Circle(time=7000, x=448, y=192),
)


def make_map(mode, objects=OBJECTS):
    """120 BPM in four from 1,000 ms, kiai from bar two on."""
    return Beatmap(
        general=General(mode=mode, preview_time=3200),
        metadata=Metadata(artist="Someone", title="Something", version="Hard", creator="me"),
        difficulty=Difficulty(circle_size=4),
        events=Events(breaks=(Break(8000, 9000),)),
        timing_points=(
            RedLine(time=1000.0, beat_length=500.0),
            GreenLine(time=3000.0, velocity=1.5, kiai=True),
        ),
        objects=HOLDS if mode is Mode.MANIA else objects,
    )


@pytest.fixture(scope="module")
def song():
    noise = np.random.default_rng(1).normal(0, 0.1, 12 * SAMPLE_RATE).astype(np.float32)
    return Song(path=Path("song.wav"), samples=noise)


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_is_drawn(mode, song):
    picture = draw_map(make_map(mode), song, start=1000, end=5000)
    assert picture.width == WIDTH
    assert (np.asarray(picture) != NIGHT[:3]).any(axis=2).mean() > 0.1


def test_without_a_song_there_is_less_to_see(song):
    beatmap = make_map(Mode.TAIKO)
    plain = draw_map(beatmap, start=1000, end=5000)
    assert plain.height < draw_map(beatmap, song, start=1000, end=5000).height
    assert plain.tobytes() == draw_map(beatmap, start=1000, end=5000).tobytes()


def test_objects_leave_their_colour():
    beatmap = make_map(Mode.STD)
    with_objects = np.asarray(draw_map(beatmap, start=1000, end=3000))
    far = Circle(time=60_000, x=0, y=0)
    without = np.asarray(draw_map(make_map(Mode.STD, (far,)), start=1000, end=3000))
    assert with_objects.shape == without.shape
    assert (with_objects != without).any()


def test_the_scene_begins_at_the_bar_of_the_preview():
    scene = make_scene(make_map(Mode.STD), None, None, None)
    assert scene.start == 3000
    assert len(scene.bars) == 8


@pytest.mark.parametrize(("end", "bars"), [(4999, 2), (5000, 2), (5001, 2), (5002, 3)])
def test_the_span_decides_how_many_bars(end, bars):
    assert len(make_scene(make_map(Mode.STD), None, 1000, end).bars) == bars


def test_combos_are_numbered_from_one():
    numbers = [mark.number for mark in make_scene(make_map(Mode.STD), None, None, None).marks]
    assert numbers == [1, 2, 1, 1]


def test_an_object_on_a_bars_end_belongs_to_the_next():
    scene = make_scene(make_map(Mode.STD), None, 1000, 9000)
    assert [mark.item.time for mark in scene.between(1000, 1500)] == [1000]
    assert [mark.item.time for mark in scene.between(2000, 4000)] == [1500]


def test_there_is_silence_before_and_after_the_song(song):
    scene = make_scene(make_map(Mode.STD), song, None, None)
    mel, onsets = scene.sound(-1000, 13_000)
    assert mel.shape == (round(14_000 / FRAME_MS), scene.mel.shape[1])
    assert not mel[: round(1000 / FRAME_MS)].any()
    assert not onsets[-200:].any()
    assert scene.sound(20_000, 21_000)[0].shape[0] == 250


def test_kiai_lasts_to_the_end_of_the_song(song):
    assert make_scene(make_map(Mode.STD), song, None, None).kiai_spans() == [(3000, 12_000)]


@pytest.mark.parametrize(
    ("time", "words"), [(0, "0:00.000"), (62_345, "1:02.345"), (-352, "-0:00.352")]
)
def test_clock(time, words):
    assert clock(time, exact=True) == words


def test_key_colours_are_the_same_from_both_sides():
    assert [key_ink(key, 7) for key in range(7)] == [key_ink(6 - key, 7) for key in range(7)]
    assert key_ink(3, 7) not in (key_ink(2, 7), key_ink(1, 7))


def test_nothing_to_draw():
    with pytest.raises(InputError, match="nothing to draw"):
        draw_map(Beatmap())


def test_the_command_draws_one_difficulty_of_an_archive(tmp_path):
    hard = make_map(Mode.STD)
    write_archive(tmp_path / "set.osz", {"hard.osu": write(hard).encode()})
    out = tmp_path / "out.png"
    assert main([str(tmp_path / "set.osz"), "--difficulty", "hard", "-o", str(out)]) == 0
    assert Image.open(out).width == WIDTH


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    save(tmp_path / "map.osu", make_map(Mode.STD))
    arguments = [str(tmp_path / "map.osu"), "--difficulty", "Easy", "-o", str(tmp_path / "x.png")]
    assert main(arguments) == 1
    assert "no difficulty named 'Easy'" in capsys.readouterr().err
    assert not (tmp_path / "x.png").exists()
