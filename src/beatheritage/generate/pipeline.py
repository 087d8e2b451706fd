"""From a song and a plan to a beatmap: the table of contents of generation."""

from dataclasses import dataclass

import numpy as np

from beatheritage.engine.models import Models
from beatheritage.generate.assemble import assemble
from beatheritage.generate.drafting import Heard, write_draft
from beatheritage.generate.place import NOTHING, Before, PlaceOptions, place
from beatheritage.generate.plan import Plan
from beatheritage.generate.repair.finish import finish
from beatheritage.generate.settings import plan_settings
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.level import level_of
from beatheritage.osu.stars import stars
from beatheritage.progress import OnProgress, Progress, ignore
from beatheritage.timing.grid import Timing
from beatheritage.tokens.draft import draft_of

SEEN_OBJECTS = 32  # in front of a range


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A difficulty, how hard it came out, and what its user should hear of it."""

    beatmap: Beatmap
    stars: float
    warnings: tuple[str, ...] = ()


def generate(
    heard: Heard,
    plan: Plan,
    models: Models,
    rng: np.random.Generator,
    on_progress: OnProgress = ignore,
) -> Generated:
    """Write one difficulty for a song, or the range of one that the plan names."""
    draft = write_draft(heard, plan, models.mapper, rng, on_progress)
    on_progress(Progress("placing", 0))
    past = before(plan, heard.timing)
    objects = place(draft, heard.timing, look_of(plan), models.placer, rng, past)
    beatmap = assemble(objects, draft, heard.timing, plan, heard.song, models.name)
    finished = finish(beatmap, level_of(plan.stars), heard.song.duration)
    return Generated(
        beatmap=finished.beatmap,
        stars=stars(finished.beatmap),
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
