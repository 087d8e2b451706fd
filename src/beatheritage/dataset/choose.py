"""Which of the measured songs and charts make the data set, and on which side each one stands."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import PurePosixPath
from typing import NamedTuple

from beatheritage.dataset.charts import Skipped
from beatheritage.dataset.content import Content
from beatheritage.dataset.rows import Split
from beatheritage.dataset.split import artist_keys, is_validation, joined, tuning_ids
from beatheritage.dataset.twins import likeness, same_charts, same_recordings


class KnownChart(NamedTuple):
    name: str
    sketch: bytes
    earlier: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What must be known of a song to compare it with all others.

    ``stamp`` and ``row`` tell where the rest of it is kept, ``sound`` where its audio lies.
    """

    stamp: str
    row: int
    id: str
    name: str
    artist: str
    flux: bytes
    sound: Content | None
    charts: tuple[KnownChart, ...]


class Part(NamedTuple):
    """Charts of a measured song, by their places in it, to be moved by so many ms."""

    stamp: str
    row: int
    charts: tuple[int, ...]
    shift: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A song of the data set. The first part is its own, the others are of the same recording."""

    id: str
    name: str
    group: str
    split: Split
    sound: Content | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    picks: tuple[Pick, ...]
    skipped: tuple[Skipped, ...]


class Place(NamedTuple):
    """A chart by its song's place among all and its own in the song."""

    song: int
    chart: int


def choose(songs: Sequence[Known], held_out: float) -> Choice:
    """The songs without those that are here twice, their charts likewise, split by artist.

    ``held_out`` is the share of songs to keep from training; see ``sides``.
    """
    owners, lates = _recordings(songs)
    twins = _chart_twins(songs)
    together = [(songs[one.song].name, songs[other.song].name) for other, one in twins.items()]
    together += [(songs[song].name, songs[owner].name) for song, owner in owners.items()]
    groups = _groups(songs, together)
    split_of = sides(songs, groups, held_out)
    parts: defaultdict[int, list[Part]] = defaultdict(list)
    for index, song in enumerate(songs):
        left = [n for n in range(len(song.charts)) if Place(index, n) not in twins]
        if left:
            owner = owners.get(index, index)
            parts[owner].append(Part(song.stamp, song.row, tuple(left), lates.get(index, 0)))
    picks = tuple(
        Pick(
            id=songs[owner].id,
            name=songs[owner].name,
            group=groups[songs[owner].name],
            split=split_of[groups[songs[owner].name]],
            sound=songs[owner].sound,
            parts=tuple(found),
        )
        for owner, found in sorted(parts.items())
    )
    return Choice(picks=picks, skipped=tuple(_told(songs, owners, twins)))


def _recordings(songs: Sequence[Known]) -> tuple[dict[int, int], dict[int, int]]:
    """For each song whose recording is here before it: which song has it, and how much later its
    charts are to stand there, in ms."""
    owners: dict[int, int] = {}
    lates: dict[int, int] = {}
    exact: dict[int, float] = {}
    for pair in sorted(same_recordings([song.flux for song in songs])):
        if pair.second not in owners:
            owners[pair.second] = owners.get(pair.first, pair.first)
            exact[pair.second] = pair.late + exact.get(pair.first, 0.0)
            lates[pair.second] = round(exact[pair.second])
    return owners, lates


def _chart_twins(songs: Sequence[Known]) -> dict[Place, Place]:
    """For each chart that is nearly the same as another: that other. Of two the one with audio
    stays, then the one that is no earlier version, then the first."""
    places = [Place(n, m) for n, song in enumerate(songs) for m in range(len(song.charts))]

    def worth(place: Place) -> tuple[bool, bool, Place]:
        song = songs[place.song]
        return (song.sound is None, song.charts[place.chart].earlier, place)

    places.sort(key=worth)
    sketches = [songs[place.song].charts[place.chart].sketch for place in places]
    twins: dict[Place, Place] = {}
    for stays, goes in same_charts(sketches):
        if places[stays] not in twins:
            twins.setdefault(places[goes], places[stays])
    return twins


def _groups(songs: Sequence[Known], together: Sequence[tuple[str, str]]) -> dict[str, str]:
    """For each song, by its name, a word for all that must stand on its side."""
    artists = [
        (f"song {song.name}", *(f"artist {key}" for key in artist_keys(song.artist)))
        for song in songs
    ]
    pairs = [(f"song {one}", f"song {other}") for one, other in together]
    root = joined([*artists, *pairs])
    return {song.name: root[f"song {song.name}"] for song in songs}


def sides(songs: Sequence[Known], groups: Mapping[str, str], held_out: float) -> dict[str, Split]:
    """On which side each group stands.

    The artists of ``validation.txt`` and the songs of ``tuning.txt`` are never learnt from. Where
    these are less than ``held_out`` of the songs with audio, more groups follow, in an order that
    hashes give, as long as they fit; one is always left to learn from.
    """
    split_of: dict[str, Split] = dict.fromkeys(groups.values(), "training")
    sizes = dict.fromkeys(split_of, 0)
    for song in songs:
        group = groups[song.name]
        sizes[group] += song.sound is not None
        folders = PurePosixPath(song.name).parts
        if any(is_validation(song.artist, folder) for folder in folders):
            split_of[group] = "validation"
        elif not tuning_ids().isdisjoint(folders) and split_of[group] == "training":
            split_of[group] = "tuning"
    room = ceil(held_out * sum(sizes.values())) if held_out else 0
    room -= sum(sizes[group] for group, split in split_of.items() if split == "validation")
    free = [group for group, split in split_of.items() if split == "training" and sizes[group]]
    for group in sorted(free, key=lambda name: hashlib.sha256(name.encode()).digest())[:-1]:
        if sizes[group] <= room:
            split_of[group] = "validation"
            room -= sizes[group]
    return split_of


def _told(
    songs: Sequence[Known], owners: Mapping[int, int], twins: Mapping[Place, Place]
) -> Iterator[Skipped]:
    """What is left out because it is here already, and where."""
    for song, owner in sorted(owners.items()):
        reason = f"the same recording as {songs[owner].name}, where its charts are"
        yield Skipped(name=songs[song].name, reason=reason)
    for gone, stays in sorted(twins.items()):
        one, other = (songs[place.song].charts[place.chart] for place in (gone, stays))
        share = likeness(one.sketch, other.sketch)
        how = "the same as" if share == 1 else f"nearly the same ({share:.0%}) as"
        yield Skipped(name=one.name, reason=f"{how} {other.name}")
