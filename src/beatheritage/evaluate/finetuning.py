"""How much nearer fine-tuning brings placing to a mapper: for mappers the base never saw.

    python -m beatheritage.evaluate.finetuning --data ../shared/data

A placer is trained on the corpora without these mappers, tuned on each one's maps, and places that
mapper's maps of other songs anew, before and after. Writes its part of docs/training.md; a run that
was stopped goes on.
"""

import argparse
import datetime
import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from beatheritage.config import configure
from beatheritage.dataset.catalogue import ChartFile, load_corpus
from beatheritage.dataset.places import read_places
from beatheritage.dataset.twins import same_charts, sketch
from beatheritage.engine.weights import WEIGHTS
from beatheritage.errors import InputError, UserError
from beatheritage.evaluate.distance import CORPORA
from beatheritage.evaluate.section import with_part
from beatheritage.evaluate.style import own_measures, style_distance, style_distances
from beatheritage.evaluate.tables import Table, markdown
from beatheritage.osu.archive import write_file
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.train.finetune import FinetuneRecipe, finetune
from beatheritage.train.loop import train
from beatheritage.train.own_maps import LEAST_HELD_OUT, OwnMap, split_by_song
from beatheritage.train.placer import PlacerRecipe, PlacerSource, load_learner
from beatheritage.train.placer_data import STARS_LEARNED
from beatheritage.train.publish import publish_placer

LEAST_MAPS = 10
BASE_STEPS = 1030  # as the placer that ships
SEEDS = range(3)
MUST_FALL = 0.3
MAPPERS_NEEDED = 3
# Signs beatmaps, of artist "unknown" and named by ten words; people's maps are told from them.
PROGRAMS = frozenset({"magai"})
PART = "finetuning"

