"""What a chart is worth as a teacher: is it on its own grid, and does it lie on the sound?

Charts come from all kinds of people. Some are off their grid, some belong to another cut of the
song, some are late by a decoder's delay; the first are dropped, the last are moved.
"""

from dataclasses import dataclass

import numpy as np

from beatheritage.audio.mel import FRAME_MS
from beatheritage.errors import InputError
from beatheritage.osu.beatmap import Beatmap
from beatheritage.timing.grid import Timing
from beatheritage.timing.lead import MAP_LEAD_MS

ON_GRID_MS = 4.0
SNAPS = (8, 12)  # of a beat. All 48 would call anything on the grid at 150 BPM
# How far the sound may lie from the notes (ms), searched in steps of 1.
NEAREST, FURTHEST = -60, 104
# A mel frame hears its whole window, so novelty leads (ms): by 12 for clicks, by 5 for music, whose
# attacks rise slowly (the median of 205 .tja songs, whose notes stand on the sound).
NOVELTY_LEAD = 5.0
FLUX_FRAMES = 2
# Below, any offset fits about as well: 95 % of charts laid over other songs stay below.
SHARP = 5.0
LEAST_OBJECTS = 30
LEAST_ON_GRID = 0.9
# ms; nearer than this, what people find and what we measure differ by their own scatter.
SMALL_SHIFT, MOST_SHIFT = 8, 60
# A chart whose notes fit another song: below either stay 132 of 140 charts laid over other songs,
# and 1 of 70 over their own.
LEAST_LIFT, LEAST_SHARPNESS = 1.3, 3.5
MOST_BEHIND = 0.02  # of the onsets may lie behind the end of the sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """``on_grid`` is a share; ``offset_ms`` is how far the sound lies after the notes, which should
    be ``MAP_LEAD_MS``; ``offset_sharpness`` is how far the best offset stands above the others, in
    their standard deviations (0 when there is no audio to ask); ``lift`` how much more happens in
    the sound at the notes than anywhere, ``behind``
    the share of notes behind its end, ``heard`` whether there was a sound."""

    on_grid: float
    offset_ms: float
    offset_sharpness: float
    lift: float = 0.0
    behind: float = 0.0
    heard: bool = False

    @property
    def sharp(self) -> bool:
        """Whether ``offset_ms`` can be trusted."""
        return self.offset_sharpness >= SHARP


def chart_worth(chart: Beatmap, flux: np.ndarray | None) -> Worth:
    """Measure a chart that has red lines and objects against the ``novelty`` of its song."""
    onsets = np.unique([item.time for item in chart.objects]).astype(np.float64)
    if flux is None:
        return Worth(on_grid=_on_grid(chart, onsets), offset_ms=MAP_LEAD_MS, offset_sharpness=0.0)
    offset, sharpness = _offset(onsets, flux)
    frames = (onsets + offset - NOVELTY_LEAD) / FRAME_MS
    heard = np.interp(frames, np.arange(len(flux)), flux, left=0, right=0)
    return Worth(
        on_grid=_on_grid(chart, onsets),
        offset_ms=offset,
        offset_sharpness=sharpness,
        lift=float(heard.mean() / (flux.mean() + 1e-9)),
        behind=float(np.mean(frames >= len(flux))),
        heard=True,
    )


def shift_ms(worth: Worth, surest: Worth | None) -> int:
    """How far a chart is to be moved: by its own offset, or its song's surest if it is unsure."""
    best = worth if worth.sharp or surest is None else surest
    off = round(best.offset_ms - MAP_LEAD_MS)
    return off if best.sharp and abs(off) > SMALL_SHIFT else 0


def refuse_chart(chart: Beatmap, worth: Worth, shift: int) -> None:
    """Raise an InputError that says why a chart is not worth learning from."""
    if len(chart.objects) < LEAST_OBJECTS:
        raise InputError(f"fewer than {LEAST_OBJECTS} objects")
    if worth.on_grid < LEAST_ON_GRID:
        raise InputError(f"less than {LEAST_ON_GRID:.0%} of the objects on the grid")
    if abs(shift) > MOST_SHIFT:
        raise InputError(f"more than {MOST_SHIFT} ms off the sound")


def refuse_stranger(worth: Worth) -> None:
    """Raise an InputError for a chart whose notes do not fit the sound that it came with."""
    if worth.behind > MOST_BEHIND:
        raise InputError(f"{worth.behind:.0%} of its notes lie behind the end of the audio")
    if worth.lift < LEAST_LIFT or worth.offset_sharpness < LEAST_SHARPNESS:
        raise InputError("its notes do not fit the audio")


def _on_grid(chart: Beatmap, onsets: np.ndarray) -> float:
    """The share of onsets within ``ON_GRID_MS`` of ``SNAPS`` of the chart's own red lines."""
    timing = Timing(lines=chart.red_lines)
    beats = timing.beat(onsets)
    lengths = np.array([line.beat_length for line in chart.red_lines])[timing.line_index(onsets)]
    off = [np.abs(beats * snap - np.rint(beats * snap)) / snap * lengths for snap in SNAPS]
    return float(np.mean(np.min(off, axis=0) <= ON_GRID_MS + 1e-6))


def novelty(mel: np.ndarray) -> np.ndarray:
    """Spectral flux of a log-mel: how much louder each frame is than a moment ago, (frames,)."""
    levels = mel.astype(np.float32)
    flux = np.maximum(levels[FLUX_FRAMES:] - levels[:-FLUX_FRAMES], 0).sum(1)
    # The rise between two frames happens at their middle.
    return np.pad(flux, (FLUX_FRAMES // 2, FLUX_FRAMES - FLUX_FRAMES // 2))


def _offset(onsets: np.ndarray, flux: np.ndarray) -> tuple[float, float]:
    shifts = np.arange(NEAREST, FURTHEST + 1, dtype=np.float64)
    at = (onsets[None, :] + shifts[:, None] - NOVELTY_LEAD) / FRAME_MS
    inside = (onsets > -FURTHEST) & (onsets < len(flux) * FRAME_MS)
    if inside.sum() < 2:
        return MAP_LEAD_MS, 0.0
    scores = np.interp(at[:, inside], np.arange(len(flux)), flux, left=0, right=0).mean(1)
    scores = np.convolve(np.pad(scores, 2, "edge"), np.ones(5) / 5, "valid")
    best = int(np.argmax(scores))
    away = np.abs(shifts - shifts[best]) > 20
    spread = scores[away].std() + 1e-9
    return float(shifts[best]), float((scores[best] - scores[away].mean()) / spread)
