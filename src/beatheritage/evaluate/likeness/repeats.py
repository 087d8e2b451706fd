"""Where a song repeats itself, and whether a map does so too.

Sections of two bars are compared by their sound; where two sound alike, the map's onsets in one
are the truth of those in the other, as people's are in their chart.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from beatheritage.audio.mel import FRAME_MS
from beatheritage.evaluate.bench import Bench
from beatheritage.evaluate.rhythm import onset_f1
from beatheritage.osu.beatmap import RedLine
from beatheritage.timing.grid import Timing

SECTION_BEATS = 8
STEP_BEATS = 4
PARTS = 4  # of a beat, in which sound is compared
ALIKE = 0.8  # correlation of what lies between the song's own mean and loudest, from which on
# sections count as repeated
LEAST_ONSETS = 4
SAME_LENGTH_MS = 5.0


class Repeat(NamedTuple):
    """Two sections, by where they start, and how long they last; ms."""

    first: float
    second: float
    length: float


class Agreement(NamedTuple):
    """Mean F1 of a map's onsets over a song's repeats; ours, and people's."""

    ours: float
    people: float


def repeats_of(bench: Bench) -> tuple[Repeat, ...]:
    """What a song repeats, along people's beats; worked out once."""
    lines = bench.subject.charts[0].beatmap.red_lines
    question = {"audio": bench.audio_hash, "lines": repr(lines)}
    kept = bench.shelf.kept(
        "repeats", question, lambda: {"repeats": _find(bench, lines) if lines else []}
    )
    return tuple(Repeat(*one) for one in kept["repeats"])


def _find(bench: Bench, lines: tuple[RedLine, ...]) -> list[Repeat]:
    return find_repeats(bench.song.mel, Timing(lines=lines))


def find_repeats(mel: np.ndarray, timing: Timing) -> list[Repeat]:
    """For each section the one before it that sounds most alike; mel is (frames, bands)."""
    last = int(np.floor(timing.beat(len(mel) * FRAME_MS)))
    starts = np.arange(0, last - SECTION_BEATS, STEP_BEATS)
    if len(starts) < 2:
        return []
    sections = _sections(mel, timing, starts)
    alike = sections @ sections.T
    times, ends = timing.time(starts), timing.time(starts + SECTION_BEATS)
    lengths = ends - times
    apart = starts[:, None] - starts >= SECTION_BEATS
    even = np.abs(lengths[:, None] - lengths) <= SAME_LENGTH_MS
    alike = np.where(apart & even, alike, -1.0)
    found = []
    for second, first in enumerate(alike.argmax(axis=1).tolist()):
        if alike[second, first] >= ALIKE:
            found.append(Repeat(float(times[first]), float(times[second]), float(lengths[first])))
    return found


def _sections(mel: np.ndarray, timing: Timing, starts: np.ndarray) -> np.ndarray:
    """Each section's sound as a vector of length 1, the song's mean taken off."""
    parts = np.arange(starts[0] * PARTS, (starts[-1] + SECTION_BEATS) * PARTS + 1) / PARTS
    frames = np.clip(np.rint(timing.time(parts) / FRAME_MS), 0, len(mel)).astype(np.int64)
    total = np.concatenate([np.zeros((1, mel.shape[1])), np.cumsum(mel, axis=0, dtype=np.float64)])
    widths = np.maximum(np.diff(frames), 1)[:, None]
    heard = (total[frames[1:]] - total[frames[:-1]]) / widths
    heard = heard - heard.mean(axis=0)
    first = (starts - starts[0])[:, None] * PARTS
    rows = heard[first + np.arange(SECTION_BEATS * PARTS)].reshape(len(starts), -1)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def agreement(repeats: Sequence[Repeat], ours: np.ndarray, people: np.ndarray) -> Agreement | None:
    """Over the repeats in which people strike anything; None where there are none."""
    scores = [
        (alike(repeat, ours), alike(repeat, people))
        for repeat in repeats
        if _struck(repeat, people) >= LEAST_ONSETS
    ]
    return Agreement(*np.mean(scores, axis=0).tolist()) if scores else None


def alike(repeat: Repeat, times: np.ndarray) -> float:
    """F1 of the onsets of both sections; 1 where both are empty."""
    first, second = _inside(repeat.first, repeat, times), _inside(repeat.second, repeat, times)
    return onset_f1(first, second).f1 if len(first) or len(second) else 1.0


def _struck(repeat: Repeat, times: np.ndarray) -> int:
    return len(_inside(repeat.first, repeat, times)) + len(_inside(repeat.second, repeat, times))


def _inside(start: float, repeat: Repeat, times: np.ndarray) -> np.ndarray:
    """Times of a section, from its start on; half a part early belongs to it."""
    early = repeat.length / SECTION_BEATS / PARTS / 2
    after = times - start
    return after[(after >= -early) & (after < repeat.length - early)]
