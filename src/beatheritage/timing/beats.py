"""What the learned head makes of a song: where it hears beats and downbeats.

Its activations become log-odds, so that a grid is scored by adding them up at its beats: a beat on
nothing costs as a beat left out does, which is what tells a tempo from its double.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

FRAME_MS = 16.0  # the hop of the head's output
BEAT, DOWNBEAT = 0, 1
BIAS = (0.5, 1.8)  # what training weights added, fitted to which tempos people chose
TRUST = 4.0  # log-odds beyond which the head is not believed
METERS = (4, 3)
USUAL_METER_BONUS = 0.5  # log-odds a downbeat by which 4/4 is believed first
SHORTEST_BARS = 8
BEGINNING_BONUS = 0.1  # log-odds
EVEN_BONUS = 1.5


class BeatListener(Protocol):
    """What runs the beat head: log-mel (frames, bands) to activations (outputs, 2)."""

    def listen(self, mel: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Log-odds of a beat and a downbeat at every output frame, float64 (outputs, 2)."""

    odds: np.ndarray

    def at(self, times: np.ndarray, kind: int = BEAT) -> np.ndarray:
        """Log-odds at times in ms, where the sound is; what lies outside the song says nothing."""
        frames = np.arange(len(self.odds)) * FRAME_MS
        return np.interp(times, frames, self.odds[:, kind], left=0, right=0)

    def between(self, start: float, end: float) -> "Evidence":
        """A stretch of it, in ms, whose time begins at 0."""
        frames = np.arange(start, end, FRAME_MS) / FRAME_MS
        whole = np.arange(len(self.odds))
        odds = [np.interp(frames, whole, self.odds[:, kind]) for kind in (BEAT, DOWNBEAT)]
        return Evidence(odds=np.stack(odds, axis=1))


def hear(mel: np.ndarray, listener: BeatListener) -> Evidence:
    """Let the head listen to a song's log-mel."""
    activations = np.clip(listener.listen(mel).astype(np.float64), 1e-4, 1 - 1e-4)
    odds = np.log(activations / (1 - activations)) - BIAS
    return Evidence(odds=np.clip(odds, -TRUST, TRUST))


def beat_profile(evidence: Evidence, beat_length: float, phases: np.ndarray) -> np.ndarray:
    """Mean log-odds over all beats of a grid, for each of its phases in ms."""
    end = (len(evidence.odds) - 1) * FRAME_MS
    starts = np.arange(max(1, int(end // beat_length))) * beat_length
    return evidence.at(starts[:, None] + phases).mean(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Beats to a bar, and which of a grid's beats is the first downbeat (0 to meter - 1)."""

    meter: int
    first: int


def find_bar(downbeats: np.ndarray, *, even: bool = False) -> Bar:
    """The meter and its phase from the log-odds of a downbeat at every beat from the first heard.

    Music tends to begin on a downbeat. Where all beats sound ``even`` there is no bar to be heard,
    and that decides.
    """
    bonus = EVEN_BONUS if even else BEGINNING_BONUS
    best, best_score = Bar(meter=METERS[0], first=0), -np.inf
    for meter in METERS if len(downbeats) >= METERS[0] * SHORTEST_BARS else METERS[:1]:
        if len(downbeats) < meter:
            break
        means = np.array([downbeats[first::meter].mean() for first in range(meter)])
        means[0] += bonus
        first = int(np.argmax(means))
        score = means[first] - np.delete(means, first).mean()
        score += USUAL_METER_BONUS if meter == METERS[0] else 0.0
        if score > best_score:
            best, best_score = Bar(meter=meter, first=first), score
    return best
