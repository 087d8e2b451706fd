"""Which repair mends what a rule finds."""

from collections.abc import Callable, Mapping

from beatheritage.osu.beatmap import Beatmap

Repair = Callable[[Beatmap], Beatmap]

# In the order in which they are to be tried.
REPAIRS: Mapping[str, Repair] = {}
