from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beatheritage.audio.song import Tags
from beatheritage.generate.metadata import (
    FIELD_LENGTH,
    UNKNOWN_ARTIST,
    UNKNOWN_TITLE,
    make_metadata,
    one_line,
    romanised,
)
from beatheritage.generate.plan import make_plan
from beatheritage.generate.request import AskedMetadata, Request, Sampling
from beatheritage.tokens.prompt import Style


@pytest.mark.parametrize(
    ("text", "ascii_text"),
    [
        ("Björk – Jóga", "Bjork - Joga"),
        ("きゃりーぱみゅぱみゅ", "kyaripamyupamyu"),
        ("マッチ", "macchi"),
        ("シャッフル", "shaffuru"),
        ("チェック", "chekku"),
        ("ふじつぼ", "fujitsubo"),
        ("Привет Мир", "Privet Mir"),
        ("한국", "hangug"),
        ("Ωmega", "Omega"),
        ("Ａｂｃ　１２", "Abc 12"),
        ("Straße", "Strasse"),
        ("plain (TV Size)", "plain (TV Size)"),
    ],
)
def test_romanised(text, ascii_text):
    assert romanised(text, "fallback") == ascii_text


@pytest.mark.parametrize("text", ["", "紅", "!!!", "♪♪", "ッ"])
def test_what_cannot_be_spelled_has_a_readable_name(text):
    assert romanised(text, "Unknown Title") == "Unknown Title"


@given(st.text())
def test_romanised_names_are_short_readable_ascii(text):
    name = romanised(one_line(text), "x")
    assert name.isascii()
    assert name.isprintable()
    assert any(char.isalnum() for char in name)
    assert 0 < len(name) <= FIELD_LENGTH
    assert name == name.strip()


@given(st.text())
def test_a_field_stays_one_line(text):
    line = one_line(text)
    assert line.splitlines() in ([], [line])
    assert one_line(line) == line


@pytest.mark.parametrize(("length", "kept"), [(80, 80), (81, 81), (82, 81)])
def test_fields_are_as_long_as_osu_takes_them(length, kept):
    assert len(one_line("a" * length)) == kept


def test_both_forms_of_the_names(plan, song):
    metadata = make_metadata(replace(plan, title="Tést", artist="ナナ"), song, "native")
    assert (metadata.title, metadata.title_unicode) == ("Test", "Tést")
    assert (metadata.artist, metadata.artist_unicode) == ("nana", "ナナ")


def test_names_that_are_missing(plan, song):
    metadata = make_metadata(replace(plan, title="", artist=""), song, "native")
    assert (metadata.title, metadata.title_unicode) == (UNKNOWN_TITLE, UNKNOWN_TITLE)
    assert (metadata.artist, metadata.artist_unicode) == (UNKNOWN_ARTIST, UNKNOWN_ARTIST)


def test_tags_say_that_a_machine_made_it_and_how(song):
    request = Request(
        audio=song.path,
        seed=7,
        stars=4.5,
        style=Style(density=0.5),
        sampling=Sampling(temperature=0.8),
    )
    words = make_metadata(make_plan(request), song, "native-2").tags
    assert {"ai-generated", "beatheritage", "model-native-2", "seed-7", "stars-4.5"} <= set(words)
    assert {"density-0.5", "temperature-0.8", "drum", "bass"} <= set(words)
    assert not any(word.startswith(("top-p", "slider-share")) for word in words)
    assert len(words) == len(set(words))
    assert all(word == "".join(word.split()) for word in words)


def test_the_source_of_the_tags(plan, song):
    tagged = replace(song, tags=Tags(source="Some\nGame"))
    assert make_metadata(plan, tagged, "native").source == "Some Game"


@pytest.mark.parametrize(
    ("title", "in_its_script", "forms"),
    [
        ("Guren", "紅蓮", ("Guren", "紅蓮")),
        ("Tést", "", ("Test", "Tést")),
        ("紅蓮", "ナナ", ("nana", "ナナ")),  # what has no reading takes that of the other
        ("", "紅蓮", (UNKNOWN_TITLE, "紅蓮")),
        ("", "", (UNKNOWN_TITLE, UNKNOWN_TITLE)),
    ],
)
def test_names_said_in_their_own_script(plan, song, title, in_its_script, forms):
    said = replace(plan, title=title, metadata=AskedMetadata(title_unicode=in_its_script))
    metadata = make_metadata(said, song, "native")
    assert (metadata.title, metadata.title_unicode) == forms
    said = replace(plan, artist="A", metadata=AskedMetadata(artist_unicode=in_its_script))
    assert make_metadata(said, song, "native").artist_unicode == (in_its_script or "A")


def test_a_source_and_tags_that_are_said(plan, song):
    tagged = replace(song, tags=Tags(source="Some Game", genre="drum"))
    usual = make_metadata(plan, tagged, "native").tags
    asked = AskedMetadata(
        source="Another\nGame", tags=("two words", "ai", "x" * (FIELD_LENGTH + 1))
    )
    metadata = make_metadata(replace(plan, metadata=asked), tagged, "native")
    assert metadata.source == "Another Game"
    assert metadata.tags == (*usual, "two", "words", "x" * FIELD_LENGTH)
