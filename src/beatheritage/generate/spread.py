"""A whole set at once: one timing, one kiai, and difficulties that belong together.

Of each mode the hardest is written first, and every other keeps to the rhythm and the sounds of the
one above it. Modes do not hang on one another, and are written side by side.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, CancelledError, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import chain
from threading import Event, Lock

import numpy as np

from beatheritage.engine.models import Models
from beatheritage.generate.drafting import Heard, find_kiai, hear_task
from beatheritage.generate.nesting import Above, sounds_of, with_sounds
from beatheritage.generate.pipeline import Generated, generate
from beatheritage.generate.plan import Plan
from beatheritage.generate.repair.finish import told
from beatheritage.generate.slips import without_slips
from beatheritage.osu.beatmap import Beatmap, HitSound, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import stars
from beatheritage.progress import OnProgress, Progress, ignore
from beatheritage.review.issue import Issue, Scope, Severity, first_of_each
from beatheritage.review.registry import RULES
from beatheritage.review.review import review_set
from beatheritage.review.rule import SetRule
from beatheritage.review.subject import MapSubject, SetSubject
from beatheritage.timing.grid import Timing
from beatheritage.tokens.draft import draft_of

# Elsewhere a note's sound is its colour, or there are none.
SOUNDING = (Mode.STD, Mode.CATCH)

# How far through a difficulty each stage begins, and what share of it that is.
STAGES = {"writing": (0.0, 0.5), "adjusting": (0.5, 0.5)}

# What only several difficulties can break together; what the user gave is not ours to judge.
SET_RULES = tuple(
    rule for rule in RULES if isinstance(rule, SetRule) and rule.scope is not Scope.MATERIAL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A set in the order of its plans, and the Problems and Warnings of rules about sets."""

    difficulties: tuple[Generated, ...]
    left: tuple[Issue, ...] = ()


class Listener:
    """Tells one listener of the work on several difficulties, from any thread, and stops it."""

    def __init__(self, on_progress: OnProgress, count: int) -> None:
        self._on_progress, self._shares = on_progress, [0.0] * count
        self._lock, self._stopped = Lock(), Event()

    def of(self, number: int) -> OnProgress:
        """What one of the difficulties tells its progress to."""

        def hear(progress: Progress) -> None:
            if progress.stage in STAGES:
                begun, lasts = STAGES[progress.stage]
                self._tell(number, begun + lasts * progress.share, progress.sketch)

        return hear

    def done(self, number: int) -> None:
        """One of the difficulties is finished."""
        self._tell(number, 1.0)

    def stop(self) -> None:
        """Whoever tells of anything from now on is stopped by it."""
        self._stopped.set()

    def _tell(self, number: int, share: float, sketch: Callable[[], Beatmap] | None = None) -> None:
        with self._lock:
            if self._stopped.is_set():
                raise CancelledError
            self._shares[number] = max(self._shares[number], share)
            whole = sum(self._shares) / len(self._shares)
            self._on_progress(Progress("writing", whole, sketch))


def write_spread(
    heard: Heard, plans: Sequence[Plan], models: Models, on_progress: OnProgress = ignore
) -> Spread:
    """Write every difficulty of a set. ``plans`` are those of ``spread_plans``, in their order.

    What the listener raises stops all of the work.
    """
    hardest = max(plans, key=lambda plan: plan.stars)
    kiai = find_kiai(hear_task(heard, hardest, models.mapper), heard.timing, hardest)
    plans = [replace(plan, timing=heard.timing, kiai=kiai) for plan in plans]
    listener = Listener(on_progress, len(plans))

    def write_mode(mode: Mode) -> list[Generated]:
        own = {number: plan for number, plan in enumerate(plans) if plan.mode is mode}
        return write_down(heard, own, models, listener)

    modes = tuple(dict.fromkeys(plan.mode for plan in plans))
    written = chain.from_iterable(side_by_side(write_mode, modes, listener))
    difficulties = in_common(tuple(written), heard.timing)
    return Spread(difficulties=difficulties, left=set_faults(difficulties))


