"""Repairs of std's spacing: objects move nearer to the one before, or away from it.

The map is walked once from its start; where a law does not allow the distance to the object before,
the object moves as little as will do, and the walk goes on from there.
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from beatheritage.generate.repair.edits import edited, subject_of
from beatheritage.generate.repair.places import Places, around, shifted
from beatheritage.generate.repair.sliders import turned
from beatheritage.osu.beatmap import Beatmap, Circle, Slider
from beatheritage.osu.level import Level
from beatheritage.osu.limits import Range
from beatheritage.osu.mode import circle_radius_px, preempt
from beatheritage.review.levels import level_of_map
from beatheritage.review.stacking import lay
from beatheritage.review.std_placing import (
    ABNORMAL_WARNING,
    FAST_GAP,
    MOST_REMEMBERED,
    MUST_NOT_OVERLAP,
    MUST_OVERLAP,
    OVERLAP_SLACK_PX,
    PATTERN_GAP,
    RECENT_GAPS,
    SHOULD_OVERLAP,
    SPACING_SLACK_PX,
    SPACING_SLACK_SHARE,
    STACKED_PX,
    Gap,
    expected_px,
    stack_leniency,
    usual_speed,
)
from beatheritage.review.subject import MapSubject

# How far inside what is allowed an object is put that has to move.
MARGIN = 0.8
ROUNDING_PX = 2.0  # of both objects, and what stacking adds
# How much a changed distance to the next object counts against one's own way.
NEXT_SHARE = 0.5
DISTANCES_TRIED = 5
# Spacing that others are to keep to must have room from anywhere: half the field's width, nearly.
WIDEST_PX = 240.0


class Allowed(NamedTuple):
    """What distances a law lets be, and at which of them an object is put that has to move."""

    kept: Range
    aim: Range


ANYTHING = Range(0, float("inf"))
FREE = Allowed(ANYTHING, ANYTHING)


class Law(Protocol):
    """Says what distances are right, and hears of each gap once it stands."""

    def allowed(self, gap: Gap) -> Allowed: ...

    def passed(self, gap: Gap) -> None: ...


class TimeDistance:
    """Easy, Normal: the same spacing for the same rhythm (SpaceVariation)."""

    def __init__(self) -> None:
        self._seen: deque[Gap] = deque(maxlen=MOST_REMEMBERED)

    def allowed(self, gap: Gap) -> Allowed:
        if gap.time > PATTERN_GAP or gap.px < STACKED_PX:
            return FREE
        expected = expected_px(self._seen, gap)
        if not expected:
            return Allowed(Range(0, WIDEST_PX + 4 * ROUNDING_PX), Range(0, WIDEST_PX))
        return Allowed(_near(expected, 1.0), _near(expected, MARGIN))

    def passed(self, gap: Gap) -> None:
        counts = gap.time <= PATTERN_GAP and gap.px >= STACKED_PX
        if counts and gap.px in self.allowed(gap).kept:
            self._seen.append(gap)


def _near(expected: float, share: float) -> Range:
    """Distances whose difference from what is expected is within so much of the slack."""
    px, part = share * SPACING_SLACK_PX, share * SPACING_SLACK_SHARE
    return Range(max((expected - px) / (1 + part), STACKED_PX), (expected + px) / (1 - part))


class Overlaps:
    """Easy, Normal: close in time is close in place; Easy: far in time is apart (CloseOverlap)."""

    def __init__(self, subject: MapSubject, level: Level, within: float) -> None:
        """``within``: how close in time, ms, circles are to overlap."""
        difficulty = subject.beatmap.difficulty
        self._diameter = 2 * (circle_radius_px(difficulty.circle_size) - OVERLAP_SLACK_PX)
        self._visible, self._level = preempt(difficulty.approach_rate), level
        self._within = within

    def allowed(self, gap: Gap) -> Allowed:
        if isinstance(gap.first.item, Circle) and gap.time < self._within:
            most = self._diameter - 0.01
            return Allowed(Range(0, most), Range(0, most - ROUNDING_PX))
        if self._level == Level.EASY and MUST_NOT_OVERLAP < gap.time < self._visible:
            least = Range(self._diameter, float("inf"))
            return Allowed(least, Range(least.low + 2 * ROUNDING_PX, least.high))
        return FREE

    def passed(self, gap: Gap) -> None:
        pass


class Sudden:
    """No spacing several times as wide as just before in the same time (AbnormalSpacing)."""

    def __init__(self, subject: MapSubject) -> None:
        self._touching = 2 * circle_radius_px(subject.beatmap.difficulty.circle_size)
        self._recent: deque[Gap] = deque(maxlen=RECENT_GAPS)

    def allowed(self, gap: Gap) -> Allowed:
        usual = usual_speed(self._recent, gap) if 0 < gap.time <= FAST_GAP else 0.0
        if not usual:
            return FREE
        most = max(ABNORMAL_WARNING * usual * gap.time, self._touching) - 0.01
        return Allowed(Range(0, most), Range(0, max(MARGIN * most, self._touching - ROUNDING_PX)))

    def passed(self, gap: Gap) -> None:
        if 0 < gap.time <= FAST_GAP and gap.px >= STACKED_PX:
            self._recent.append(gap)


class Unstacked:
    """Objects that lie right on one another too soon part (StackLeniency)."""

    def __init__(self, subject: MapSubject) -> None:
        pairs = (finding.objects for finding in stack_leniency(subject))
        self._seconds = {pair[1] for pair in pairs}
        self._least = circle_radius_px(subject.beatmap.difficulty.circle_size)

    def allowed(self, gap: Gap) -> Allowed:
        if gap.second.index not in self._seconds:
            return FREE
        least = Range(self._least - ROUNDING_PX, float("inf"))
        return Allowed(least, Range(self._least, float("inf")))

    def passed(self, gap: Gap) -> None:
        pass


def even_spacing(beatmap: Beatmap) -> Beatmap:
    """What the rules of spacing find is moved to where they do not."""
    subject = subject_of(beatmap)
    level = level_of_map(subject)
    laws: list[Law] = [Unstacked(subject), Sudden(subject)]
    if level <= Level.NORMAL:
        # What is a Problem comes before what is a Warning.
        laws += [
            Overlaps(subject, level, MUST_OVERLAP),
            TimeDistance(),
            Overlaps(subject, level, SHOULD_OVERLAP),
        ]
    return walked(subject, laws)


def walked(subject: MapSubject, laws: Sequence[Law], *, stacked: bool = True) -> Beatmap:
    """The map with every distance as the laws have it; the first of them come first where they
    cannot all be kept. ``stacked`` measures what does not move where the game draws it."""
    places, laid = Places(subject), lay(subject)
    for index in range(1, len(laid)):
        if places.is_spinner(index - 1) or places.is_spinner(index):
            continue
        first, second = laid[index - 1], laid[index]
        px = float(np.hypot(*(places.heads[index] - places.tails[index - 1])))
        if stacked and places.is_where_it_was(index - 1):
            px = float(np.hypot(second.head.x - first.tail.x, second.head.y - first.tail.y))
        gap = Gap(first, second, second.time - first.end, px)
        if any(px not in law.allowed(gap).kept for law in laws):
            gap = _moved(places, gap, index, _aim(laws, gap))
        for law in laws:
            law.passed(gap)
    return edited(subject.beatmap, places.moved())


def _aim(laws: Sequence[Law], gap: Gap) -> Range:
    aim = ANYTHING
    for law in laws:
        low, high = law.allowed(gap).aim
        both = Range(max(aim.low, low), min(aim.high, high))
        aim = both if both.low <= both.high else aim
    return aim


def _moved(places: Places, gap: Gap, index: int, aim: Range) -> Gap:
    """Put an object at a distance within ``aim``, where it is nearest to where it was."""
    before, head = places.tails[index - 1], places.heads[index]
    way = head - before
    facing = float(np.arctan2(way[1], way[0]))
    nearest = aim.clamp(gap.px)
    furthest = aim.low if nearest == aim.high else min(aim.high, 2 * nearest + 100)
    tried = np.linspace(nearest, furthest, DISTANCES_TRIED).tolist()
    if _put(places, index, facing, tried):
        return gap._replace(px=float(np.hypot(*(places.heads[index] - before))))
    return _turned(places, gap, index, nearest)


def _put(places: Places, index: int, facing: float, tried: Sequence[float]) -> bool:
    """Move an object to one of some distances to the one before; False where none has room."""
    before, head = places.tails[index - 1], places.heads[index].copy()
    for px in tried:
        moves = around(before, px, facing) - head
        fits = places.inside(index, moves)
        if not fits.any():
            continue
        cost = np.hypot(*moves.T)
        if index + 1 < len(places.heads) and not places.is_spinner(index + 1):
            following = places.heads[index + 1] - places.tails[index]
            now = np.hypot(*following)
            cost += NEXT_SHARE * np.abs(np.hypot(*(following - moves).T) - now)
        places.move(index, moves[int(np.where(fits, cost, np.inf).argmin())])
        return True
    return False


def _turned(places: Places, gap: Gap, index: int, px: float) -> Gap:
    """Put a slider, which no move brings to a distance, there with its body turned."""
    slider, before = places.now(index), places.tails[index - 1]
    if not isinstance(slider, Slider):
        return gap
    way = places.heads[index] - before
    for place in around(before, px, float(np.arctan2(way[1], way[0]))):
        dx, dy = place - (slider.x, slider.y)
        found = next(turned(shifted(slider, float(dx), float(dy))), None)
        if found is not None:
            places.turn(index, found)
            return gap._replace(px=float(np.hypot(*(places.heads[index] - before))))
    return gap
