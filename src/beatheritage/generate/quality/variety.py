"""How often a map's patterns come again, and how mirrored stretches bring that to what people do.

``python -m beatheritage.generate.quality.variety manifest.csv...`` measures people's maps anew: a
manifest is a CSV with ``md5`` and ``mode``, the maps lie beside it.
"""

import csv
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from beatheritage.errors import UserError
from beatheritage.generate.quality.mirrors import Chain, Mirror, as_hard, spread_out
from beatheritage.generate.repair.edits import subject_of
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.level import Level
from beatheritage.osu.limits import Range
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import read
from beatheritage.osu.stars import stars
from beatheritage.review.levels import level_of_map

# A pattern is so many moves in a row; a move is a rhythm, a turn and a spacing.
MOVES = 3
RHYTHMS_PER_BEAT, LONGEST_RHYTHM = 12, 48
TURNS = 8
SPACING_PX, WIDEST = 40.0, 10
# How often patterns come again in people's maps, by level to Expert: the 10th and 90th percentile.
PEOPLE: tuple[Range, ...] = (
    Range(low=0.0, high=0.057),  # Easy: 33 maps
    Range(low=0.0, high=0.065),  # Normal: 45 maps
    Range(low=0.003, high=0.098),  # Hard: 49 maps
    Range(low=0.007, high=0.119),  # Insane: 75 maps
    Range(low=0.011, high=0.311),  # Expert: 122 maps
)
SHARES = (0.1, 0.9)
FEWEST_OBJECTS = 60
MOST_PASSES = 4

Move = tuple[int, int, int]


def repetition(beatmap: Beatmap) -> float:
    """The share of a map's patterns, three moves in a row by rhythm (of twelfths of a beat), turn
    (of 45 degrees) and spacing (of 40 px), that came before in it; 0 without patterns."""
    counts = Counter(_patterns(Patterned(beatmap), 0, len(beatmap.objects)))
    total = counts.total()
    return (total - len(counts)) / total if total else 0.0


class Patterned:
    """A chain, and the rhythm of its moves, which no mirror changes."""

    def __init__(self, beatmap: Beatmap) -> None:
        self.chain = Chain(beatmap)
        subject = subject_of(beatmap)
        beats = np.diff(subject.starts) / subject.beat_lengths[1:]
        self.rhythms = np.clip(np.rint(beats * RHYTHMS_PER_BEAT), 0, LONGEST_RHYTHM).astype(int)


def _patterns(patterned: Patterned, first: int, last: int) -> list[tuple[Move, ...]]:
    """The patterns whose moves touch objects ``first`` to ``last``."""
    chain = patterned.chain
    low, high = max(0, first - MOVES - 1), min(len(chain.heads), last + MOVES + 2)
    ways = chain.heads[low + 1 : high] - chain.tails[low : high - 1]
    if len(ways) < MOVES + 1:
        return []
    angle = np.arctan2(ways[:, 1], ways[:, 0])
    turn = np.diff(angle) % (2 * np.pi)
    turns = np.rint(turn / (2 * np.pi / TURNS)).astype(int) % TURNS
    px = np.minimum(np.rint(np.hypot(*ways.T) / SPACING_PX), WIDEST).astype(int)
    moves = list(
        zip(
            patterned.rhythms[low + 1 : high - 1].tolist(),
            turns.tolist(),
            px[1:].tolist(),
            strict=True,
        )
    )
    return [tuple(moves[at : at + MOVES]) for at in range(len(moves) - MOVES + 1)]


def varied(beatmap: Beatmap) -> Beatmap:
    """The map with stretches mirrored until its patterns come again as often as in people's maps of
    its level.

    Rhythm stays, so what the music repeats keeps its rhythm; distances stay, and the stars to
    within 2 %.
    """
    if not beatmap.objects:
        return beatmap
    wanted, rating = PEOPLE[min(level_of_map(subject_of(beatmap)), Level.EXPERT)], stars(beatmap)
    for _ in range(MOST_PASSES):  # whole pixels take back a little of each
        now = repetition(beatmap)
        if now in wanted:
            break
        patterned = Patterned(beatmap)
        made = _towards(patterned, wanted, sign=1 if now < wanted.low else -1)
        beatmap = as_hard(patterned.chain, made, rating)
    return beatmap


def _towards(patterned: Patterned, wanted: Range, sign: int) -> list[Mirror]:
    """Mirror stretches that bring repetition nearer to a range, until it is in there."""
    chain, made = patterned.chain, []
    counts = Counter(_patterns(patterned, 0, len(chain.heads)))
    total = counts.total()
    for first in spread_out(len(chain.heads)).tolist():
        for mirror in chain.mirrors(first):
            if (total - len(counts)) / total in wanted:
                return made
            before = _patterns(patterned, mirror.first, mirror.last)
            chain.apply(mirror)
            after = _patterns(patterned, mirror.first, mirror.last)
            distinct = _distinct_change(counts, before, after)
            if -sign * distinct > 0 and chain.fits(mirror):
                counts.subtract(before)
                counts.update(after)
                counts = +counts
                made.append(mirror)
            else:
                chain.apply(mirror)
    return made


def _distinct_change(counts: Counter, before: Sequence, after: Sequence) -> int:
    """How many more different patterns there are once some are others."""
    change = Counter(after)
    change.subtract(before)
    gone = sum(1 for one, by in change.items() if by < 0 and counts[one] + by == 0)
    new = sum(1 for one, by in change.items() if by > 0 and counts[one] == 0)
    return new - gone


def measure_people(manifests: Sequence[Path]) -> tuple[tuple[int, Range], ...]:
    """How many of people's std maps there are of each level to Expert, and their usual range."""
    found: dict[int, list[float]] = {level: [] for level in range(Level.EXPERT + 1)}
    for manifest in manifests:
        with manifest.open(encoding="utf-8", newline="") as lines:
            for entry in csv.DictReader(lines):
                path = manifest.parent / f"{entry['md5']}.osu"
                if not path.exists():
                    continue
                beatmap = read(path).beatmap
                if beatmap.mode is Mode.STD and len(beatmap.objects) >= FEWEST_OBJECTS:
                    level = min(level_of_map(subject_of(beatmap)), Level.EXPERT)
                    found[level].append(repetition(beatmap))
    return tuple(
        (len(values), Range(*np.round(np.quantile(values or [0.0], SHARES), 3).tolist()))
        for values in found.values()
    )


def main(arguments: Sequence[str]) -> int:
    """Measure the maps of manifests and write the table as it stands above."""
    try:
        measured = measure_people([Path(argument) for argument in arguments])
    except (OSError, UserError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for level, (maps, limits) in enumerate(measured):
        sys.stdout.write(f"    {limits!r},  # {Level(level).name.title()}: {maps} maps\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
