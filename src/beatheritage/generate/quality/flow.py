"""How well moves follow one another, and how mirrored stretches make them follow better."""

import numpy as np

from beatheritage.generate.quality.mirrors import Chain, Mirror, as_hard, spread_out
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.stars import stars
from beatheritage.review.stacking import SAME_PLACE_PX

# Speed, px a ms, at which a turn counts half.
HALF_SPEED = 0.5
TURN_SHARE, CHANGE_SHARE, SPACING_SHARE = 1.0, 0.5, 0.25
# How far the cost is lowered: further the map's own way of moving would go.
GOAL = 0.78
# First all moves may turn, then only those that stars hang little on: the slowest share of them.
FREE_SPEEDS = (1.0, 0.7, 0.5)
# The least that a mirror must gain, by pass: first those that gain most, all over the map.
LEAST_GAINS = (0.6, 0.3, 0.1, 0.02)
REST = 1000.0  # ms between objects after which a move has nothing to follow


def flow_cost(beatmap: Beatmap) -> float:
    """The mean over the objects between two moves of
    - how far the way turns there (of 180 degrees), the more the faster: speed / (speed + 0.5);
    - half of how much that turn, left or right, differs from the turn before (of 180 degrees);
    - a quarter of how much the speed (px a ms) changes, over the sum of both speeds.
    Stacks, spinners and gaps of over a second are no moves. 0 where there is nothing to follow.
    """
    costs, counted = _costs(Chain(beatmap))
    return float(costs[counted].mean()) if counted.any() else 0.0


def _costs(chain: Chain, first: int = 0, last: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """What each of objects ``first`` to ``last`` costs (N,), and which of them count (N,)."""
    last = len(chain.heads) if last is None else last
    low = max(0, first - 2)
    high = min(len(chain.heads), last + 1)
    heads, tails = chain.heads[low:high], chain.tails[low:high]
    # moves[i] leads from object i to the next.
    moves = heads[1:] - tails[:-1]
    gaps = chain.starts[low + 1 : high] - chain.ends[low : high - 1]
    px = np.hypot(*moves.T)
    spinner = chain.is_spinner[low:high]
    right = (px >= SAME_PLACE_PX) & (gaps > 0) & (gaps <= REST) & ~spinner[1:] & ~spinner[:-1]
    speed = px / np.maximum(gaps, 1.0)
    angle = np.arctan2(moves[:, 1], moves[:, 0])
    turn = _wrapped(np.diff(angle))
    both = right[1:] & right[:-1]
    usual = np.sqrt(speed[1:] * speed[:-1])
    cost = TURN_SHARE * np.abs(turn) / np.pi * usual / (usual + HALF_SPEED)
    change = np.abs(_wrapped(np.diff(turn, prepend=turn[:1]))) / np.pi
    before = np.concatenate([[False], both[:-1]])
    cost += np.where(before, CHANGE_SHARE * change, 0.0)
    cost += SPACING_SHARE * np.abs(np.diff(speed)) / np.maximum(speed[1:] + speed[:-1], 1e-9)
    # cost[i] is about object low + i + 1.
    at = slice(max(0, first - low - 1), None)
    return cost[at], both[at]


def _wrapped(angle: np.ndarray) -> np.ndarray:
    return (angle + np.pi) % (2 * np.pi) - np.pi


def smoother(beatmap: Beatmap) -> Beatmap:
    """The map with stretches mirrored until its flow cost is about a fifth lower.

    Rhythm and distances stay, and the stars to within 2 %: mirroring ends before they change more,
    and goes on among the slower moves alone.
    """
    rating, enough = stars(beatmap), GOAL * flow_cost(beatmap)
    for share in FREE_SPEEDS:
        beatmap = _mirrored(beatmap, rating, enough, share)
        if flow_cost(beatmap) <= enough:
            break
    return beatmap


def _mirrored(beatmap: Beatmap, rating: float, enough: float, share: float) -> Beatmap:
    """Mirror stretches down to a cost of ``enough``, but no more than the stars allow; the moves
    that may turn are among the slowest ``share`` of the map's."""
    chain = Chain(beatmap)
    made = _lowered(chain, enough, _slow(chain, share))
    # The first that gain are all over the map, so a part of them is no part of the song.
    return as_hard(chain, made, rating)


def _slow(chain: Chain, share: float) -> np.ndarray:
    """Which objects are not among the fastest, bool (objects,)."""
    px = np.hypot(*(chain.heads[1:] - chain.tails[:-1]).T)
    speed = px / np.maximum(chain.starts[1:] - chain.ends[:-1], 1.0)
    speed = np.concatenate([speed[:1], speed])
    return speed <= np.quantile(speed, share) if len(speed) else np.ones(len(chain.heads), bool)


def _lowered(chain: Chain, enough: float, free: np.ndarray) -> list[Mirror]:
    """Mirror stretches of ``free`` objects until the mean cost is ``enough``; which ones."""
    costs, counted = _costs(chain)
    excess = float((costs[counted] - enough).sum())
    made: list[Mirror] = []
    for least in LEAST_GAINS:
        for first in spread_out(len(chain.heads)).tolist():
            if excess <= 0:
                return made
            found = _best(chain, first, least, free)
            if found is not None:
                made.append(found[0])
                excess -= found[1]
    return made


def _best(chain: Chain, first: int, least: float, free: np.ndarray) -> tuple[Mirror, float] | None:
    """Mirror the stretch from an object that gains most, and say what that gains; None where none
    gains enough."""
    best: Mirror | None = None
    most = least
    for mirror in chain.mirrors(first):
        if not free[mirror.first : mirror.last + 2].all():
            break
        before = _local(chain, mirror)
        if before <= most:
            continue
        chain.apply(mirror)
        gain = before - _local(chain, mirror)
        chain.apply(mirror)
        if gain > most and chain.fits(mirror):
            best, most = mirror, gain
    if best is None:
        return None
    chain.apply(best)
    return best, most


def _local(chain: Chain, mirror: Mirror) -> float:
    """What the objects cost whose turns a mirror changes."""
    costs, counted = _costs(chain, max(0, mirror.first - 1), mirror.last + 3)
    return float(costs[counted].sum())
