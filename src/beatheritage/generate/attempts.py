"""One difficulty, tried with the knobs of the search turned this way and that."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np

from beatheritage.engine.models import Models
from beatheritage.generate.assemble import assemble
from beatheritage.generate.compose import Task
from beatheritage.generate.density import NOISE, Ground, filled, thinned
from beatheritage.generate.difficulty import AS_PLANNED, MOST_PUSH, Knobs, search
from beatheritage.generate.drafting import Heard, beats_to_write, hear_task, write_draft
from beatheritage.generate.nesting import like_above
from beatheritage.generate.place import (
    NOTHING,
    SEEN_OBJECTS,
    Before,
    PlaceOptions,
    Walked,
    kept,
    roam,
    settle,
)
from beatheritage.generate.plan import Plan
from beatheritage.generate.repair.finish import finish
from beatheritage.generate.settings import plan_settings
from beatheritage.generate.sketch import Sketch
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.level import level_of
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import stars, strains
from beatheritage.progress import OnProgress, Progress
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.tokens.draft import draft_of
from beatheritage.tokens.events import Draft, Event
from beatheritage.tokens.prompt import measure_style

CONDITIONS = (0.5, 9.0)  # stars: what the mapper has been told
# What a push tells the mapper. A small one down is less eager, and no more, since told of fewer
# stars it writes another rhythm, and a worse one; the largest goes to the ends of what it knows,
# from wherever it began: what is out of reach from there is out of the song's reach.
BIAS_PER_PUSH = 0.6  # log-odds of every onset
STARS_PER_PUSH = 0.5  # upwards
# What a full trim comes to: where places make stars, the first half of it goes into distances, at
# most by this factor, and the rest into notes; at most so many of them.
FARTHEST = {Mode.STD: 1.4, Mode.CATCH: 1.6}
MOST_TRIMMED = 0.35
# What that changes, as a share of the stars: about; the search only begins by it.
REACH = {Mode.STD: 0.2, Mode.TAIKO: 0.25, Mode.CATCH: 0.35, Mode.MANIA: 0.25}


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
        self._tasks: dict[float, Task] = {}
        self._drafts: dict[float, Drafted] = {}
        self._walks: dict[float, Walked] = {}
        self._grounds: dict[float, Ground] = {}
        self._maps: dict[Knobs, Beatmap] = {}

    def stars(self, knobs: Knobs) -> float:
        """How hard an attempt came out."""
        return stars(self.made(knobs))

    def elsewhere(self, asked: float) -> float:
        """The stars that come of a search for others than the plan's."""
        plan = replace(self._plan, stars=asked)
        other = Attempts(self._heard, plan, self._models, self._rng, self._listener())
        return search(other.stars, asked, other.reach).stars

    def made(self, knobs: Knobs) -> Beatmap:
        """The map as it can be played."""
        if knobs not in self._maps:
            draft = self._trimmed(knobs)
            walked, (scale, _) = self._walk(draft, knobs.push), shares(self._plan.mode, knobs.trim)
            song, timing = self._heard.song, self._heard.timing
            objects = settle(walked, self._look, scale, self._spacing(walked))
            beatmap = assemble(objects, draft, timing, self._plan, song, self._models.name)
            level = level_of(self._plan.stars)
            asked = self._plan.quality, self._plan.style
            self._maps[knobs] = finish(beatmap, level, song.duration, *asked).beatmap
        return self._maps[knobs]

    def _drafted(self, push: float) -> Drafted:
        """A draft as hard as the plan, and a push harder."""
        if push not in self._drafts:
            rng = deepcopy(self._rng)
            plan = self._pushed(push)
            tell = self._listener()
            sketch = Sketch(self._heard, plan, self._models, self._look, rng)

            def on_written(share: float, events: Sequence[Event]) -> None:
                tell(Progress("writing", share, sketch.of(events)))

            task, engine = self._task(push), self._models.mapper
            draft = write_draft(task, self._heard.timing, plan, engine, rng, on_written)
            self._on_progress(Progress("placing", 0))
            self._drafts[push] = Drafted(draft=draft, rng=rng)
        return self._drafts[push]

    def _spacing(self, walked: Walked) -> np.ndarray | None:
        """What the plan's curve makes of the distances, event by event."""
        if self._plan.curve is None:
            return None
        ticks = np.array([event.tick for event in walked.events])
        return self._plan.curve.spacing(self._heard.timing.tick_time(ticks))

    def _pushed(self, push: float) -> Plan:
        """The plan so much harder: of more notes, and not of other ones. In mania, holds take over
        a map that is pushed far, unless they are held to what they are as planned."""
        plan = pushed(self._plan, push)
        if (
            push == AS_PLANNED.push
            or plan.mode is not Mode.MANIA
            or plan.style.hold_share is not None
        ):
            return plan
        style = measure_style(self._drafted(AS_PLANNED.push).draft.events)
        return replace(plan, style=replace(plan.style, hold_share=style.hold_share))

    def _task(self, push: float) -> Task:
        if push not in self._tasks:
            plan = self._pushed(push)
            self._tasks[push] = hear_task(self._heard, plan, self._models.mapper)
        return self._tasks[push]

    def _listener(self) -> OnProgress:
        """The first draft is the writing, and to be seen; those after it adjust it."""
        if not self._drafts:
            return self._on_progress
        return lambda progress: self._on_progress(Progress("adjusting", progress.share))

    def _trimmed(self, knobs: Knobs) -> Draft:
        """The draft with notes put in or taken out."""
        draft, mode = self._drafted(knobs.push).draft, self._plan.mode
        _, share = shares(mode, knobs.trim)
        count = round(share * len(draft.events))
        if not count:
            return draft
        ground = self._ground(knobs.push)
        if knobs.trim < 0:
            return thinned(draft, ground, count)
        return like_above(filled(draft, ground, mode, self._plan.keys, count), self._plan.above)

    def _ground(self, push: float) -> Ground:
        if push not in self._grounds:
            beatmap, plan = self.made(Knobs(push=push)), self._plan
            task = self._task(push)
            first, last = beats_to_write(self._heard, None)
            ticks = np.arange(first * TICKS_PER_BEAT, last * TICKS_PER_BEAT)
            measured = strains(beatmap)
            self._grounds[push] = Ground(
                first=int(ticks[0]),
                odds=task.odds(first, last),
                strains=measured.at(self._heard.timing.tick_time(ticks)),
                only=plan.above.onsets if plan.above else None,
            )
        return self._grounds[push]

    def _walk(self, draft: Draft, push: float) -> Walked:
        """Where the placer went, and with it what is left of that, or was put in between."""
        drafted, timing = self._drafted(push), self._heard.timing
        if push not in self._walks:
            past, placer = before(self._plan, timing), self._models.placer
            rng = deepcopy(drafted.rng)
            self._walks[push] = roam(drafted.draft, timing, self._look, placer, rng, past)
        walked = self._walks[push]
        return walked if draft is drafted.draft else kept(walked, draft, timing, self._look)


def shares(mode: Mode, trim: float) -> tuple[float, float]:
    """What a trim comes to: a factor of all distances, and a share of the notes."""
    if mode not in FARTHEST:
        return 1.0, MOST_TRIMMED * abs(trim)
    apart = min(max(2 * trim, -1.0), 1.0)
    return FARTHEST[mode] ** apart, MOST_TRIMMED * max(0.0, 2 * abs(trim) - 1)


def pushed(plan: Plan, push: float) -> Plan:
    """The plan as the mapper is told it: so much harder, and more eager."""
    if push == AS_PLANNED.push:
        return plan
    share = (push / MOST_PUSH) ** 2
    near, end = plan.stars + STARS_PER_PUSH * max(push, 0.0), CONDITIONS[int(push > 0)]
    told = (1 - share) * near + share * end
    return replace(
        plan,
        stars=float(np.clip(told, *CONDITIONS)),
        onset_bias=plan.onset_bias + BIAS_PER_PUSH * push,
        onset_floor=NOISE if push > 0 and plan.above is None else plan.onset_floor,
    )


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
