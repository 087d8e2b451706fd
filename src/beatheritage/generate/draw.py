"""Drawing one of several from logits: the one place where models meet chance."""

import numpy as np

FORBIDDEN = -np.inf


def draw(
    logits: np.ndarray,
    allowed: np.ndarray,
    luck: float,
    temperature: float = 1.0,
    top_p: float = 1.0,
    top_k: int = 0,
) -> int | None:
    """An index among what is allowed (bool, same shape), by nucleus sampling; None if nothing is.

    ``luck`` is uniform on [0, 1); logits that change a little mostly give the same index for the
    same luck. ``top_k`` 0 means no limit.
    """
    open_to = np.flatnonzero(allowed)
    if not len(open_to):
        return None
    weights = _chances(logits[open_to], temperature)
    kept = _likeliest(weights, top_p)
    kept = kept[:top_k] if top_k else kept
    kept = np.sort(kept)
    chances = np.cumsum(weights[kept])
    picked = int(np.searchsorted(chances, luck * chances[-1], "right"))
    return int(open_to[kept[min(picked, len(kept) - 1)]])


def nucleus(logits: np.ndarray, temperature: float, top_p: float) -> np.ndarray:
    """The fewest indices, likeliest first, that have ``top_p`` of the chances."""
    return _likeliest(_chances(logits, temperature), top_p)


def _chances(logits: np.ndarray, temperature: float) -> np.ndarray:
    scaled = logits.astype(np.float64) / max(temperature, 1e-3)
    weights = np.exp(scaled - scaled.max())
    return weights / weights.sum()


def _likeliest(weights: np.ndarray, top_p: float) -> np.ndarray:
    order = np.argsort(-weights, kind="stable")
    reached = np.cumsum(weights[order])
    return order[: int(np.searchsorted(reached, top_p)) + 1]
