"""The report on quality: what was measured, beside what must be reached, as Markdown and JSON."""

import datetime
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from beatheritage.evaluate.figures import (
    fault_count,
    habits_table,
    misses,
    rhythm_lines,
    rhythm_table,
    speed_line,
    stars_lines,
    stars_table,
    timing_lines,
    validity_table,
)
from beatheritage.evaluate.outcome import Outcome
from beatheritage.evaluate.run import SongResult
from beatheritage.evaluate.spread import single
from beatheritage.evaluate.tables import Line, Table, markdown

RHYTHM_TEXT = """\
For each chart that people made, a map is written at that chart's stars (and keys), seed 1, without
choosing among several; the chart is the truth. Onsets are the starts of objects, a chord is one.
They are matched one to one within the tolerance; F1 is the harmonic mean of precision and recall. A
song whose tempo is not found scores 0. Std charts are the truth of catch maps too, which are asked
for at the stars that the game's own conversion of the chart has. Charts stand as people made them,
.tja courses moved by the one constant that lies between the two games; "moved onto their sound"
moves each chart by its own measured offset. Two neighbouring human difficulties of one song agree
at 0.755; a plain tick classifier with the true timing reaches 0.70 in std."""

TIMING_TEXT = """\
Songs that people timed with one tempo. Phase is the median distance of the found beats from the
nearest human beat, after the constant by which osu! maps precede their sound. For orientation:
trials before this reached 98 % (factor of two forgiven), 88 to 92 % (octave right), 66 and 96 %
(phase), 92 % (downbeat, the beat given) on 50 songs; a published audit of beat_this with a grid fit
has a median phase error of 46 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a reader must know to judge the numbers."""

    date: datetime.date
    weights: str
    command: str
    limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    context: Context
    results: tuple[SongResult, ...]
    extra: tuple[Line, ...] = ()
    notes: tuple[Table, ...] = ()

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(one for result in self.results for one in result.outcomes)


def quality_markdown(report: Report) -> str:
    """The whole document."""
    parts = [_head(report), markdown(summary(report))]
    parts += [markdown(table) for table in tables(report)]
    return "\n".join(parts).rstrip() + "\n"


def quality_json(report: Report) -> dict[str, Any]:
    """The same figures for machines."""
    lines = [
        {**asdict(line), "reached": line.reached}
        for table in [summary(report), *tables(report)]
        for line in table.lines
    ]
    rows = {table.title: [table.head, *table.rows] for table in tables(report) if table.head}
    context = {**asdict(report.context), "date": report.context.date.isoformat()}
    return {**context, "lines": lines, "tables": rows}


def summary(report: Report) -> Table:
    """Everything that has a target."""
    outcomes = report.outcomes
    lines = (
        *report.extra,
        *timing_lines(report.results, "osu"),
        speed_line(report.results),
        *rhythm_lines(outcomes),
        _faults(outcomes),
        *stars_lines(outcomes),
    )
    missed = sum(line.reached is False for line in lines)
    text = f"{sum(line.reached is True for line in lines)} reached, {missed} not."
    return Table(title="What must be reached", text=text, lines=lines)


def tables(report: Report) -> list[Table]:
    """The sections after the summary."""
    outcomes = report.outcomes
    found = [
        Table(
            title="Timing",
            text=f"{TIMING_TEXT} Here are the .tja songs; the osu! songs stand above.",
            lines=timing_lines(report.results, "tja"),
        ),
        misses(report.results),
        rhythm_table(outcomes, "found", RHYTHM_TEXT),
    ]
    if any(one.timing == "true" for one in outcomes):
        text = "The same with the red lines of the chart itself, which tells timing from rhythm."
        found.append(rhythm_table(outcomes, "true", text))
    found += [stars_table(outcomes), validity_table(outcomes), _unwritten(outcomes)]
    return [*found, habits_table(outcomes), *report.notes]


def _head(report: Report) -> str:
    context, results = report.context, report.results
    kinds = [result.subject.kind for result in results]
    modes = [chart.mode.name.lower() for result in results for chart in result.subject.charts]
    charts = ", ".join(f"{modes.count(mode)} {mode}" for mode in dict.fromkeys(sorted(modes)))
    quick = f"**A quick look: {context.limit} of the songs of each kind and mode.** "
    return f"""\
# Quality, measured

{quick if context.limit else ""}Written by `{context.command}` on {context.date}, weights
`{context.weights}`; change nothing here by hand. Measured on the validation songs, which no model
has heard: {kinds.count("osu")} osu! songs and {kinds.count("tja")} .tja songs with {charts} charts,
split by artist (`src/beatheritage/dataset/validation.txt`), no earlier versions of charts. "95 % of
other songs" is the bootstrap over songs: where the same number of other songs would have come out.
"""


def _faults(outcomes: Sequence[Outcome]) -> Line:
    """Faults that no map may have, over all modes; shown as a count."""
    songs = len({one.song for one in outcomes})
    count = float(fault_count(outcomes))
    found = single(count, len(outcomes), songs)
    return Line(
        what="faults: off a tick, two at one tick, outside, early, empty, read otherwise",
        figure=found if outcomes else None,
        unit="faults",
        target=0,
        at_most=True,
    )


def _unwritten(outcomes: Sequence[Outcome]) -> Table:
    rows = [(one.chart, one.group, one.timing, one.error) for one in outcomes if one.error]
    return Table(
        title="Maps that were not written",
        text="What was refused, and why.",
        head=("chart", "group", "timing", "reason"),
        rows=tuple(rows),
    )
