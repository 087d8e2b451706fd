"""Artist, title, difficulty names and tags."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from beatheritage.osu.beatmap import Metadata
from beatheritage.review.issue import Finding, Group, Scope, Severity, problem, warning
from beatheritage.review.rule import CRITERIA, VERIFIER, MapRule, Rule, lazer
from beatheritage.review.subject import MapSubject

MOST_LETTERS = 81  # of a field

GENRES = (
    "video game",
    "anime",
    "rock",
    "pop",
    "other",
    "novelty",
    "hip hop",
    "electronic",
    "metal",
    "classical",
    "folk",
    "jazz",
)
LANGUAGES = (
    "english",
    "chinese",
    "french",
    "german",
    "italian",
    "japanese",
    "korean",
    "spanish",
    "swedish",
    "russian",
    "polish",
    "instrumental",
)


class Marker(NamedTuple):
    """A word that has one right way of writing; ``pattern`` finds it in any."""

    right: str
    pattern: re.Pattern[str]


def _marker(right: str, pattern: str) -> Marker:
    return Marker(right, re.compile(pattern, re.IGNORECASE))


_VERSION = r"([ _-]*(size|ver|vers|version)|[ _-]+(edit|cut))\b\.?"
TITLE_MARKERS = (
    _marker("(TV Size)", rf"\btv{_VERSION}"),
    _marker("(Game Ver.)", rf"\bgame{_VERSION}"),
    _marker("(Short Ver.)", rf"\bshort{_VERSION}"),
    _marker("(Cut Ver.)", r"\bcut[ _-]*(size|ver|vers|version|edit)\b\.?"),
    _marker("(Sped Up Ver.)", r"\bsped[ _-]*up[ _-]*(ver\b\.?|version|edit)"),
    _marker("(Nightcore Mix)", r"\bnightcore[ _-]*(mix|ver\b\.?|version|edit)"),
)
FIELD_MARKERS = (
    _marker("vs.", r"(?<=[\s(（])vs(?=[\s.．])[.．]?"),
    _marker("feat.", r"(?<=[\s(（])(feat|ft|featuring)(?=[\s.．])[.．]?"),
    _marker("CV:", r"(?<=[(（])c\.?v\.?\s*[:：.]?(?=[^a-z])"),
)
# Wide forms are the right ones among letters that are as wide.
_NARROW = str.maketrans("：．（）", ":.()")
_NO_SPACE_BEFORE = re.compile(r"[^\s(（](\(TV Size\)|\(\w+ Ver\.\)|feat\.)")
_NO_SPACE_AFTER = re.compile(r"(feat\.|\bvs\.|CV:)(?=[^\s])")
_NO_SPACE_AROUND_BRACKET = re.compile(r"[^\s(（\[]\((?=feat\.|CV:|TV Size|\w+ Ver\.)")


def song_fields(metadata: Metadata) -> dict[str, str]:
    """What a map calls its song, by the names that mappers know."""
    return {
        "artist": metadata.artist,
        "unicode artist": metadata.artist_unicode,
        "title": metadata.title,
        "unicode title": metadata.title_unicode,
    }


def genre_language(subject: MapSubject) -> Iterator[Finding]:
    """Tags that name no genre or no language, as osu!'s site lists them."""
    tags = {tag.casefold() for tag in subject.beatmap.metadata.tags}
    for what, names in (("genre", GENRES), ("language", LANGUAGES)):
        # A name of two words may be two tags, or one with a line or nothing between.
        if not any(_stands_in(name, tags) for name in names):
            yield warning(f"no {what} among the tags")


def _stands_in(name: str, tags: set[str]) -> bool:
    words = name.split()
    return set(words) <= tags or bool({"-".join(words), "_".join(words), "".join(words)} & tags)


def guest_tags(subject: MapSubject) -> Iterator[Finding]:
    """A difficulty by a guest whose name is not among the tags."""
    metadata = subject.beatmap.metadata
    if not metadata.guest:
        return
    guest = metadata.guest.casefold()
    known = [metadata.creator.casefold(), *(tag.casefold() for tag in metadata.tags)]
    named = guest in known or guest.replace(" ", "_") in known
    if not named and not set(guest.split()) <= set(known):
        yield warning(f"{metadata.guest!r} of {metadata.version!r} is not among the tags")


