"""How much there is to learn from, and under which licences: what a model card must tell.

Counts alone: no title, no artist, nothing of the songs or charts themselves.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from beatheritage.dataset.prepare import Record
from beatheritage.dataset.split import is_validation
from beatheritage.errors import InputError
from beatheritage.osu.mode import Mode

KINDS = {
    "osu": "osu!",
    "tja": "taiko simulators (.tja)",
    "sm": "StepMania (.sm)",
    "ssc": "StepMania (.ssc)",
    "qua": "Quaver",
    "fof": "Frets on Fire",
}

# What a manifest's words begin with or hold, and the class that this makes. The first that fits
# counts: words on the repository's code often follow those on the song.
LICENCES = (
    ("no licence covers the song", "none: a song redistributed without a licence"),
    ("community originals", "none stated for this use: a community's original"),
    ("contest entry", "a contest's entry, exact licence not stated"),
    ("states none", "none stated"),
    ("CC-BY-NC", "CC BY-NC"),
    ("CC-NC", "CC, non-commercial"),
    ("CC-BY-SA", "CC BY-SA"),
    ("MIT", "MIT or in its style"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """The songs of one kind under one class of licence; ``held_out`` of them are for measuring."""

    kind: str
    licence: str
    songs: int
    held_out: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartCount:
    """Usable charts of one mode, and in mania of one key count (else 0), on either side."""

    mode: Mode
    keys: int
    songs: int  # with charts of this kind, on either side
    heard: int  # to learn from, with their song
    unheard: int  # to learn from, without it
    held_out: int


def count_songs(train: Path) -> tuple[Holding, ...]:
    """The songs of a training folder by kind and class of licence, in the order of the tables.

    Raises InputError where there is no manifest, or one with a kind or licence of no known class.
    """
    path = train / "manifest.csv"
    if not path.is_file():
        raise InputError("no manifest.csv in this folder", where=str(train))
    groups: defaultdict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            groups[_kind(row), licence_class(row["licence"])].append(row)
    names, classes = list(KINDS.values()), [name for _, name in LICENCES]
    order = sorted(groups, key=lambda key: (names.index(key[0]), classes.index(key[1])))
    return tuple(
        Holding(
            kind=kind,
            licence=licence,
            songs=len(groups[kind, licence]),
            held_out=sum(is_validation(row["artist"], row["id"]) for row in groups[kind, licence]),
            seconds=sum(float(row["seconds"]) for row in groups[kind, licence]),
        )
        for kind, licence in order
    )


def licence_class(words: str) -> str:
    """The class of what a manifest says of a song's licence. Raises InputError for news."""
    for part, name in LICENCES:
        if part in words:
            return name
    raise InputError(f"a licence of no known class: {words!r}", mend="add it to LICENCES")


def count_charts(records: Iterable[Record]) -> tuple[ChartCount, ...]:
    """Usable charts by mode and key count; earlier versions of held-out charts do not count."""
    groups: defaultdict[tuple[Mode, int], list[Record]] = defaultdict(list)
    for record in records:
        if not (record.validation and record.earlier):
            groups[record.mode, record.keys].append(record)
    return tuple(
        ChartCount(
            mode=mode,
            keys=keys,
            songs=len({one.song_id for one in group if one.song_id}),
            heard=sum(not one.validation and bool(one.song_id) for one in group),
            unheard=sum(not one.validation and not one.song_id for one in group),
            held_out=sum(one.validation for one in group),
        )
        for (mode, keys), group in sorted(groups.items())
    )


def _kind(row: Mapping[str, str]) -> str:
    try:
        return KINDS[row["kind"]]
    except KeyError:
        raise InputError(
            f"a song of no known kind: {row['kind']!r}", mend="add it to KINDS"
        ) from None
