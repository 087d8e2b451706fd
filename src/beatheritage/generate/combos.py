"""New combos where a player expects them: few objects long, and at the start of bars."""

from collections.abc import Callable
from dataclasses import replace

from beatheritage.osu.beatmap import Beatmap, HitObject, Spinner
from beatheritage.osu.level import Level
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing

# How many objects a combo may have before it is split.
LONGEST = {Level.EASY: 8, Level.NORMAL: 8, Level.HARD: 10, Level.INSANE: 12}
LONGEST_EXPERT = 12
SHORTEST_PART = 3  # objects on either side of a split


def new_combos(level: Level) -> Callable[[Beatmap], Beatmap]:
    """A polish step: a new combo on the first object, after spinners and breaks, and at a downbeat
    (else a beat) near the middle of every combo that is too long. Those already there stay."""
    longest = LONGEST.get(level, LONGEST_EXPERT)

    def step(beatmap: Beatmap) -> Beatmap:
        if beatmap.mode not in (Mode.STD, Mode.CATCH) or not beatmap.objects:
            return beatmap
        starts = [
            index
            for index, item in enumerate(beatmap.objects)
            if item.new_combo or _must_begin(beatmap, index)
        ]
        strength = _strengths(beatmap)
        for first, last in zip(starts, [*starts[1:], len(beatmap.objects)], strict=True):
            starts = starts + _splits(first, last, strength, longest)
        chosen = set(starts)
        objects = (
            replace(item, new_combo=True) if index in chosen and not item.new_combo else item
            for index, item in enumerate(beatmap.objects)
        )
        return replace(beatmap, objects=tuple(objects))

    return step


def _must_begin(beatmap: Beatmap, index: int) -> bool:
    item, before = beatmap.objects[index], beatmap.objects[index - 1]
    if index == 0 or isinstance(item, Spinner) or isinstance(before, Spinner):
        return True
    return any(before.time <= rest.start < item.time for rest in beatmap.events.breaks)


def _strengths(beatmap: Beatmap) -> list[int]:
    """How well a combo could begin at each object: 2 on a downbeat, 1 on a beat, 0 elsewhere."""
    timing = Timing(lines=beatmap.red_lines)
    return [_strength(timing, item) for item in beatmap.objects]


def _strength(timing: Timing, item: HitObject) -> int:
    beat, rest = divmod(int(timing.tick(item.time)), TICKS_PER_BEAT)
    if rest:
        return 0
    return 2 if int(timing.bar_phase(beat)) == 0 else 1


def _splits(first: int, last: int, strength: list[int], longest: int) -> list[int]:
    """Where to split the combo of objects ``first`` to ``last - 1``, and its parts in turn."""
    if last - first <= longest:
        return []
    inner = range(first + SHORTEST_PART, last - SHORTEST_PART + 1)
    middle = (first + last) / 2
    best = max(inner, key=lambda index: (strength[index], -abs(index - middle)), default=first)
    if best == first or not strength[best]:
        return []
    return [
        best,
        *_splits(first, best, strength, longest),
        *_splits(best, last, strength, longest),
    ]
