"""What is in a data set: counts and distributions, and a page that draws them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from html import escape
from typing import Any

import numpy as np

from beatheritage.dataset.rows import RATES, SPLITS, Chart, SongRow
from beatheritage.dataset.shards import Shards
from beatheritage.osu.mode import Mode
from beatheritage.tokens.prompt import KNOBS, Style

COLUMNS = ("kind", "split", "licence", "group", "seconds", "codec", "charts")
NO_LICENCE = "none stated"
SHARE_EDGES = tuple(np.linspace(0, 1, 11).round(2).tolist())
MODE_INKS = {
    Mode.STD: "#e0648c",
    Mode.TAIKO: "#e08a3c",
    Mode.CATCH: "#4aa56a",
    Mode.MANIA: "#5b7fd6",
}
WIDTH, HEIGHT, GAP = 250, 90, 3
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem;
  color: #222; background: #fff }
h1, h2 { font-weight: 600 } table { border-collapse: collapse }
td, th { padding: .15rem .9rem .15rem 0; text-align: left } td.number { text-align: right }
.row { display: flex; flex-wrap: wrap; gap: 1.5rem } figure { margin: 0 }
svg { display: block } text { font-size: 11px; fill: currentColor }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #14161c } }
"""

Figures = dict[str, Any]


def gather(shards: Shards) -> Figures:
    """Counts by side, kind, licence and mode, and the distributions of what was measured."""
    rows = [row for split in SPLITS for row in shards.rows(split, COLUMNS)]
    by_mode: dict[Mode, list[Chart]] = defaultdict(list)
    for row in rows:
        for chart in row.charts:
            by_mode[chart.mode].append(chart)
    return {
        "sides": {split: _side([row for row in rows if row.split == split]) for split in SPLITS},
        "kinds": dict(Counter(row.kind for row in rows).most_common()),
        "licences": dict(Counter(row.licence or NO_LICENCE for row in rows).most_common()),
        "modes": {mode.name.lower(): _mode(mode, by_mode[mode]) for mode in sorted(by_mode)},
    }


def _side(rows: Sequence[SongRow]) -> Figures:
    modes = Counter(chart.mode.name.lower() for row in rows for chart in row.charts)
    return {
        "songs": sum(bool(row.codec) for row in rows),
        "without_audio": sum(not row.codec for row in rows),
        "hours": round(sum(row.seconds for row in rows) / 3600, 2),
        "groups": len({row.group for row in rows}),
        "charts": dict(modes),
    }


def _mode(mode: Mode, charts: Sequence[Chart]) -> Figures:
    """The distributions of a mode's charts, each as edges and counts between them."""
    heard = [chart for chart in charts if chart.offset_sharpness]
    measures: dict[str, tuple[Iterable[float | None], Sequence[float]]] = {
        **{
            f"stars at {rate:g}x": ([one.stars[n] for one in charts], [*range(11), 99])
            for n, rate in enumerate(RATES)
        },
        "objects": ([one.objects for one in charts], [0, 100, 200, 400, 800, 1600, 3200, 99999]),
        "offset to the sound, ms": ([one.offset_ms for one in heard], list(range(-60, 105, 15))),
        "moved by, ms": ([one.shift_ms for one in heard], list(range(-75, 90, 15))),
        "share on the grid": ([one.on_grid for one in charts], [0.9, 0.92, 0.94, 0.96, 0.98, 1.0]),
        **{
            name.replace("_", " "): ([getattr(one.style, name) for one in charts], SHARE_EDGES)
            for name in (one.name for one in fields(Style))
            if name in KNOBS[mode] and name != "spacing"  # the placer's: measured where it learns
        },
    }
    if mode is Mode.MANIA:
        measures["keys"] = ([one.keys for one in charts], list(range(1, 20)))
    return {
        "charts": len(charts),
        "without_audio": len(charts) - len(heard),
        "distributions": {name: _counted(*one) for name, one in measures.items()},
    }


