"""The report on quality: what was measured, beside what must be reached, as Markdown and JSON."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from beatheritage.evaluate.asks import DRAFTED, TABLES, TableName
from beatheritage.evaluate.figures import (
    fault_count,
    habits_table,
    hits_table,
    misses,
    rhythm_lines,
    rhythm_table,
    speed_line,
    stars_table,
    timing_lines,
    validity_table,
)
from beatheritage.evaluate.judged import Judged
from beatheritage.evaluate.knobs import hold_lines, hold_table, knob_lines, knob_table
from beatheritage.evaluate.likeness.chapter import Likeness, likeness_lines, likeness_tables
from beatheritage.evaluate.meeting import kept_lines, kept_table, meeting_lines, meeting_table
from beatheritage.evaluate.outcome import Outcome
from beatheritage.evaluate.page import page, report_plots
from beatheritage.evaluate.promises import PromiseOutcome, promise_lines, promise_table
from beatheritage.evaluate.rules import (
    problems_table,
    rule_lines,
    rules_table,
    set_lines,
    sets_table,
)
from beatheritage.evaluate.run import SongResult
from beatheritage.evaluate.sets import SetOutcome
from beatheritage.evaluate.spread import single
from beatheritage.evaluate.tables import Line, Table, markdown

RHYTHM_TEXT = """\
For each chart that people made, a map is written at that chart's stars (and keys), seed 1, without
choosing among several or searching for the stars; the chart is the truth. Onsets are the starts of
objects, a chord is one. They are matched one to one within the tolerance; F1 is the harmonic mean
of precision and recall. A song whose tempo is not found scores 0. Std charts are the truth of catch
maps too, which are asked for at the stars that the game's own conversion of the chart has. Charts
stand as people made them, .tja courses moved by the one constant that lies between the two games;
"moved onto their sound" moves each chart by its own measured offset. Two neighbouring human
difficulties of one song agree at 0.755; a plain tick classifier with the true timing reaches 0.70
in std."""

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
    """``asked`` are the tables that were asked for; ``people`` what rules say of people's maps."""

    context: Context
    results: tuple[SongResult, ...]
    asked: tuple[TableName, ...] = TABLES
    people: tuple[Judged, ...] = ()
    likeness: Likeness | None = None
    extra: tuple[Line, ...] = ()
    notes: tuple[Table, ...] = ()

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(one for result in self.results for one in result.outcomes)

    @property
    def maps(self) -> tuple[Outcome, ...]:
        """Those that a person would be given: drafts are not yet checked."""
        return tuple(one for one in self.outcomes if one.group != DRAFTED)

    @property
    def sets(self) -> tuple[SetOutcome, ...]:
        return tuple(one for result in self.results for one in result.sets)

    @property
    def promises(self) -> tuple[PromiseOutcome, ...]:
        return tuple(one for result in self.results for one in result.promises)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """What one of the tables that can be asked for adds to the document."""

    lines: Callable[[Report], tuple[Line, ...]]
    tables: Callable[[Report], Sequence[Table]]


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


def quality_page(report: Report) -> str:
    """The same as a page, with plots."""
    context = report.context
    intro = f"Written by {context.command} on {context.date}, weights {context.weights}."
    first = summary(report)
    plots = report_plots(first.lines, report.outcomes, report.likeness)
    return page("Quality, measured", intro, [first, *tables(report)], plots)


def summary(report: Report) -> Table:
    """Everything that has a target."""
    lines = (
        *report.extra,
        *(line for chapter in _chapters(report) for line in chapter.lines(report)),
    )
    missed = sum(line.reached is False for line in lines)
    text = f"{sum(line.reached is True for line in lines)} reached, {missed} not."
    return Table(title="What must be reached", text=text, lines=lines)


def tables(report: Report) -> list[Table]:
    """The sections after the summary."""
    found = [table for chapter in _chapters(report) for table in chapter.tables(report)]
    return [*found, validity_table(report.maps), _unwritten(report), *report.notes]


def _chapters(report: Report) -> Iterator[Chapter]:
    return (CHAPTERS[name] for name in report.asked)


def _rhythm_lines(report: Report) -> tuple[Line, ...]:
    return (
        *timing_lines(report.results, "osu"),
        speed_line(report.results),
        *rhythm_lines(report.outcomes),
        _faults(report.maps),
    )


def _rhythm_tables(report: Report) -> list[Table]:
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
    return [*found, hits_table(outcomes), stars_table(outcomes), habits_table(outcomes)]


CHAPTERS: Mapping[TableName, Chapter] = {
    "rhythm": Chapter(lines=_rhythm_lines, tables=_rhythm_tables),
    "likeness": Chapter(
        lines=lambda report: likeness_lines(report.likeness),
        tables=lambda report: likeness_tables(report.likeness),
    ),
    "stars": Chapter(
        lines=lambda report: (
            *rule_lines(report.outcomes, report.people),
            *meeting_lines(report.outcomes),
        ),
        tables=lambda report: (
            rules_table(report.outcomes, report.people),
            problems_table(report.outcomes, report.sets),
            meeting_table(report.outcomes),
        ),
    ),
    "kept": Chapter(
        lines=lambda report: kept_lines(report.outcomes),
        tables=lambda report: (kept_table(report.outcomes),),
    ),
    "holds": Chapter(
        lines=lambda report: hold_lines(report.outcomes),
        tables=lambda report: (hold_table(report.outcomes),),
    ),
    "knobs": Chapter(
        lines=lambda report: knob_lines(report.outcomes),
        tables=lambda report: (knob_table(report.outcomes),),
    ),
    "quality": Chapter(
        lines=lambda report: promise_lines(report.promises),
        tables=lambda report: (promise_table(report.promises),),
    ),
    "sets": Chapter(
        lines=lambda report: set_lines(report.sets),
        tables=lambda report: (sets_table(report.sets),),
    ),
}


def _head(report: Report) -> str:
    context, results = report.context, report.results
    kinds = [result.subject.kind for result in results]
    modes = [chart.mode.name.lower() for result in results for chart in result.subject.charts]
    charts = ", ".join(f"{modes.count(mode)} {mode}" for mode in dict.fromkeys(sorted(modes)))
    quick = f"**A quick look: {context.limit} of the songs of each kind and mode.** "
    part = f"**A part of it: {', '.join(report.asked)}.** "
    partly = (quick if context.limit else "") + (part if report.asked != TABLES else "")
    return f"""\
# Quality, measured

{partly}Written by `{context.command}` on {context.date}, weights
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
        unit="count",
        target=0,
        at_most=True,
    )


def _unwritten(report: Report) -> Table:
    maps = [(one.chart, one.group, one.timing, one.error) for one in report.outcomes if one.error]
    sets = [(one.song, "sets", one.mode, one.error) for one in report.sets if one.error]
    return Table(
        title="Maps that were not written",
        text="What was refused, and why.",
        head=("chart", "group", "timing", "reason"),
        rows=(*maps, *sets),
    )
