"""Boosted trees: a classifier small enough to be read, that needs nothing but numpy.

Gradient boosting of the logistic loss with second-order leaves over histograms of each feature, as
XGBoost (Chen and Guestrin, 2016) and LightGBM do it, on trees of one depth.
"""

from dataclasses import dataclass

import numpy as np

BINS = 24
MISSING = 0  # the bin of what is nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How trees grow. ``rows`` and ``columns`` are the shares that each tree sees."""

    trees: int = 100
    depth: int = 3
    rate: float = 0.1
    rows: float = 0.7
    columns: float = 0.5
    least_weight: float = 3.0
    shrinkage: float = 1.0


USUAL = Growth()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Complete: node k's children are 2k + 1 and 2k + 2; at a node, a bin above ``cuts`` goes to
    the second."""

    features: np.ndarray
    cuts: np.ndarray
    leaves: np.ndarray

    def answer(self, bins: np.ndarray) -> np.ndarray:
        node = np.zeros(len(bins), np.int64)
        rows = np.arange(len(bins))
        while node[:1].size and node[0] < len(self.features):
            above = bins[rows, self.features[node]] > self.cuts[node]
            node = 2 * node + 1 + above
        return self.leaves[node - len(self.features)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """``edges`` (features, BINS - 2) part what was learned from."""

    edges: np.ndarray
    trees: tuple[Tree, ...]

    def scores(self, table: np.ndarray) -> np.ndarray:
        """How likely each row (rows, features) is labelled 1, as log odds."""
        return self.binned_scores(binned(table, self.edges))

    def binned_scores(self, bins: np.ndarray) -> np.ndarray:
        return np.sum([tree.answer(bins) for tree in self.trees], axis=0)

    @property
    def used(self) -> frozenset[int]:
        """The features that an answer hangs on."""
        cut = [tree.features[tree.cuts < BINS] for tree in self.trees]
        return frozenset(np.concatenate(cut).tolist())


def binned(table: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Each value's bin, uint8; nan has one of its own."""
    columns = zip(table.T, edges, strict=True)
    places = [np.searchsorted(cuts, values, "right") + 1 for values, cuts in columns]
    return np.where(np.isnan(table), MISSING, np.stack(places, axis=1)).astype(np.uint8)


def grow(
    table: np.ndarray, labels: np.ndarray, rng: np.random.Generator, growth: Growth = USUAL
) -> Trees:
    """Learn to tell rows (rows, features) labelled 1 from those labelled 0; both weigh alike."""
    edges = edges_of(table)
    bins = binned(table, edges)
    share = labels.mean()
    weights = np.where(labels == 1, 0.5 / max(share, 1e-9), 0.5 / max(1 - share, 1e-9))
    odds, trees = np.zeros(len(labels)), []
    for _ in range(growth.trees):
        seen = np.flatnonzero(rng.random(len(labels)) < growth.rows)
        chosen = rng.permutation(table.shape[1])[: max(1, round(growth.columns * table.shape[1]))]
        chance = 1 / (1 + np.exp(-odds))
        slope = weights * (chance - labels)
        bend = weights * chance * (1 - chance)
        tree = _grow_one(bins[np.ix_(seen, chosen)], slope[seen], bend[seen], growth)
        tree = Tree(features=chosen[tree.features], cuts=tree.cuts, leaves=tree.leaves)
        odds += tree.answer(bins)
        trees.append(tree)
    return Trees(edges=edges, trees=tuple(trees))


def edges_of(table: np.ndarray) -> np.ndarray:
    """What parts each feature into bins that hold alike many, (features, BINS - 2)."""
    known = np.where(np.isfinite(table).any(axis=0), table, 0.0)
    return np.nanquantile(known, np.arange(1, BINS - 1) / (BINS - 1), axis=0).T


def _grow_one(bins: np.ndarray, slope: np.ndarray, bend: np.ndarray, growth: Growth) -> Tree:
    """One tree, level by level."""
    count = 2**growth.depth - 1
    features, cuts = np.zeros(count, np.int64), np.full(count, BINS)
    node, rows = np.zeros(len(bins), np.int64), np.arange(len(bins))
    for level in range(growth.depth):
        first = 2**level - 1
        size = 2**level
        slopes = _histograms(bins, node - first, size, slope)
        best, where = _best_cuts(slopes, _histograms(bins, node - first, size, bend), growth)
        split = best > 0
        features[first : first + size] = np.where(split, where // BINS, 0)
        cuts[first : first + size] = np.where(split, where % BINS, BINS)
        above = bins[rows, features[node]] > cuts[node]
        node = 2 * node + 1 + above
    leaf = node - count
    total = np.bincount(leaf, slope, minlength=2**growth.depth)
    weight = np.bincount(leaf, bend, minlength=2**growth.depth)
    return Tree(
        features=features, cuts=cuts, leaves=-growth.rate * total / (weight + growth.shrinkage)
    )


def _histograms(bins: np.ndarray, node: np.ndarray, nodes: int, values: np.ndarray) -> np.ndarray:
    """Sums of values (nodes, features, BINS)."""
    features = bins.shape[1]
    place = (node[:, None] * features + np.arange(features)) * BINS + bins
    summed = np.bincount(place.ravel(), np.repeat(values, features), nodes * features * BINS)
    return summed.reshape(nodes, features, BINS)


def _best_cuts(
    slope: np.ndarray, bend: np.ndarray, growth: Growth
) -> tuple[np.ndarray, np.ndarray]:
    """What the best cut of each node gains, and where it is: feature * BINS + bin."""
    slope_low, bend_low = np.cumsum(slope, axis=-1), np.cumsum(bend, axis=-1)
    slope_all, bend_all = slope_low[..., -1:], bend_low[..., -1:]

    def worth(total: np.ndarray, weight: np.ndarray) -> np.ndarray:
        return total**2 / (weight + growth.shrinkage)

    gain = worth(slope_low, bend_low) + worth(slope_all - slope_low, bend_all - bend_low)
    gain = gain - worth(slope_all, bend_all)
    thin = np.minimum(bend_low, bend_all - bend_low) < growth.least_weight
    gain = np.where(thin, 0.0, gain).reshape(len(gain), -1)
    where = gain.argmax(axis=1)
    return gain[np.arange(len(gain)), where], where
