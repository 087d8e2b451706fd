"""Placing by osu-diffusion: the objects of a map being written, or of one that is there."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

import numpy as np

from beatheritage.errors import OptionError
from beatheritage.generate.ancestors.objects import Setting
from beatheritage.generate.ancestors.overlaps import met
from beatheritage.generate.ancestors.slider import Pacing
from beatheritage.generate.diffusion.classes import PlacingConditions
from beatheritage.generate.diffusion.maps import placed_at, spelled
from beatheritage.generate.diffusion.options import PlacingOptions
from beatheritage.generate.diffusion.points import Points, long_enough, points_of
from beatheritage.generate.diffusion.sample import Noise, Placer, diffused
from beatheritage.generate.field import on_playfield
from beatheritage.generate.splice import Span
from beatheritage.osu.beatmap import Beatmap, HitObject, Slider
from beatheritage.osu.mode import MODES
from beatheritage.osu.pace import Pace
from beatheritage.progress import OnProgress, ignore
from beatheritage.tokens.steps import Step
from beatheritage.tokens.steps_decode import Group

HAVE_PLACES = ("x", "xy")
EVERYWHERE = Span(-np.inf, np.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """What places a map, what it is told of it, and how."""

    placer: Placer
    conditions: PlacingConditions = field(default_factory=PlacingConditions)
    how: PlacingOptions = field(default_factory=PlacingOptions)


def refined(
    beatmap: Beatmap,
    placing: Placing,
    rng: Noise,
    span: Span = EVERYWHERE,
    on_progress: OnProgress = ignore,
) -> Beatmap:
    """The map with the objects of a span (ms) placed anew, inside the playfield; rhythm, kinds,
    lengths and sounds stay. What all but shares a place shares it then.

    Raises OptionError for a mode without places.
    """
    if not has_places(beatmap):
        name = beatmap.mode.name.lower()
        raise OptionError(f"{name} has no places to find", mend="std and catch have")
    pace = Pace(beatmap)
    spellings = [spelled(item, pace) for item in beatmap.objects]
    groups = [group for spelling in spellings for group in spelling]
    firsts = accumulate((len(spelling) for spelling in spellings), initial=0)
    lengths = {
        first: item.length
        for first, item in zip(firsts, beatmap.objects, strict=False)
        if isinstance(item, Slider)
    }
    inside = [item.time in span for item in beatmap.objects]
    points = points_of(groups)
    points = points.holding([lengths[body.group] for body in points.bodies])
    stays = [not moves for moves, spelling in zip(inside, spellings, strict=True) for _ in spelling]
    points = keeping(points, groups, stays)
    placed = iter(met(_found(groups, points, placing, rng, on_progress)))
    moved = tuple(
        placed_at(item, [next(placed) for _ in spelling])
        for item, spelling in zip(beatmap.objects, spellings, strict=True)
    )
    moved = on_playfield(replace(beatmap, objects=moved)).objects
    triples = zip(beatmap.objects, moved, inside, strict=True)
    chosen = tuple(_same_kind(old, new) if moves else old for old, new, moves in triples)
    return replace(beatmap, objects=chosen)


def place_groups(
    groups: Sequence[Group],
    setting: Setting,
    placing: Placing,
    rng: Noise,
    on_progress: OnProgress = ignore,
    around: Sequence[Group] = (),
) -> list[Group]:
    """The groups of a map that is being written, at new places, which fit on to those ``around``;
    sliders whose velocity was written keep their lengths."""
    flagged = [(group, False) for group in groups] + [(group, True) for group in around]
    together = sorted(flagged, key=lambda each: each[0].time)
    everyone, stays = [group for group, _ in together], [stay for _, stay in together]
    points = points_of(everyone)
    points = points.holding(lengths_of(points, everyone, setting))
    points = keeping(points, everyone, stays)
    found = _found(everyone, points, placing, rng, on_progress)
    return [group for group, stay in zip(found, stays, strict=True) if not stay]


def has_places(beatmap: Beatmap) -> bool:
    """Whether where an object lies says anything in the map's mode that isn't a column."""
    return MODES[beatmap.mode].place in HAVE_PLACES


def keeping(points: Points, groups: Sequence[Group], stays: Sequence[bool]) -> Points:
    """The points, with those of groups that stay, and spinners, kept where they are."""
    spinners = (Step.SPINNER, Step.SPINNER_END)
    kept = [stays[group] or groups[group].kind in spinners for group in points.groups]
    return replace(points, kept=np.array(kept, bool))


def lengths_of(points: Points, groups: Sequence[Group], setting: Setting) -> list[float | None]:
    """How long each body's path is, px, where its velocity was written."""
    lengths = []
    for body in points.bodies:
        head = groups[body.group]
        pacing = Pacing(
            line=setting.line(head.time),
            slider_multiplier=setting.slider_multiplier,
            velocity=1.0,
        )
        lengths.append(pacing.length(head.speed, body.span) if head.speed else None)
    return lengths


def _found(
    groups: Sequence[Group],
    points: Points,
    placing: Placing,
    rng: Noise,
    on_progress: OnProgress,
) -> list[Group]:
    """The groups at the places, in whole pixels, that diffusion finds."""
    placed = list(groups)
    if points.kept.all():
        return placed
    found_N2 = diffused(placing.placer, points, placing.conditions, placing.how, rng, on_progress)
    places_N2 = long_enough(points, found_N2)
    for group, (x, y), stays in zip(
        points.groups, np.rint(places_N2).tolist(), points.kept, strict=True
    ):
        if not stays:
            placed[group] = replace(placed[group], x=x, y=y)
    return placed


def _same_kind(old: HitObject, new: HitObject) -> HitObject:
    """The new object, or the old one where the new fits the field only as another curve."""
    if not isinstance(old, Slider) or not isinstance(new, Slider):
        return new
    same = (old.kind, len(old.points)) == (new.kind, len(new.points))
    return new if same else old
