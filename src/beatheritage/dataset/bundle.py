"""Charts and audio that belong together before anything is read: a song's folder, an .osz."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

from beatheritage.audio.container import SUFFIXES
from beatheritage.dataset.charts import Skipped
from beatheritage.dataset.content import Content, identity
from beatheritage.dataset.read import READERS

MEASURED_BY = "1"
"""Changes whenever the same bundle would be measured otherwise: what is kept is void then."""


class File(NamedTuple):
    """A file by its name inside the bundle."""

    name: str
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartFacts:
    """What a data set knows of a chart besides the chart."""

    mapper: int = 0
    year: int = 0
    descriptors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Artist, title and licence are those of a list that people made (``manifest.csv``), empty
    where there is none. ``facts`` are those of charts, by their names."""

    name: str
    charts: tuple[File, ...]
    sounds: tuple[File, ...] = ()
    artist: str = ""
    title: str = ""
    licence: str = ""
    facts: Mapping[str, ChartFacts] = field(default_factory=dict)

    @property
    def stamp(self) -> str:
        """Thirty-two digits that change whenever a file of the bundle does, or what measures it."""
        files = identity(file.content for file in (*self.charts, *self.sounds))
        known = (self.name, self.artist, self.title, self.licence, dict(self.facts))
        return hashlib.sha256(repr((MEASURED_BY, known, files)).encode()).hexdigest()[:32]


class Survey(NamedTuple):
    """What was found, and what could not be opened."""

    bundles: tuple[Bundle, ...]
    skipped: tuple[Skipped, ...] = ()


def chart_and_sound_files(files: list[File]) -> tuple[tuple[File, ...], tuple[File, ...]]:
    """The charts and the audio among files, in order of their names."""
    ordered = sorted(files, key=lambda file: file.name)
    charts = [file for file in ordered if suffix(file.name) in READERS]
    # A StepMania song often holds the same charts twice: .ssc is the richer form.
    if any(suffix(file.name) == ".ssc" for file in charts):
        charts = [file for file in charts if suffix(file.name) != ".sm"]
    sounds = [file for file in ordered if suffix(file.name) in SUFFIXES]
    return tuple(charts), tuple(sounds)


def suffix(name: str) -> str:
    """The end of a file's name, in small letters."""
    return PurePath(name).suffix.lower()
