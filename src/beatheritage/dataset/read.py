"""A chart file of any game to beatmaps."""

import re
from collections.abc import Callable, Mapping
from pathlib import PurePath

from beatheritage.dataset.charts import Charts, Skipped
from beatheritage.dataset.midi import read_midi
from beatheritage.dataset.quaver import read_quaver
from beatheritage.dataset.stepmania import read_stepmania
from beatheritage.dataset.tja import read_tja
from beatheritage.errors import InputError, UserError
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import decode, parse

OSU_MODE = re.compile(r"^Mode\s*:\s*(\S+)", re.MULTILINE)


def read_osu(data: bytes) -> Charts:
    """The one chart of a file. Raises InputError for a mode that is none, which osu! would read as
    its own."""
    said = OSU_MODE.search(decode(data))
    if said and said[1] not in {str(int(mode)) for mode in Mode}:
        raise InputError(f"mode {said[1]} is none that is known")
    return Charts(beatmaps=(parse(data).beatmap,))


READERS: Mapping[str, Callable[[bytes], Charts]] = {
    ".osu": read_osu,
    ".tja": read_tja,
    ".sm": read_stepmania,
    ".ssc": read_stepmania,
    ".qua": read_quaver,
    ".mid": read_midi,
}


def read_charts(name: str, data: bytes) -> Charts:
    """The charts in a file, whose game the end of its name tells.

    Nothing is raised for a broken file or chart: it is reported as skipped.
    """
    reader = READERS.get(PurePath(name).suffix.lower())
    if reader is None:
        return Charts(skipped=(Skipped(name=name, reason="no chart format that is known"),))
    try:
        charts = reader(data)
    except UserError as error:
        return Charts(skipped=(Skipped(name=name, reason=str(error)),))
    reasons = [(beatmap, _unusable(beatmap)) for beatmap in charts.beatmaps]
    skipped = [
        *charts.skipped,
        *(Skipped(name=one.metadata.version, reason=why) for one, why in reasons if why),
    ]
    return Charts(
        beatmaps=tuple(beatmap for beatmap, why in reasons if not why),
        skipped=tuple(Skipped(name=f"{name} [{one.name}]", reason=one.reason) for one in skipped),
    )


def _unusable(beatmap: Beatmap) -> str:
    """Why there is nothing to learn from a chart, or nothing."""
    if not beatmap.red_lines:
        return "no red line"
    if not beatmap.objects:
        return "no objects"
    return ""
