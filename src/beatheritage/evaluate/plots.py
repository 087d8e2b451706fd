"""Plots as SVG: a few plain kinds, drawn by hand, whose colours the page decides.

Values are in their own units; widths and heights in pixels. Everything that is drawn has a title,
which browsers show where the pointer rests.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import NamedTuple

import numpy as np

WIDTH = 560
LEFT, RIGHT, TOP, BOTTOM = 150, 24, 10, 30
NAMES = 250  # the room that long names take
ROW = 22
TICKS = 5
DRAWN_POINTS = 160
CURVES_HEIGHT = 190
SCATTER_HEIGHT = 300
SPREAD_PX = 14.0


class Interval(NamedTuple):
    """A figure with what chance would carry it to, and what it must reach, where it must."""

    name: str
    value: float
    low: float
    high: float
    target: float | None = None
    reached: bool | None = None


class Axis:
    """From values to pixels, along ``start`` to ``end`` px."""

    def __init__(self, values: Iterable[float], start: float, end: float) -> None:
        known = [value for value in values if np.isfinite(value)] or [0.0, 1.0]
        self.low, self.high = min(known), max(known)
        if self.low == self.high:
            self.low, self.high = self.low - 0.5, self.high + 0.5
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self._start + share * (self._end - self._start)

    def ticks(self) -> list[float]:
        """Round values inside the axis."""
        rough = (self.high - self.low) / TICKS
        power = 10.0 ** np.floor(np.log10(rough))
        step = float(power * min((1, 2, 5, 10), key=lambda each: abs(each * power - rough)))
        first = np.ceil(self.low / step)
        return [float(step * number) for number in np.arange(first, self.high / step + 1e-9)]


def intervals(figures: Sequence[Interval]) -> str:
    """Each figure as a dot on its whisker, with a stroke where it must come to."""
    ends = [end for one in figures for end in (one.low, one.high, one.value, *_target(one))]
    axis, height = Axis(ends, NAMES, WIDTH - RIGHT), TOP + ROW * len(figures) + BOTTOM
    parts = [_bottom(axis, height)]
    for row, one in enumerate(figures):
        y = TOP + ROW * (row + 0.5)
        parts.append(_label(one.name, y, NAMES))
        parts.append(_line(axis.at(one.low), y, axis.at(one.high), y, "whisker"))
        if one.target is not None:
            x = axis.at(one.target)
            parts.append(_line(x, y - 8, x, y + 8, "target"))
        kind = "ours" if one.reached is not False else "missed"
        words = f"{one.name}: {one.value:.3f} ({one.low:.3f} to {one.high:.3f})"
        parts.append(_dot(axis.at(one.value), y, kind, words, 5))
    return _svg(height, parts, "figures and what they must reach")


def _target(one: Interval) -> tuple[float, ...]:
    return () if one.target is None else (one.target,)


def strips(groups: Mapping[str, Sequence[tuple[str, float]]]) -> str:
    """Each value of each group as a dot, with a stroke at the group's median."""
    every = [value for rows in groups.values() for _, value in rows]
    height = TOP + 2 * ROW * len(groups) + BOTTOM
    axis = Axis([0.0, 1.0, *every], LEFT, WIDTH - RIGHT)
    parts, rng = [_bottom(axis, height)], np.random.default_rng(0)
    for row, (name, rows) in enumerate(groups.items()):
        y = TOP + 2 * ROW * (row + 0.5)
        parts.append(_label(name, y))
        for words, value in rows:
            beside = float(rng.uniform(-SPREAD_PX, SPREAD_PX))
            parts.append(_dot(axis.at(value), y + beside, "faint", f"{words}: {value:.3f}", 3))
        if rows:
            x = axis.at(float(np.median([value for _, value in rows])))
            parts.append(_line(x, y - ROW + 4, x, y + ROW - 4, "target"))
    return _svg(height, parts, "every chart, and the median")


