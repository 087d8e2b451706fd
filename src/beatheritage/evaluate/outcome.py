"""What a generated map comes to beside the chart that it was asked to be like."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from beatheritage.errors import InputError
from beatheritage.evaluate.judged import judge
from beatheritage.evaluate.rhythm import TOLERANCE_MS, Score, onset_f1, onsets, sounded
from beatheritage.evaluate.validity import faults
from beatheritage.generate.quality.options import Quality
from beatheritage.osu.beatmap import Beatmap, Circle
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.osu.stars import count_objects, stars
from beatheritage.review.subject import MapSubject
from beatheritage.timing.grid import Timing
from beatheritage.tokens.draft import draft_of
from beatheritage.tokens.prompt import Style, measure_style

NARROW_MS = TOLERANCE_MS / 2
SEED = 1

Source = Literal["found", "true"]
Stage = Literal["draft", "plain", "whole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One map to write. ``group`` is the table that it counts in, ``chart`` the truth's name, or
    what is asked in words. Stars of None are not asked for. A ``plain`` map is not searched for
    its stars, a ``draft`` not even checked and repaired."""

    group: str
    chart: str
    mode: Mode
    stars: float | None
    keys: int = 0
    style: Style = field(default_factory=Style)
    quality: Quality = field(default_factory=Quality)
    stage: Stage = "whole"
    timing: Source = "found"
    truth: Beatmap | None = None
    shift_ms: int = 0
    seed: int = SEED


class Habits(NamedTuple):
    """What a map is like: onsets a second, the share of objects that last, px from head to head."""

    density: float
    lasting: float
    spacing: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One row. ``error`` says why there is no map, which then counts as one that hits nothing.

    ``moved_f1`` is the score where the chart stands on its sound; ``faults`` are counts by kind,
    ``problems`` by review rule. ``hits`` are precision, recall and F1 of starts alone and of all
    that sounds, at both tolerances. ``reach`` are the least and the most stars that the song was
    said to carry, where those asked for could not be met. ``style`` is measured, as it is asked
    for.
    """

    song: str
    kind: str
    chart: str
    group: str
    mode: str
    keys: int
    timing: Source
    stars_asked: float
    seed: int = SEED
    stars: float = 0.0
    f1: float = 0.0
    f1_narrow: float = 0.0
    moved_f1: float = 0.0
    precision: float = 0.0
    recall: float = 0.0
    true_onsets: int = 0
    hits: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    objects: int = 0
    objects_read: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    made: Habits | None = None
    human: Habits | None = None
    level: int = 0
    problems: dict[str, int] = field(default_factory=dict)
    warnings: int = 0
    style: dict[str, float] = field(default_factory=dict)
    reach: tuple[float, float] | None = None
    seconds: float = 0.0
    cpu_s: float = 0.0
    error: str = ""


class Rhythm(NamedTuple):
    """Scores at the usual tolerance, at half of it, and with the chart moved onto its sound."""

    usual: Score
    narrow: Score
    moved: Score


def compare(made: Beatmap, truth: Beatmap, shift_ms: int = 0) -> Rhythm:
    found, true = onsets(made), onsets(truth)
    return Rhythm(
        usual=onset_f1(found, true),
        narrow=onset_f1(found, true, NARROW_MS),
        moved=onset_f1(found, true + shift_ms),
    )


def hits(made: Beatmap, truth: Beatmap) -> dict[str, tuple[float, float, float]]:
    """Precision, recall and F1 by what is counted and how near it must be."""
    found = {}
    for what, times in (("starts", onsets), ("starts, repeats, ends", sounded)):
        for tolerance in (TOLERANCE_MS, NARROW_MS):
            score = onset_f1(times(made), times(truth), tolerance)
            found[f"{what} ±{tolerance:g} ms"] = (score.precision, score.recall, score.f1)
    return found


def habits(beatmap: Beatmap) -> Habits | None:
    """What a map is like; None for one with fewer than two onsets."""
    times = onsets(beatmap)
    if len(times) < 2:
        return None
    places = np.array([(item.x, item.y) for item in beatmap.objects], np.float64)
    steps = np.hypot(*np.diff(places, axis=0).T)
    return Habits(
        density=float((len(times) - 1) / (times[-1] - times[0]) * 1000),
        lasting=float(np.mean([not isinstance(item, Circle) for item in beatmap.objects])),
        spacing=float(np.median(steps)) if len(steps) else 0.0,
    )


def style_of(beatmap: Beatmap) -> dict[str, float]:
    """The knobs as they came out, in the units in which they are asked for; ``spacing`` is the
    median distance of heads, px."""
    if not beatmap.objects or not beatmap.red_lines:
        return {}
    style = measure_style(draft_of(beatmap, Timing(lines=beatmap.red_lines)).events)
    found = {name: getattr(style, name) for name in Style.__dataclass_fields__}
    known = habits(beatmap)
    found["spacing"] = known.spacing if known else None
    return {name: value for name, value in found.items() if value is not None}


def measure(text: str) -> dict[str, object]:
    """What a written map says of itself: stars, faults, and its objects in two readers' counts."""
    beatmap = parse(text).beatmap
    judged = judge(MapSubject(beatmap=beatmap, data=text.encode()))
    try:
        rated = stars(text)
    except InputError:
        rated = float("nan")
    return {
        "stars": rated,
        "objects": len(beatmap.objects),
        "objects_read": count_objects(text).total,
        "faults": dict(Counter(fault.kind.name.lower() for fault in faults(beatmap))),
        "made": habits(beatmap),
        "level": judged.level,
        "problems": judged.problems,
        "warnings": judged.warnings,
        "style": style_of(beatmap),
    }


def score(text: str, ask: Ask) -> dict[str, object]:
    """What a written map says beside the truth that was asked for; nothing where there is none."""
    if ask.truth is None:
        return {}
    made = parse(text).beatmap
    rhythm = compare(made, ask.truth, ask.shift_ms)
    return {
        "f1": rhythm.usual.f1,
        "f1_narrow": rhythm.narrow.f1,
        "moved_f1": rhythm.moved.f1,
        "precision": rhythm.usual.precision,
        "recall": rhythm.usual.recall,
        "true_onsets": rhythm.usual.count,
        "hits": hits(made, ask.truth),
        "human": habits(ask.truth),
    }
