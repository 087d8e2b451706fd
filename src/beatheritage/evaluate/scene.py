"""What a picture of a map shows: the map made ready to look at."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from beatheritage.audio.mel import FRAME_MS
from beatheritage.audio.song import Song
from beatheritage.evaluate.canvas import Ink
from beatheritage.osu.beatmap import Beatmap, HitObject, Spinner
from beatheritage.osu.pace import Pace
from beatheritage.timing.grid import Timing

DEFAULT_BARS = 8
MOST_BARS = 64
SNAP = 2.0  # ms: objects this close to a bar's line are on it
CONTRAST = 1.6  # how far loud and quiet are pulled apart for the eye
FALLBACK_COLOURS: tuple[Ink, ...] = (
    (255, 154, 98),
    (110, 208, 160),
    (102, 160, 250),
    (238, 110, 150),
)


class Mark(NamedTuple):
    """An object with what a player sees of it: its end, combo colour and number in the combo."""

    item: HitObject
    end: float
    ink: Ink
    number: int


class Bar(NamedTuple):
    """Milliseconds."""

    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """``mel`` (frames, bands) and ``onsets`` (frames,) are 0 to 1, every ``FRAME_MS``; empty
    without a song. ``bars`` are those to be shown."""

    beatmap: Beatmap
    pace: Pace
    timing: Timing
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    duration: float
    mel: np.ndarray
    onsets: np.ndarray

    @property
    def start(self) -> float:
        return self.bars[0].start

    @property
    def end(self) -> float:
        return self.bars[-1].end

    def between(self, start: float, end: float) -> tuple[Mark, ...]:
        """The objects of a span, those that only reach into it included; an object on its end
        belongs to what follows."""
        return tuple(
            mark
            for mark in self.marks
            if mark.item.time < end - SNAP and max(mark.end, mark.item.time + SNAP) > start
        )

    def sound(self, start: float, end: float) -> tuple[np.ndarray, np.ndarray]:
        """``mel`` and ``onsets`` of a span, silent where the song has not begun or is over."""
        first, last = round(start / FRAME_MS), round(end / FRAME_MS)
        inside = slice(max(first, 0), max(last, 0))
        before = max(0, min(-first, last - first))
        after = max(0, last - first - before - len(self.onsets[inside]))
        mel = np.pad(self.mel[inside], ((before, after), (0, 0)))
        return mel, np.pad(self.onsets[inside], (before, after))

    def kiai_spans(self) -> list[tuple[float, float]]:
        """Where kiai is on, ms."""
        spans: list[tuple[float, float]] = []
        on_since: float | None = None
        for point in self.beatmap.timing_points:
            if point.kiai and on_since is None:
                on_since = point.time
            elif not point.kiai and on_since is not None:
                spans.append((on_since, point.time))
                on_since = None
        return spans if on_since is None else [*spans, (on_since, self.duration)]


def make_scene(
    beatmap: Beatmap, song: Song | None, start: float | None, end: float | None
) -> Scene:
    """Look at a span of a map; without one, at eight bars from its preview point on."""
    pace, timing = Pace(beatmap), Timing(lines=beatmap.red_lines)
    marks = _marks(beatmap, pace)
    last = max((mark.end for mark in marks), default=0.0)
    mel, onsets = np.zeros((0, 0)), np.zeros(0)
    if song is not None:
        levels = song.mel
        quiet, loud = np.percentile(levels, (5, 99.5))
        mel = np.clip((levels - quiet) / max(loud - quiet, 1e-6), 0, 1) ** CONTRAST
        flux = np.maximum(np.diff(levels, axis=0, prepend=levels[:1]), 0).mean(1)
        onsets = np.clip(flux / max(float(np.percentile(flux, 99.5)), 1e-6), 0, 1)
    if start is None:
        preview = beatmap.general.preview_time
        start = float(preview) if 0 < preview < last else last * 0.4
    return Scene(
        beatmap=beatmap,
        pace=pace,
        timing=timing,
        marks=marks,
        bars=_bars(timing, start, end),
        duration=song.duration if song is not None else last + 2_000,
        mel=mel,
        onsets=onsets,
    )


def _bars(timing: Timing, start: float, end: float | None) -> tuple[Bar, ...]:
    beat = int(np.floor(float(timing.beat(start)) + 0.01))
    beat -= int(timing.bar_phase(beat))
    bars: list[Bar] = []
    most = DEFAULT_BARS if end is None else MOST_BARS
    while len(bars) < most and (end is None or not bars or bars[-1].end < end - 1):
        following = beat + 1
        while int(timing.bar_phase(following)):
            following += 1
        bars.append(Bar(float(timing.time(beat)), float(timing.time(following))))
        beat = following
    return tuple(bars)


def _marks(beatmap: Beatmap, pace: Pace) -> tuple[Mark, ...]:
    inks: tuple[Ink, ...] = beatmap.combo_colours or FALLBACK_COLOURS
    marks, combo, number = [], 0, 0
    for index, item in enumerate(beatmap.objects):
        if index and (item.new_combo or isinstance(item, Spinner)):
            combo, number = combo + 1 + item.combo_skip, 0
        number += 1
        marks.append(Mark(item, pace.end(item), inks[combo % len(inks)], number))
    return tuple(marks)
