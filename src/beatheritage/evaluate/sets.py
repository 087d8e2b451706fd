"""Whole sets: what rules find in them, how they nest, and what each further difficulty costs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from beatheritage.errors import UserError
from beatheritage.evaluate.asks import evenly
from beatheritage.evaluate.bench import Bench
from beatheritage.evaluate.judged import by_rule
from beatheritage.evaluate.outcome import SEED
from beatheritage.evaluate.rhythm import onsets
from beatheritage.evaluate.subjects import Subject
from beatheritage.evaluate.writers import models_here
from beatheritage.generate.drafting import Heard, listen
from beatheritage.generate.plan import Plan
from beatheritage.generate.request import Request
from beatheritage.generate.spread import write_spread
from beatheritage.generate.spread_plan import SpreadRequest, spread_plans
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.osu.write import write
from beatheritage.review.issue import Scope, Severity
from beatheritage.review.review import review_set
from beatheritage.review.subject import MapSubject, SetSubject

SETS = 12  # songs, each in one mode
TIMED_EVERY = 8  # one in so many is also timed with one and with two difficulties
SAME_ONSET_MS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsk:
    """A complete spread of a song in a mode; ``timed`` where its cost is to be measured."""

    mode: Mode
    timed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOutcome:
    """One set. Problems are counted by rule, those of scope set as for submission; ``nested`` are
    the shares of each difficulty's onsets that stand in the next harder one. The seconds of work:
    for the first difficulty, listening and timing included, and for the second. ``error`` says why
    there is no set."""

    song: str
    mode: str
    stars: tuple[float, ...] = ()
    problems: dict[str, int] = field(default_factory=dict)
    set_problems: dict[str, int] = field(default_factory=dict)
    nested: tuple[float, ...] = ()
    first_s: float | None = None
    second_s: float | None = None
    error: str = ""


def set_asks(subjects: Sequence[Subject], most: int = SETS) -> dict[str, list[SetAsk]]:
    """The modes in turn; in every mode some are timed."""
    modes = list(Mode)
    return {
        subject.id: [
            SetAsk(
                mode=modes[place % len(modes)],
                timed=place // len(modes) % TIMED_EVERY == 0,
            )
        ]
        for place, subject in enumerate(evenly(subjects, min(SETS, most)))
    }


def set_outcome(bench: Bench, ask: SetAsk) -> SetOutcome:
    """Write the set, or take the one that is kept, and judge it."""
    base = SetOutcome(song=bench.subject.id, mode=ask.mode.name.lower())
    timing = bench.found.timing
    if timing is None:
        return replace(base, error=bench.found.error)
    lines = [[line.time, line.beat_length, line.meter] for line in timing.lines]
    question = {"audio": bench.audio_hash, "lines": lines, "mode": ask.mode.name, "seed": SEED}
    written = bench.shelf.kept(
        "set", {**question, "timed": ask.timed}, lambda: _write(bench, ask, bench.heard(timing))
    )
    if written["error"]:
        return replace(base, error=written["error"])
    first_s = written["first_s"]
    return replace(
        base,
        **judge_set([parse(text).beatmap for text in written["osu"]]),
        stars=tuple(written["stars"]),
        first_s=None if first_s is None else first_s + bench.found.cpu_s,
        second_s=written["second_s"],
    )


def judge_set(maps: Sequence[Beatmap]) -> dict[str, Any]:
    """What the rules say of a set's maps, the easiest first, and how they nest."""
    subject = SetSubject(maps=tuple(MapSubject(beatmap=one) for one in maps))
    issues = review_set(subject, for_submission=True)
    return {
        "problems": by_rule(issues, Severity.PROBLEM),
        "set_problems": by_rule(issues, Severity.PROBLEM, Scope.SET),
        "nested": tuple(nested_share(easier, harder) for easier, harder in pairwise(maps)),
    }


def nested_share(easier: Beatmap, harder: Beatmap) -> float:
    """The share of onsets that stand in another map too; 1 for a map without any."""
    own, others = onsets(easier), onsets(harder)
    if not len(own) or not len(others):
        return float(not len(own))
    apart = np.abs(own[:, None] - others).min(1)
    return float(np.mean(apart <= SAME_ONSET_MS))


def _write(bench: Bench, ask: SetAsk, heard: Heard) -> dict[str, Any]:
    try:
        request = SpreadRequest(
            base=Request(audio=bench.subject.audio, seed=SEED), modes=(ask.mode,)
        )
        plans = spread_plans(request, duration=heard.song.duration, tags=heard.song.tags)
        spread = write_spread(heard, plans, models_here())
        texts, error = [write(made.beatmap) for made in spread.difficulties], ""
    except UserError as reason:
        return {"osu": [], "error": str(reason)}
    first_s = second_s = None
    if ask.timed:
        alone, two = (_work_s(heard, plans[-count:]) for count in (1, 2))
        first_s, second_s = alone, two - alone
    return {
        "osu": texts,
        "stars": [made.stars for made in spread.difficulties],
        "first_s": first_s,
        "second_s": second_s,
        "error": error,
    }


def _work_s(heard: Heard, plans: Sequence[Plan]) -> float:
    """Seconds of work for difficulties of a song that is timed."""
    began = time.process_time()
    write_spread(listen(heard.song, heard.timing), plans, models_here())
    return time.process_time() - began
