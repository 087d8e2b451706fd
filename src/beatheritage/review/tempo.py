"""How the ranking criteria's beats scale with the tempo.

Their rhythm rules are written for 180 BPM. Above that they hold strictly, below they ease, and at
120 and at 240 BPM a song counts as twice as fast or half as fast (ranking criteria, Scaling BPM).
"""

from functools import lru_cache
from typing import NamedTuple

WRITTEN_FOR_BPM = 180.0
SLOWEST_BPM, FASTEST_BPM = 120.0, 240.0  # within an octave; the upper end begins the next
# What the criteria's own example makes of four beats at 120 BPM: three.
LEAST_TIME_SHARE = 0.75
# How much longer a pattern may be at 120 BPM than at 180: twice.
MOST_PATTERN_SHARE = 2.0
# A gap counts as a snap's when it is at most this much longer than it, in beats: objects stand on
# whole milliseconds.
SNAP_SLACK = 0.02


class RuleBeat(NamedTuple):
    """A beat as the criteria count it: ``length`` in ms, ``ease`` 0 from 180 BPM up, 1 at 120."""

    length: float
    ease: float

    def gap(self, ms: float) -> float:
        """So many ms in beats."""
        return ms / self.length

    def time(self, beats: float) -> float:
        """The ms that a rule asks for when it asks for so many beats of time."""
        return beats * self.length * (1 - (1 - LEAST_TIME_SHARE) * self.ease)

    def notes(self, most: int) -> int:
        """How many notes a pattern may have where the rule says ``most``."""
        return int(most * (1 + (MOST_PATTERN_SHARE - 1) * self.ease))

    def at_most(self, ms: float, beats: float) -> bool:
        """Whether a gap is so many beats, or faster."""
        return self.gap(ms) <= beats + SNAP_SLACK


@lru_cache(maxsize=256)
def rule_beat(beat_length: float) -> RuleBeat:
    """The beat that rules count in where a red line says ``beat_length`` ms."""
    longest, shortest = 60_000 / SLOWEST_BPM, 60_000 / FASTEST_BPM
    length = beat_length
    while length > longest:
        length /= 2
    while length <= shortest:
        length *= 2
    bpm = 60_000 / length
    ease = (WRITTEN_FOR_BPM - bpm) / (WRITTEN_FOR_BPM - SLOWEST_BPM)
    return RuleBeat(length, min(max(ease, 0.0), 1.0))
