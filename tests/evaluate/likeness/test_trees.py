import numpy as np
import pytest

from beatheritage.evaluate.likeness.telling import auc_of
from beatheritage.evaluate.likeness.trees import BINS, MISSING, Growth, binned, grow


def made(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels that hang on the first two of five features together, and on neither alone."""
    table = np.random.default_rng(seed).normal(size=(rows, 5))
    return table, ((table[:, 0] > 0) ^ (table[:, 1] > 0)).astype(np.float64)


def test_what_hangs_on_two_features_together_is_learned():
    trees = grow(*made(600), np.random.default_rng(1))
    table, labels = made(400, seed=2)
    assert auc_of(trees.scores(table), labels == 1) > 0.9


def test_what_is_chance_is_not_foreseen():
    table, _ = made(600)
    labels = np.random.default_rng(3).integers(0, 2, 600).astype(np.float64)
    trees = grow(table[:300], labels[:300], np.random.default_rng(1))
    assert abs(auc_of(trees.scores(table[300:]), labels[300:] == 1) - 0.5) < 0.1


def test_what_is_missing_can_tell():
    table, labels = made(300)
    table[labels == 1, 3] = np.nan
    trees = grow(table, labels, np.random.default_rng(1))
    assert auc_of(trees.scores(table), labels == 1) > 0.99
    assert 3 in trees.used


def test_only_what_is_used_changes_answers():
    table, labels = made(300)
    trees = grow(table, labels, np.random.default_rng(1), Growth(trees=1, depth=1))
    (used,) = trees.used or {0}
    other = table.copy()
    other[:, [place for place in range(5) if place != used]] = 0
    assert np.array_equal(trees.scores(table), trees.scores(other))


def test_bins_hold_alike_many_and_one_is_for_nan():
    values = np.arange(2300, dtype=np.float64)[:, None]
    edges = np.quantile(values, np.arange(1, BINS - 1) / (BINS - 1), axis=0).T
    counts = np.bincount(binned(values, edges)[:, 0], minlength=BINS)
    assert counts[MISSING] == 0
    assert set(counts[1:]) == {100}
    assert binned(np.array([[np.nan]]), edges)[0, 0] == MISSING


@pytest.mark.parametrize(
    ("scores", "expected"),
    [((1.0, 2.0, 3.0, 4.0), 1.0), ((4.0, 3.0, 2.0, 1.0), 0.0), ((1.0, 1.0, 1.0, 1.0), 0.5)],
)
def test_auc_counts_pairs(scores: tuple[float, ...], expected: float):
    assert auc_of(np.array(scores), np.array([False, False, True, True])) == expected
