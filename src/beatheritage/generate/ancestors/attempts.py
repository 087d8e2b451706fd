"""One difficulty by a checkpoint, tried until it is as hard as was asked.

Writing anew costs minutes, so a map that is there is first changed: its distances, and then how
many of its notes are left. Only where that does not do is the model told of other stars.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

import numpy as np

from beatheritage.generate.ancestors.apart import moved_apart
from beatheritage.generate.ancestors.song import Ancestor, write_map
from beatheritage.generate.attempts import REACH, pushed, shares
from beatheritage.generate.density import Ground, thinned
from beatheritage.generate.difficulty import Knobs
from beatheritage.generate.drafting import Heard
from beatheritage.generate.plan import Plan
from beatheritage.generate.repair.finish import finish
from beatheritage.osu.beatmap import Beatmap, HitObject
from beatheritage.osu.level import level_of
from beatheritage.osu.stars import stars, strains
from beatheritage.progress import OnProgress, Progress
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.tokens.draft import draft_of

# Log-odds of a note by where in the beat it stands: what is off it goes first.
METRE = {TICKS_PER_BEAT: 2.0, TICKS_PER_BEAT // 2: 1.0, TICKS_PER_BEAT // 4: 0.0}
OFF_METRE = -1.0


class AncestorAttempts:
    """What was written is kept, and the same luck goes into every attempt."""

    def __init__(
        self,
        ancestor: Ancestor,
        heard: Heard,
        plan: Plan,
        rng: np.random.Generator,
        on_progress: OnProgress,
    ) -> None:
        self._ancestor, self._heard, self._plan = ancestor, heard, plan
        self._rng, self._on_progress = rng, on_progress
        self.reach = REACH[plan.mode]
        self._written: dict[float, Beatmap] = {}
        self._maps: dict[Knobs, Beatmap] = {}

    def stars(self, knobs: Knobs) -> float:
        """How hard an attempt came out."""
        return stars(self.made(knobs))

    def made(self, knobs: Knobs) -> Beatmap:
        """The map as it can be played."""
        if knobs not in self._maps:
            plan, written = self._plan, self._trimmed(knobs)
            level, duration = level_of(plan.stars), self._heard.song.duration
            self._maps[knobs] = finish(written, level, duration, plan.quality).beatmap
        return self._maps[knobs]

    def keep(self, push: float, written: Beatmap) -> None:
        """Take a map as what was written with a push."""
        self._written[push] = written

    def written(self, push: float) -> Beatmap:
        """What the model writes when it is told of so many stars more."""
        if push not in self._written:
            plan, rng = pushed(self._plan, push), deepcopy(self._rng)
            self._written[push] = write_map(
                self._heard, plan, self._ancestor, rng, self._listener()
            )
        return self._written[push]

    def _listener(self) -> OnProgress:
        """The first map is the writing; those after it adjust it."""
        if not self._written:
            return self._on_progress
        return lambda progress: self._on_progress(Progress("adjusting", progress.share))

    def _trimmed(self, knobs: Knobs) -> Beatmap:
        """What was written, its places further apart or closer, or with fewer notes."""
        beatmap = self.written(knobs.push)
        factor, share = shares(self._plan.mode, knobs.trim)
        objects = beatmap.objects
        if knobs.trim < 0:
            objects = with_fewer(beatmap, self._heard.timing, round(share * len(objects)))
        return replace(beatmap, objects=moved_apart(objects, factor))


def with_fewer(beatmap: Beatmap, timing: Timing, count: int) -> tuple[HitObject, ...]:
    """The objects without ``count`` notes: first where the map is hardest, and off the beat."""
    if not count or not beatmap.objects:
        return beatmap.objects
    draft = draft_of(beatmap, timing)
    first, last = draft.events[0].tick, draft.events[-1].tick
    ticks = np.arange(first, last + 1)
    strain = strains(beatmap).at(timing.tick_time(ticks))
    left = thinned(draft, Ground(first=first, odds=metre_of(ticks), strains=strain), count)
    stays = {(event.tick, event.column): event.new_combo for event in left.events}
    places = [(event.tick, event.column) for event in draft.events]
    return tuple(
        replace(item, new_combo=stays[place])
        for item, place in zip(beatmap.objects, places, strict=True)
        if place in stays
    )


def metre_of(ticks: Sequence[int] | np.ndarray) -> np.ndarray:
    """How much a place in the beat speaks for a note, log-odds."""
    odds = np.full(len(ticks), OFF_METRE)
    for part, worth in sorted(METRE.items()):
        odds[np.asarray(ticks) % part == 0] = worth
    return odds
