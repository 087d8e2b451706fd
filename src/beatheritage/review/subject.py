"""What a rule is given: one map, or all maps of a set with its files, and what follows from them.

Everything that several rules need is worked out here, once and when first asked for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from beatheritage.errors import InputError
from beatheritage.osu.beatmap import Beatmap, HitObject, RedLine, Slider
from beatheritage.osu.curve import Path, slider_path
from beatheritage.osu.level import Level, level_of
from beatheritage.osu.mode import Mode, column_of
from beatheritage.osu.pace import DEFAULT_BEAT_LENGTH, Pace
from beatheritage.osu.parse import raw_sections
from beatheritage.osu.stars import stars
from beatheritage.review.files import Files
from beatheritage.review.issue import note_names
from beatheritage.review.material import (
    IMAGE_SUFFIXES,
    ImageFacts,
    SampleFacts,
    SongFacts,
    image_facts,
    sample_facts,
    song_facts,
)
from beatheritage.review.samples import (
    SOUND_SUFFIXES,
    Hit,
    find_hits,
    used_samples,
    without_suffix,
)
from beatheritage.review.video import VideoFacts, video_facts
from beatheritage.timing.grid import Timing

_OBJECTS = re.compile(rb"^\[HitObjects\][^\[]*", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, eq=False)
class MapSubject:
    """One difficulty.

    ``name`` is its file in the set, ``data`` what that file holds; both are empty for a map that
    was never written. ``warnings`` are the reader's.
    """

    beatmap: Beatmap
    name: str = ""
    data: bytes = b""
    warnings: tuple[str, ...] = ()

    @property
    def mode(self) -> Mode:
        return self.beatmap.mode

    @property
    def objects(self) -> tuple[HitObject, ...]:
        return self.beatmap.objects

    @property
    def label(self) -> str:
        """What people know the map by: its difficulty's name."""
        return self.beatmap.metadata.version or self.name

    @property
    def keys(self) -> int:
        """Mania's columns."""
        return max(1, round(self.beatmap.difficulty.circle_size))

    @cached_property
    def pace(self) -> Pace:
        return Pace(self.beatmap)

    @cached_property
    def timing(self) -> Timing:
        """The red lines; osu!'s default tempo from 0 where there are none."""
        lines = self.beatmap.red_lines
        return Timing(lines=lines or (RedLine(time=0, beat_length=DEFAULT_BEAT_LENGTH),))

    @cached_property
    def starts(self) -> np.ndarray:
        """When each object starts, float64 (objects,)."""
        return np.array([item.time for item in self.objects], np.float64)

    @cached_property
    def ends(self) -> np.ndarray:
        """When each object ends, float64 (objects,)."""
        return np.array([self.pace.end(item) for item in self.objects], np.float64)

    @cached_property
    def beat_lengths(self) -> np.ndarray:
        """The beat in force at each object's start, ms, float64 (objects,)."""
        lengths = np.array([line.beat_length for line in self.timing.lines])
        return lengths[self.timing.line_index(self.starts)]

    def scroll_speed(self, time: float) -> float:
        """How fast notes move towards the player, in beats' worth of a velocity of 1, per ms."""
        state = self.pace.at(time)
        return state.velocity / state.beat_length

    @cached_property
    def moments(self) -> tuple[tuple[float, ...], ...]:
        """When each object starts, repeats and ends; one time for a circle."""
        return tuple(map(_moments, self.objects, self.ends.tolist()))

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """What sounds at each edge."""
        return find_hits(self.beatmap, self.pace, self.moments)

    @cached_property
    def paths(self) -> Mapping[int, Path]:
        """The path of each slider, by the index of the object."""
        return {
            index: slider_path(item)
            for index, item in enumerate(self.objects)
            if isinstance(item, Slider)
        }

    @cached_property
    def columns(self) -> tuple[int, ...]:
        """Mania's column, from 0, of each object."""
        return tuple(column_of(item.x, self.keys) for item in self.objects)

    @cached_property
    def note_names(self) -> list[str]:
        """What the editor calls each object."""
        return note_names(self.objects, self.mode, self.keys)

    @cached_property
    def drain(self) -> float:
        """Time from the first object to the end of the last without the breaks, ms."""
        return max(0.0, self.length - self.break_time)

    @property
    def length(self) -> float:
        """Time from the first object to the end of the last, ms."""
        return float(self.ends.max() - self.starts[0]) if self.objects else 0.0

    @property
    def break_time(self) -> float:
        """Milliseconds of breaks between the objects."""
        return sum(one.end - one.start for one in self.beatmap.events.breaks)

    @cached_property
    def stars(self) -> float | None:
        """The star rating; None for a map that would take for ever to rate."""
        try:
            return stars(self.data or self.beatmap)
        except InputError:
            return None

    @cached_property
    def level(self) -> Level:
        """Which step of a spread the stars make it; the hardest where they cannot be counted."""
        return Level.EXPERT_PLUS if self.stars is None else level_of(self.stars)

    @cached_property
    def raw(self) -> Mapping[str, tuple[str, ...]]:
        """The lines of each section but [HitObjects], as they stand before osu!'s limits bend them.

        Objects are nine tenths of most files, and what rules ask of them is in ``data``.
        """
        return raw_sections(_OBJECTS.sub(b"[HitObjects]\n", self.data))


