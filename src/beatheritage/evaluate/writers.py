"""Who writes the maps that are measured: our own weights, or a checkpoint of the ancestors."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from beatheritage.engine.models import Models, load_models
from beatheritage.engine.weights import MANIFEST, WEIGHTS
from beatheritage.errors import OptionError
from beatheritage.generate.ancestors.load import open_model
from beatheritage.generate.ancestors.options import AncestorOptions
from beatheritage.generate.ancestors.song import Ancestor
from beatheritage.generate.diffusion.options import PlacingOptions
from beatheritage.generate.plan import Plan
from beatheritage.osu.mode import Mode

OURS = "shipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """``folder`` holds native weights. A ``checkpoint`` of the ancestors, where one is named,
    writes in their place, with the timing that they find."""

    name: str = OURS
    folder: Path = WEIGHTS
    checkpoint: str = ""


SHIPPED = Writer()


def read_writers(said: str) -> tuple[Writer, Writer]:
    """The two models of ``a,b``. Raises OptionError for another number, or for one twice."""
    names = [name.strip() for name in said.split(",")]
    if len(names) != 2 or not all(names) or names[0] == names[1]:
        raise OptionError("two models are compared", where="models", mend="--models shipped,FOLDER")
    first, second = map(read_writer, names)
    return first, second


def read_writer(name: str) -> Writer:
    """``shipped``, a folder of native weights, or else what names an ancestor's checkpoint."""
    folder = Path(name)
    if name == OURS:
        return SHIPPED
    if (folder / MANIFEST).is_file():
        return Writer(name=name, folder=folder)
    return Writer(name=name, checkpoint=name)


@cache
def models_here(folder: Path = WEIGHTS) -> Models:
    """The native models of this process, loaded when first asked for."""
    return load_models(folder)


def ancestor_here(checkpoint: str, plan: Plan) -> Ancestor:
    """A checkpoint for the plan's mode, loaded when first asked for."""
    return _opened(checkpoint, plan.mode, plan.ancestor, plan.placing)


@cache
def _opened(name: str, mode: Mode, options: AncestorOptions, placing: PlacingOptions) -> Ancestor:
    return open_model(name, mode, options, placing)
