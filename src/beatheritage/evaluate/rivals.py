"""Two models side by side: what each comes to, and how likely the better one is better.

Both wrote for the same charts, so songs are drawn for both at once (the paired bootstrap): a hard
song is hard for either. The probability is the share of draws in which the one that is ahead stays
ahead; a draw in which they are level counts half.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from beatheritage.evaluate.figures import GROUPS
from beatheritage.evaluate.likeness.chapter import Likeness
from beatheritage.evaluate.likeness.distances import ASKED
from beatheritage.evaluate.outcome import Outcome
from beatheritage.evaluate.spread import CONFIDENCE, SEED, Statistic, mean, median
from beatheritage.evaluate.tables import NOTHING, Table, Unit, shown
from beatheritage.osu.mode import MODES, Mode

RESAMPLES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A model by its name, and what was measured of it."""

    name: str
    outcomes: tuple[Outcome, ...]
    likeness: Likeness | None


class Score(NamedTuple):
    """``of`` takes how often each song was drawn; a song that it knows nothing of changes nothing.
    The better model has more where ``upward``, else less."""

    what: str
    unit: Unit
    upward: bool
    of: Callable[[Mapping[str, int]], float]


class Comparison(NamedTuple):
    """``low`` to ``high`` hold 95 % of the differences, second less first; ``better`` is 0 or 1,
    None where both are level."""

    what: str
    unit: Unit
    values: tuple[float, float]
    low: float
    high: float
    better: int | None
    probability: float


def compare_rivals(first: Rival, second: Rival) -> tuple[Comparison, ...]:
    """Every score that both have."""
    others = {score.what: score for score in scores_of(second)}
    pairs = [(score, others[score.what]) for score in scores_of(first) if score.what in others]
    songs = sorted({one.song for rival in (first, second) for one in rival.outcomes})
    return tuple(_compared(mine, theirs, songs) for mine, theirs in pairs)


def _compared(mine: Score, theirs: Score, songs: Sequence[str]) -> Comparison:
    rng = np.random.default_rng(SEED)
    once = dict.fromkeys(songs, 1)
    values = mine.of(once), theirs.of(once)
    drawn = []
    for _ in range(RESAMPLES):
        counts = np.bincount(rng.integers(0, len(songs), len(songs)), minlength=len(songs))
        weights = dict(zip(songs, counts.tolist(), strict=True))
        drawn.append(theirs.of(weights) - mine.of(weights))
    known = np.array([one for one in drawn if np.isfinite(one)] or [0.0])
    low, high = np.quantile(known, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    ahead = values[1] - values[0]
    share = float(np.mean((known * np.sign(ahead) > 0) + 0.5 * (known == 0)))
    is_second = (ahead > 0) == mine.upward
    return Comparison(
        what=mine.what,
        unit=mine.unit,
        values=values,
        low=float(low),
        high=float(high),
        better=int(is_second) if ahead else None,
        probability=share if ahead else 0.5,
    )


def scores_of(rival: Rival) -> Iterator[Score]:
    """Whatever was measured of a model."""
    yield from _of_outcomes(rival.outcomes)
    if rival.likeness is not None:
        yield from _of_likeness(rival.likeness)


def _of_outcomes(outcomes: Sequence[Outcome]) -> Iterator[Score]:
    for group, name in GROUPS.items():
        for timing, words in (("found", ""), ("true", ", the timing given")):
            mine = [one for one in outcomes if one.group == group and one.timing == timing]
            if not mine:
                continue
            for field, what in (("f1", "onset F1 ±20 ms"), ("f1_narrow", "onset F1 ±10 ms")):
                rows = [(one.song, float(getattr(one, field))) for one in mine]
                yield Score(f"{what}, {name}{words}: median", "", True, _over(rows, median))
            rated = [one for one in mine if not one.error and np.isfinite(one.stars)]
            rows = [(one.song, abs(one.stars - one.stars_asked)) for one in rated]
            if rows and timing == "found":
                what = f"stars got less those asked, {name}: mean of the absolute"
                yield Score(what, "", False, _over(rows, mean))


def _of_likeness(found: Likeness) -> Iterator[Score]:
    for told in found.told:
        what = f"two-sample test, {_name(told.mode)}: AUC"
        yield Score(what, "", False, _weighed(told.songs, told.duels.auc))
    for one in found.distances:
        if one.measure in ASKED:
            what = (
                f"{one.measure.name}, {_name(one.mode)}: distance to people's, {one.measure.unit}"
            )
            yield Score(what, "", False, _weighed(one.songs, one.pooled.together))
    for one in found.repeating:
        what = f"repeated sections, {_name(one.mode)}: agreement of rhythm, less people's"
        yield Score(what, "", True, _over(one.by_chart, mean))


def _over(rows: Sequence[tuple[str, float]], statistic: Statistic) -> Callable[..., float]:
    """A statistic of values by song, each as often as its song is drawn."""
    songs = [song for song, _ in rows]
    values = np.array([value for _, value in rows])

    def of(drawn: Mapping[str, int]) -> float:
        repeated = np.repeat(values, [drawn.get(song, 0) for song in songs])
        return statistic(repeated) if len(repeated) else float("nan")

    return of


def _weighed(songs: Sequence[str], of: Callable[[np.ndarray], float]) -> Callable[..., float]:
    """A function of the weights of songs in this order; what is no song of the draw weighs 1, as
    people's maps do that nobody was asked to match."""
    return lambda drawn: of(np.array([float(drawn.get(song, 1)) for song in songs]))


def rivals_table(first: Rival, second: Rival) -> Table:
    rows = []
    for one in compare_rivals(first, second):
        better = NOTHING if one.better is None else (first, second)[one.better].name
        rows.append(
            (
                one.what,
                *(shown(value, one.unit) for value in one.values),
                f"{one.values[1] - one.values[0]:+.3f}",
                f"{one.low:+.3f} to {one.high:+.3f}",
                better,
                f"{one.probability:.0%}".replace("%", " %"),
            )
        )
    return Table(
        title="Two models side by side",
        text=(
            "Plain maps for the same charts with the same seeds. The difference is the second "
            "less the first; beside it 95 % of other songs, which are drawn for both at once. "
            "The probability is how often the better one is better in these draws."
        ),
        head=("what", first.name, second.name, "difference", "95 %", "better", "probability"),
        rows=tuple(rows),
    )


def _name(mode: Mode) -> str:
    return MODES[mode].words[0]
