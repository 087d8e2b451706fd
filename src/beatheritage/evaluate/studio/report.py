"""The section on the studio: what was measured beside what it must reach."""

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np

from beatheritage.evaluate.spread import single
from beatheritage.evaluate.studio.browser import MODES, PLAYED_S
from beatheritage.evaluate.studio.load import ROUNDS, slowed
from beatheritage.evaluate.tables import Line, Table, Unit, markdown

FIRST_PAINT_S, PAGE_KB = 2.0, 400.0
BEATS_S, FIRST_OBJECTS_S = 8.0, 4.0
APART_MEDIAN_MS, APART_95_MS, DRAW_95_MS = 10.0, 25.0, 8.0
P99_MS, SLOWED = 300.0, 0.1


def lines_of(measured: Mapping[str, Any]) -> tuple[Line, ...]:
    """What must be reached."""
    return (*page_lines(measured["page"]), *many_lines(measured["kills"], measured["crowd"]))


def page_lines(page: Mapping[str, Any]) -> tuple[Line, ...]:
    modes = page["modes"].values()
    apart = np.concatenate([mode["apart_ms"] for mode in modes])
    draws = [np.percentile(mode["draw_ms"], 95) for mode in modes]
    findings = page["findings"]
    size = page["song_bytes"] / 1e6
    return (
        _most("`serve` to first paint, a new process", page["first_paint_s"], "s", FIRST_PAINT_S),
        _most("the page, all that comes with it", page["bytes"] / 1000, "kB", PAGE_KB),
        _most(f"{size:.1f} MB of mp3 chosen to beats on screen", page["beats_s"], "s", BEATS_S),
        _most(
            "Make pressed to first objects in the preview",
            page["first_objects_s"],
            "s",
            FIRST_OBJECTS_S,
        ),
        _most(
            "preview against audio clock: median", float(np.median(apart)), "ms", APART_MEDIAN_MS
        ),
        _most("the same: 95 % within", float(np.percentile(apart, 95)), "ms", APART_95_MS),
        _most("drawing a dense map: 95 % of frames (worst mode)", max(draws), "ms", DRAW_95_MS),
        Line(
            what="axe-core findings, serious or worse",
            figure=None if findings is None else single(float(len(findings)), 3, 1),
            unit="count",
            target=0.0,
            at_most=True,
        ),
    )


def many_lines(kills: Mapping[str, Any], crowd: Mapping[str, Any]) -> tuple[Line, ...]:
    jobs, clients = kills["jobs"], crowd["clients"]
    cost = slowed(crowd["alone_s"], crowd["watched_s"])
    return (
        _most(
            f"{jobs} jobs, server killed {kills['kills']} times: lost or doubled",
            float(kills["lost"] + kills["doubled"]),
            "count",
            0.0,
        ),
        _most(f"{clients} clients: errors", float(crowd["errors"]), "count", 0.0),
        _most("the same: p99 of pages and status", crowd["p99_ms"], "ms", P99_MS),
        _most("the same: generation slowed by (median)", max(0.0, cost), "%", SLOWED),
    )


def section(measured: Mapping[str, Any], day: datetime.date) -> str:
    """The section, in Markdown."""
    crowd = measured["crowd"]
    text = f"""\
Written by `python -m beatheritage.evaluate.studio` on {day}: `beatheritage serve` as a process
of its own, Chromium without a window. The machine: {measured["machine"]}; other work kept
{measured["load"]:.1f} of its cores busy (load average) when this began.
The song is the demo song, played again to 250 s. Each mode is played for {PLAYED_S} s; frames
are drawn to their last pixel, without a graphics card. {crowd["clients"]} clients each hold a
stream open and ask for five addresses every second, {crowd["answers"]} answers in all; maps
are made {ROUNDS} times with them and without, in turn."""
    summary = Table(title="The studio", text=text, lines=lines_of(measured))
    return "\n".join([markdown(summary), markdown(mode_table(measured["page"]["modes"]))])


def mode_table(modes: Mapping[str, Any]) -> Table:
    rows = [_mode_row(mode, modes[mode]) for mode in MODES]
    head = ("mode", "objects", "frame, median", "frame, 95 %", "frames a second", "clock, median")
    return Table(title="The player, mode by mode", text="", head=head, rows=tuple(rows))


def _mode_row(name: str, mode: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        name,
        str(mode["objects"]),
        f"{np.median(mode['draw_ms']):.2f} ms",
        f"{np.percentile(mode['draw_ms'], 95):.2f} ms",
        f"{mode['frames'] / PLAYED_S:.0f}",
        f"{np.median(mode['apart_ms']):.2f} ms",
    )


def _most(what: str, value: float, unit: Unit, target: float) -> Line:
    return Line(what=what, figure=single(value, 1, 1), unit=unit, target=target, at_most=True)
