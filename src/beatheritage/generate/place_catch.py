"""Catch: places from the std placer, brought within the catcher's reach.

After osu!lazer's ``Catcher`` and ``CatchBeatmapProcessor``: who dashes moves a pixel a millisecond,
who walks half of that, a fruit further off than a dash goes makes a hyperdash. What the catcher's
width would forgive is left to the player.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from beatheritage.generate.place_bodies import SliderBody, Wanted, finish
from beatheritage.generate.place_moves import Placed
from beatheritage.osu.beatmap import CurveKind, Point
from beatheritage.osu.curve import flatten
from beatheritage.tokens.moves import FIELD, SPINNER, Rhythm

WALK_SPEED, DASH_SPEED = 0.5, 1.0  # px a ms
FRAME_GRACE = 1000 / 60 / 4  # ms of each gap that the game does not count
# Whoever plays a Cup should never have to dash; hyperdashes are asked for from Rain on.
CUP_STARS, RAIN_STARS = 1.5, 4.0
REACH_STARS, LITTLE = 2.5, 0.01  # by which moves twice as far are reckoned harder
PLATTER_SPEED = 0.9  # just below Rain: a dash, but not one to the last pixel
BORDER = (16.0, 496.0)  # of fruits, by the ranking criteria
# By the ranking criteria for Rain: so many hyperdashes in a row, over gaps no shorter, ms.
MOST_HYPERS = 4
HYPER_GAP = 62.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Catcher:
    """Where the catcher must have been at last, when, and how many hyperdashes lie just behind."""

    x: float = 256.0
    time: float = -1e9
    hypers: int = 0


def within_reach(
    placed: Sequence[Placed], rhythm: Rhythm, stars: float, standing: int = 0, scale: float = 1.0
) -> list[Placed]:
    """Move what a catcher could not reach at these stars; everything stays inside the field.

    The first objects, as many as are ``standing``, stay where they are. Every move is taken times
    ``scale``.
    """
    catcher, caught = Catcher(), []
    before: Placed | None = None
    for index, item in enumerate(placed):
        if rhythm.kinds[index] == SPINNER:  # bananas are caught or not
            caught.append(item)
            continue
        if index < standing:
            caught.append(item)
            catcher = Catcher(x=float(item.end[0]), time=float(rhythm.ends[index]))
            before = item
            continue
        gap = float(rhythm.times[index]) - catcher.time - FRAME_GRACE
        far = max(gap, 0.0) * reach_speed(stars)
        x = catcher.x + _sideways_move(before, item, catcher.x, scale) if before else item.head[0]
        x = float(np.clip(x, *BORDER))
        before = item
        is_hyper = abs(x - catcher.x) > max(gap, 0.0) * DASH_SPEED
        free = stars >= RAIN_STARS and gap >= HYPER_GAP and catcher.hypers < MOST_HYPERS
        if not free:
            x = _towards(catcher.x, x, far)
        item = _at(item, x, rhythm, index, stars)
        caught.append(item)
        catcher = Catcher(
            x=float(item.end[0]),
            time=float(rhythm.ends[index]),
            hypers=catcher.hypers + 1 if is_hyper and free else 0,
        )
    return caught


def _sideways_move(before: Placed, item: Placed, start: float, scale: float) -> float:
    """A move of std as one of catch, px: all of it sideways, since up and down is nothing there.

    It turns round where it would leave the field.
    """
    move = item.head - before.end
    far = scale * float(np.hypot(*move))
    way = 1 if move[0] >= 0 else -1
    return way * far if BORDER[0] <= start + way * far <= BORDER[1] else -way * far


def reach_speed(stars: float) -> float:
    """How fast the catcher may have to go, px a ms, where no hyperdash is."""
    if stars >= RAIN_STARS:
        return DASH_SPEED
    return float(np.interp(stars, [CUP_STARS, RAIN_STARS], [WALK_SPEED, PLATTER_SPEED]))


def reach_stars(stars: float, scale: float) -> float:
    """The stars to reckon the catcher's reach by, for moves ``scale`` times as far.

    What nobody has to dash for stays so, and what has no hyperdashes gets none.
    """
    if stars <= CUP_STARS or stars >= RAIN_STARS or scale <= 1:
        return stars
    return min(stars + REACH_STARS * (scale - 1), RAIN_STARS - LITTLE)


def _towards(start: float, goal: float, far: float) -> float:
    """The whole pixel nearest to a goal that is no further off than ``far``."""
    if goal > start:
        return float(np.floor(min(goal, start + far)))
    return float(np.ceil(max(goal, start - far)))


def _at(item: Placed, x: float, rhythm: Rhythm, index: int, stars: float) -> Placed:
    """The object with its head at ``x``, and its body no faster than the catcher."""
    head = np.array([np.clip(np.rint(x), 0, FIELD[0]), item.head[1]])
    if item.body is None:
        return replace(item, head=head, end=head)
    wanted = Wanted(
        head=head,
        facing=item.facing,
        length=float(rhythm.lengths_px[index]),
        slides=int(rhythm.slides[index]),
    )
    duration = max(float(rhythm.ends[index] - rhythm.times[index]) / wanted.slides, 1.0)
    share = reach_speed(stars) * duration / wanted.length
    body = _body(item, wanted, share)
    return replace(item, head=head, end=body.end, body=body)


def _body(item: Placed, wanted: Wanted, share: float) -> SliderBody:
    """The same body moved, else mirrored, else lines to and fro that drift as fast as may be.

    ``share`` is how much of each pixel of the path may go sideways.
    """
    assert item.body is not None
    for sign in (1, -1):
        points = tuple(
            Point(wanted.head[0] + sign * (point.x - item.head[0]), point.y)
            for point in item.body.points
        )
        body = finish(item.body.kind, points, wanted)
        if body is not None and _steepest(body, wanted) <= share:
            return body
    body = finish(CurveKind.LINEAR, slanted(wanted, min(share, 0.9)), wanted)
    assert body is not None, "slanted lines stay inside"
    return body


def _steepest(body: SliderBody, wanted: Wanted) -> float:
    """The most that a stretch of the body goes sideways for a pixel of its length."""
    path = flatten(Point(*wanted.head.tolist()), body.kind, body.points, wanted.length)
    along = np.linspace(0, path.length, max(2, int(path.length / 16) + 1))
    sideways = np.abs(np.diff(path.places(along)[:, 0])) / np.diff(along)
    return float(sideways.max())


def slanted(wanted: Wanted, share: float) -> tuple[Point, ...]:
    """Steep lines between the field's upper and lower edge, towards the far side and back."""
    x, y = wanted.head
    towards = 1 if x < FIELD[0] / 2 else -1
    down = 1 if y < FIELD[1] / 2 else -1
    slope = share / np.sqrt(1 - share * share)
    points, left = [], wanted.length + 2
    while left > 0:
        edge = FIELD[1] if down > 0 else 0.0
        aside = slope * abs(edge - y)
        if not 0 <= x + towards * aside <= FIELD[0]:
            towards = -towards
        # Cut towards where the line came from, so that it gets no flatter.
        aside = min(np.floor(aside), np.floor(abs((FIELD[0] if towards > 0 else 0) - x)))
        left -= float(np.hypot(aside, edge - y))
        x, y, down = x + towards * aside, edge, -down
        points.append(Point(float(x), float(y)))
    return tuple(points)
