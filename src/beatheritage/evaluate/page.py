"""The report as one page of HTML that needs nothing else: the document's tables, with plots."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from beatheritage.evaluate.asks import ASKED
from beatheritage.evaluate.figures import GROUPS
from beatheritage.evaluate.likeness.chapter import Likeness
from beatheritage.evaluate.likeness.distances import Distance
from beatheritage.evaluate.outcome import Outcome
from beatheritage.evaluate.plots import Interval, bars, curves, intervals, scatter, strips
from beatheritage.evaluate.tables import LINE_HEAD, Line, Table, cells
from beatheritage.osu.mode import MODES

STYLE = """
:root { --ground: #fff; --text: #1c1f2b; --soft: #667; --edge: #dde; --ours: #d6336c;
  --people: #1971c2; --bad: #c92a2a; --good: #2b8a3e }
@media (prefers-color-scheme: dark) { :root { --ground: #14161f; --text: #e8ecf5; --soft: #99a;
  --edge: #333a50; --ours: #ff7aa8; --people: #74c0fc; --bad: #ff8787; --good: #8ce99a } }
body { background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
  margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
h2 { margin-top: 2.5rem } p { color: var(--soft); max-width: 60rem }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: 13px }
td, th { border-bottom: 1px solid var(--edge); padding: .25rem .75rem .25rem 0; text-align: left;
  vertical-align: top }
td.no { color: var(--bad); font-weight: 600 } td.yes { color: var(--good) }
.plots { display: flex; flex-wrap: wrap; gap: 1rem } figure { margin: 0; flex: 1 1 26rem;
  max-width: 40rem } figcaption { font-size: 13px; color: var(--soft) }
svg { width: 100%; font: 11px system-ui, sans-serif; fill: var(--text) }
.ours { fill: var(--ours) } .people { fill: var(--people) } .missed { fill: var(--bad) }
.faint { fill: var(--people); fill-opacity: .55 } .tick { fill: var(--soft) }
.grid { stroke: var(--edge) } .whisker { stroke: var(--soft); stroke-width: 2 }
.target { stroke: var(--text); stroke-width: 2 } .curve { fill: none; stroke-width: 2 }
.ours.curve { stroke: var(--ours) } .people.curve { stroke: var(--people) }
"""

Plot = tuple[str, str]
"""A caption and its SVG."""


def page(
    title: str, intro: str, tables: Iterable[Table], plots: Mapping[str, Sequence[Plot]]
) -> str:
    """A whole document; plots stand in the section of the table whose title they are under."""
    sections = [_section(table, plots.get(table.title, ())) for table in tables]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n"
        f"<h1>{escape(title)}</h1>\n<p>{escape(intro)}</p>\n"
        + "\n".join(sections)
        + "</body></html>\n"
    )


def _section(table: Table, plots: Sequence[Plot]) -> str:
    parts = [f"<h2>{escape(table.title)}</h2>", f"<p>{escape(table.text)}</p>"]
    if plots:
        figures = [
            f"<figure>{svg}<figcaption>{escape(words)}</figcaption></figure>"
            for words, svg in plots
        ]
        parts.append(f'<div class="plots">{"".join(figures)}</div>')
    if table.lines:
        parts.append(_grid(LINE_HEAD, [cells(line) for line in table.lines]))
    if table.head:
        parts.append(_grid(table.head, table.rows) if table.rows else "<p>None.</p>")
    return "\n".join(parts)


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _cell(words: str) -> str:
    plain = words.replace("**", "")
    kind = f' class="{plain}"' if plain in ("yes", "no") else ""
    return f"<td{kind}>{escape(plain)}</td>"


def report_plots(
    lines: Sequence[Line], outcomes: Sequence[Outcome], likeness: Likeness | None
) -> dict[str, list[Plot]]:
    """What is drawn, by the title of the section."""
    found: dict[str, list[Plot]] = {"What must be reached": _reached(lines)}
    found["Rhythm, with found timing"] = [("onset F1 at ±20 ms, chart by chart", _charts(outcomes))]
    asked = [
        (f"{one.song}, {one.mode}", one.stars_asked, one.stars)
        for one in outcomes
        if one.group == ASKED and not one.error
    ]
    if asked:
        drawn = scatter(asked, "stars asked", "stars got")
        found["Stars asked for and met"] = [("every map that was asked for by its stars", drawn)]
    if likeness is not None:
        found["Distances to people's maps"] = [_distribution(one) for one in likeness.distances]
        for told in likeness.told:
            title = f"What gives ours away, {MODES[told.mode].words[0]}"
            groups = [(group.name, group.alone) for group in told.groups]
            lost = [(tell.name, tell.lost) for tell in told.tells[:12]]
            found[title] = [
                ("AUC of trees that see nothing else", bars(groups)),
                ("AUC lost without one feature", bars(lost)),
            ]
    return found


def _reached(lines: Sequence[Line]) -> list[Plot]:
    """The figures that are shares or scores, which one axis can hold."""
    shown = [
        Interval(
            line.what.split(":")[0],
            line.figure.value,
            line.figure.low,
            line.figure.high,
            line.target,
            line.reached,
        )
        for line in lines
        if line.figure is not None and line.unit == "" and line.target is not None
    ]
    words = "scores and the bootstrap over songs; the stroke is what must be reached"
    return [(words, intervals(shown))] if shown else []


def _charts(outcomes: Sequence[Outcome]) -> str:
    return strips(
        {
            name: [
                (one.chart, one.f1)
                for one in outcomes
                if one.group == group and one.timing == "found"
            ]
            for group, name in GROUPS.items()
        }
    )


def _distribution(one: Distance) -> Plot:
    name = f"{MODES[one.mode].words[0]}: {one.measure.name}"
    ours, people = one.pooled.samples
    return name, curves({"ours": ours, "people's": people}, one.measure.unit)
