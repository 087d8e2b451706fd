"""Opening checkpoints of osu-diffusion: checked first, loaded then."""

from pathlib import Path

from beatheritage.engine.denoiser import DenoiserEngine
from beatheritage.engine.hub import find_placer
from beatheritage.errors import WeightsError
from beatheritage.generate.diffusion.classes import PlacerVocabulary
from beatheritage.generate.diffusion.points import CONTEXT
from beatheritage.generate.diffusion.sample import Placer


def open_placer(name: str, refiner: str = "", device: str = "cpu") -> Placer:
    """The checkpoint of a name (a folder, one that is known, or HUB/ID), and a second one.

    Raises WeightsError for what can't be had or loaded, for two that aren't told the same, or
    without torch; OptionError for a device that isn't there.
    """
    engine, vocabulary = _loaded(name, device)
    second = None
    if refiner:
        second, other = _loaded(refiner, device)
        if other != vocabulary:
            mend = f"it must be trained on the classes of {name}"
            raise WeightsError("is told other classes", where=refiner, mend=mend)
    return Placer(engine=engine, vocabulary=vocabulary, refiner=second)


def _loaded(name: str, device: str) -> tuple[DenoiserEngine, PlacerVocabulary]:
    try:
        from beatheritage.engine.torch_denoiser import load_placer
        from beatheritage.engine.torch_denoiser import open_placer as opened_in
    except ImportError as error:
        what, mend = f"placing by diffusion needs {error.name}", "pip install 'beatheritage[torch]'"
        raise WeightsError(what, where=name, mend=mend) from error
    folder = find_placer(name)
    opened = opened_in(folder)
    if opened.context != CONTEXT:
        what = f"is told {opened.context} numbers of a point, not {CONTEXT}"
        raise WeightsError(what, where=str(Path(folder)))
    vocabulary = PlacerVocabulary(opened.tokenizer, opened.classes)
    return load_placer(opened, device), vocabulary
