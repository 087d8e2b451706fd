"""How far ours are from people's in one measure: Wasserstein's distance, and that of two halves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from beatheritage.evaluate.likeness.columns import Columns
from beatheritage.evaluate.likeness.pairs import Owned, Sides
from beatheritage.evaluate.likeness.windows import TELLERS, struck_first
from beatheritage.evaluate.spread import Figure, bounds
from beatheritage.osu.mode import Mode

HALVINGS = 20
RESAMPLES = 200
SEED = 0
DENSITY_MS = 2000.0
LEAST_SONGS = 4
SOUNDED = 16  # objects over which the share that sounds is taken


class Measure(NamedTuple):
    """What is measured, and its unit."""

    name: str
    unit: str


SPACING = Measure("spacing", "px")
ANGLE = Measure("angle", "degrees")
DENSITY = Measure("density", "onsets a second")
SLIDER_LENGTH = Measure("slider length", "px")
ASKED = (SPACING, ANGLE, DENSITY, SLIDER_LENGTH)
"""The measures that have a target."""

_TOLD: Mapping[str, Measure] = {
    "spacing: px": SPACING,
    "turns: degrees": ANGLE,
    "sliders: px": SLIDER_LENGTH,
    "sliders: px a beat": Measure("slider velocity", "px a beat"),
    "combos: objects": Measure("combo length", "objects"),
    "gaps: ms": Measure("gap", "ms"),
    "types: beats lasting": Measure("duration", "beats"),
    "colours: run": Measure("run of one colour", "notes"),
    "lanes: chord size": Measure("chord", "notes"),
    "lanes: jump": Measure("jump", "of the keys"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """``ours`` and ``people`` are medians; ``ratio`` is of the distance to that of the halves.
    ``pooled`` are both samples, numbered by ``songs``."""

    mode: Mode
    measure: Measure
    ours: float
    people: float
    apart: float
    halves: float
    ratio: Figure
    pooled: "Pooled"
    songs: tuple[str, ...]


def samples(columns: Columns) -> dict[Measure, np.ndarray]:
    """Everything that is compared of a map."""
    told: dict[str, np.ndarray] = {}
    for tell in TELLERS[columns.mode]:
        told |= tell(columns)[1]
    found = {_TOLD[name]: values for name, values in told.items() if name in _TOLD}
    found[DENSITY] = densities(columns)
    if columns.sounds.any() or columns.mode is not Mode.MANIA:
        found[Measure("hitsounds", "of 16 objects")] = _sounding(columns)
    return {measure: values[np.isfinite(values)] for measure, values in found.items()}


def densities(columns: Columns) -> np.ndarray:
    """Onsets a second in every two seconds that are not empty."""
    times = columns.times[struck_first(columns)]
    counts = np.bincount(((times - times[0]) // DENSITY_MS).astype(np.int64))
    return counts[counts > 0] / (DENSITY_MS / 1000)


def _sounding(columns: Columns) -> np.ndarray:
    whole = len(columns) // SOUNDED * SOUNDED
    return np.any(columns.sounds, axis=1)[:whole].reshape(-1, SOUNDED).mean(axis=1)


def distances(sides: Sides) -> tuple[Distance, ...]:
    """All measures of a mode; none for fewer than four songs of people's, which have no halves."""
    if len({one.song for one in sides.people}) < LEAST_SONGS:
        return ()
    songs = sides.songs
    ours, people = (_gathered(side, songs) for side in (sides.ours, sides.people))
    return tuple(
        _distance(sides.mode, measure, (ours[measure], people[measure]), songs)
        for measure in ours
        if measure in people and len(ours[measure].values) and len(people[measure].values)
    )


class Sample(NamedTuple):
    """Values (N,), and the number of the song (N,) that each is from."""

    values: np.ndarray
    songs: np.ndarray


def _gathered(side: Sequence[Owned], songs: Sequence[str]) -> dict[Measure, Sample]:
    """The samples of all maps as one."""
    found: dict[Measure, list[Sample]] = {}
    for one in side:
        for measure, values in samples(one.columns).items():
            number = np.full(len(values), songs.index(one.song))
            found.setdefault(measure, []).append(Sample(values, number))
    return {
        measure: Sample(*(np.concatenate(part) for part in zip(*parts, strict=True)))
        for measure, parts in found.items()
    }


def _distance(
    mode: Mode, measure: Measure, samples: tuple[Sample, Sample], songs: Sequence[str]
) -> Distance:
    ours, people = samples
    both, alone = Pooled(ours, people), Pooled(people, people)
    halves = _between_halves(alone, len(songs))
    everyone = np.arange(len(songs))

    def ratio(drawn: np.ndarray) -> float:
        weights = np.bincount(drawn, minlength=len(songs))
        return both.together(weights) / max(halves, 1e-12)

    return Distance(
        mode=mode,
        measure=measure,
        ours=float(np.median(ours.values)),
        people=float(np.median(people.values)),
        apart=ratio(everyone) * halves,
        halves=halves,
        ratio=Figure(
            value=ratio(everyone),
            **bounds(len(songs), ratio, RESAMPLES),
            count=len(ours.values),
            songs=len(np.unique(ours.songs)),
        ),
        pooled=both,
        songs=tuple(songs),
    )


def _between_halves(alone: "Pooled", songs: int) -> float:
    """The mean over halvings of the songs that hold anything."""
    rng, present = np.random.default_rng(SEED), np.unique(alone.songs)
    found = []
    for _ in range(HALVINGS):
        half = np.zeros(songs)
        half[rng.permutation(present)[: len(present) // 2]] = 1
        found.append(alone.apart(half, 1 - half))
    return float(np.mean(found))


class Pooled:
    """Two samples sorted once, whose songs can be weighed anew at little cost."""

    def __init__(self, first: Sample, second: Sample) -> None:
        values = np.concatenate([first.values, second.values])
        order = np.argsort(values, kind="stable")
        self.songs = np.concatenate([first.songs, second.songs])[order]
        self._is_first = order < len(first.values)
        self._values = values[order]
        self._steps = np.diff(self._values)

    @property
    def samples(self) -> tuple[np.ndarray, np.ndarray]:
        """Both samples' values, sorted."""
        return self._values[self._is_first], self._values[~self._is_first]

    def together(self, weights: np.ndarray) -> float:
        """Where the songs of both samples weigh alike."""
        return self.apart(weights, weights)

    def apart(self, first: np.ndarray, second: np.ndarray) -> float:
        """Wasserstein's distance where the samples' songs weigh so much, (songs,) each; nan where
        nothing is left of one."""
        shares = []
        for weights, mine in ((first, self._is_first), (second, ~self._is_first)):
            summed = np.cumsum(np.where(mine, weights[self.songs], 0.0))
            if not summed[-1]:
                return float("nan")
            shares.append(summed[:-1] / summed[-1])
        return float(np.abs(shares[0] - shares[1]) @ self._steps)
