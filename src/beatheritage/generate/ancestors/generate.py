"""A finished difficulty from an ancestor's checkpoint: written, checked and repaired like ours."""

import numpy as np

from beatheritage.errors import WeightsError
from beatheritage.generate.ancestors.attempts import AncestorAttempts
from beatheritage.generate.ancestors.on_map import (
    is_on_map,
    is_timing_alone,
    on_map,
    timing_alone,
)
from beatheritage.generate.ancestors.song import Ancestor, write_map
from beatheritage.generate.ancestors.timing import timed
from beatheritage.generate.difficulty import AS_PLANNED, MISSED, search
from beatheritage.generate.drafting import Heard
from beatheritage.generate.pipeline import Generated
from beatheritage.generate.plan import Plan
from beatheritage.generate.repair.finish import told
from beatheritage.osu.stars import stars
from beatheritage.progress import OnProgress, ignore


def generate_with(
    ancestor: Ancestor,
    heard: Heard,
    plan: Plan,
    rng: np.random.Generator,
    on_progress: OnProgress = ignore,
) -> Generated:
    """One difficulty, or the range of one that the plan names.

    Raises WeightsError where nothing was written, OptionError for what the model cannot be told,
    InputError for a song without beats where the model was to find them.
    """
    heard = timed(ancestor, heard, plan, rng, on_progress)
    if is_timing_alone(plan):
        return Generated(beatmap=timing_alone(heard, plan, ancestor), stars=0.0)
    if is_on_map(plan):
        changed = on_map(heard, plan, ancestor, rng, on_progress)
        return Generated(beatmap=changed, stars=stars(changed))
    if plan.within is not None:
        fragment = write_map(heard, plan, ancestor, rng, on_progress)
        return Generated(beatmap=fragment, stars=stars(fragment))
    return brought_to_stars(AncestorAttempts(ancestor, heard, plan, rng, on_progress), plan)


def brought_to_stars(attempts: AncestorAttempts, plan: Plan) -> Generated:
    """What was written, as hard as was asked where that is wanted and can be. Raises WeightsError
    where nothing was written."""
    knobs, unmet = AS_PLANNED, ()
    if not attempts.made(AS_PLANNED).objects:
        raise WeightsError("wrote no object", where=plan.model, mend="try another --seed")
    if plan.difficulty.scale:
        met = search(attempts.stars, plan.stars, attempts.reach)
        knobs = met.knobs
        if abs(met.stars - plan.stars) > MISSED:
            unmet = (f"the map has {met.stars:.2f} of the {plan.stars:g} stars asked for",)
    beatmap = attempts.made(knobs)
    return Generated(beatmap=beatmap, stars=stars(beatmap), warnings=(*unmet, *told(beatmap)))
