"""Rules about artist, title, names and tags."""

import pytest

from beatheritage.review.metadata import (
    field_length,
    genre_language,
    guest_tags,
    marker_format,
    marker_spacing,
    title_markers,
    unicode_fields,
)
from tests.review.maps import severities, subject


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("rock english", ""),
        ("Video Game Japanese", ""),
        ("video_game japanese", ""),
        ("game japanese", "W"),
        ("rock", "W"),
        ("", "WW"),
    ],
)
def test_genre_and_language(tags, found):
    assert severities(genre_language, subject(tags=tuple(tags.split()))) == found


@pytest.mark.parametrize(
    ("version", "tags", "found"),
    [
        ("Sotarks' Expert", "sotarks", ""),
        ("Sotarks' Expert", "", "W"),
        ("A Guest's Hard", "a_guest", ""),
        ("A Guest's Hard", "a guest", ""),
        ("A Guest's Hard", "guest", "W"),
        ("me's Hard", "", ""),
        ("Hard", "", ""),
        ("It's", "", ""),
    ],
)
def test_guests(version, tags, found):
    judged = subject(version=version, tags=tuple(tags.split()), creator="Me")
    assert severities(guest_tags, judged) == found


@pytest.mark.parametrize(
    ("artist", "found"),
    [
        ("A feat. B", ""),
        ("A ft. B", "P"),
        ("A Feat. B", "P"),
        ("A feat B", "P"),
        ("A vs. B", ""),
        ("A vs B", "P"),
        ("A (CV: B)", ""),
        ("A (cv. B)", "P"),
        ("A (CV B)", "P"),
        ("Defeat the Cvs Feature", ""),
    ],
)
def test_markers_format(artist, found):
    assert severities(marker_format, subject(artist=artist)) == found


def test_wide_letters_among_wide_letters():
    assert severities(marker_format, subject(artist_unicode="花咲 （CV：誰か）")) == ""
    assert severities(marker_format, subject(artist="A (CV：B)")) == "P"


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("A (TV Size)", ""),
        ("A(TV Size)", "P"),
        ("A feat. B", ""),
        ("A feat.B", "P"),
        ("A (feat. B)", ""),
        ("A(feat. B)", "P"),
        ("A (CV:B)", "P"),
        ("A  B", "W"),
    ],
)
def test_markers_spacing(title, found):
    assert severities(marker_spacing, subject(title=title)) == found


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("A (TV Size)", ""),
        ("A -TV version-", "P"),
        ("A (tv size)", "P"),
        ("A (Short Version)", "P"),
        ("A (Short Ver.)", ""),
        ("A [Game edit]", "P"),
        ("A (Cut Ver.)", ""),
        ("A (cut version)", "P"),
        ("TV Sizes and Short Stories", ""),
        ("Shortcut", ""),
    ],
)
def test_markers_of_titles(title, found):
    assert severities(title_markers, subject(title=title)) == found


@pytest.mark.parametrize("field", ["artist", "title", "creator", "version"])
def test_romanised_fields(field):
    assert severities(unicode_fields, subject(**{field: "abc ~"})) == ""
    assert severities(unicode_fields, subject(**{field: "abç"})) == "P"


def test_unicode_fields_may_be_anything():
    assert severities(unicode_fields, subject(title_unicode="星", source="東方")) == ""


@pytest.mark.parametrize(("letters", "found"), [(80, ""), (81, ""), (82, "P")])
@pytest.mark.parametrize("field", ["title", "artist_unicode", "version", "source"])
def test_length_of_fields(field, letters, found):
    assert severities(field_length, subject(**{field: "a" * letters})) == found
