"""A finished difficulty from an ancestor's checkpoint: written, checked and repaired like ours."""

from dataclasses import asdict, replace

import numpy as np

from beatheritage.errors import WeightsError
from beatheritage.generate.ancestors.sample import StepSampling
from beatheritage.generate.ancestors.song import Ancestor, Wish, write_map
from beatheritage.generate.drafting import Heard
from beatheritage.generate.pipeline import Generated
from beatheritage.generate.plan import Plan
from beatheritage.generate.repair.finish import finish, told
from beatheritage.generate.request import Sampling
from beatheritage.osu.level import level_of
from beatheritage.osu.stars import stars
from beatheritage.progress import OnProgress, Progress, ignore


def generate_with(
    ancestor: Ancestor,
    wish: Wish,
    heard: Heard,
    plan: Plan,
    rng: np.random.Generator,
    on_progress: OnProgress = ignore,
) -> Generated:
    """One difficulty, or the range of one that the plan names. Its stars are as the model writes
    them; what the plan says of sampling goes before the wish's.

    Raises WeightsError where nothing was written, OptionError for what the model cannot be told.
    """
    wish = replace(wish, sampling=sampled(wish.sampling, plan.sampling))
    written = write_map(heard, plan, ancestor, wish, rng, on_progress)
    on_progress(Progress("placing", 1))
    if plan.within is not None:
        return Generated(beatmap=written, stars=stars(written))
    finished = finish(written, level_of(plan.stars), heard.song.duration, plan.quality)
    beatmap = finished.beatmap
    if not beatmap.objects:
        raise WeightsError("wrote no object", where=ancestor.name, mend="try another --seed")
    return Generated(beatmap=beatmap, stars=stars(beatmap), warnings=told(beatmap))


def sampled(usual: StepSampling, said: Sampling) -> StepSampling:
    """How a version is usually run, with what was said in its place."""
    changed = set(asdict(said).items()) - set(asdict(Sampling()).items())
    return replace(usual, **dict(changed))
