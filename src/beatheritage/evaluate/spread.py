"""A figure, and how far chance would carry it with other songs: the bootstrap over songs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 1000
CONFIDENCE = 0.95
SEED = 0

Statistic = Callable[[np.ndarray], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """``low`` to ``high`` hold 95 % of what the same number of other songs would have given."""

    value: float
    low: float
    high: float
    count: int
    songs: int


def figure(by_song: Mapping[str, Sequence[float]], statistic: Statistic) -> Figure | None:
    """A statistic of values that hang together by song; None where there are no values.

    Whole songs are drawn, since charts of one song are good or bad together.
    """
    songs = [np.asarray(values, np.float64) for values in by_song.values() if len(values)]
    if not songs:
        return None
    together = np.concatenate(songs)
    return Figure(
        value=statistic(together),
        **bounds(len(songs), lambda drawn: statistic(np.concatenate([songs[i] for i in drawn]))),
        count=len(together),
        songs=len(songs),
    )


def bounds(songs: int, statistic: Statistic, resamples: int = RESAMPLES) -> dict[str, float]:
    """``low`` and ``high`` of a statistic of song numbers, drawn with replacement."""
    rng = np.random.default_rng(SEED)
    drawn = [statistic(rng.integers(0, songs, songs)) for _ in range(resamples)]
    low, high = np.nanquantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return {"low": float(low), "high": float(high)}


def single(value: float, count: int, songs: int) -> Figure:
    """A figure that chance has no part in, such as the worst of a few."""
    return Figure(value=value, low=value, high=value, count=count, songs=songs)


def by_song(pairs: Iterable[tuple[str, float]]) -> dict[str, list[float]]:
    """Values under the song that each belongs to."""
    grouped: dict[str, list[float]] = {}
    for song, value in pairs:
        grouped.setdefault(song, []).append(value)
    return grouped


def median(values: np.ndarray) -> float:
    return float(np.median(values))


def mean(values: np.ndarray) -> float:
    return float(np.mean(values))