def curves(series: Mapping[str, np.ndarray], unit: str) -> str:
    """How large a share of each sample lies at or below a value; the outer hundredths are cut."""
    samples = {name: np.sort(values) for name, values in series.items() if len(values)}
    joined = np.concatenate(list(samples.values())) if samples else np.zeros(1)
    low, high = np.quantile(joined, (0.01, 0.99))
    axis = Axis((low, high), LEFT, WIDTH - RIGHT)
    shares = Axis((0.0, 1.0), CURVES_HEIGHT - BOTTOM, TOP)
    parts = [_bottom(axis, CURVES_HEIGHT), _corner(f"share, by {unit}", TOP + 8)]
    at = np.linspace(axis.low, axis.high, DRAWN_POINTS)
    for number, (name, values) in enumerate(samples.items()):
        below = np.searchsorted(values, at, "right") / len(values)
        points = " ".join(
            f"{axis.at(x):.1f},{shares.at(y):.1f}"
            for x, y in zip(at.tolist(), below.tolist(), strict=True)
        )
        kind = ("ours", "people")[number % 2]
        title = f"<title>{escape(name)}</title>"
        parts.append(f'<polyline class="{kind} curve" points="{points}">{title}</polyline>')
        y = TOP + 30 + 18 * number
        parts.append(_line(20, y, 44, y, f"{kind} curve"))
        parts.append(f'<text x="50" y="{y + 4}">{escape(name)}</text>')
    return _svg(CURVES_HEIGHT, parts, "shares")


def scatter(points: Sequence[tuple[str, float, float]], across: str, up: str) -> str:
    """Each point by two values of one unit, with the line on which both are alike."""
    every = [value for _, *both in points for value in both]
    axis = Axis(every, LEFT, WIDTH - RIGHT)
    upright = Axis(every, SCATTER_HEIGHT - BOTTOM, TOP)
    parts = [_bottom(axis, SCATTER_HEIGHT), _corner(up, TOP + 8), _corner(f"by {across}", TOP + 26)]
    parts.append(
        _line(
            axis.at(axis.low),
            upright.at(axis.low),
            axis.at(axis.high),
            upright.at(axis.high),
            "whisker",
        )
    )
    for tick in upright.ticks():
        y = upright.at(tick)
        parts.append(f'<text class="tick" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">')
        parts.append(f"{tick:g}</text>")
    for words, x, y in points:
        parts.append(_dot(axis.at(x), upright.at(y), "ours", f"{words}: {x:.2f}, {y:.2f}", 3))
    return _svg(SCATTER_HEIGHT, parts, f"{up} by {across}")


def bars(values: Sequence[tuple[str, float]]) -> str:
    """Values from 0 on, the names beside them."""
    height = TOP + ROW * len(values) + BOTTOM
    axis = Axis([0.0, *(value for _, value in values)], NAMES, WIDTH - RIGHT)
    parts = [_bottom(axis, height)]
    for row, (name, value) in enumerate(values):
        y, x = TOP + ROW * row, min(axis.at(0.0), axis.at(value))
        wide = max(abs(axis.at(value) - axis.at(0.0)), 0.5)
        parts.append(_label(name, y + ROW / 2, NAMES))
        parts.append(
            f'<rect class="ours" x="{x:.1f}" y="{y + 4}" width="{wide:.1f}" height="{ROW - 8}">'
            f"<title>{escape(name)}: {value:.4f}</title></rect>"
        )
    return _svg(height, parts, "bars")


def _bottom(axis: Axis, height: float) -> str:
    """Ticks and fine lines over the whole height."""
    parts = []
    for tick in axis.ticks():
        x = axis.at(tick)
        parts.append(_line(x, TOP, x, height - BOTTOM + 4, "grid"))
        y = height - BOTTOM + 18
        parts.append(f'<text class="tick" x="{x:.1f}" y="{y}" text-anchor="middle">{tick:g}</text>')
    return "".join(parts)


def _label(words: str, y: float, right: float = LEFT) -> str:
    return f'<text x="{right - 12}" y="{y + 4:.1f}" text-anchor="end">{escape(words)}</text>'


def _corner(words: str, y: float) -> str:
    return f'<text x="8" y="{y + 4:.1f}">{escape(words)}</text>'


def _line(x: float, y: float, to_x: float, to_y: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"/>'


def _dot(x: float, y: float, kind: str, words: str, radius: float) -> str:
    title = f"<title>{escape(words)}</title>"
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}">{title}</circle>'


def _svg(height: float, parts: Sequence[str], words: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(words)}">'
        f"{''.join(parts)}</svg>"
    )
