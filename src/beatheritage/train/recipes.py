"""Recipes by their names, and what trains by each."""

from collections.abc import Callable, Sequence
from pathlib import Path

from beatheritage.config import PRESETS, configure, leaves, load_preset, nearest, preset_names
from beatheritage.errors import OptionError
from beatheritage.train.ancestor import AncestorRecipe
from beatheritage.train.ancestor import load_learner as load_ancestor
from beatheritage.train.learner import Learner
from beatheritage.train.native import NativeRecipe
from beatheritage.train.native import load_learner as load_native
from beatheritage.train.placer import PlacerRecipe
from beatheritage.train.placer import load_learner as load_placer
from beatheritage.train.recipe import Recipe

RUNS = Path("runs")
OWN: dict[str, Callable[[], Recipe]] = {"native": NativeRecipe, "placer": PlacerRecipe}
ANCESTORS = PRESETS / "train"
"""What each of the ancestors' recipes does otherwise than the dataclass's defaults."""


def recipe_names() -> tuple[str, ...]:
    return (*OWN, *preset_names(ANCESTORS))


def read_recipe(name: str, words: Sequence[str]) -> Recipe:
    """A recipe by its name, changed by ``key=value`` words. Raises OptionError."""
    if name in OWN:
        return configure(OWN[name](), words=words)
    if name not in recipe_names():
        raise OptionError(f"no recipe is called {name!r}", mend=nearest(name, recipe_names()))
    preset = [f"{key}={value}" for key, value in leaves(load_preset(name, ANCESTORS))]
    return configure(AncestorRecipe(run=RUNS / name), words=[*preset, *words])


def load_learner(recipe: Recipe) -> Learner:
    """What a recipe trains, with its data read. Raises UserError."""
    match recipe:
        case NativeRecipe():
            return load_native(recipe)
        case PlacerRecipe():
            return load_placer(recipe)
        case AncestorRecipe():
            return load_ancestor(recipe)
    raise AssertionError(recipe)
