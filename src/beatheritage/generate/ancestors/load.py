"""Opening an ancestor's checkpoint: checked first, loaded then."""

from pathlib import Path

from beatheritage.engine.hub import find_checkpoint
from beatheritage.errors import WeightsError
from beatheritage.generate.ancestors.song import Ancestor, Wish, check_mode, usual_wish
from beatheritage.osu.mode import Mode
from beatheritage.tokens.steps import Vocabulary


def open_model(
    name: str, mode: Mode, device: str = "cpu", lora: Path | None = None
) -> tuple[Ancestor, Wish]:
    """The checkpoint of a name (a folder, one that is known, or HUB/ID), for a mode, and how it is
    usually run; ``lora`` is the folder of one that is merged into it.

    Raises WeightsError for what can't be had or loaded, or without torch; OptionError for a mode
    that the model doesn't write.
    """
    try:
        from beatheritage.engine.torch_ancestor import load_ancestor, open_ancestor
    except ImportError as error:
        what, mend = f"this model needs {error.name}", "pip install 'beatheritage[torch]'"
        raise WeightsError(what, where=name, mend=mend) from error
    folder = find_checkpoint(name, int(mode))
    opened = open_ancestor(folder, int(mode), lora)
    vocabulary = Vocabulary(opened.tokenizer, opened.width)
    check_mode(vocabulary, mode)
    engine = load_ancestor(opened, device)
    ancestor = Ancestor(engine=engine, vocabulary=vocabulary, name=Path(name).name)
    return ancestor, usual_wish(vocabulary, opened.width)
