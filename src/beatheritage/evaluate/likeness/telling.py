"""The two-sample test: can a classifier that has heard other songs tell ours from people's?

Trees learn from the windows of half of the songs and are asked about the other half's; then the
halves change places, and the songs are halved anew. The same is done with people's maps alone, of
which half the songs are called ours: what that gives beyond 0.5 is chance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from beatheritage.evaluate.likeness.duels import Duels, duels_of
from beatheritage.evaluate.likeness.pairs import Sides
from beatheritage.evaluate.likeness.trees import USUAL, Growth, Trees, binned, grow
from beatheritage.evaluate.likeness.windows import tell_windows
from beatheritage.evaluate.spread import Figure, bounds
from beatheritage.osu.mode import Mode

HALVINGS = 5
CONTROLS = 10
LEAST_SONGS = 4
RESAMPLES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Windows of many maps: ``table`` (N, names), whether each is ours, and its song's number."""

    names: tuple[str, ...]
    table: np.ndarray
    ours: np.ndarray
    songs: np.ndarray

    @property
    def count(self) -> int:
        """How many songs there are."""
        return int(self.songs.max()) + 1


class Tell(NamedTuple):
    """One feature: what the AUC loses where it is shuffled, the AUC of itself alone (over 0.5:
    more in ours), and both medians."""

    name: str
    lost: float
    alone: float
    ours: float
    people: float


class Group(NamedTuple):
    """All features of a kind: what the AUC loses without them, and what they reach alone."""

    name: str
    lost: float
    alone: float


class Control(NamedTuple):
    """AUCs of people against people: the mean over halvings, and the least and the most."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """``auc`` is over all halvings; ``by_halving`` shows what another half would have given.
    ``duels`` are numbered by ``songs``."""

    mode: Mode
    auc: Figure
    duels: Duels
    songs: tuple[str, ...]
    by_halving: tuple[float, ...]
    control: Control | None
    groups: tuple[Group, ...]
    tells: tuple[Tell, ...]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Trees, and the windows that they have not seen."""

    trees: Trees
    unseen: Windows

    @cached_property
    def bins(self) -> np.ndarray:
        return binned(self.unseen.table, self.trees.edges)

    @cached_property
    def scores(self) -> np.ndarray:
        return self.trees.binned_scores(self.bins)

    @cached_property
    def auc(self) -> float:
        return auc_of(self.scores, self.unseen.ours)


def two_sample(sides: Sides, growth: Growth = USUAL) -> Told | None:
    """None where there are fewer than four songs of either side."""
    windows = gathered(sides)
    if (
        windows is None
        or _songs_of(windows, 0) < LEAST_SONGS
        or _songs_of(windows, 1) < LEAST_SONGS
    ):
        return None
    trials = [trial for seed in range(HALVINGS) for trial in _halved(windows, seed, growth)]
    duels = _fought(windows, trials)
    return Told(
        mode=sides.mode,
        auc=_figure(windows, duels),
        duels=duels,
        songs=tuple(sides.songs),
        by_halving=tuple(trial.auc for trial in trials),
        control=_control(windows, growth),
        groups=_groups(windows, trials, growth),
        tells=_tells(windows, trials),
    )


def gathered(sides: Sides) -> Windows | None:
    """None where no map has a window."""
    songs = sides.songs
    tables, ours, numbers, names = [], [], [], ()
    for is_ours, side in ((True, sides.ours), (False, sides.people)):
        for one in side:
            told = tell_windows(one.columns)
            names = told.names
            tables.append(told.table)
            ours.append(np.full(len(told.table), is_ours))
            numbers.append(np.full(len(told.table), songs.index(one.song)))
    if not sum(map(len, tables)):
        return None
    return Windows(
        names=names,
        table=np.concatenate(tables),
        ours=np.concatenate(ours),
        songs=np.concatenate(numbers),
    )


def chosen(windows: Windows, rows: np.ndarray) -> Windows:
    return replace(
        windows, table=windows.table[rows], ours=windows.ours[rows], songs=windows.songs[rows]
    )


def _songs_of(windows: Windows, side: int) -> int:
    return len(np.unique(windows.songs[windows.ours == side]))


