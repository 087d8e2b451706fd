"""Tune the native models on your own maps: a folder of .osu and .osz.

With their songs beside them, rhythm is learnt too; without, placing alone. What comes of it is a
folder of weights: beatheritage generate SONG --weights FOLDER. Keys of the recipe are words
key=value (placer.steps=400).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from beatheritage.commands.console import say, shown_progress
from beatheritage.errors import OptionError

if TYPE_CHECKING:
    from beatheritage.train.finetune import Tuned
    from beatheritage.train.own_maps import OwnMap

STAGES = {"tuning placer": 0.5, "tuning mapper": 0.5}
FEW_MAPS = 10
MEASURED_MAPS = 6
SEEDS = range(2)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("maps", metavar="MAPS", type=Path, help="a folder of .osu and .osz")
    parser.add_argument("words", metavar="key=value", nargs="*", help="any key of the recipe")
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", type=Path, required=True, help="where the weights go"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress, no remarks")


def run(arguments: argparse.Namespace) -> int:
    try:
        from beatheritage.train.finetune import FinetuneRecipe, finetune
        from beatheritage.train.own_maps import read_maps, split_by_song
    except ImportError as error:
        what, mend = f"fine-tuning needs {error.name}", "pip install 'beatheritage[train]'"
        raise OptionError(what, mend=mend) from error
    from beatheritage.config import configure

    recipe = configure(FinetuneRecipe(), words=arguments.words)
    learnt, held = split_by_song(read_maps(arguments.maps))
    quiet = arguments.quiet
    say(f"{len(learnt)} maps to learn from, {len(held)} of other songs held out", quiet=quiet)
    if len(learnt) < FEW_MAPS:
        say(f"warning: {len(learnt)} maps are few; a style wants {FEW_MAPS} or more", quiet=quiet)
    with shown_progress(STAGES, quiet=quiet) as on_progress:
        results = finetune((learnt, held), arguments.output, recipe, on_progress)
    for line in (*tuned_lines(results), *style_lines(held, recipe.base, arguments.output)):
        print(line)
    say(f"beatheritage generate SONG --weights {arguments.output}", quiet=quiet)
    return 0


def tuned_lines(results: "Sequence[Tuned]") -> list[str]:
    """A line for each model: its loss on the maps that were held out."""
    return [
        f"{each.name}: {each.maps} maps, loss on held-out maps {each.before:.3f} before, "
        f"{each.after:.3f} after; weights changed by up to {each.change:.1%}"
        for each in results
    ]


def style_lines(held: "Sequence[OwnMap]", before: Path, after: Path) -> list[str]:
    """How far placing was, and is, from held-out maps' own; none without std maps."""
    from beatheritage.evaluate.style import style_distances

    maps = [(each.beatmap, each.stars) for each in held[:MEASURED_MAPS]]
    found = [style_distances(maps, folder, SEEDS) for folder in (before, after)]
    if not all(found):
        return []
    old, new = (fmean(distances) for distances in found)
    return [
        f"style distance to held-out maps: {old:.3f} before, {new:.3f} after ({new / old - 1:+.0%})"
    ]
