"""Star ratings, by rosu-pp: the game's own difficulty calculation, in every mode."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
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

# Of std, of taiko, of catch, of mania.
_SKILLS = ("aim", "speed", "stamina", "color", "rhythm", "movement", "strains")
_ENDLESS = "the objects are so many or so far apart that no stars can be counted"


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
        raise InputError(_ENDLESS)
    if mode is not None and _MODES[mode] != rated.mode:
        try:
            rated.convert(_MODES[mode], None)
        except rosu.ConvertError as error:
            raise InputError(f"cannot be converted to {mode.name.lower()}") from error
    return float(rosu.Difficulty(clock_rate=clock_rate).calculate(rated).stars)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strains:
    """How hard a map is along its time, as a share of its hardest moment: (sections,), each so many
    ms long, the first from 0 on."""

    shares: np.ndarray
    section: float

    def at(self, times: np.ndarray) -> np.ndarray:
        """The shares at times in ms, 0 behind the last section."""
        index = (times // self.section).astype(np.int64)
        known = (index >= 0) & (index < len(self.shares))
        return np.where(known, self.shares[np.clip(index, 0, len(self.shares) - 1)], 0.0)


def strains(beatmap: Beatmap | str | bytes) -> Strains:
    """What the star rating is made of; of several skills the mean, each beside its own peak.

    InputError for what ``stars`` refuses.
    """
    rated = _rosu_map(beatmap)
    if rated.is_suspicious():
        raise InputError(_ENDLESS)
    measured = rosu.Difficulty().strains(rated)
    skills = [getattr(measured, name) for name in _SKILLS]
    rows = [np.asarray(skill) for skill in skills if skill is not None and max(skill, default=0)]
    shares = np.mean([row / row.max() for row in rows], axis=0) if rows else np.zeros(1)
    return Strains(shares=shares, section=float(measured.section_length))


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
