"""A chart file of any game to beatmaps."""

from collections.abc import Callable, Mapping
from pathlib import PurePath

from beatheritage.dataset.charts import Charts, Skipped
from beatheritage.dataset.midi import read_midi
from beatheritage.dataset.quaver import read_quaver
from beatheritage.dataset.stepmania import read_stepmania
from beatheritage.dataset.tja import read_tja
from beatheritage.errors import UserError
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.parse import parse


def read_osu(data: bytes) -> Charts:
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