def write_down(
    heard: Heard, plans: Mapping[int, Plan], models: Models, listener: Listener
) -> list[Generated]:
    """The difficulties of one mode, by their numbers in the set, from the last and hardest down."""
    written: list[Generated] = []
    above: Above | None = None
    for number, plan in reversed(list(plans.items())):
        rng = np.random.default_rng((plan.seed, 0))
        made = generate(heard, replace(plan, above=above), models, rng, listener.of(number))
        made = changed(made, without_slips(made.beatmap))
        written.insert(0, made)
        draft = draft_of(made.beatmap, heard.timing)
        above = Above(draft=draft, sounding=plan.mode in SOUNDING, harder=above)
        listener.done(number)
    return written


def changed(made: Generated, beatmap: Beatmap) -> Generated:
    """A difficulty that was changed, with what is to be said of it now."""
    if beatmap == made.beatmap:
        return made
    warnings = tuple(dict.fromkeys((*made.warnings, *told(beatmap))))
    return replace(made, beatmap=beatmap, stars=stars(beatmap), warnings=warnings)


def side_by_side(
    write: Callable[[Mode], list[Generated]], modes: Sequence[Mode], listener: Listener
) -> list[list[Generated]]:
    """What is written of each mode, at once as far as there are cores."""
    workers = min(len(modes), os.cpu_count() or 1)
    if workers == 1:
        return [write(mode) for mode in modes]
    with ThreadPoolExecutor(workers) as pool:
        works = [pool.submit(write, mode) for mode in modes]
        try:
            for work in wait(works, return_when=FIRST_EXCEPTION).done:
                work.result()  # raises what stopped it
            return [work.result() for work in works]
        finally:
            listener.stop()
            pool.shutdown(cancel_futures=True)


def in_common(written: Sequence[Generated], timing: Timing) -> tuple[Generated, ...]:
    """The difficulties with what a set has only one of: tags, a first red line, sounds.

    Repairs may have put sounds where a map lacked them; what has them in an easier difficulty has
    them in all.
    """
    maps = [made.beatmap for made in written]
    tags = tuple(dict.fromkeys(chain.from_iterable(one.metadata.tags for one in maps)))
    first = min((one.red_lines[0] for one in maps), key=lambda line: line.time)
    sounds: dict[int, HitSound] = {}
    for one in reversed(maps):
        sounds |= sounds_of(draft_of(one, timing)) if one.mode in SOUNDING else {}
    alike = (
        with_sounds(one, timing, sounds) if one.mode in SOUNDING else one
        for one in (begun_by(tagged(one, tags), first) for one in maps)
    )
    return tuple(changed(made, one) for made, one in zip(written, alike, strict=True))


def tagged(beatmap: Beatmap, tags: tuple[str, ...]) -> Beatmap:
    return replace(beatmap, metadata=replace(beatmap.metadata, tags=tags))


def begun_by(beatmap: Beatmap, line: RedLine) -> Beatmap:
    """The map with its first red line moved back to where another difficulty needs it."""
    first, *others = beatmap.timing_points
    return replace(beatmap, timing_points=(replace(first, time=line.time), *others))


def set_faults(difficulties: Sequence[Generated]) -> tuple[Issue, ...]:
    """What the rules about sets find that matters."""
    subject = SetSubject(maps=tuple(MapSubject(beatmap=each.beatmap) for each in difficulties))
    found = review_set(subject, rules=SET_RULES)
    return tuple(issue for issue in found if issue.severity >= Severity.WARNING)


def set_told(made: Spread) -> tuple[str, ...]:
    """A line for everything that is left in a set; where a rule has more to say of a difficulty,
    the first and how many more."""
    return tuple(
        ": ".join(filter(None, (issue.rule, issue.difficulty, issue.message))) + others
        for issue, others in first_of_each(made.left)
    )
