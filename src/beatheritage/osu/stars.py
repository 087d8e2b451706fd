"""Star ratings, by rosu-pp: the game's own difficulty calculation, in every mode."""

from typing import NamedTuple

import rosu_pp_py as rosu

from beatheritage.errors import InputError
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.osu.write import write

_MODES = {
    Mode.STD: rosu.GameMode.Osu,
    Mode.TAIKO: rosu.GameMode.Taiko,
    Mode.CATCH: rosu.GameMode.Catch,
    Mode.MANIA: rosu.GameMode.Mania,
}


class Counts(NamedTuple):
    """Objects of a map by kind."""

    circles: int
    sliders: int
    spinners: int
    holds: int

    @property
    def total(self) -> int:
        return sum(self)


def stars(
    beatmap: Beatmap | str | bytes, mode: Mode | None = None, clock_rate: float = 1.0
) -> float:
    """The star rating of a map, or of what ``mode`` converts it to (std alone can be converted).

    A map without objects has 0 stars. InputError for a map that would take for ever to rate, and
    for one that cannot be converted.
    """
    rated = _rosu_map(beatmap)
    if not rated.n_objects:
        return 0.0  # rosu-pp would say 0.138
    # Maps made to break the game may keep the calculation busy for hours.
    if rated.is_suspicious():
        raise InputError("the objects are so many or so far apart that no stars can be counted")
    if mode is not None and _MODES[mode] != rated.mode:
        try:
            rated.convert(_MODES[mode], None)
        except rosu.ConvertError as error:
            raise InputError(f"cannot be converted to {mode.name.lower()}") from error
    return float(rosu.Difficulty(clock_rate=clock_rate).calculate(rated).stars)


def count_objects(beatmap: Beatmap | str | bytes) -> Counts:
    """How many objects rosu-pp, an independent reader, finds in a map."""
    counted = _rosu_map(beatmap)
    return Counts(counted.n_circles, counted.n_sliders, counted.n_spinners, counted.n_holds)


def _rosu_map(beatmap: Beatmap | str | bytes) -> rosu.Beatmap:
    content = write(beatmap) if isinstance(beatmap, Beatmap) else beatmap
    try:
        return rosu.Beatmap(content=content)
    except rosu.ParseError as error:
        raise InputError("rosu-pp cannot read this map", mend=str(error)) from error
