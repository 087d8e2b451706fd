"""The songs and charts that quality is measured on: the validation split, as people made it.

Nothing is left out for being rough, and no chart is moved: what a chart's sound offset would have
it moved by stands beside it, for a second look.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from beatheritage.dataset.catalogue import ChartFile, SongEntry, load_songs
from beatheritage.dataset.prepare import load_records
from beatheritage.dataset.split import validation_ids
from beatheritage.errors import InputError
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import stars

KINDS = ("osu", "tja")


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanChart:
    """``shift_ms`` is what would move the chart onto its sound; ``keys`` is 0 outside mania."""

    name: str
    beatmap: Beatmap
    stars: float
    keys: int
    shift_ms: int = 0

    @property
    def mode(self) -> Mode:
        return self.beatmap.mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A song and the charts that people made for it, no earlier versions among them."""

    id: str
    kind: str
    audio: Path
    charts: tuple[HumanChart, ...]


def load_subjects(data: Path, cache: Path, limit: int = 0) -> tuple[Subject, ...]:
    """The validation songs under ``data``, at most ``limit`` of each kind and mode (0: all).

    ``cache`` holds what ``dataset.prepare`` measured, for the shifts; without it they are 0.
    Raises InputError where the data is not there.
    """
    if not (data / "train").is_dir():
        raise InputError(
            "there are no songs to measure on",
            where=str(data / "train"),
            mend="say where the data is with --data",
        )
    wanted = validation_ids()
    songs = [one for one in load_songs(data / "train") if one.id in wanted and one.kind in KINDS]
    shifts = {
        (record.source, record.objects): record.shift_ms
        for record in load_records(cache / "charts")
    }
    subjects = [_subject(song, shifts) for song in songs]
    return tuple(_first_of_each(subjects, limit)) if limit else tuple(subjects)


def _subject(song: SongEntry, shifts: Mapping[tuple[str, int], int]) -> Subject:
    files = [file for file in song.files if not file.earlier]
    charts = chain.from_iterable(_charts(file, shifts) for file in files)
    return Subject(id=song.id, kind=song.kind, audio=song.audio, charts=tuple(charts))


def _charts(file: ChartFile, shifts: Mapping[tuple[str, int], int]) -> Sequence[HumanChart]:
    return [
        HumanChart(
            name=f"{file.name} [{beatmap.metadata.version}]",
            beatmap=beatmap,
            stars=stars(beatmap),
            keys=round(beatmap.difficulty.circle_size) if beatmap.mode is Mode.MANIA else 0,
            shift_ms=shifts.get((file.name, len(beatmap.objects)), 0),
        )
        for beatmap in file.read().beatmaps
    ]


def _first_of_each(subjects: Sequence[Subject], limit: int) -> list[Subject]:
    """The first songs of each kind and mode, in their order."""
    groups: dict[tuple[str, Mode], int] = {}
    kept = []
    for subject in subjects:
        mine = {(subject.kind, chart.mode) for chart in subject.charts}
        if any(groups.get(group, 0) < limit for group in mine):
            kept.append(subject)
            for group in mine:
                groups[group] = groups.get(group, 0) + 1
    return kept
