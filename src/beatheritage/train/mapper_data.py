"""Charts as the native mapper learns from them, and their windows side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beatheritage.audio.grid import POSITIONS_PER_BEAT
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.tokens import prompt
from beatheritage.tokens.beats import Encoded, encode
from beatheritage.tokens.draft import draft_of
from beatheritage.tokens.vocabulary import Token, ids

WINDOW_BEATS = 64
MARGIN_BEATS = 8  # heard on either side of the window
MOST_TOKENS = 704
LEAD_BEATS = 8  # how far before the first and behind the last object a chart is evidence of silence


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """One chart, encoded once. ``song`` names its mel, empty where there is none."""

    song: str
    mode: Mode
    keys: int
    stars: float
    style: prompt.Style
    timing: Timing
    encoded: Encoded
    kiai: tuple[tuple[int, int], ...]
    beats: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Windows side by side, padded; see ``model.mapper`` for what the arrays mean.

    ``targets`` is -1 where nothing is learnt; ``choices`` what each target is chosen among.
    """

    patch_BPM: np.ndarray
    phase_BP: np.ndarray
    tempo_BP: np.ndarray
    heard_B: np.ndarray
    condition_BC: np.ndarray
    onset_BN: np.ndarray
    known_BN: np.ndarray
    kiai_BP: np.ndarray
    tokens_BT: np.ndarray
    ticks_BT: np.ndarray
    floors_BT: np.ndarray
    targets_BT: np.ndarray
    choices_BT: np.ndarray


def example_of(beatmap: Beatmap, song: str, stars: float) -> Example:
    """Encode a chart. Beats run from shortly before its first object to shortly behind its last."""
    timing = Timing(lines=beatmap.red_lines)
    draft = draft_of(beatmap, timing)
    keys = round(beatmap.difficulty.circle_size) if beatmap.mode is Mode.MANIA else 4
    first = min(event.tick for event in draft.events) // TICKS_PER_BEAT
    last = max(event.end for event in draft.events) // TICKS_PER_BEAT + 1
    beats = (first - LEAD_BEATS, last + LEAD_BEATS)
    encoded = encode(draft.events, beatmap.mode, keys, *beats)
    return Example(
        song=song,
        mode=beatmap.mode,
        keys=keys,
        stars=stars,
        style=prompt.measure_style(draft.events),
        timing=timing,
        encoded=encoded,
        kiai=draft.kiai,
        beats=beats,
    )


def onsets_of(chart: Example, origin: int, beats: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether each tick of the window holds an onset, and whether the chart says so."""
    tokens = chart.encoded.tokens
    is_tick = (tokens >= _TICKS.start) & (tokens < _TICKS.stop)
    ticks = chart.encoded.ticks[is_tick] - origin * TICKS_PER_BEAT
    onset = np.zeros(beats * TICKS_PER_BEAT, np.float32)
    onset[ticks[(ticks >= 0) & (ticks < len(onset))]] = 1
    places = origin * TICKS_PER_BEAT + np.arange(len(onset))
    known = (places >= chart.beats[0] * TICKS_PER_BEAT) & (places < chart.beats[1] * TICKS_PER_BEAT)
    return onset, known.astype(np.float32)


def kiai_of(chart: Example, origin: int, beats: int) -> np.ndarray:
    """1 in kiai, 0 out of it, -1 where the chart has none at all."""
    if not chart.kiai:
        return np.full(beats * POSITIONS_PER_BEAT, -1, np.float32)
    ticks = origin * TICKS_PER_BEAT + np.arange(beats * POSITIONS_PER_BEAT) * 4 + 1
    inside = [(ticks >= start) & (ticks < stop) for start, stop in chart.kiai]
    return np.any(inside, axis=0).astype(np.float32)


def stacked(rows: Sequence[dict[str, np.ndarray]]) -> Batch:
    longest = max(len(row["tokens_BT"]) for row in rows)
    columns = {}
    for name in rows[0]:
        arrays = [row[name] for row in rows]
        if name.endswith("_BT"):
            fill = -1 if name == "targets_BT" else 0
            arrays = [
                np.pad(each, (0, longest - len(each)), constant_values=fill) for each in arrays
            ]
        columns[name] = np.stack(arrays)
    return Batch(**columns)


_TICKS = ids(Token.TICK)
