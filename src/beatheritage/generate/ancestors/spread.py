"""Several difficulties of a song by a checkpoint, written side by side: their windows go through
the model in one batch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from beatheritage.generate.ancestors.attempts import AncestorAttempts
from beatheritage.generate.ancestors.generate import brought_to_stars
from beatheritage.generate.ancestors.passes import layers_of, run_together
from beatheritage.generate.ancestors.song import Ancestor, map_of, session_of, telling
from beatheritage.generate.ancestors.timing import timed
from beatheritage.generate.drafting import Heard
from beatheritage.generate.pipeline import Generated
from beatheritage.generate.plan import Plan
from beatheritage.generate.spread import Listener, Spread, in_common, set_faults
from beatheritage.osu.mode import Mode
from beatheritage.progress import OnProgress, ignore


def write_spread_with(
    ancestors: Mapping[Mode, Ancestor],
    heard: Heard,
    plans: Sequence[Plan],
    on_progress: OnProgress = ignore,
) -> Spread:
    """Write every difficulty of a set, each mode with the checkpoint that writes it. ``plans`` are
    those of ``spread_plans``, in their order."""
    rng = np.random.default_rng((plans[0].seed, len(plans)))
    heard = timed(ancestors[plans[0].mode], heard, plans[0], rng, on_progress)
    plans = [replace(plan, timing=heard.timing) for plan in plans]
    listener = Listener(on_progress, len(plans))
    made: dict[int, Generated] = {}
    for mode, ancestor in ancestors.items():
        own = {number: plan for number, plan in enumerate(plans) if plan.mode is mode}
        listeners = [listener.of(number) for number in own]
        written = write_together(ancestor, heard, list(own.values()), listeners)
        made |= zip(own, written, strict=True)
        for number in own:
            listener.done(number)
    difficulties = in_common([made[number] for number in range(len(plans))], heard.timing)
    return Spread(difficulties=difficulties, left=set_faults(difficulties))


def write_together(
    ancestor: Ancestor, heard: Heard, plans: Sequence[Plan], listeners: Sequence[OnProgress]
) -> list[Generated]:
    """A difficulty for each plan of one song: what each writes, it would also write alone."""
    works, luck = [], [np.random.default_rng((plan.seed, 0)) for plan in plans]
    for plan, rng, listener in zip(plans, luck, listeners, strict=True):
        session = session_of(heard, plan, ancestor, np.random.default_rng(rng.integers(2**63)))
        works.append(layers_of(session, telling(session, heard, plan, ancestor, listener)))
    most = max(plan.ancestor.batch for plan in plans)
    made = []
    for plan, rng, listener, layers in zip(
        plans, luck, listeners, run_together(ancestor.engine, works, most), strict=True
    ):
        attempts = AncestorAttempts(ancestor, heard, plan, rng, listener)
        attempts.keep(0.0, map_of(layers, heard, plan, ancestor, rng))
        made.append(brought_to_stars(attempts, plan))
    return made
