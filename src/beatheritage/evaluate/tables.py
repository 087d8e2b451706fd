"""Figures beside what they must reach, and tables of them in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from beatheritage.evaluate.spread import Figure

Unit = Literal["%", "", "s", "ms", "GB", "BPM", "stars", "points", "times", "count", "kB"]
NOTHING = "–"
LITTLE = 0.01  # a share below which whole per cents hide that it is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing measured. ``target`` is a bound: the least, or the most where ``at_most``.

    A figure of None was not measured; what has no target stands for orientation.
    """

    what: str
    figure: Figure | None
    unit: Unit = ""
    target: float | None = None
    at_most: bool = False

    @property
    def reached(self) -> bool | None:
        if self.target is None or self.figure is None:
            return None
        value = self.figure.value
        return abs(value) <= self.target if self.at_most else value >= self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``text`` says what is measured, and how; ``lines`` beside targets, or ``rows`` of words."""

    title: str
    text: str
    lines: tuple[Line, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


LINE_HEAD = ("what", "measured", "95 % of other songs", "over", "must reach", "reached")


def markdown(table: Table) -> str:
    """A section of a document; tables without rows say so."""
    parts = [f"## {table.title}", "", *([table.text, ""] if table.text else [])]
    if table.lines:
        parts += [grid(LINE_HEAD, [cells(line) for line in table.lines]), ""]
    if table.head:
        parts += [grid(table.head, table.rows) if table.rows else "None.", ""]
    return "\n".join(parts)


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_escaped(cell) for cell in line) + " |" for line in lines)


def shown(value: float, unit: Unit) -> str:
    """A value as people read it."""
    match unit:
        case "%":
            digits = int(0 < abs(value) < LITTLE)
            return f"{value:.{digits}%}".replace("%", " %")
        case "ms":
            return f"{value:.2f} ms"
        case "s":
            return f"{value:.2f} s"
        case "BPM":
            return f"{value:.4f} BPM"
        case "stars":
            return f"{value:+.2f}"
        case "count":
            return f"{value:.0f}"
        case "points":
            return f"{100 * value:.1f} points"
        case "times":
            return f"{value:.2f} x"
        case "GB":
            return f"{value:.2f} GB"
        case "kB":
            return f"{value:.0f} kB"
        case _:
            return f"{value:.3f}"


def verdict(reached: bool | None) -> str:
    return NOTHING if reached is None else "yes" if reached else "**no**"


def bound(line: Line) -> str:
    if line.target is None:
        return NOTHING
    text = shown(line.target, line.unit).lstrip("+")
    if line.at_most:
        return f"±{text}" if line.unit == "stars" else f"at most {text}"
    return text


def spread(figure: Figure | None, unit: Unit) -> str:
    if figure is None or figure.songs < 2 or figure.low == figure.high:
        return NOTHING
    return f"{shown(figure.low, unit)} to {shown(figure.high, unit)}"


def over(figure: Figure | None) -> str:
    if figure is None:
        return NOTHING
    songs = f"{figure.songs} song" + "s" * (figure.songs != 1)
    return songs if figure.count == figure.songs else f"{figure.count} in {songs}"


def cells(line: Line) -> tuple[str, ...]:
    """What stands under ``LINE_HEAD``."""
    value = shown(line.figure.value, line.unit) if line.figure else "not measured"
    return (
        line.what,
        value,
        spread(line.figure, line.unit),
        over(line.figure),
        bound(line),
        verdict(line.reached),
    )


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
