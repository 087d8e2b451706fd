"""How well found timing agrees with the red lines of a human map."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beatheritage.osu.beatmap import RedLine
from beatheritage.timing.grid import Timing, is_constant

BPM_TOLERANCE = 0.05
CLOSE_MS = 10.0
NEAR_MS = 20.0
PHASE_BARS = 100
FACTORS = (1.0, 0.5, 2.0)
DOWNBEAT_BEATS = 0.25  # how far off a downbeat a line may lie and still be on it


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingScore:
    """One song. Errors are signed, found less human; phase in ms, on the finer of the two grids."""

    bpm_error: float
    bpm_error_any_octave: float
    phase_error: float
    lines: int
    on_downbeat: bool
    human_constant: bool

    @property
    def bpm_right(self) -> bool:
        """A factor of two forgiven."""
        return abs(self.bpm_error_any_octave) <= BPM_TOLERANCE

    @property
    def octave_right(self) -> bool:
        return abs(self.bpm_error) <= BPM_TOLERANCE

    @property
    def phase_close(self) -> bool:
        return abs(self.phase_error) <= CLOSE_MS

    @property
    def phase_near(self) -> bool:
        return abs(self.phase_error) <= NEAR_MS

    @property
    def one_line(self) -> bool:
        return self.lines == 1


def timing_scores(found: Timing, human: Sequence[RedLine]) -> TimingScore:
    """Compare found red lines with those of a human map, both in osu!'s convention.

    Tempo and downbeat are judged at the found first line, phase as the median over the found beats
    to ``PHASE_BARS`` bars past the last line.
    """
    truth = Timing(lines=tuple(human))
    first = found.lines[0]
    reference = human[int(truth.line_index(first.time))]
    errors = [(first.bpm * factor - reference.bpm) for factor in FACTORS]
    beats = truth.beat(first.time)
    nearest = int(np.rint(beats))
    on_downbeat = truth.bar_phase(np.array([nearest]))[0] == 0
    return TimingScore(
        bpm_error=errors[0],
        bpm_error_any_octave=min(errors, key=abs),
        phase_error=_phase_error(found, truth),
        lines=len(found.lines),
        on_downbeat=bool(on_downbeat) and abs(float(beats) - nearest) <= DOWNBEAT_BEATS,
        human_constant=is_constant(human),
    )


def _phase_error(found: Timing, truth: Timing) -> float:
    last = truth.lines[-1]
    end = max(found.lines[-1].time, last.time) + PHASE_BARS * last.meter * last.beat_length
    count = int(np.ceil(found.beat(end)))
    times = found.time(np.arange(max(count, 1)))
    lines = truth.line_index(times)
    spacing = np.array([line.beat_length for line in truth.lines])[lines]
    found_spacing = np.array([line.beat_length for line in found.lines])[found.line_index(times)]
    # On the finer grid, so that half or double tempo is not counted as a phase error again.
    finer = np.where(found_spacing < spacing * 0.75, spacing / 2, spacing)
    starts = np.array([line.time for line in truth.lines])[lines]
    off = (times - starts + finer / 2) % finer - finer / 2
    return float(np.median(off))
