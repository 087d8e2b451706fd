"""Train a model by a recipe: our own mapper or placer, or an ancestor's architecture.

Every key of the recipe is a word key=value (steps=2000, optimiser.rate=1e-3); a wrong one names the
nearest known one. Stopped and started again, a run goes on where it last saved. Several processes:
torchrun --nproc-per-node N -m beatheritage.cli train ...
"""

import argparse

from beatheritage.commands.console import say, shown_progress
from beatheritage.errors import OptionError

STAGES = {"training": 1.0}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", metavar="key=value", nargs="*", help="any key of the recipe")
    parser.add_argument(
        "-cn", "--config-name", metavar="NAME", default="native", help="a recipe (default native)"
    )
    parser.add_argument(
        "--list", action="store_true", help="print all keys of the recipe, and stop"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress, no remarks")


def run(arguments: argparse.Namespace) -> int:
    try:
        from beatheritage.train.loop import train
        from beatheritage.train.recipes import load_learner, read_recipe
    except ImportError as error:
        what, mend = f"training needs {error.name}", "pip install 'beatheritage[train]'"
        raise OptionError(what, mend=mend) from error
    recipe = read_recipe(arguments.config_name, arguments.words)
    if arguments.list:
        from beatheritage.train.keys import key_lines

        print("\n".join(key_lines(recipe)))
        return 0
    with shown_progress(STAGES, quiet=arguments.quiet) as on_progress:
        train(load_learner(recipe), recipe, on_progress=on_progress)
    say(f"{recipe.run}: trained", quiet=arguments.quiet)
    return 0
