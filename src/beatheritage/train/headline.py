"""What ``beatheritage evaluate --json`` measured of everything that has a target."""

import json
from pathlib import Path
from typing import Any

from beatheritage.errors import InputError


def headline(path: Path) -> str:
    """A Markdown table of the report's lines that have a target, each once.

    Raises InputError for a file that is no such report.
    """
    try:
        report = json.loads(path.read_text("utf-8"))
        # What the summary holds comes first; sections below it say some of it again.
        lines = {line["what"]: line for line in reversed(report["lines"])}
        ordered = dict.fromkeys(line["what"] for line in report["lines"])
        rows = [_row(lines[what]) for what in ordered if lines[what]["target"] is not None]
        origin = f"Measured on {report['date']}, weights `{report['weights']}`"
        limit = int(report["limit"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError("no report of beatheritage evaluate", where=str(path)) from error
    origin += f", on {limit} songs of each kind and mode only:" if limit else ":"
    head = "| what | measured | must reach | reached |\n| --- | --- | --- | --- |"
    return "\n".join([f"{origin}\n\n{head}", *rows])


def _row(line: dict[str, Any]) -> str:
    figure, unit = line["figure"], line["unit"]
    value = _shown(figure["value"], unit) if figure else "not measured"
    bound = "at most " * bool(line["at_most"]) + _shown(line["target"], unit)
    verdict = {True: "yes", False: "**no**", None: "–"}[line["reached"]]
    return f"| {line['what']} | {value} | {bound} | {verdict} |"


def _shown(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value:.0%}".replace("%", " %")
    return f"{value:.3g} {unit}".strip()
