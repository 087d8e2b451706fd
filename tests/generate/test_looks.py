"""Colours and backgrounds."""

import io
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from beatheritage.audio.song import Song, Tags
from beatheritage.errors import InputError
from beatheritage.generate.background import (
    BACKGROUND_NAME,
    HEIGHT_PX,
    LARGEST_BYTES,
    WIDTH_PX,
    behind,
    make_background,
)
from beatheritage.generate.colours import (
    APART,
    BRIGHTEST,
    DARKEST,
    PALETTES,
    colours_of,
    combo_colours,
    luminosity,
    visible,
)
from beatheritage.generate.cover import SMALLEST_PX, look_number, open_cover, read_picture
from beatheritage.generate.plan import make_plan
from beatheritage.generate.request import AskedMetadata, Request
from beatheritage.osu.beatmap import Colour

channels = st.integers(0, 255)


def picture_bytes(picture, kind="PNG"):
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def with_cover(song, cover):
    return replace(song, tags=replace(song.tags, cover=cover))


@pytest.fixture
def stripes():
    """Red, green, blue and black, a quarter each."""
    pixels = np.zeros((200, 200, 3), np.uint8)
    for index, colour in enumerate([(220, 30, 30), (30, 200, 40), (40, 60, 220)]):
        pixels[:, index * 50 : index * 50 + 50] = colour
    return Image.fromarray(pixels)


@pytest.fixture
def short_song():
    samples = np.random.default_rng(3).normal(0, 0.1, 80_000).astype(np.float32)
    return Song(path=Path("a.mp3"), samples=samples)


def opened(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def test_colours_come_from_the_cover(short_song, stripes):
    colours = combo_colours(with_cover(short_song, picture_bytes(stripes)))
    assert len(colours) == 3
    strongest = {int(np.argmax(colour)) for colour in colours}
    assert strongest == {0, 1, 2}


@pytest.mark.parametrize("cover", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_without_a_cover_a_palette(short_song, cover):
    assert combo_colours(with_cover(short_song, cover)) in PALETTES


def test_a_grey_cover_gives_no_colours(short_song):
    grey = picture_bytes(Image.new("RGB", (100, 100), (128, 128, 128)))
    assert combo_colours(with_cover(short_song, grey)) in PALETTES


@pytest.mark.parametrize("palette", PALETTES)
def test_palettes_are_visible_and_apart(palette):
    assert all(DARKEST <= luminosity(colour) <= BRIGHTEST for colour in palette)
    assert all(np.linalg.norm(np.subtract(a, b)) >= APART / 2 for a, b in pairwise(palette))


@given(st.builds(Colour, channels, channels, channels))
def test_any_colour_can_be_made_visible(colour):
    made = visible(colour)
    assert DARKEST - 1 <= luminosity(made) <= BRIGHTEST + 1
    assert visible(made) == made


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_colours_of_noise_are_apart(seed):
    noise = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    for one, other in combinations(colours_of(Image.fromarray(noise)), 2):
        assert np.linalg.norm(np.subtract(one, other)) >= APART


def test_a_drawn_background(short_song):
    name, data = make_background(short_song)
    assert name == BACKGROUND_NAME
    assert len(data) <= LARGEST_BYTES
    assert opened(data).size == (WIDTH_PX, HEIGHT_PX)
    assert make_background(short_song) == (name, data)


def test_songs_look_different(short_song):
    others = [replace(short_song, tags=Tags(title=f"Song {number}")) for number in range(8)]
    assert len({combo_colours(other) for other in others}) > 2
    assert len({look_number(other) for other in others}) == 8


@pytest.mark.parametrize("size", [(1600, 900), (500, 500), (65, 2000)])
def test_covers_of_any_shape_fill_the_screen(short_song, size):
    cover = picture_bytes(Image.new("RGB", size, (200, 40, 40)))
    picture = opened(make_background(with_cover(short_song, cover))[1])
    assert picture.size == (WIDTH_PX, HEIGHT_PX)
    middle = picture.getpixel((WIDTH_PX // 2, HEIGHT_PX // 2))
    assert np.linalg.norm(np.subtract(middle, (200, 40, 40))) < 12


def test_backgrounds_are_never_too_heavy(short_song):
    noise = np.random.default_rng(1).integers(0, 256, (1080, 1920, 3), dtype=np.uint8)
    cover = picture_bytes(Image.fromarray(noise))
    assert len(make_background(with_cover(short_song, cover))[1]) <= LARGEST_BYTES


@pytest.mark.parametrize("side", [SMALLEST_PX - 1, SMALLEST_PX])
def test_a_picture_stands_in_for_the_cover(tmp_path, short_song, side):
    path = tmp_path / "behind.png"
    path.write_bytes(picture_bytes(Image.new("RGB", (side, side), (200, 40, 40))))
    asked = Request(audio=short_song.path, metadata=AskedMetadata(background=path))
    if side < SMALLEST_PX:
        with pytest.raises(InputError, match=r"behind\.png: is no picture that can be opened"):
            make_plan(asked)
        return
    plan = make_plan(asked)
    assert plan.picture == path.read_bytes()
    assert open_cover(behind(short_song, plan)).getpixel((1, 1)) == (200, 40, 40)
    assert behind(short_song, make_plan(replace(asked, metadata=AskedMetadata()))) is short_song


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be read"), (b"GIF89a", "is no picture")]
)
def test_a_picture_that_is_none_is_one_clear_line(tmp_path, content, message):
    path = tmp_path / "behind.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_picture(path)


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
def test_a_cover_that_is_cut_off_is_none(short_song, stripes, cut):
    data = picture_bytes(stripes, "JPEG")
    assert open_cover(with_cover(short_song, data[: int(len(data) * cut)])) is None


@pytest.mark.parametrize(("side", "is_cover"), [(63, False), (64, True), (65, True)])
def test_icons_are_no_covers(short_song, side, is_cover):
    cover = picture_bytes(Image.new("RGB", (side, side), (200, 40, 40)))
    assert (open_cover(with_cover(short_song, cover)) is not None) == is_cover
    assert SMALLEST_PX == 64


def test_covers_with_a_palette_or_transparency(short_song):
    for mode in ("P", "RGBA", "L", "CMYK"):
        kind = "TIFF" if mode == "CMYK" else "PNG"
        cover = open_cover(with_cover(short_song, picture_bytes(Image.new(mode, (90, 90)), kind)))
        assert cover is not None
        assert cover.mode == "RGB"
