"""Tables of what the knobs of style do: asked for low, middling and high."""

from collections.abc import Mapping, Sequence

import numpy as np

from beatheritage.evaluate.asks import HOLD_SHARES, HOLDS, KNOB_VALUES, KNOBS, knob_words
from beatheritage.evaluate.outcome import Outcome
from beatheritage.evaluate.spread import by_song, figure, mean
from beatheritage.evaluate.tables import Line, Table

HOLDS_TARGET = 0.03
MONOTONE_TARGET = 0.95
KNOB_NAMES = {
    "density": "density",
    "spacing": "spacing",
    "slider_share": "slider share",
    "stream_share": "stream share",
}


def hold_lines(outcomes: Sequence[Outcome]) -> tuple[Line, ...]:
    return tuple(
        Line(
            what=f"mania, {share:.0%} holds asked: mean error".replace("%", " %"),
            figure=figure(by_song(_hold_errors(outcomes, share)), mean),
            unit="points",
            target=HOLDS_TARGET,
            at_most=True,
        )
        for share in HOLD_SHARES
    )


def _hold_errors(outcomes: Sequence[Outcome], share: float) -> list[tuple[str, float]]:
    return [
        (one.song, abs(one.style["hold_share"] - share))
        for one in outcomes
        if one.group == HOLDS
        and one.chart == knob_words("hold_share", share)
        and "hold_share" in one.style
    ]


def hold_table(outcomes: Sequence[Outcome]) -> Table:
    rows = []
    for share in HOLD_SHARES:
        apart = [value for _, value in _hold_errors(outcomes, share)]
        got = [
            one.style["hold_share"]
            for one in outcomes
            if one.group == HOLDS
            and one.chart == knob_words("hold_share", share)
            and "hold_share" in one.style
        ]
        if got:
            cells = (f"{100 * value:.1f}" for value in (np.mean(got), np.mean(apart), max(apart)))
            rows.append((f"{100 * share:.0f} %", *cells, str(len(got))))
    return Table(
        title="Holds asked for and got",
        text="Mania at four keys; shares of all objects, in points of a hundred.",
        head=("asked", "got, mean", "mean error", "worst", "songs"),
        rows=tuple(rows),
    )


def knob_lines(outcomes: Sequence[Outcome]) -> tuple[Line, ...]:
    return tuple(
        Line(
            what=f"{name}: low, middle, high come out in this order, share of songs",
            figure=figure(_monotone(answers(outcomes, knob)), mean),
            unit="%",
            target=MONOTONE_TARGET,
        )
        for knob, name in KNOB_NAMES.items()
    )


def answers(outcomes: Sequence[Outcome], knob: str) -> dict[str, tuple[float, ...]]:
    """What each song gave for low, middle and high, in their order; only songs with all three."""
    asked = [knob_words(knob, value) for value in KNOB_VALUES[knob]]
    got: dict[str, dict[str, float]] = {}
    for one in outcomes:
        if one.group == KNOBS and one.chart in asked and knob in one.style:
            got.setdefault(one.song, {})[one.chart] = one.style[knob]
    return {
        song: tuple(values[name] for name in asked)
        for song, values in got.items()
        if len(values) == len(asked)
    }


def _monotone(found: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    return {song: [float(bool(np.all(np.diff(values) > 0)))] for song, values in found.items()}


def knob_table(outcomes: Sequence[Outcome]) -> Table:
    """Medians, and how many standard deviations of songs lie between low and high."""
    rows = []
    for knob, name in KNOB_NAMES.items():
        found = answers(outcomes, knob)
        if found:
            got_SV = np.array(list(found.values()))
            asked = ", ".join(f"{value:g}" for value in KNOB_VALUES[knob])
            digits = 0 if knob == "spacing" else 2
            medians = ", ".join(f"{value:.{digits}f}" for value in np.median(got_SV, axis=0))
            orders = np.mean([flags[0] for flags in _monotone(found).values()])
            cells = (f"{effect_size(got_SV):.1f}", f"{orders:.0%}".replace("%", " %"))
            rows.append((name, asked, medians, *cells, str(len(found))))
    return Table(
        title="What the knobs do",
        text=(
            "Std, one knob asked for and nothing else. Got are medians over songs, spacing in px "
            "from head to head. The effect is the mean step from low to high over the standard "
            "deviation of songs that are asked alike (Cohen's d)."
        ),
        head=("knob", "asked", "got", "effect", "in order", "songs"),
        rows=tuple(rows),
    )


def effect_size(got_SV: np.ndarray) -> float:
    """Of answers (songs, low to high): the mean step over the songs' deviation."""
    step = float(np.mean(got_SV[:, -1] - got_SV[:, 0]))
    deviation = float(np.sqrt(got_SV[:, [0, -1]].var(axis=0).mean()))
    return step / deviation if deviation else float("inf")
