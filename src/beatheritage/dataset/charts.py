"""What reading a chart of any game gives: beatmaps, all in one convention.

The convention is osu!'s: red lines and objects stand ``MAP_LEAD_MS`` before the sound they are for.
Other games write down where the sound is, so their importers move everything by it.
"""

from dataclasses import dataclass

from beatheritage.osu.beatmap import Beatmap


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
