"""How near objects come that are next to each other, and how many lie over others still seen."""

from collections.abc import Sequence

import numpy as np

from beatheritage.generate.place_moves import STREAM_GAP
from beatheritage.generate.repair.edits import edited, subject_of
from beatheritage.generate.repair.places import Places, around
from beatheritage.generate.repair.spacing import FREE, Allowed, walked
from beatheritage.osu.beatmap import Beatmap, Circle
from beatheritage.osu.limits import Range
from beatheritage.osu.mode import circle_radius_px, preempt
from beatheritage.review.stacking import SAME_PLACE_PX
from beatheritage.review.std_placing import Gap
from beatheritage.review.subject import MapSubject

ROUNDING_PX = 1.5
# So many objects back are looked at: more are not seen at once in maps that people play.
MOST_SEEN = 48
LEAST_STREAM = 3  # circles
# Of the distance that an object has to the one before: tried one after the other.
DISTANCES = (1.0, 1.1, 0.9, 1.25, 0.8)


def close_share(beatmap: Beatmap, least: float = 20.0) -> float:
    """The share of circles after which the next object lies nearer than ``least`` px, and not in a
    stack (under 3 px). After a slider the next may lie near: its body is the pattern."""
    places = Places(subject_of(beatmap))
    gaps = [index for index in range(1, len(places.heads)) if _counts(places, index)]
    close = [index for index in gaps if SAME_PLACE_PX <= _distance(places, index) < least]
    return len(close) / len(gaps) if gaps else 0.0


def _counts(places: Places, index: int) -> bool:
    before = places.subject.objects[index - 1]
    return isinstance(before, Circle) and not places.is_spinner(index)


def _distance(places: Places, index: int) -> float:
    return float(np.hypot(*(places.heads[index] - places.tails[index - 1])))


class Apart:
    """A law of ``walked``: after a circle the next object is in a stack, or so many px away."""

    def __init__(self, least: float) -> None:
        self._least = least

    def allowed(self, gap: Gap) -> Allowed:
        if not isinstance(gap.first.item, Circle) or gap.px < SAME_PLACE_PX:
            return FREE
        far = Range(self._least, float("inf"))
        return Allowed(far, Range(self._least + ROUNDING_PX, far.high))

    def passed(self, gap: Gap) -> None:
        pass


def spread_apart(beatmap: Beatmap, least: float) -> Beatmap:
    """Objects that come too near to the circle before them move away, as little as will do."""
    return walked(subject_of(beatmap), [Apart(least)], stacked=False)


def overlap_share(beatmap: Beatmap) -> float:
    """The share of objects whose head overlaps the head or end of one that is neither next to them,
    nor in one stream with them, nor gone when they appear (by AR), stacks (under 3 px) apart."""
    cover = Cover(Places(subject_of(beatmap)))
    counted = [index for index in range(len(cover.places.heads)) if not cover.is_spinner(index)]
    return sum(map(cover.covers, counted)) / len(counted) if counted else 0.0


