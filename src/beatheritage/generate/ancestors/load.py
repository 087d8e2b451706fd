"""Opening an ancestor's checkpoint: checked first, loaded then."""

from pathlib import Path

from beatheritage.errors import WeightsError
from beatheritage.generate.ancestors.song import Ancestor, Wish, check_mode, usual_wish
from beatheritage.osu.mode import Mode
from beatheritage.tokens.steps import Vocabulary


def open_model(
    folder: Path, mode: Mode, device: str = "cpu", lora: Path | None = None
) -> tuple[Ancestor, Wish]:
    """The checkpoint in a folder, or the one inside it for the mode, and how it is usually run;
    ``lora`` is the folder of one that is merged into it.

    Raises WeightsError for what can't be loaded, or without torch; OptionError for a mode that the
    model doesn't write.
    """
    try:
        from beatheritage.engine.torch_ancestor import load_ancestor, open_ancestor
    except ImportError as error:
        mend = "pip install 'beatheritage[torch]'"
        raise WeightsError(
            f"this model needs {error.name}", where=str(folder), mend=mend
        ) from error
    if not folder.is_dir():
        raise WeightsError("there is no such folder", where=str(folder))
    opened = open_ancestor(folder, int(mode), lora)
    vocabulary = Vocabulary(opened.tokenizer, opened.width)
    check_mode(vocabulary, mode)
    ancestor = Ancestor(
        engine=load_ancestor(opened, device), vocabulary=vocabulary, name=folder.resolve().name
    )
    return ancestor, usual_wish(vocabulary, opened.width)
