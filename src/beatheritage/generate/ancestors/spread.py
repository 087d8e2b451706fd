"""Several difficulties by a checkpoint, of a song or of several, written side by side: their
windows go through the model in one batch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

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


class Order(NamedTuple):
    """A difficulty to write, and the song that it is for."""

    heard: Heard
    plan: Plan


def write_spread_with(
    ancestors: Mapping[Mode, Ancestor],
    heard: Heard,
    plans: Sequence[Plan],
    on_progress: OnProgress = ignore,
) -> Spread:
    """Write every difficulty of a set, each mode with the checkpoint that writes it. ``plans`` are
    those of ``spread_plans``, in their order."""
    (made,) = write_spreads_with(ancestors, [(heard, plans)], on_progress)
    return made


def write_spreads_with(
    ancestors: Mapping[Mode, Ancestor],
    songs: Sequence[tuple[Heard, Sequence[Plan]]],
    on_progress: OnProgress = ignore,
) -> list[Spread]:
    """The sets of several songs, each as it would be written alone."""
    orders = [
        each
        for heard, plans in songs
        for each in _ordered(ancestors[plans[0].mode], heard, plans, on_progress)
    ]
    listener = Listener(on_progress, len(orders))
    made: dict[int, Generated] = {}
    for mode, ancestor in ancestors.items():
        own = [number for number, order in enumerate(orders) if order.plan.mode is mode]
        listeners = [listener.of(number) for number in own]
        written = write_together(ancestor, [orders[number] for number in own], listeners)
        made |= zip(own, written, strict=True)
        for number in own:
            listener.done(number)
    numbers = iter(range(len(orders)))
    return [_spread([(orders[n], made[n]) for n in islice(numbers, len(p))]) for _, p in songs]


def _ordered(
    ancestor: Ancestor, heard: Heard, plans: Sequence[Plan], on_progress: OnProgress
) -> list[Order]:
    """A song's difficulties, with the timing that they share."""
    rng = np.random.default_rng((plans[0].seed, len(plans)))
    heard = timed(ancestor, heard, plans[0], rng, on_progress)
    return [Order(heard, replace(plan, timing=heard.timing)) for plan in plans]


def _spread(written: Sequence[tuple[Order, Generated]]) -> Spread:
    timing = written[0][0].heard.timing
    difficulties = in_common([made for _, made in written], timing)
    return Spread(difficulties=difficulties, left=set_faults(difficulties))


def write_together(
    ancestor: Ancestor, orders: Sequence[Order], listeners: Sequence[OnProgress]
) -> list[Generated]:
    """A difficulty for each order: what each writes, it would also write alone."""
    works, luck = [], [np.random.default_rng((plan.seed, 0)) for _, plan in orders]
    for (heard, plan), rng, listener in zip(orders, luck, listeners, strict=True):
        session = session_of(heard, plan, ancestor, np.random.default_rng(rng.integers(2**63)))
        works.append(layers_of(session, telling(session, heard, plan, ancestor, listener)))
    most = max((plan.ancestor.batch for _, plan in orders), default=1)
    made = []
    for (heard, plan), rng, listener, layers in zip(
        orders, luck, listeners, run_together(ancestor.engine, works, most), strict=True
    ):
        attempts = AncestorAttempts(ancestor, heard, plan, rng, listener)
        attempts.keep(0.0, map_of(layers, heard, plan, ancestor, rng))
        made.append(brought_to_stars(attempts, plan))
    return made
