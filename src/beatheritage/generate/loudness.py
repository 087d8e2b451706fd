"""How loud a song is, bar by bar, and what follows: where to preview it, how loud to hit."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.audio.song import Song
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.tokens.events import Draft

PREVIEW_BARS = 8
# Where a preview is looked for in a song without a chorus, as shares of it.
PREVIEW_EARLIEST, PREVIEW_LATEST = 0.25, 0.6

SECTION_BARS = 4
QUIET_DB = -9.0  # below the song's loud parts, a section is a quiet one
QUIET_VOLUME, PLAIN_VOLUME, KIAI_VOLUME = 50, 65, 80  # per cent


class Bars(NamedTuple):
    """The bars of a song that begin within it: their first ticks, and loudness in dB."""

    ticks: np.ndarray  # int64 (bars,)
    loudness_db: np.ndarray  # float (bars,)


def measure_bars(song: Song, timing: Timing) -> Bars:
    """Cut the song at its downbeats and measure each piece."""
    first, last = timing.beat(0.0), timing.beat(song.duration)
    beats = np.arange(int(np.ceil(first)), max(int(np.ceil(last)), int(np.ceil(first)) + 1))
    downbeats = beats[timing.bar_phase(beats) == 0]
    energy = np.concatenate([[0.0], np.cumsum(song.samples.astype(np.float64) ** 2)])
    times = np.append(timing.time(downbeats), song.duration)
    edges = np.clip(np.rint(times * SAMPLE_RATE / 1000).astype(np.int64), 0, len(song.samples))
    power = np.diff(energy[edges]) / np.maximum(np.diff(edges), 1)
    return Bars(downbeats * TICKS_PER_BEAT, 10 * np.log10(power + 1e-10))


def preview_time(song: Song, timing: Timing, draft: Draft) -> int:
    """Where song select starts to play, ms: the first chorus, else eight loud bars midway."""
    if draft.kiai:
        return max(0, round(float(timing.tick_time(draft.kiai[0][0]))))
    bars = measure_bars(song, timing)
    times = timing.tick_time(bars.ticks)
    window = np.ones(min(PREVIEW_BARS, max(1, len(times))))
    loudness = np.convolve(bars.loudness_db, window, "valid")
    share = times[: len(loudness)] / song.duration
    midway = (share >= PREVIEW_EARLIEST) & (share <= PREVIEW_LATEST)
    if not midway.any():
        return max(0, round(float(timing.time(np.rint(timing.beat(song.duration * 0.4))))))
    return round(float(times[np.argmax(np.where(midway, loudness, -np.inf))]))


def volume_changes(song: Song, timing: Timing, draft: Draft) -> tuple[tuple[int, int], ...]:
    """Hitsound volumes as (tick, per cent), each from its tick on; the first holds from the start.

    Softer where the music is quiet, by sections of four bars; louder in the kiai, whatever the bar.
    """
    bars = measure_bars(song, timing)
    if not len(bars.ticks):
        return ((0, PLAIN_VOLUME),)
    loud = np.percentile(bars.loudness_db, 90)
    changes = {}
    for start in range(0, len(bars.ticks), SECTION_BARS):
        section = bars.loudness_db[start : start + SECTION_BARS].mean()
        quiet = section < loud + QUIET_DB
        changes[int(bars.ticks[start])] = QUIET_VOLUME if quiet else PLAIN_VOLUME
    for start, end in draft.kiai:
        after = max((tick for tick in changes if tick <= end), default=start)
        level = changes.get(after, PLAIN_VOLUME)
        changes = {tick: value for tick, value in changes.items() if not start <= tick < end}
        changes |= {start: KIAI_VOLUME, end: level}
    ordered = sorted(changes.items())
    kept = [ordered[0]]
    kept += [now for last, now in pairwise(ordered) if now[1] != last[1]]
    return tuple(kept)