def _halved(windows: Windows, seed: int, growth: Growth) -> Iterator[Trial]:
    """Both ways of learning from one half of the songs; nothing where a half lacks a side."""
    rng = np.random.default_rng(seed)
    half = rng.permutation(windows.count)[: windows.count // 2]
    in_half = np.isin(windows.songs, half)
    for learned in (in_half, ~in_half):
        seen, unseen = chosen(windows, learned), chosen(windows, ~learned)
        if all(0 < part.ours.sum() < len(part.ours) for part in (seen, unseen)):
            trees = grow(seen.table, seen.ours.astype(np.float64), rng, growth)
            yield Trial(trees=trees, unseen=unseen)


def _fought(windows: Windows, trials: Sequence[Trial]) -> Duels:
    """Within each unseen half, all of them together."""
    each = (
        duels_of(trial.scores, trial.unseen.ours, trial.unseen.songs, windows.count)
        for trial in trials
    )
    nothing = np.zeros((windows.count, windows.count))
    return sum(each, Duels(won=nothing, met=nothing))


def _figure(windows: Windows, duels: Duels) -> Figure:
    """Songs weigh as often as they are drawn."""

    def pooled(drawn: np.ndarray) -> float:
        return duels.auc(np.bincount(drawn, minlength=windows.count).astype(np.float64))

    return Figure(
        value=pooled(np.arange(windows.count)),
        **bounds(windows.count, pooled, RESAMPLES),
        count=len(windows.ours),
        songs=windows.count,
    )


def _control(windows: Windows, growth: Growth) -> Control | None:
    """People against people: the songs of a random half are called ours, before any halving."""
    people = chosen(windows, ~windows.ours)
    _, numbers = np.unique(people.songs, return_inverse=True)
    people = replace(people, songs=numbers)
    found = []
    for seed in range(CONTROLS):
        rng = np.random.default_rng((seed, 1))
        called = rng.permutation(people.count)[: people.count // 2]
        named = replace(people, ours=np.isin(people.songs, called))
        found += [trial.auc for trial in _halved(named, seed, growth)]
    return Control(float(np.mean(found)), min(found), max(found)) if found else None


def _groups(windows: Windows, trials: Sequence[Trial], growth: Growth) -> tuple[Group, ...]:
    """By how much is lost."""
    kinds = np.array([name.split(":")[0] for name in windows.names])
    found = []
    for kind in dict.fromkeys(kinds.tolist()):
        mine = np.flatnonzero(kinds == kind)
        only = replace(
            windows, names=tuple(np.array(windows.names)[mine]), table=windows.table[:, mine]
        )
        alone = _fought(only, list(_halved(only, 0, growth))).auc(np.ones(windows.count))
        found.append(Group(kind, _lost(trials, mine), alone))
    return tuple(sorted(found, key=lambda one: -one.alone))


def _tells(windows: Windows, trials: Sequence[Trial]) -> tuple[Tell, ...]:
    """Every feature, those that give most away first."""
    found = []
    for place, name in enumerate(windows.names):
        values = windows.table[:, place]
        known = np.isfinite(values)
        sides = [values[known & side] for side in (windows.ours, ~windows.ours)]
        if all(map(len, sides)):
            medians = (float(np.median(side)) for side in sides)
            alone = auc_of(values[known], windows.ours[known])
            found.append(Tell(name, _lost(trials, np.array([place])), alone, *medians))
    return tuple(sorted(found, key=lambda one: (-one.lost, -abs(one.alone - 0.5))))


def _lost(trials: Sequence[Trial], features: np.ndarray) -> float:
    """The mean loss of AUC where features are shuffled, together, over the unseen windows."""
    losses = []
    for place, trial in enumerate(trials):
        if trial.trees.used.isdisjoint(features.tolist()):
            losses.append(0.0)
            continue
        rng = np.random.default_rng((place, int(features[0])))
        shuffled = trial.bins.copy()
        shuffled[:, features] = shuffled[rng.permutation(len(shuffled))][:, features]
        losses.append(trial.auc - auc_of(trial.trees.binned_scores(shuffled), trial.unseen.ours))
    return float(np.mean(losses))


def auc_of(scores: np.ndarray, ours: np.ndarray) -> float:
    """How often a window of ours scores above one of people's; ties count half."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    mine, others = int(ours.sum()), int((~ours).sum())
    return float((ranks[ours].sum() - mine * (mine + 1) / 2) / (mine * others))