Sides = tuple[tuple[OwnMap, ...], tuple[OwnMap, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """Style distances to a mapper's held-out maps: a seed each ``before`` and ``after`` tuning, and
    that of the maps ``learnt`` from, people's own as they are."""

    mapper: str
    learnt: int
    held: int
    songs: int
    before: tuple[float, ...]
    after: tuple[float, ...]
    own: float

    @property
    def change(self) -> float:
        return float(np.mean(self.after) / np.mean(self.before) - 1)


def mappers_of(files: Iterable[ChartFile]) -> dict[str, Sides]:
    """All who have enough std maps to learn from and to measure on, maps that are nearly the same
    counted once: by name, what to learn from and what to measure on; people with most maps first.
    """
    found: defaultdict[str, list[OwnMap]] = defaultdict(list)
    for file in files:
        beatmap = parse(file.data).beatmap
        if beatmap.mode is Mode.STD and beatmap.metadata.mapper:
            made = OwnMap(beatmap=beatmap, source=file.name, audio=None)
            found[beatmap.metadata.mapper].append(made)
    sides: dict[str, Sides] = {}
    for mapper, maps in sorted(found.items(), key=_standing):
        different = _different(maps) if len(maps) >= LEAST_MAPS else ()
        if len(different) >= LEAST_MAPS:
            learnt, held = split_by_song(different)
            if len(held) >= LEAST_HELD_OUT:
                sides[mapper] = learnt, held
    return sides


def _standing(named: tuple[str, Sequence[OwnMap]]) -> tuple[bool, int, str]:
    mapper, maps = named
    return mapper in PROGRAMS, -len(maps), mapper


def _different(maps: Sequence[OwnMap]) -> tuple[OwnMap, ...]:
    """Those that can be learnt from, without near twins."""
    usable = [
        each
        for each in maps
        if read_places(each.beatmap) and STARS_LEARNED[0] <= each.stars <= STARS_LEARNED[1]
    ]
    gone = {second for _, second in same_charts([sketch(each.beatmap) for each in usable])}
    return tuple(each for index, each in enumerate(usable) if index not in gone)


def train_base(data: Path, run: Path, mappers: Iterable[str], steps: int) -> Path:
    """A folder of weights whose placer never saw these mappers; made, or finished, if it is not."""
    source = PlacerSource(corpora=data, cache=run, leave_out=tuple(sorted(mappers)))
    recipe = PlacerRecipe(run=run / "base", steps=steps, data=source)
    train(load_learner(recipe), recipe)
    weights = run / "weights"
    if not weights.exists():
        shutil.copytree(WEIGHTS, weights)
    publish_placer(recipe.run, weights)
    return weights


def bring(mapper: str, sides: Sides, recipe: FinetuneRecipe, run: Path) -> Brought:
    """Tune on a mapper's maps and measure on the others, where that is not done."""
    learnt, held = sides
    tuned = run / f"like-{mapper.replace('/', ' ')}"
    measured = tuned.with_suffix(".json")
    if measured.exists():
        return Brought(**json.loads(measured.read_text("utf-8")))
    if not tuned.exists():
        finetune(sides, tuned, recipe)
    rated = [(each.beatmap, each.stars) for each in held]
    before, after = (style_distances(rated, folder, SEEDS) for folder in (recipe.base, tuned))
    own = style_distance(
        *(own_measures([(each.beatmap, each.stars) for each in side]) for side in sides)
    )
    brought = Brought(
        mapper=mapper,
        learnt=len(learnt),
        held=len(held),
        songs=len({each.song for each in held}),
        before=before,
        after=after,
        own=own,
    )
    write_file(measured, json.dumps(asdict(brought)).encode())
    return brought


def section(
    brought: Sequence[Brought], steps: int, words: Sequence[str], day: datetime.date
) -> str:
    """The part of the document, in Markdown; ``words`` are those that ``finetune`` was given."""
    told = " ".join([f"--steps {steps} --most {len(brought)}", *words])
    people = [each for each in brought if each.mapper not in PROGRAMS]
    fell = sum(each.change <= -MUST_FALL for each in people)
    reached = "reached" if fell >= MAPPERS_NEEDED else "**not reached**"
    text = f"""\
Written on {day} by `python -m beatheritage.evaluate.finetuning --data ../shared/data {told}`.
A placer was trained for {steps:,} steps on the corpora without all who have {LEAST_MAPS} std maps
there, near twins counted once, of which {LEAST_HELD_OUT} of other songs can be held out; a
difficulty named for a guest is the guest's. Then `finetune` learnt from the maps of those of them
with most. Of a distance stand the mean over {len(SEEDS)} seeds and its standard deviation; "own" is
that of the maps that were learnt from, as this mapper made them, to the held-out ones.

It must fall by {100 * MUST_FALL:.0f} % for {MAPPERS_NEEDED} mappers: it fell by that for {fell} of
{len(people)} people, {reached}."""
    head = ("mapper", "maps learnt from", "held out", "songs of these", "before", "after", "change")
    rows = [_row(each) for each in brought]
    return markdown(
        Table(title="What fine-tuning reaches", text=text, head=(*head, "own"), rows=tuple(rows))
    ).replace("## ", "### ", 1)


def _row(each: Brought) -> tuple[str, ...]:
    spread = [f"{np.mean(some):.3f} ± {np.std(some):.3f}" for some in (each.before, each.after)]
    name = f"{each.mapper} (a program)" if each.mapper in PROGRAMS else each.mapper
    counts = (str(each.learnt), str(each.held), str(each.songs))
    return (name, *counts, *spread, f"{100 * each.change:+.0f} %", f"{each.own:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="What fine-tuning reaches, mapper by mapper.")
    parser.add_argument("words", metavar="key=value", nargs="*", help="keys of finetune's recipe")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, default=Path("runs/finetuning"))
    parser.add_argument("--steps", type=int, default=BASE_STEPS)
    parser.add_argument("--most", type=int, help="tune for so many alone, those with most maps")
    parser.add_argument("--output", type=Path, default=Path("docs/training.md"))
    options = parser.parse_args()
    try:
        recipe = configure(FinetuneRecipe(), words=options.words)
        files = [one for name in CORPORA for one in load_corpus(options.data / name)]
        mappers = mappers_of(files)
        if not mappers:
            raise InputError("holds no mapper with enough std maps", where=str(options.data))
        options.run.mkdir(parents=True, exist_ok=True)
        base = train_base(options.data, options.run, mappers, options.steps)
        tuning = replace(recipe, base=base)
        most = list(mappers.items())[: options.most]
        brought = [bring(name, sides, tuning, options.run) for name, sides in most]
        day = datetime.datetime.now(datetime.UTC).date()
        text = options.output.read_text("utf-8") if options.output.exists() else ""
        part = with_part(text, PART, section(brought, options.steps, options.words, day))
        write_file(options.output, part.encode())
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