def marker_format(subject: MapSubject) -> Iterator[Finding]:
    """A marker written otherwise than vs., feat. or CV:."""
    for name, text in song_fields(subject.beatmap.metadata).items():
        shown = text.translate(_NARROW) if name.startswith("unicode") else text
        for right, pattern in FIELD_MARKERS:
            for match in pattern.finditer(shown):
                if match[0].rstrip() != right:
                    yield problem(f"{name} has {match[0]!r}, which is written {right!r}")


def marker_spacing(subject: MapSubject) -> Iterator[Finding]:
    """A marker without the space that belongs before or after it."""
    for name, text in song_fields(subject.beatmap.metadata).items():
        for pattern, side in (
            (_NO_SPACE_BEFORE, "before"),
            (_NO_SPACE_AROUND_BRACKET, "before"),
            (_NO_SPACE_AFTER, "after"),
        ):
            if (match := pattern.search(text)) is not None:
                yield problem(f"{name} lacks a space {side} {match[0]!r}")
                break
        if re.search(r"\s{2,}", text):
            yield warning(f"{name} has two spaces in a row")


def title_markers(subject: MapSubject) -> Iterator[Finding]:
    """A cut of a song that is not named as osu! names it: (TV Size), (Cut Ver.) and so on."""
    metadata = subject.beatmap.metadata
    for name, text in (("title", metadata.title), ("unicode title", metadata.title_unicode)):
        for right, pattern in TITLE_MARKERS:
            match = pattern.search(text)
            if match is not None and right not in text:
                yield problem(f"{name} has {match[0]!r}, which is written {right!r}")


def unicode_fields(subject: MapSubject) -> Iterator[Finding]:
    """Letters outside ASCII in a field that is to be romanised."""
    metadata = subject.beatmap.metadata
    for name, text in (
        ("artist", metadata.artist),
        ("title", metadata.title),
        ("creator", metadata.creator),
        ("difficulty name", metadata.version),
    ):
        strange = "".join(dict.fromkeys(letter for letter in text if not letter.isascii()))
        if strange:
            yield problem(f"{name} has {strange!r}, which is not ASCII")


def field_length(subject: MapSubject) -> Iterator[Finding]:
    """A field of more letters than osu!'s site takes."""
    metadata = subject.beatmap.metadata
    fields = song_fields(metadata) | {
        "creator": metadata.creator,
        "difficulty name": metadata.version,
        "source": metadata.source,
    }
    for name, text in fields.items():
        if len(text) > MOST_LETTERS:
            yield problem(f"{name} has {len(text)} letters, the most are {MOST_LETTERS}")


RULES: tuple[Rule, ...] = (
    MapRule(
        name="GenreLanguage",
        group=Group.METADATA,
        judge=genre_language,
        scope=Scope.MATERIAL,
        severities=(Severity.WARNING,),
        thresholds=("GENRES", "LANGUAGES"),
        sources=(VERIFIER, lazer("MissingGenreLanguage"), CRITERIA),
    ),
    MapRule(
        name="GuestTags",
        group=Group.METADATA,
        judge=guest_tags,
        severities=(Severity.WARNING,),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="MarkerFormat",
        group=Group.METADATA,
        judge=marker_format,
        scope=Scope.MATERIAL,
        severities=(Severity.PROBLEM,),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="MarkerSpacing",
        group=Group.METADATA,
        judge=marker_spacing,
        scope=Scope.MATERIAL,
        severities=(Severity.PROBLEM, Severity.WARNING),
        sources=(VERIFIER,),
    ),
    MapRule(
        name="TitleMarkers",
        group=Group.METADATA,
        judge=title_markers,
        scope=Scope.MATERIAL,
        severities=(Severity.PROBLEM,),
        sources=(VERIFIER, lazer("TitleMarkers"), CRITERIA),
    ),
    MapRule(
        name="Unicode",
        group=Group.METADATA,
        judge=unicode_fields,
        severities=(Severity.PROBLEM,),
        sources=(VERIFIER, CRITERIA),
    ),
    MapRule(
        name="FieldLength",
        group=Group.METADATA,
        judge=field_length,
        severities=(Severity.PROBLEM,),
        thresholds=("MOST_LETTERS",),
        sources=(CRITERIA,),
    ),
)