def _counted(values: Iterable[float | None], edges: Sequence[float]) -> Figures:
    known = np.array([value for value in values if value is not None], np.float64)
    counts, _ = np.histogram(np.clip(known, edges[0], edges[-1]), edges)
    middle = float(np.median(known)) if len(known) else None
    return {"edges": list(edges), "counts": counts.tolist(), "median": middle}


def page(figures: Figures) -> str:
    """The figures as a page that needs nothing else."""
    parts = ["<h1>What is in this data set</h1>", *_sides_table(figures["sides"])]
    for title in ("kinds", "licences"):
        parts.append(f"<h2>Songs by {title[:-1]}</h2>")
        parts.append(_table([("", "songs"), *figures[title].items()]))
    for name, mode in figures["modes"].items():
        ink = MODE_INKS[Mode[name.upper()]]
        parts.append(f"<h2>{name}: {mode['charts']} charts</h2><div class=row>")
        parts += [_figure(title, one, ink) for title, one in mode["distributions"].items()]
        parts.append("</div>")
    body = "\n".join(parts)
    head = f"<meta charset=utf-8><title>Data set</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>\n"


def _sides_table(sides: Mapping[str, Figures]) -> Iterator[str]:
    modes = [mode.name.lower() for mode in Mode]
    columns: dict[str, Callable[[Figures], object]] = {
        "songs": lambda side: side["songs"],
        "without audio": lambda side: side["without_audio"],
        "hours": lambda side: side["hours"],
        "groups of artists": lambda side: side["groups"],
        **{mode: lambda side, mode=mode: side["charts"].get(mode, 0) for mode in modes},
    }
    rows = [(name, *(read(side) for read in columns.values())) for name, side in sides.items()]
    yield _table([("", *columns), *rows])


def _table(rows: Sequence[Sequence[object]]) -> str:
    head, *others = rows
    cells = "".join(f"<th>{escape(str(cell))}</th>" for cell in head)
    lines = [f"<tr>{cells}</tr>"]
    for name, *numbers in others:
        cells = "".join(f"<td class=number>{number}</td>" for number in numbers)
        lines.append(f"<tr><td>{escape(str(name))}</td>{cells}</tr>")
    return f"<table>{''.join(lines)}</table>"


def _figure(title: str, one: Figures, ink: str) -> str:
    """Bars of one distribution; what the last edge would be far off for is written as "more"."""
    counts, edges = one["counts"], one["edges"]
    wide = WIDTH / len(counts)
    tallest = max([*counts, 1])
    bars = []
    for place, count in enumerate(counts):
        tall = HEIGHT * count / tallest
        left = place * wide
        span = f"{edges[place]:g} to {edges[place + 1]:g}: {count}"
        bars.append(
            f'<rect x="{left:.1f}" y="{HEIGHT - tall:.1f}" width="{wide - GAP:.1f}" '
            f'height="{tall:.1f}" fill="{ink}"><title>{span}</title></rect>'
        )
    label = f"median {one['median']:.3g}" if one["median"] is not None else "none"
    return (
        f"<figure><figcaption>{escape(title)}, {label}</figcaption>"
        f'<svg width="{WIDTH}" height="{HEIGHT + 16}" role="img" aria-label="{escape(title)}">'
        f"{''.join(bars)}"
        f'<text x="0" y="{HEIGHT + 13}">{edges[0]:g}</text>'
        f'<text x="{WIDTH - GAP}" y="{HEIGHT + 13}" text-anchor="end">{_last(edges)}</text>'
        "</svg></figure>"
    )


def _last(edges: Sequence[float]) -> str:
    """How a scale ends; the last bar of some holds all that is more."""
    open_ended = edges[-1] > 2.5 * edges[-2] > 0
    return f"{edges[-2]:g} and more" if open_ended else f"{edges[-1]:g}"
