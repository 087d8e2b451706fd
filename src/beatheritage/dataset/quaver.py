"""The .qua charts of Quaver (YAML, four or seven keys), as osu! mania."""

from typing import Any

import yaml

from beatheritage.dataset.charts import Charts
from beatheritage.dataset.lines import Mark, red_lines
from beatheritage.dataset.mania import Note, mania_beatmap
from beatheritage.errors import InputError
from beatheritage.osu.beatmap import Beatmap, Metadata
from beatheritage.timing.lead import MAP_LEAD_MS

KEYS = {"Keys4": 4, "Keys7": 7}
# The C reader is ten times as fast, where it was built.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_quaver(data: bytes) -> Charts:
    """The one chart of a file."""
    try:
        chart = yaml.load(data, Loader)  # a safe loader either way
    except yaml.YAMLError as error:
        raise InputError("no YAML that can be read") from error
    if not isinstance(chart, dict) or str(chart.get("Mode")) not in KEYS:
        raise InputError("no chart for four or seven keys")
    try:
        return Charts(beatmaps=(_beatmap(chart, KEYS[chart["Mode"]]),))
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise InputError(f"a note or timing point that cannot be read: {error}") from error


def _beatmap(chart: dict[str, Any], keys: int) -> Beatmap:
    marks = sorted(_mark(point) for point in chart.get("TimingPoints") or [])
    notes = [_note(item) for item in chart.get("HitObjects") or []]
    usable = [note for note in notes if 0 <= note.column < keys]
    metadata = Metadata(
        title=str(chart.get("Title") or ""),
        artist=str(chart.get("Artist") or ""),
        creator=str(chart.get("Creator") or ""),
        version=str(chart.get("DifficultyName") or ""),
    )
    return mania_beatmap(usable, keys, red_lines(marks), metadata)


def _mark(point: dict[str, Any]) -> Mark:
    meter = {"Quadruple": 4, "Triple": 3}.get(str(point.get("Signature")), point.get("Signature"))
    time = float(point.get("StartTime") or 0) - MAP_LEAD_MS
    beat_length = 60_000 / float(point["Bpm"])
    if not 30 <= beat_length <= 60_000:
        raise InputError(f"a tempo of {point['Bpm']} BPM")
    return Mark(time, beat_length, int(meter or 4), True)


def _note(item: dict[str, Any]) -> Note:
    time = float(item.get("StartTime") or 0)
    end = max(time, float(item.get("EndTime") or 0))
    return Note(time - MAP_LEAD_MS, end - MAP_LEAD_MS, int(item["Lane"]) - 1)
