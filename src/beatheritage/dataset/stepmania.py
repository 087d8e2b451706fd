"""The .sm and .ssc charts of StepMania with four panels, as osu! mania with four keys.

Beat 0 is at ``-OFFSET`` seconds of the audio. ``STOPS`` (after the notes of their beat) and
``DELAYS`` (before them) hold the beat still; ``WARPS`` jump over beats. A bar has four beats.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from beatheritage.dataset.charts import Charts, Skipped
from beatheritage.dataset.lines import Mark, red_lines
from beatheritage.dataset.mania import Note, mania_beatmap
from beatheritage.dataset.tja import decode
from beatheritage.errors import InputError
from beatheritage.osu.beatmap import Beatmap, Metadata
from beatheritage.timing.lead import MAP_LEAD_MS

PANELS = {"dance-single": 4}
BEATS_PER_BAR = 4
TAG = re.compile(r"#([A-Za-z]+):([^;]*);")


class Change(NamedTuple):
    """What happens at a beat; in this order where several do."""

    beat: float
    order: int  # 0: delay, 1: the notes, 2: stop, 3: tempo
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Beats to milliseconds of the audio. ``knots`` are (beat, ms there, ms after, ms a beat)."""

    knots: tuple[tuple[float, float, float, float], ...]

    def time(self, beat: float) -> float:
        """When the notes of a beat are heard."""
        before = self.knots[0]
        for knot in self.knots:
            if knot[0] > beat + 1e-6:
                break
            before = knot
        at, heard, after, length = before
        return heard if abs(beat - at) < 1e-6 else after + (beat - at) * length


def read_stepmania(data: bytes) -> Charts:
    """Every chart for four panels; those for other pads are passed over, broken ones named."""
    beatmaps, skipped = [], []
    for chart in _charts(decode(data)):
        if chart["STEPSTYPE"] not in PANELS:
            continue
        try:
            beatmaps.append(_beatmap(chart))
        except (InputError, ValueError, ArithmeticError) as error:
            skipped.append(Skipped(name=chart["DIFFICULTY"], reason=str(error)))
    if not beatmaps and not skipped:
        raise InputError("no chart for four panels")
    return Charts(beatmaps=tuple(beatmaps), skipped=tuple(skipped))


def _charts(text: str) -> Iterator[Mapping[str, str]]:
    """The tags of each chart, over those of the song."""
    song: dict[str, str] = {}
    tags: dict[str, str] = song
    for match in TAG.finditer(re.sub(r"//[^\n]*", "", text)):
        name, value = match[1].upper(), match[2].strip()
        if name == "NOTEDATA":
            tags = {}
        elif name == "NOTES" and tags is song:  # .sm: all in one tag
            parts = [part.strip() for part in value.split(":")]
            if len(parts) == 6:
                keys = ("STEPSTYPE", "DESCRIPTION", "DIFFICULTY", "METER", "RADARVALUES", "NOTES")
                yield {**song, **dict(zip(keys, parts, strict=True))}
        else:
            tags[name] = value
            if name == "NOTES":
                yield {"STEPSTYPE": "", "DIFFICULTY": "", **song, **tags}


def _beatmap(chart: Mapping[str, str]) -> Beatmap:
    if _pairs(chart.get("WARPS", "")):
        raise InputError("beats are warped over")
    notes = list(_notes(chart["NOTES"], PANELS[chart["STEPSTYPE"]]))
    if not notes:
        raise InputError("no notes")
    last_bar = int(max(note.end for note in notes) // BEATS_PER_BAR)
    clock = _clock(chart)
    lines = red_lines(
        mark._replace(time=mark.time - MAP_LEAD_MS) for mark in _marks(clock, last_bar)
    )
    timed = [
        note._replace(
            time=clock.time(note.time) - MAP_LEAD_MS, end=clock.time(note.end) - MAP_LEAD_MS
        )
        for note in notes
    ]
    metadata = Metadata(
        title=chart.get("TITLE", ""),
        artist=chart.get("ARTIST", ""),
        creator=chart.get("CREDIT", ""),
        version=chart["DIFFICULTY"],
    )
    return mania_beatmap(timed, PANELS[chart["STEPSTYPE"]], lines, metadata)


def _pairs(text: str) -> list[tuple[float, float]]:
    """``beat=value`` pairs, parted by commas."""
    parts = (part.partition("=") for part in text.split(",") if "=" in part)
    return [(float(beat), float(value)) for beat, _, value in parts]


def _clock(chart: Mapping[str, str]) -> Clock:
    changes = [
        *(Change(beat, 0, 1000 * seconds) for beat, seconds in _pairs(chart.get("DELAYS", ""))),
        *(Change(beat, 2, 1000 * seconds) for beat, seconds in _pairs(chart.get("STOPS", ""))),
        *(Change(beat, 3, bpm) for beat, bpm in _pairs(chart.get("BPMS", ""))),
    ]
    at_beat: dict[float, list[Change]] = defaultdict(list)
    for change in changes:
        if change.value < 0 or (change.order == 3 and not 1 <= change.value <= 2000):
            raise InputError(f"a tempo or stop of {change.value:g}")
        at_beat[change.beat].append(change)
    if 0.0 not in at_beat:
        raise InputError("no tempo at beat 0")
    beat, time = 0.0, -1000 * float(chart.get("OFFSET") or 0)
    length = 0.0
    knots: list[tuple[float, float, float, float]] = []
    for here in sorted(at_beat):
        time += (here - beat) * length
        heard = time + sum(change.value for change in at_beat[here] if change.order == 0)
        after = heard + sum(change.value for change in at_beat[here] if change.order == 2)
        tempos = [change.value for change in at_beat[here] if change.order == 3]
        length = 60_000 / tempos[-1] if tempos else length
        if length == 0:
            raise InputError("no tempo at beat 0")
        knots.append((here, heard, after, length))
        beat, time = here, after
    return Clock(knots=tuple(knots))


def _marks(clock: Clock, last_bar: int) -> list[Mark]:
    """Every bar up to the last with notes, and every jump or change of tempo inside one."""
    marks = []
    for bar in range(last_bar + 1):
        beat = float(bar * BEATS_PER_BAR)
        knot = max((knot for knot in clock.knots if knot[0] <= beat + 1e-6), key=lambda one: one[0])
        marks.append(Mark(clock.time(beat), knot[3], BEATS_PER_BAR, True))
    before = 0.0
    for beat, heard, after, length in clock.knots:
        inside = beat % BEATS_PER_BAR > 1e-6
        if after > heard or (inside and length != before):
            marks.append(Mark(after, length, BEATS_PER_BAR, False))
        before = length
    return sorted(marks)


def _notes(text: str, keys: int) -> Iterator[Note]:
    """Notes whose times are beats. Mines, fakes and lifts are no notes to hit."""
    held: dict[int, float] = {}
    for bar, block in enumerate(text.split(",")):
        rows = [row.strip() for row in block.splitlines() if row.strip()]
        for index, row in enumerate(rows):
            beat = BEATS_PER_BAR * (bar + index / len(rows))
            for column, symbol in enumerate(row[:keys]):
                if symbol == "1":
                    yield Note(beat, beat, column)
                elif symbol in "24":
                    held[column] = beat
                elif symbol == "3" and column in held:
                    yield Note(held.pop(column), beat, column)
