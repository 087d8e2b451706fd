"""Beam search: the likeliest tokens of a whole window, instead of the likeliest next one.

Several beginnings are kept, each step tries all their continuations, and the best go on. What has
ended counts by its mean, so that short ones gain nothing (the search of Hugging Face's generate,
with a length penalty of 1, which the ancestors were run with).
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from beatheritage.engine.ancestor import AncestorEngine
from beatheritage.generate.ancestors.sample import Sampler
from beatheritage.generate.ancestors.write import Row, lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Beam:
    """A beginning: its tokens, the sum of their scores, and its own sampler, which remembers."""

    tokens: tuple[int, ...]
    score: float
    sampler: Sampler


def write_beams(
    engine: AncestorEngine, heard: Sequence[object], row: Row, count: int, room: int
) -> list[int]:
    """The tokens of a row, its end included. Draws nothing."""
    assert isinstance(row.sampler, Sampler)
    rows = [row] * count
    against = list(range(count)) if row.is_guided else []
    prompts = [row.prompt] * count + [row.unlike for _ in against]
    decoding = engine.start(heard, [row.window] * len(prompts))
    scores_RV = lead(decoding.read(prompts), rows, against)
    beams = [Beam(tokens=(), score=0.0, sampler=_own(row.sampler))]
    ended: list[tuple[float, tuple[int, ...]]] = []
    left = max(1, min(room, engine.room) - len(row.prompt))
    for length in range(1, left + 1):
        candidates = _candidates(beams, scores_RV, row, max(2, 1 + len(row.ends)) * count)
        ended += [
            (beam.score / length, beam.tokens)
            for _, beam in candidates[:count]
            if beam.tokens[-1] in row.ends or length == left
        ]
        going = [each for each in candidates if each[1].tokens[-1] not in row.ends][:count]
        ended = sorted(ended, key=lambda each: -each[0])[:count]
        if length == left or not going or _is_settled(ended, going[0][1], length, count):
            break
        beams = [replace(beam, sampler=_own(beam.sampler)) for _, beam in going]
        parents = [parent for parent, _ in going]
        parents += [parents[0]] * (count - len(parents))
        decoding.follow([*parents, *(count + parent for parent in parents if against)])
        latest = [beam.tokens[-1] for beam in beams]
        latest += [latest[0]] * (count - len(latest))
        latest = latest * 2 if against else latest
        scores_RV = lead(decoding.read([[token] for token in latest]), rows, against)
    return list(max(ended)[1])


def _candidates(
    beams: Sequence[Beam], scores_RV: np.ndarray, row: Row, most: int
) -> list[tuple[int, Beam]]:
    """The best continuations, the best first, each with the number of the beam that it goes on."""
    found: list[tuple[float, int, int]] = []
    for number, beam in enumerate(beams):
        chances = _log_softmax(scores_RV[number])
        scores = beam.score + beam.sampler.weighed(chances, [*row.prompt, *beam.tokens])
        best = np.argpartition(-scores, min(most, len(scores) - 1))[:most]
        found += [(-float(scores[token]), number, int(token)) for token in best]
    return [
        (number, replace(beams[number], tokens=(*beams[number].tokens, token), score=-score))
        for score, number, token in sorted(found)[:most]
        if np.isfinite(score)
    ]


def _is_settled(
    ended: Sequence[tuple[float, tuple[int, ...]]], best: Beam, length: int, count: int
) -> bool:
    """Whether nothing that goes on can still be better than all that has ended."""
    return len(ended) == count and best.score / length <= ended[-1][0]


def _own(sampler: Sampler) -> Sampler:
    """A sampler with a memory of its own."""
    return replace(sampler, lookback=copy(sampler.lookback))


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    shifted = scores - scores.max()
    return shifted - np.log(np.exp(shifted).sum())
