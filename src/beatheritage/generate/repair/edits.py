"""What every repair does: ask a rule, and change or leave out the objects that it names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from beatheritage.osu.beatmap import Beatmap, HitObject
from beatheritage.review.issue import Finding, Severity
from beatheritage.review.subject import MapSubject

Judge = Callable[[MapSubject], Iterator[Finding]]


@lru_cache(maxsize=8)
def subject_of(beatmap: Beatmap) -> MapSubject:
    """The map as rules see it: what several of them need is worked out once."""
    return MapSubject(beatmap=beatmap)


def findings(beatmap: Beatmap, judge: Judge) -> list[Finding]:
    """The Problems and Warnings of one rule."""
    return grave(subject_of(beatmap), judge)


def grave(subject: MapSubject, judge: Judge) -> list[Finding]:
    """The same for a subject that several rules are asked about."""
    return [finding for finding in judge(subject) if finding.severity >= Severity.WARNING]


def named(beatmap: Beatmap, judge: Judge) -> list[int]:
    """Every object that a rule names first in a finding, in order, each once."""
    return sorted({one.objects[0] for one in findings(beatmap, judge) if one.objects})


def edited(beatmap: Beatmap, changes: Mapping[int, HitObject | None]) -> Beatmap:
    """The map with some objects changed, or left out where they are None.

    The combo that an object left out would have begun is begun by the next.
    """
    if not changes:
        return beatmap
    objects: list[HitObject] = []
    begins = False
    for index, item in enumerate(beatmap.objects):
        changed = changes.get(index, item)
        if changed is None:
            begins = begins or item.new_combo
            continue
        if begins and not changed.new_combo:
            changed = replace(changed, new_combo=True)
        begins = False
        objects.append(changed)
    return replace(beatmap, objects=tuple(objects))
