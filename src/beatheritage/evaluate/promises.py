"""The options of quality, each switched on alone: the number that it changes, before and after."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from beatheritage.evaluate.bench import Bench
from beatheritage.evaluate.outcome import Ask
from beatheritage.evaluate.spread import by_song, figure, mean, single
from beatheritage.evaluate.tables import Line, Table
from beatheritage.generate.quality.flow import flow_cost
from beatheritage.generate.quality.options import NONE, USUAL, Quality
from beatheritage.generate.quality.spacing import close_share, overlap_share
from beatheritage.generate.quality.variety import PEOPLE, repetition
from beatheritage.osu.beatmap import Beatmap, Spinner
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.osu.stars import stars
from beatheritage.review.levels import level_of_map
from beatheritage.review.subject import MapSubject

PROMISE_SONGS = 8
PROMISE_STARS = 4.0
FLOW_TARGET = 0.15  # of the cost, that goes
STARS_TARGET = 0.02  # of the stars, that may
KS_TARGET = 0.05
KS_TERMS = 100


class Option(NamedTuple):
    """One option alone, and the number that it is to change."""

    quality: Quality
    measure: Callable[[Beatmap], float]


def beyond_people(beatmap: Beatmap) -> float:
    """How far the share of repeated patterns lies outside what people's maps of its level have."""
    usual = PEOPLE[min(level_of_map(MapSubject(beatmap=beatmap)), len(PEOPLE) - 1)]
    found = repetition(beatmap)
    return max(usual.low - found, found - usual.high, 0.0)


OPTIONS: Mapping[str, Option] = {
    "min_distance": Option(replace(NONE, min_distance=USUAL.min_distance), close_share),
    "max_overlap": Option(replace(NONE, max_overlap=USUAL.max_overlap), overlap_share),
    "flow": Option(replace(NONE, flow=True), flow_cost),
    "variety": Option(replace(NONE, variety=True), beyond_people),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseOutcome:
    """What an option does to one map. ``stars_moved`` is a share; ``ks_p`` how likely the distances
    of both maps are of one kind."""

    song: str
    option: str
    before: float
    after: float
    stars_moved: float
    ks_p: float


def promise_outcomes(bench: Bench) -> tuple[PromiseOutcome, ...]:
    """Every option on one map of a song; nothing for a song that is not written."""
    plain = _map(bench, NONE)
    if plain is None:
        return ()
    found = []
    for name, option in OPTIONS.items():
        made = _map(bench, option.quality)
        if made is not None:
            found.append(compare(bench.subject.id, name, plain, made))
    return tuple(found)


def compare(song: str, option: str, before: Beatmap, after: Beatmap) -> PromiseOutcome:
    measure = OPTIONS[option].measure
    return PromiseOutcome(
        song=song,
        option=option,
        before=measure(before),
        after=measure(after),
        stars_moved=abs(stars(after) / stars(before) - 1),
        ks_p=ks_p(distances(before), distances(after)),
    )


def _map(bench: Bench, quality: Quality) -> Beatmap | None:
    timing = bench.found.timing
    if timing is None:
        return None
    ask = Ask(
        group="quality",
        chart="",
        mode=Mode.STD,
        stars=PROMISE_STARS,
        quality=quality,
        stage="plain",
    )
    written = bench.written(bench.question(timing, ask), ask, timing)
    return None if written["error"] else parse(written["osu"]).beatmap


def distances(beatmap: Beatmap) -> np.ndarray:
    """Px from head to head, spinners apart."""
    items = [item for item in beatmap.objects if not isinstance(item, Spinner)]
    return np.array([np.hypot(b.x - a.x, b.y - a.y) for a, b in pairwise(items)], np.float64)


def ks_p(first: np.ndarray, second: np.ndarray) -> float:
    """How likely two samples of one distribution are as far apart as these: Kolmogorov and Smirnov,
    by the limit that Stephens (1970) corrects for small samples. 1 where one is empty."""
    if not len(first) or not len(second):
        return 1.0
    at = np.sort(np.concatenate([first, second]))
    shares = (
        np.searchsorted(np.sort(sample), at, side="right") / len(sample)
        for sample in (first, second)
    )
    apart = float(np.abs(np.subtract(*shares)).max())
    root = np.sqrt(len(first) * len(second) / (len(first) + len(second)))
    scaled = (root + 0.12 + 0.11 / root) * apart
    if scaled < 0.2:  # where the sum does not converge, it is 1 to nine digits
        return 1.0
    terms = np.arange(1, KS_TERMS + 1)
    total = 2 * np.sum((-1.0) ** (terms - 1) * np.exp(-2 * (terms * scaled) ** 2))
    return float(np.clip(total, 0, 1))


def promise_lines(found: Sequence[PromiseOutcome]) -> tuple[Line, ...]:
    flow = _of(found, "flow")
    gains = [(one.song, 1 - one.after / one.before) for one in flow if one.before]
    return (
        _worst(
            "quality.min_distance: circles followed too closely (most)",
            [one.after for one in _of(found, "min_distance")],
            0.0,
        ),
        _worst(
            "quality.max_overlap: objects over others, streams over themselves apart (most)",
            [one.after for one in _of(found, "max_overlap")],
            USUAL.max_overlap or 0.0,
        ),
        _worst(
            "quality.variety: repeated patterns beyond people's range (most)",
            [one.after for one in _of(found, "variety")],
            0.0,
        ),
        Line(
            what="quality.flow: flow cost, lower by (mean)",
            figure=figure(by_song(gains), mean),
            unit="%",
            target=FLOW_TARGET,
        ),
        _worst("the same: stars moved by (most)", [one.stars_moved for one in flow], STARS_TARGET),
        Line(
            what="the same: distances as before, KS p (least)",
            figure=single(min(one.ks_p for one in flow), len(flow), len(flow)) if flow else None,
            target=KS_TARGET,
        ),
    )


def _worst(what: str, values: Sequence[float], target: float) -> Line:
    worst = single(max(values), len(values), len(values)) if values else None
    return Line(what=what, figure=worst, unit="%", target=target, at_most=True)


def promise_table(found: Sequence[PromiseOutcome]) -> Table:
    rows = []
    for name in OPTIONS:
        mine = _of(found, name)
        if mine:
            before, after, moved, p = (
                np.array([getattr(one, field) for one in mine])
                for field in ("before", "after", "stars_moved", "ks_p")
            )
            rows.append(
                (
                    f"quality.{name}",
                    f"{np.mean(before):.3f}",
                    f"{np.mean(after):.3f}",
                    f"{before.max():.3f}",
                    f"{after.max():.3f}",
                    f"{np.mean(moved):.1%}, {moved.max():.1%}".replace("%", " %"),
                    f"{p.min():.2f}",
                    str(len(mine)),
                )
            )
    return Table(
        title="What the options of quality do",
        text=(
            f"Std maps of {PROMISE_STARS:g} stars, nothing searched, every option off but one. Its "
            "number is the share of circles after which the next object lies within 20 px and not "
            "in a stack; that of objects over others that are still seen and of no stream with "
            "them, for a stream lies over itself; how far the share of repeated patterns lies "
            "outside that of most maps by people; or the flow cost."
        ),
        head=(
            "option",
            "before, mean",
            "after, mean",
            "before, most",
            "after, most",
            "stars moved: mean, most",
            "distances: KS p, least",
            "songs",
        ),
        rows=tuple(rows),
    )


def _of(found: Sequence[PromiseOutcome], option: str) -> list[PromiseOutcome]:
    return [one for one in found if one.option == option]
