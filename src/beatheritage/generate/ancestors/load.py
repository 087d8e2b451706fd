"""Opening an ancestor's checkpoint: checked first, loaded then."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from beatheritage.config import configure
from beatheritage.engine.hub import KNOWN, find_checkpoint
from beatheritage.errors import WeightsError
from beatheritage.generate.ancestors.options import AncestorOptions
from beatheritage.generate.ancestors.song import Ancestor, check_mode
from beatheritage.generate.diffusion.load import open_placer
from beatheritage.generate.diffusion.options import PlacingOptions
from beatheritage.generate.diffusion.refine import HAVE_PLACES
from beatheritage.generate.diffusion.sample import Placer
from beatheritage.generate.request import DEFAULT_MODE, Request
from beatheritage.osu.mode import MODES, Mode
from beatheritage.tokens.steps import Vocabulary, version_of

if TYPE_CHECKING:
    from beatheritage.engine.torch_ancestor import OpenedAncestor

USUAL, AS_WRITTEN = AncestorOptions(), PlacingOptions()


def configured(request: Request, preset: str, words: Sequence[str]) -> Request:
    """The request with what words say of it, and for the rest a preset, or else what is usual for
    the version of the checkpoint that it names.

    Raises OptionError for what can't be meant, WeightsError for a checkpoint that can't be had.
    """
    asked = configure(request, words=words)
    if asked.model and not preset:
        preset = usual_preset(asked.model, asked.mode or DEFAULT_MODE, asked.ancestor)
    leaving = () if asked.model else ("ancestor", "placing")
    return configure(request, preset=preset, words=words, leaving=leaving)


def usual_preset(
    name: str, mode: Mode, options: AncestorOptions = USUAL, *, look: bool = False
) -> str:
    """The preset of a checkpoint's version. One that is known needn't be there, unless ``look``.

    Raises WeightsError for a checkpoint that can't be had.
    """
    known = name.partition("@")[0].replace("-", "_")
    if known in KNOWN and not look and not Path(name).is_dir():
        return "v32-mini" if known == "v32_mini" else known
    opened, vocabulary = _opened(name, mode, options)
    return version_of(vocabulary, opened.width)


def open_model(
    name: str,
    mode: Mode,
    options: AncestorOptions = USUAL,
    placing: PlacingOptions = AS_WRITTEN,
) -> Ancestor:
    """The checkpoint of a name (a folder, one that is known, or HUB/ID), for a mode, and the one
    that finds its places where another one does.

    Raises WeightsError for what can't be had or loaded, or without torch; OptionError for a mode
    that the model doesn't write.
    """
    opened, vocabulary = _opened(name, mode, options)
    check_mode(vocabulary, mode)
    from beatheritage.engine.torch_ancestor import load_ancestor

    engine = load_ancestor(
        opened, options.device, options.precision.value, cuda_graphs=options.cuda_graphs
    )
    placer = None
    if placing.diffuses and MODES[mode].place in HAVE_PLACES:
        placer = _placer(placing, options.device)
    return Ancestor(engine=engine, vocabulary=vocabulary, name=Path(name).name, placer=placer)


def _placer(placing: PlacingOptions, device: str) -> Placer:
    try:
        return open_placer(placing.placer, placing.refiner, device)
    except WeightsError as error:
        mend = "; ".join(filter(None, (error.mend, "placing.diffuses=false does without")))
        raise WeightsError(error.what, where=error.where, mend=mend) from error


def _opened(name: str, mode: Mode, options: AncestorOptions) -> tuple["OpenedAncestor", Vocabulary]:
    try:
        from beatheritage.engine.torch_ancestor import open_ancestor
    except ImportError as error:
        what, mend = f"this model needs {error.name}", "pip install 'beatheritage[torch]'"
        raise WeightsError(what, where=name, mend=mend) from error
    folder = find_checkpoint(name, int(mode))
    opened = open_ancestor(folder, int(mode) if options.own_mode else None, options.lora)
    return opened, Vocabulary(opened.tokenizer, opened.width)
