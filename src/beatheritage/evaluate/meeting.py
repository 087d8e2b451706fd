"""Tables of the stars that were asked for and those that came, and of what the search costs."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from beatheritage.evaluate.asks import ASKED, DRAFTED, ENDS, KEPT, PLAIN, ladder
from beatheritage.evaluate.figures import GROUPS
from beatheritage.evaluate.outcome import Outcome
from beatheritage.evaluate.spread import Figure, by_song, figure, mean, single
from beatheritage.evaluate.tables import Line, Table, over, shown
from beatheritage.osu.mode import MODES, Mode

MEAN_TARGET, WORST_TARGET = 0.10, 0.30
WARNED_TARGET = 0.10
COST_TARGET = 3.0
F1_TARGET = -0.01

MEETING_TEXT = """\
rosu-pp's rating of the written map less what was asked for, 1.5 to 7 stars in std, 1.5 to 6
elsewhere, every half star alike often. Errors are over the requests that were met; those that the
song can't carry raise a warning, which names the range that it can."""


class Errors(NamedTuple):
    """Of requests without a warning: the mean error, unsigned, and the worst."""

    average: Figure | None
    worst: Figure | None


def meeting_lines(outcomes: Sequence[Outcome]) -> tuple[Line, ...]:
    asked = _written(outcomes, ASKED)
    average, worst = errors_of([one for one in asked if one.reach is None])
    warned = [(one.song, float(one.reach is not None)) for one in asked]
    _, ends = errors_of(_written(outcomes, ENDS))
    return (
        Line(
            what="stars asked and got, every mode: mean absolute error",
            figure=average,
            unit="stars",
            target=MEAN_TARGET,
            at_most=True,
        ),
        Line(
            what="the same: worst error",
            figure=worst,
            unit="stars",
            target=WORST_TARGET,
            at_most=True,
        ),
        Line(
            what="requests that the song can't carry, with a warning",
            figure=figure(by_song(warned), mean),
            unit="%",
            target=WARNED_TARGET,
            at_most=True,
        ),
        Line(
            what="the ends of the range that a warning names, asked for: worst error",
            figure=ends,
            unit="stars",
            target=WORST_TARGET,
            at_most=True,
        ),
        Line(
            what="work of meeting the stars, in plain generations (mean)",
            figure=figure(by_song(costs(outcomes)), mean),
            unit="times",
            target=COST_TARGET,
            at_most=True,
        ),
    )


def errors_of(outcomes: Sequence[Outcome]) -> Errors:
    apart = [(one.song, abs(one.stars - one.stars_asked)) for one in outcomes]
    if not apart:
        return Errors(None, None)
    songs = len({song for song, _ in apart})
    worst = single(max(value for _, value in apart), len(apart), songs)
    return Errors(figure(by_song(apart), mean), worst)


def costs(outcomes: Sequence[Outcome]) -> list[tuple[str, float]]:
    """What maps cost that were also written plainly, in units of that, with their songs."""
    plain = {_request(one): one.cpu_s for one in _written(outcomes, PLAIN)}
    return [
        (one.song, one.cpu_s / plain[_request(one)])
        for one in _written(outcomes, ASKED)
        if plain.get(_request(one))
    ]


def _request(outcome: Outcome) -> tuple[str, str, float]:
    return outcome.song, outcome.mode, outcome.stars_asked


def meeting_table(outcomes: Sequence[Outcome]) -> Table:
    """Errors by mode, and in each by the stars asked for."""
    rows = []
    for mode in Mode:
        mine = [one for one in _written(outcomes, ASKED) if one.mode == mode.name.lower()]
        name = MODES[mode].words[0]
        rows.append(_row(f"{name}, all", mine))
        for step in ladder(mode):
            rows.append(_row(f"{name}, {step:g}", [one for one in mine if one.stars_asked == step]))
    return Table(
        title="Stars asked for and met",
        text=MEETING_TEXT,
        head=("asked", "mean absolute error", "mean error", "worst", "warnings", "over"),
        rows=tuple(row for row in rows if row),
    )


def _row(name: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    if not outcomes:
        return ()
    met = [one for one in outcomes if one.reach is None]
    warned = str(len(outcomes) - len(met))
    average, worst = errors_of(met)
    if average is None or worst is None:
        return (name, "", "", "", warned, f"{len(outcomes)} requests")
    signed = float(np.mean([one.stars - one.stars_asked for one in met]))
    cells = (f"{average.value:.3f}", f"{signed:+.3f}", f"{worst.value:.2f}", warned)
    return (name, *cells, over(average))


def kept_lines(outcomes: Sequence[Outcome]) -> tuple[Line, ...]:
    """What the onsets lose, or gain, by repair and the search for stars."""
    return tuple(
        Line(
            what=f"onset F1 after repair and the search, less that of the draft, {name} (mean)",
            figure=figure(by_song(kept_by(outcomes, mode)), mean),
            target=F1_TARGET,
        )
        for mode, name in GROUPS.items()
        if kept_by(outcomes, mode)
    )


def kept_by(outcomes: Sequence[Outcome], mode: str) -> list[tuple[str, float]]:
    """F1 of whole maps less that of their drafts, with their songs."""
    drafts = {(one.song, one.chart): one.f1 for one in _written(outcomes, DRAFTED)}
    return [
        (one.song, one.f1 - drafts[one.song, one.chart])
        for one in _written(outcomes, KEPT)
        if one.mode == mode and (one.song, one.chart) in drafts
    ]


def kept_table(outcomes: Sequence[Outcome]) -> Table:
    rows = []
    for mode, name in GROUPS.items():
        apart = kept_by(outcomes, mode)
        if apart:
            mine = [one for one in _written(outcomes, KEPT) if one.mode == mode]
            drafts = [one for one in _written(outcomes, DRAFTED) if one.mode == mode]
            before, after = (float(np.mean([one.f1 for one in maps])) for maps in (drafts, mine))
            worst = min(value for _, value in apart)
            rows.append(
                (name, shown(before, ""), shown(after, ""), f"{worst:+.3f}", str(len(apart)))
            )
    return Table(
        title="Rhythm before and after repair and the search for stars",
        text="Onset F1 at ±20 ms against each song's middle chart of the mode, at its stars.",
        head=("charts", "draft, mean", "whole, mean", "most lost by one", "charts"),
        rows=tuple(rows),
    )


def _written(outcomes: Sequence[Outcome], group: str) -> list[Outcome]:
    return [
        one for one in outcomes if one.group == group and not one.error and np.isfinite(one.stars)
    ]