def _moments(item: HitObject, end: float) -> tuple[float, ...]:
    if isinstance(item, Slider):
        span = (end - item.time) / item.slides
        return tuple(item.time + span * index for index in range(item.slides + 1))
    return (item.time, end) if end > item.time else (item.time,)


@dataclass(frozen=True, kw_only=True, eq=False)
class SetSubject:
    """The maps of a set, and its files: None where only maps are known.

    Files are found as Windows finds them, whatever their case. Facts are None for a file that
    cannot be understood; a file that cannot be read at all raises InputError.
    """

    maps: tuple[MapSubject, ...]
    files: Files | None = None

    @cached_property
    def _by_folded(self) -> Mapping[str, str]:
        names = self.files.names if self.files else ()
        return {name.casefold(): name for name in names}

    def find(self, name: str) -> str | None:
        """A file's own way of writing its name; None where it is missing."""
        return self._by_folded.get(name.casefold())

    @cached_property
    def used_samples(self) -> frozenset[str]:
        """Names of the hitsounds that some map plays, lower case and without suffixes."""
        return frozenset().union(*(used_samples(one.hits, one.mode) for one in self.maps))

    @cached_property
    def hit_sound_files(self) -> tuple[str, ...]:
        """The sound files that some map plays as hitsounds."""
        names = self.files.names if self.files else ()
        return tuple(
            name
            for name in names
            if name.lower().endswith(SOUND_SUFFIXES) and without_suffix(name) in self.used_samples
        )

    @cached_property
    def samples(self) -> Mapping[str, SampleFacts | None]:
        """What each hitsound that is played is like."""
        return {name: sample_facts(self._read(name)) for name in self.hit_sound_files}

    @cached_property
    def songs(self) -> Mapping[str, SongFacts | None]:
        """What each song is like that some map names and the set has."""
        wanted = dict.fromkeys(one.beatmap.general.audio_filename for one in self.maps)
        found = filter(None, map(self.find, wanted))
        return {name: song_facts(self._read(name)) for name in found}

    @cached_property
    def images(self) -> Mapping[str, ImageFacts | None]:
        """How large each picture is."""
        names = self.files.names if self.files else ()
        pictures = (name for name in names if name.lower().endswith(IMAGE_SUFFIXES))
        return {name: image_facts(self._read(name)) for name in pictures}

    @cached_property
    def videos(self) -> Mapping[str, VideoFacts | None]:
        """What each video is like that some map names and the set has."""
        wanted = dict.fromkeys(one.beatmap.events.video for one in self.maps)
        found = filter(None, map(self.find, wanted))
        return {name: video_facts(self._read(name)) for name in found}

    def _read(self, name: str) -> bytes:
        assert self.files is not None, "facts are asked of names that the files gave"
        return self.files.read(name)
