"""From a song and a plan to a beatmap: the table of contents of generation."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from beatheritage.engine.models import Models
from beatheritage.generate.attempts import Attempts
from beatheritage.generate.difficulty import AS_PLANNED, MISSED, search
from beatheritage.generate.drafting import Heard
from beatheritage.generate.plan import Plan, Within
from beatheritage.generate.repair.finish import told
from beatheritage.osu.beatmap import Beatmap
from beatheritage.progress import OnProgress, ignore
from beatheritage.review.issue import stamp

ENDS = (1.0, 7.5)  # stars of the plans that show what a song carries at all
DOUBT = 0.05  # what is taken off before an end is asked for
MOST_ASKED = 4  # stars, for one end
UP, DOWN = 1, -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A difficulty, how hard it came out, and what its user should hear of it. ``reach`` is the
    least and the most stars that the song carries, where those asked for are not among them."""

    beatmap: Beatmap
    stars: float
    warnings: tuple[str, ...] = ()
    reach: tuple[float, float] | None = None


def generate(
    heard: Heard,
    plan: Plan,
    models: Models,
    rng: np.random.Generator,
    on_progress: OnProgress = ignore,
) -> Generated:
    """Write one difficulty for a song, or the range of one that the plan names."""
    attempts = Attempts(heard, plan, models, rng, on_progress)
    if plan.within is not None:
        fragment = attempts.made(AS_PLANNED)  # what its rules and stars are, only the map can say
        return Generated(
            beatmap=fragment,
            stars=attempts.stars(AS_PLANNED),
            warnings=_nothing(plan.within, fragment),
        )
    if not plan.difficulty.scale:
        plain = attempts.made(AS_PLANNED)
        return Generated(beatmap=plain, stars=attempts.stars(AS_PLANNED), warnings=told(plain))
    met = search(attempts.stars, plan.stars, attempts.reach)
    made = attempts.made(met.knobs)
    missed = abs(met.stars - plan.stars) > MISSED
    reach = _reach(attempts, plan, met.stars) if missed else None
    unmet = (_unmet(plan, met.stars, reach),) if reach else ()
    warnings = (*unmet, *told(made))
    return Generated(beatmap=made, stars=met.stars, warnings=warnings, reach=reach)


def _nothing(within: Within, fragment: Beatmap) -> tuple[str, ...]:
    """What to say of a range that came out empty."""
    if fragment.objects:
        return ()
    start, end = stamp(within.start), stamp(within.end)
    return (
        f"nothing was written from {start} to {end}: no onsets are heard there on the map's red "
        "lines (is this the map's song?)",
    )


def _reach(attempts: Attempts, plan: Plan, nearest: float) -> tuple[float, float]:
    """The least and the most stars that the song carries, by tenths: up to what came nearest, and
    from the other end of what can be asked for, or the other way round. Either end is one that was
    asked for, and met."""
    if nearest < plan.stars:
        return _end(attempts, attempts.elsewhere(ENDS[0]), UP), _end(attempts, nearest, DOWN)
    return _end(attempts, nearest, UP), _end(attempts, attempts.elsewhere(ENDS[1]), DOWN)


def _end(attempts: Attempts, found: float, way: int) -> float:
    """The first stars, from ``found`` on ``UP`` or ``DOWN``, that are met when they are asked for:
    a search for less goes other ways, and may come less far. After a few, where the last one came
    out is named."""
    for _ in range(MOST_ASKED):
        asked = way * ceil(way * 10 * found * (1 + way * DOUBT)) / 10
        found = attempts.elsewhere(asked)
        if abs(found - asked) <= MISSED:
            return asked
    return round(found, 1)


def _unmet(plan: Plan, nearest: float, reach: tuple[float, float]) -> str:
    """What to say of stars that the song cannot carry."""
    return (
        f"in {plan.mode.name.lower()} this song carries {reach[0]:.1f} to {reach[1]:.1f} stars: "
        f"the map has {nearest:.2f} of the {plan.stars:g} that were asked for"
    )
