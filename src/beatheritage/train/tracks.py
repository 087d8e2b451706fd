"""Songs with their charts out of shards, as the ancestors' architectures learn from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from beatheritage.dataset.rows import RATES, Chart, SongRow, Split
from beatheritage.dataset.shards import open_shards
from beatheritage.errors import InputError
from beatheritage.osu.archive import replacing
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse

FULL_SCALE = 32_767


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A chart, and what is known of it. ``stars`` are those at ``rows.RATES``."""

    osu: str
    mode: Mode
    stars: tuple[float, ...]
    mapper: int = 0
    year: int = 0
    descriptors: tuple[str, ...] = ()

    @cached_property
    def beatmap(self) -> Beatmap:
        return parse(self.osu).beatmap

    def stars_at(self, speed: float) -> float:
        """How hard it is at some speed of the clock."""
        return float(np.interp(speed, RATES, self.stars))


@dataclass(frozen=True, kw_only=True)
class Track:
    """A song whose samples (int16, mono, ``mel.SAMPLE_RATE``) lie in ``sound``."""

    id: str
    sound: Path
    lessons: tuple[Lesson, ...]

    @property
    def samples(self) -> np.ndarray:
        """Mapped into memory, not loaded."""
        return np.load(self.sound, mmap_mode="r")


def load_tracks(shards: Path, cache: Path, split: Split) -> tuple[Track, ...]:
    """The songs of one side that have both sound and charts.

    Each is decoded once, into ``cache``. Raises InputError for a folder without shards.
    """
    opened = open_shards(shards)
    return tuple(
        track
        for index in opened.indices(split)
        if (track := _track(opened.read(index), cache)) is not None
    )


def _track(row: SongRow, cache: Path) -> Track | None:
    lessons = tuple(_lessons(row))
    if not row.audio or not lessons:
        return None
    sound = cache / f"{row.id}.npy"
    if not sound.exists():
        try:
            samples = row.song().samples
        except InputError:
            return None  # it was decoded when the shards were built: another machine lacks ffmpeg
        cache.mkdir(parents=True, exist_ok=True)
        with replacing(sound) as partial:
            np.save(partial, (samples * FULL_SCALE).astype(np.int16))
    return Track(id=row.id, sound=sound, lessons=lessons)


def _lessons(row: SongRow) -> Iterator[Lesson]:
    for chart in row.charts:
        if not chart.earlier and len(chart.stars) == len(RATES):
            yield _lesson(chart)


def _lesson(chart: Chart) -> Lesson:
    return Lesson(
        osu=chart.osu,
        mode=chart.mode,
        stars=chart.stars,
        mapper=chart.mapper,
        year=chart.year,
        descriptors=chart.descriptors,
    )
