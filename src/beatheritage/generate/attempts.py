"""One difficulty, tried with the knobs of the search turned this way and that."""

from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np

from beatheritage.engine.models import Models
from beatheritage.generate.assemble import assemble
from beatheritage.generate.density import Ground, filled, thinned
from beatheritage.generate.difficulty import AS_PLANNED, Knobs
from beatheritage.generate.drafting import Heard, beats_to_write, hear_task, write_draft
from beatheritage.generate.place import NOTHING, Before, PlaceOptions, Walked, roam, settle
from beatheritage.generate.plan import Plan
from beatheritage.generate.repair.finish import finish
from beatheritage.generate.settings import plan_settings
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.level import level_of
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import stars, strains
from beatheritage.progress import OnProgress, Progress
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.tokens.draft import draft_of
from beatheritage.tokens.events import Draft

SEEN_OBJECTS = 32  # in front of a range
CONDITIONS = (0.5, 9.0)  # stars: what the mapper has been told
BIAS_PER_PUSH = 0.4  # log-odds of every onset
# What a full trim comes to: a factor of all distances, or a share of the notes.
FARTHEST = {Mode.STD: 1.35, Mode.CATCH: 1.6}
MOST_TRIMMED = 0.3
# What that changes, as a share of the stars: about; the search only begins by it.
REACH = {Mode.STD: 0.1, Mode.TAIKO: 0.15, Mode.CATCH: 0.3, Mode.MANIA: 0.15}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drafted:
    """A draft, and the luck that is left for placing it."""

    draft: Draft
    rng: np.random.Generator


class Attempts:
    """What was tried is kept, and the same luck goes into every attempt: maps differ by their knobs
    alone, and nothing costly is made twice."""

    def __init__(
        self,
        heard: Heard,
        plan: Plan,
        models: Models,
        rng: np.random.Generator,
        on_progress: OnProgress,
    ) -> None:
        self._heard, self._plan, self._models = heard, plan, models
        self._rng, self._on_progress = rng, on_progress
        self._look = look_of(plan)
        self.reach = REACH[plan.mode]
        self._drafts: dict[float, Drafted] = {}
        self._walks: dict[float, Walked] = {}
        self._grounds: dict[float, Ground] = {}
        self._maps: dict[Knobs, Beatmap] = {}

    def stars(self, knobs: Knobs) -> float:
        """How hard an attempt came out."""
        return stars(self.made(knobs))

    def elsewhere(self, asked: float) -> float:
        """The stars of a first attempt at other stars than the plan's."""
        plan = replace(self._plan, stars=asked)
        other = Attempts(self._heard, plan, self._models, self._rng, self._listener())
        return other.stars(AS_PLANNED)

    def made(self, knobs: Knobs) -> Beatmap:
        """The map as it can be played."""
        if knobs not in self._maps:
            draft = self._trimmed(knobs)
            objects = settle(self._walk(draft, knobs), self._look, self._scale(knobs))
            song, timing = self._heard.song, self._heard.timing
            beatmap = assemble(objects, draft, timing, self._plan, song, self._models.name)
            level = level_of(self._plan.stars)
            self._maps[knobs] = finish(beatmap, level, song.duration, self._plan.quality).beatmap
        return self._maps[knobs]

    def _drafted(self, push: float) -> Drafted:
        """A draft as hard as the plan, and a push harder."""
        if push not in self._drafts:
            rng = deepcopy(self._rng)
            plan = pushed(self._plan, push)
            listener = self._listener()
            draft = write_draft(self._heard, plan, self._models.mapper, rng, listener)
            self._on_progress(Progress("placing", 0))
            self._drafts[push] = Drafted(draft=draft, rng=rng)
        return self._drafts[push]

    def _listener(self) -> OnProgress:
        """The first draft is the writing; those after it adjust it."""
        if not self._drafts:
            return self._on_progress
        return lambda progress: self._on_progress(Progress("adjusting", progress.share))

    def _trimmed(self, knobs: Knobs) -> Draft:
        """The draft with notes put in or taken out, where places do not make the stars."""
        draft, mode = self._drafted(knobs.push).draft, self._plan.mode
        count = round(abs(knobs.trim) * MOST_TRIMMED * len(draft.events))
        if mode in FARTHEST or not count:
            return draft
        ground = self._ground(knobs.push)
        if knobs.trim < 0:
            return thinned(draft, ground, count)
        return filled(draft, ground, mode, self._plan.keys, count)

    def _ground(self, push: float) -> Ground:
        if push not in self._grounds:
            beatmap = self.made(Knobs(push=push))
            plan = pushed(self._plan, push)
            task = hear_task(self._heard, plan, self._models.mapper)
            first, last = beats_to_write(self._heard, None)
            ticks = np.arange(first * TICKS_PER_BEAT, last * TICKS_PER_BEAT)
            begin = (first - task.origin) * TICKS_PER_BEAT
            measured = strains(beatmap)
            self._grounds[push] = Ground(
                first=int(ticks[0]),
                odds=task.memory.onsets[begin : begin + len(ticks)],
                strains=measured.at(self._heard.timing.tick_time(ticks)),
                only=plan.above.onsets if plan.above else None,
            )
        return self._grounds[push]

    def _walk(self, draft: Draft, knobs: Knobs) -> Walked:
        drafted, timing = self._drafted(knobs.push), self._heard.timing
        past, placer = before(self._plan, timing), self._models.placer
        if draft is not drafted.draft:
            return roam(draft, timing, self._look, placer, deepcopy(drafted.rng), past)
        if knobs.push not in self._walks:
            rng = deepcopy(drafted.rng)
            self._walks[knobs.push] = roam(draft, timing, self._look, placer, rng, past)
        return self._walks[knobs.push]

    def _scale(self, knobs: Knobs) -> float:
        return FARTHEST.get(self._plan.mode, 1.0) ** knobs.trim


def pushed(plan: Plan, push: float) -> Plan:
    """The plan as the mapper is told it: so many stars harder, and more eager."""
    if push == AS_PLANNED.push:
        return plan
    told = float(np.clip(plan.stars + push, *CONDITIONS))
    return replace(plan, stars=told, onset_bias=plan.onset_bias + BIAS_PER_PUSH * push)


def before(plan: Plan, timing: Timing) -> Before:
    """What stands in front of the range, from which placing goes on."""
    if plan.within is None:
        return NOTHING
    old = plan.within.beatmap
    pairs = zip(draft_of(old, timing).events, old.objects, strict=True)
    earlier = [pair for pair in pairs if pair[1].time < plan.within.start][-SEEN_OBJECTS:]
    return Before(
        events=tuple(event for event, _ in earlier), objects=tuple(item for _, item in earlier)
    )


def look_of(plan: Plan) -> PlaceOptions:
    settings = plan_settings(plan)
    return PlaceOptions(
        mode=plan.mode,
        stars=plan.stars,
        circle_size=settings.circle_size,
        slider_multiplier=settings.slider_multiplier,
        spacing=plan.style.spacing,
        keys=plan.keys,
    )