class Cover:
    """Which objects lie over others that are still seen."""

    def __init__(self, places: Places) -> None:
        self.places, subject = places, places.subject
        difficulty = subject.beatmap.difficulty
        self._diameter = 2 * circle_radius_px(difficulty.circle_size)
        seen_from = subject.starts - preempt(difficulty.approach_rate)
        self._ends, self._seen_from = subject.ends, seen_from
        self._streams = streams_of(subject)
        self.is_spinner = places.is_spinner

    def in_stream(self, index: int) -> bool:
        """Whether an object is one of several circles that are one motion: none of them moves by
        itself without breaking it."""
        return bool((self._streams == self._streams[index]).sum() >= LEAST_STREAM)

    def _apart(self, one: int, index: int) -> bool:
        """Whether two objects are neither of one stream nor spinners."""
        return self._streams[one] != self._streams[index] and not self.is_spinner(one)

    def below(self, index: int) -> list[int]:
        """The objects before an object and its neighbour that are seen with it."""
        earlier = range(max(0, index - MOST_SEEN), index - 1)
        return [
            one
            for one in earlier
            if self._ends[one] > self._seen_from[index] and self._apart(one, index)
        ]

    def above(self, index: int) -> list[int]:
        """The objects after an object and its neighbour that are seen with it."""
        later = range(index + 2, min(len(self._ends), index + MOST_SEEN))
        return [
            one
            for one in later
            if self._ends[index] > self._seen_from[one] and self._apart(one, index)
        ]

    def covers(self, index: int) -> bool:
        """Whether an object lies over one before it."""
        return bool(self.overlaps(self.places.heads[index][None], self.below(index))[0])

    def overlaps(self, heads: np.ndarray, others: Sequence[int]) -> np.ndarray:
        """Which of heads (M, 2) would overlap the head or end of some of the others, bool (M,)."""
        if not others:
            return np.zeros(len(heads), bool)
        spots = np.concatenate([self.places.heads[others], self.places.tails[others]])
        apart = np.hypot(*(heads[:, None] - spots[None]).transpose(2, 0, 1))
        return ((apart >= SAME_PLACE_PX) & (apart < self._diameter)).any(axis=1)


def streams_of(subject: MapSubject) -> np.ndarray:
    """The number of the stream that each object is in, (N,): alone, but for circles in a row that
    follow one another quickly."""
    circles = np.array([isinstance(item, Circle) for item in subject.objects], bool)
    joined = circles[1:] & circles[:-1] & (np.diff(subject.starts) <= STREAM_GAP)
    return np.cumsum(np.concatenate([[True], ~joined]))


def less_overlap(beatmap: Beatmap, most: float) -> Beatmap:
    """Objects that lie over others turn about the one before them, at the distance that they have
    or, where that doesn't do, at another, until no more than ``most`` of the map's objects do.
    Streams are left as they are."""
    places = Places(subject_of(beatmap))
    cover = Cover(places)
    counted = [index for index in range(len(places.heads)) if not cover.is_spinner(index)]
    wrong = [index for index in counted if cover.covers(index)]
    spare = int(most * len(counted))
    for scale in DISTANCES:
        for index in _all_over(wrong):
            if len(wrong) <= spare:
                break
            movable = not cover.in_stream(index)
            if not cover.covers(index) or (movable and _turned_away(places, cover, index, scale)):
                wrong.remove(index)
    return edited(beatmap, places.moved())


def _all_over(wrong: list[int]) -> list[int]:
    """The same in an order in which the first are from all over the map (golden ratio)."""
    order = np.argsort(np.arange(len(wrong)) * 0.6180339887498949 % 1.0, kind="stable")
    return [wrong[place] for place in order]


def _turned_away(places: Places, cover: Cover, index: int, scale: float) -> bool:
    """Whether the object could be moved to where it lies over none, and none over it."""
    if not index or places.is_spinner(index - 1):
        return False
    before, head = places.tails[index - 1], places.heads[index].copy()
    way = head - before
    distance = scale * float(np.hypot(*way))
    moves = around(before, distance, float(np.arctan2(way[1], way[0]))) - head
    fits = places.inside(index, moves)
    fits &= ~cover.overlaps(head + moves, cover.below(index))
    fits &= ~cover.overlaps(head + moves, cover.above(index))
    if fits.any():
        cost = np.hypot(*moves.T) + np.abs(_next_change(places, index, moves))
        places.move(index, moves[int(np.where(fits, cost, np.inf).argmin())])
    return bool(fits.any())


def _next_change(places: Places, index: int, moves: np.ndarray) -> np.ndarray:
    """How much longer, px, each of moves (M, 2) makes the way to the next object."""
    if index + 1 >= len(places.heads) or places.is_spinner(index + 1):
        return np.zeros(len(moves))
    following = places.heads[index + 1] - places.tails[index]
    return np.hypot(*(following - moves).T) - np.hypot(*following)
