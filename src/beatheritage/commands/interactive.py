"""What ``beatheritage generate -i`` asks, as words for the same command without it."""

import shlex
from collections.abc import Callable, Sequence
from typing import NamedTuple

from beatheritage.commands.ask import Answer, ask, ask_one, ask_several
from beatheritage.errors import OptionError
from beatheritage.osu.mode import Mode


class Choice(NamedTuple):
    """A model by the name that people know, and by ours; empty for our own."""

    title: str
    model: str


MODELS = (
    Choice("Mapperatorinator V28", "v28"),
    Choice("Mapperatorinator V29", "v29"),
    Choice("Mapperatorinator V30", "v30"),
    Choice("Mapperatorinator V31", "v31"),
    Choice("BeatHeritage V1 (Enhanced stability & quality)", "beatheritage_v1"),
    Choice("Mapperatorinator V32", "v32"),
    Choice("Mapperatorinator V32-mini", "v32-mini"),
    Choice("Native (in the package, nothing to download)", ""),
)
NATIVE = len(MODELS) - 1
# The names that the ancestors' own menus offer.
STYLES = (
    *("jump aim", "stream", "tech", "aim", "speed", "flow", "clean", "complex", "simple"),
    *("modern", "classic", "spaced", "stacked"),
)
STD_ALONE = ("v30",)
YEARS = (2007, 2023)


def interview(answer: Answer, audio: str = "") -> tuple[str, list[str]]:
    """The song, and words for all that was answered. Raises OptionError where answers end."""
    audio = audio or ask(answer, "song (mp3, ogg, opus, flac, wav)")
    if not audio:
        raise OptionError("no audio file was given", mend="beatheritage generate AUDIO -i")
    model = MODELS[ask_one(answer, "model", [each.title for each in MODELS], NATIVE)].model
    words = [f"model={model}"] if model else []
    mode = Mode.STD
    if model not in STD_ALONE:
        mode = list(Mode)[ask_one(answer, "mode", [each.name.lower() for each in Mode], 0)]
    words.append(f"mode={mode.name.lower()}")
    words.append(f"stars={_number(answer, 'stars', '4.5', 0.5, 10)}")
    if mode is Mode.MANIA:
        words.append(f"keys={_number(answer, 'keys', '4', 4, 10, whole=True)}")
    if model and model not in STD_ALONE:
        words += _of_checkpoints(answer)
    elif not model:
        words += _several(answer, "descriptors", "style", native_styles(mode))
    words.append(f"seed={_number(answer, 'seed', '0', 0, 2**32 - 1, whole=True)}")
    command = shlex.join(["beatheritage", "generate", audio, *words])
    print(f"the same again: {command}")
    return audio, words


def native_styles(mode: Mode) -> tuple[str, ...]:
    """Words that mean something to the native model in a mode."""
    from beatheritage.generate.styles import QUALITIES, STYLES
    from beatheritage.tokens.prompt import KNOBS

    styles = [word for word, meant in STYLES.items() if set(meant) <= set(KNOBS[mode])]
    return (*styles, *(QUALITIES if mode is Mode.STD else ()))


def _of_checkpoints(answer: Answer) -> list[str]:
    words = []
    year = ask(answer, f"year, {YEARS[0]} to {YEARS[1]} (nothing: any)")
    mapper = ask(answer, "mapper's number (nothing: any)")
    words += [f"year={year}"] if year else []
    words += [f"mapper={mapper}"] if mapper else []
    words += _several(answer, "descriptors", "style", STYLES)
    unlike = _several(answer, "unlike", "what it must not be", STYLES)
    if unlike:  # which only guidance can lead away from
        words += [*unlike, f"ancestor.guidance={_number(answer, 'guidance', '2', 1, 20)}"]
    return words


def _several(answer: Answer, key: str, question: str, names: Sequence[str]) -> list[str]:
    chosen = ask_several(answer, question, names) if names else ()
    return [f"{key}={','.join(chosen)}"] if chosen else []


def _number(
    answer: Answer, question: str, usual: str, low: float, high: float, *, whole: bool = False
) -> str:
    """A number in a range, as it was typed; asked for again where it is none."""
    read: Callable[[str], float] = int if whole else float
    while True:
        said = ask(answer, question, usual)
        try:
            fits = low <= read(said) <= high
        except ValueError:
            fits = False
        if fits:
            return said
        print(f"  a {'whole ' if whole else ''}number from {low:g} to {high:g}, please")
