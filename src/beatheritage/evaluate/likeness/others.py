"""People's catch maps: of the songs with audio hardly any has one, the corpora have some."""

import re
from pathlib import Path

from beatheritage.dataset.catalogue import load_corpus
from beatheritage.evaluate.likeness.columns import read_columns
from beatheritage.evaluate.likeness.pairs import Owned
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.osu.stars import stars

CORPORA = ("osu_corpus.tar.xz", "osu_corpus2.tar.xz")
CATCH = re.compile(rb"^Mode\s*:\s*2\s*$", re.MULTILINE)
STARS_TAKEN = (1.0, 7.0)  # as far as those go that ours are asked for


def catch_maps(data: Path) -> tuple[Owned, ...]:
    """Those of the corpora that are there; each song's maps hang together."""
    found = []
    for source in (data / name for name in CORPORA):
        for file in load_corpus(source) if source.is_file() else ():
            beatmap = parse(file.data).beatmap if CATCH.search(file.data) else None
            columns = read_columns(beatmap) if beatmap else None
            if beatmap and columns and STARS_TAKEN[0] <= stars(beatmap) <= STARS_TAKEN[1]:
                found.append(Owned(_song(beatmap), columns))
    return tuple(found)


def _song(beatmap: Beatmap) -> str:
    assert beatmap.mode is Mode.CATCH
    words = beatmap.metadata
    return f"{words.artist} - {words.title}".casefold()
