"""Pictures of training: a panel for each loss, as SVG that any browser and GitHub show.

Faint is what was logged, bright its running mean; dots are windows of held-out artists.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from statistics import fmean

from beatheritage.train.history import Curve, History

# The colours of the pictures of maps.
NIGHT, PANEL, EDGE = "#0f1119", "#171a26", "#30364c"
TEXT, SOFT_TEXT = "#e8ecf5", "#949db6"
LEARNT, UNSEEN = "#40a8a4", "#ffb042"

WIDTH, MARGIN, GAP = 1040, 28, 16
HEAD_HEIGHT, PANEL_HEIGHT = 56, 230
COLUMNS = 3
INSET_LEFT, INSET_RIGHT, INSET_TOP, INSET_BOTTOM = 50, 14, 38, 30
SMOOTHING = 0.04  # of all steps, to either side
SETTLED = 0.05  # the share of steps after which a loss is worth its place on the scale
MOST_LINES = 5
ROUND_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One loss under its title; ``left`` and ``top`` are px, values are the loss's own."""

    title: str
    learnt: Curve
    unseen: Curve
    steps: int
    left: float
    top: float
    width: float

    def x(self, step: float) -> float:
        room = self.width - INSET_LEFT - INSET_RIGHT
        return self.left + INSET_LEFT + room * step / max(1, self.steps)

    def y(self, value: float) -> float:
        low, high = self.bounds
        room = PANEL_HEIGHT - INSET_TOP - INSET_BOTTOM
        share = min(max((value - low) / (high - low), 0), 1)
        return self.top + INSET_TOP + room * (1 - share)

    @property
    def bounds(self) -> tuple[float, float]:
        """The scale: what comes after the first fall, but for a batch in five, and some air."""
        first = SETTLED * self.steps
        batches = sorted(value for step, value in self.learnt if step > first)
        most = batches[len(batches) // 10 : len(batches) - len(batches) // 10]
        means = [value for step, value in smooth(self.learnt) if step > first]
        values = [*most, *means, *(value for _, value in self.unseen)] or [0.0]
        air = 0.06 * (max(values) - min(values)) or 0.5
        return min(values) - air, max(values) + air


def draw_curves(history: History, title: str, names: dict[str, str]) -> str:
    """An SVG of the losses in ``names``, each with what its panel is called."""
    drawn = [name for name in names if name in history.learnt]
    columns = min(COLUMNS, max(1, len(drawn)))
    width = (WIDTH - 2 * MARGIN - (columns - 1) * GAP) / columns
    rows = -(-len(drawn) // columns)
    height = HEAD_HEIGHT + rows * (PANEL_HEIGHT + GAP) - GAP + 2 * MARGIN
    panels = [
        Panel(
            title=names[name],
            learnt=history.learnt[name],
            unseen=history.unseen.get(name, ()),
            steps=history.steps,
            left=MARGIN + index % columns * (width + GAP),
            top=MARGIN + HEAD_HEIGHT + index // columns * (PANEL_HEIGHT + GAP),
            width=width,
        )
        for index, name in enumerate(drawn)
    ]
    parts = [*_head(title, any(panel.unseen for panel in panels))]
    parts += [part for panel in panels for part in _panel(panel)]
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">'
    ground = f'<rect width="{WIDTH}" height="{height}" fill="{NIGHT}"/>'
    return "\n".join([opening, ground, *parts, "</svg>"]) + "\n"


def smooth(curve: Curve) -> Curve:
    """Each point replaced by the mean of those around it."""
    reach = SMOOTHING * curve[-1][0] if curve else 0.0
    return tuple((step, fmean(_around(curve, step, reach))) for step, _ in curve)


def _around(curve: Curve, step: int, reach: float) -> list[float]:
    return [value for other, value in curve if abs(other - step) <= reach]


def marks(low: float, high: float) -> list[float]:
    """Round numbers between two bounds, at most ``MOST_LINES``."""
    size = 10.0**-6
    while True:
        for factor in ROUND_STEPS:
            step = size * factor
            first = -(-low // step)
            if high // step - first < MOST_LINES:
                return [
                    round(number * step, 9) for number in range(int(first), int(high // step) + 1)
                ]
        size *= 10


def _head(title: str, judged: bool) -> Iterator[str]:
    yield _text(MARGIN, MARGIN + 20, title, 20)
    x = WIDTH - MARGIN - 122
    for name, ink in ((("unseen artists", UNSEEN),) if judged else ()) + (("training", LEARNT),):
        yield f'<rect x="{x}" y="{MARGIN + 8}" width="22" height="4" rx="2" fill="{ink}"/>'
        yield _text(x + 30, MARGIN + 15, name, 13, SOFT_TEXT)
        x -= 120


def _panel(panel: Panel) -> Iterator[str]:
    place = f'x="{panel.left:g}" y="{panel.top:g}" width="{panel.width:.1f}"'
    yield f'<rect {place} height="{PANEL_HEIGHT}" rx="8" fill="{PANEL}"/>'
    yield _text(panel.left + 14, panel.top + 24, panel.title, 13)
    yield from _scales(panel)
    yield _line(panel, panel.learnt, f'stroke="{LEARNT}" stroke-opacity="0.28" stroke-width="1"')
    yield _line(panel, smooth(panel.learnt), f'stroke="{LEARNT}" stroke-width="2"')
    if panel.unseen:
        yield _line(panel, panel.unseen, f'stroke="{UNSEEN}" stroke-width="1.5"')
    for step, value in panel.unseen:
        yield f'<circle cx="{panel.x(step):.1f}" cy="{panel.y(value):.1f}" r="3" fill="{UNSEEN}"/>'


def _scales(panel: Panel) -> Iterator[str]:
    left, right = panel.x(0), panel.x(panel.steps)
    for value in marks(*panel.bounds):
        y = panel.y(value)
        yield f'<path d="M{left:.1f} {y:.1f}H{right:.1f}" stroke="{EDGE}"/>'
        yield _text(left - 8, y + 4, f"{value:g}", 11, SOFT_TEXT, "end")
    bottom = panel.top + PANEL_HEIGHT - 10
    for step in marks(0, panel.steps):
        yield _text(panel.x(step), bottom, f"{step:g}", 11, SOFT_TEXT, "middle")


def _line(panel: Panel, curve: Curve, look: str) -> str:
    path = "L".join(f"{panel.x(step):.1f} {panel.y(value):.1f}" for step, value in curve)
    return f'<path d="M{path}" fill="none" {look}/>'


def _text(x: float, y: float, words: str, size: int, ink: str = TEXT, anchor: str = "start") -> str:
    look = f'font-size="{size}" fill="{ink}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(words)}</text>'
