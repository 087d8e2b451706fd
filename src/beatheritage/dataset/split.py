"""Which songs are kept from training, so that what is measured on them means something.

The split is by artist, once for every source: an artist who stands in ``validation.txt`` stands on
the measuring side with every song and every chart. ``choose`` made that file,

    python -m beatheritage.dataset.split --data ../shared/data --corpora FOLDER FOLDER

and it is frozen: to choose anew is to void every number measured so far.

Constants that no training sets (temperatures, biases) are tuned on other songs, those of
``tuning.txt``: by artists of the training side, chosen by the same rules with ``--tuning``. The
mapper leaves them out of what it learns.
"""

import argparse
import csv
import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from beatheritage.osu.mode import Mode

VALIDATION_FILE = Path(__file__).with_name("validation.txt")
TUNING_FILE = Path(__file__).with_name("tuning.txt")
# Asked are 30 osu! songs (20 std, 8 mania, 4 taiko) and 20 .tja; a few more, since some charts
# turn out too rough to measure on.
WANTED = {"catch": 1, "taiko": 5, "mania": 9, "std": 22, "tja": 23}
WANTED_FOR_TUNING = {"taiko": 2, "mania": 5, "std": 12, "tja": 6}
MOST_SONGS = 2  # of one artist: the big ones are worth more in training
MOST_CORPUS_CHARTS = 16
GUEST = re.compile(r"[\s(\[(]*\b(?:feat|ft|featuring)\b\.?.*", re.IGNORECASE)
BETWEEN_NAMES = re.compile(
    r"\s*(?:[/,、;()\[\]「」『』]|\s(?:[&+×x]|vs\.?|and|with|from)\s|\bcv\b[.:]?|原曲:)\s*",
    re.IGNORECASE,
)
# Medleys of other people's songs, samples of a simulator, remixes under no name of their own.
MEDLEY = re.compile(r"\b(?:Dan|Sample \d|Remix)\b")
NOT_A_NAME = frozenset({"", "より", "tvアニメ", "va", "variousartists", "unknownartist"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One song of the data, or one chart of a corpus: what the split is chosen from.

    ``groups`` are its places in ``WANTED``, empty for what cannot be measured on.
    """

    artist: str
    title: str
    song_id: str = ""
    groups: frozenset[str] = frozenset()


def artist_keys(artist: str) -> frozenset[str]:
    """The names that make up an artist field, each as bare letters and digits.

    Case, width, leading dashes, punctuation and guests (feat.) are left out; a field of several
    names gives several keys. Nothing is left of a field without a name.
    """
    text = GUEST.sub("", unicodedata.normalize("NFKC", artist))
    bare = (_bare(name) for name in BETWEEN_NAMES.split(text))
    return frozenset(name for name in bare if name not in NOT_A_NAME)


def is_validation(artist: str, song_id: str = "") -> bool:
    """Whether a song or chart is kept from training: any of its artists is, or the song itself.

    ``song_id`` is the song in data/train (``paired_id`` in the corpora).
    """
    kept = _listed(VALIDATION_FILE)
    return song_id in kept or not kept.isdisjoint(artist_keys(artist))


def validation_ids() -> frozenset[str]:
    """The songs that were chosen. By the same artists there may be more, in other sources."""
    return frozenset(line for line in _listed(VALIDATION_FILE) if re.match(r"(osu|tja)_", line))


def tuning_ids() -> frozenset[str]:
    """The songs of the training side that constants are tuned on."""
    return frozenset(line for line in _listed(TUNING_FILE) if re.match(r"(osu|tja)_", line))


def choose(
    songs: Sequence[Row], corpus: Sequence[Row], wanted: Mapping[str, int] = WANTED
) -> tuple[list[str], list[str]]:
    """Artist keys and song ids to be kept apart, in an order that hashes give.

    Artists who share a name anywhere are one. Left out are artists with many songs, songs without
    an artist, and songs whose title someone else has too (covers, and charts under another name).
    """
    owner = _join_names([*songs, *corpus])
    by_artist: dict[str, list[Row]] = defaultdict(list)
    charts: Counter[str] = Counter()
    owners_of_title: dict[str, set[str]] = defaultdict(set)
    for row in [*songs, *corpus]:
        name = _owner(row, owner)
        owners_of_title[_title(row)].add(name)
        if row.song_id and row in songs:
            by_artist[name].append(row)
        else:
            charts[name] += 1
    fitting = [
        name
        for name, rows in by_artist.items()
        if name
        and len(rows) <= MOST_SONGS
        and charts[name] <= MOST_CORPUS_CHARTS
        and all(row.groups and owners_of_title[_title(row)] == {name} for row in rows)
    ]
    chosen = _fill(fitting, by_artist, wanted)
    names = sorted(key for key, first in owner.items() if first in chosen)
    return names, sorted(row.song_id for name in chosen for row in by_artist[name])


def _fill(
    fitting: Iterable[str], by_artist: Mapping[str, Sequence[Row]], asked: Mapping[str, int]
) -> set[str]:
    """Artists, by hash, until every group asked for has its number; the rare groups first."""
    chosen: set[str] = set()
    have: Counter[str] = Counter()
    order = sorted(fitting, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    for group, wanted in asked.items():
        for name in order:
            groups = [one for row in by_artist[name] for one in row.groups]
            if have[group] >= wanted or name in chosen or group not in groups:
                continue
            chosen.add(name)
            have.update(groups)
    return chosen


def owners(rows: Sequence[Row]) -> list[str]:
    """For each row one name, the same for all artists who share a song; empty without an artist."""
    owner = _join_names(rows)
    return [_owner(row, owner) for row in rows]


def _join_names(rows: Iterable[Row]) -> dict[str, str]:
    return joined(artist_keys(row.artist) for row in rows)


def joined(together: Iterable[Collection[str]]) -> dict[str, str]:
    """For each key the first of those that it stands together with, directly or through others."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for keys in together:
        roots = {root(key) for key in keys}
        for one in roots:
            parent[one] = min(roots)
    return {key: root(key) for key in parent}


def _owner(row: Row, owner: Mapping[str, str]) -> str:
    keys = artist_keys(row.artist)
    return owner[min(keys)] if keys else ""


def _title(row: Row) -> str:
    """A title without what stands in brackets (versions, guests, remixers)."""
    text = GUEST.sub("", unicodedata.normalize("NFKC", row.title))
    return _bare(re.sub(r"[(\[~「-].*", "", text)) or _bare(row.title)


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


@cache
def _listed(file: Path) -> frozenset[str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _song_rows(data: Path) -> list[Row]:
    modes = {str(int(mode)): mode.name.lower() for mode in Mode}
    rows = []
    with (data / "train" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        for song in csv.DictReader(file):
            groups = [modes[digit] for digit in re.findall(r"[0-3]", song["modes"])]
            kinds = {"osu": groups, "tja": ["tja"]}
            wanted = [] if MEDLEY.search(song["artist"]) else kinds.get(song["kind"], [])
            row = Row(
                artist=song["artist"],
                title=song["title"],
                song_id=song["id"],
                groups=frozenset(wanted),
            )
            rows.append(row)
    return rows


def _corpus_rows(folder: Path) -> list[Row]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return [Row(artist=row["artist"], title=row["title"]) for row in csv.DictReader(file)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Choose the validation split anew.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--corpora", type=Path, nargs="*", default=[])
    parser.add_argument("--tuning", action="store_true", help="choose the songs to tune on instead")
    options = parser.parse_args()
    corpus = [row for folder in options.corpora for row in _corpus_rows(folder)]
    songs = _song_rows(options.data)
    if options.tuning:
        songs = [row for row in songs if not is_validation(row.artist, row.song_id)]
    names, ids = choose(songs, corpus, WANTED_FOR_TUNING if options.tuning else WANTED)
    why = "Not learned from, to tune on" if options.tuning else "Kept from training"
    head = f"# {why}: artists (see split.py), then the songs they were chosen for."
    text = "\n".join([head, *names, *ids]) + "\n"
    (TUNING_FILE if options.tuning else VALIDATION_FILE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
