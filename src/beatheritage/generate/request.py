"""What a person asks for: the list of all options, and what cannot be meant."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beatheritage.errors import OptionError
from beatheritage.generate.ancestors.options import RANGES as ANCESTOR_RANGES
from beatheritage.generate.ancestors.options import AncestorOptions, check_ancestor
from beatheritage.generate.curve import parse_curve
from beatheritage.generate.diffusion.options import PlacingOptions, check_placing
from beatheritage.generate.quality.options import Quality, check_quality
from beatheritage.generate.quality.style import AskedStyle, check_kept
from beatheritage.osu.mode import MAX_KEYS, MIN_KEYS, Mode
from beatheritage.tokens.prompt import KNOBS, Style

DEFAULT_MODE = Mode.STD
STYLES_OF_OTHERS = ("hold_share",)  # what ancestors' models can be told of a style
STARS_RANGE = (0.5, 10.0)
RANGES: dict[str, tuple[float, float]] = {
    "stars": STARS_RANGE,
    "seed": (0, 2**32 - 1),
    "keys": (MIN_KEYS, MAX_KEYS),
    "bpm": (20, 1000),
    "takes": (1, 16),
    "metadata.preview": (0, 10_000_000),
    "settings.approach_rate": (0, 10),
    "settings.overall_difficulty": (0, 10),
    "settings.hp_drain": (0, 10),
    "settings.circle_size": (0, 10),
    "settings.slider_multiplier": (0.4, 3.6),  # what osu!'s editor allows
    "settings.slider_tick_rate": (0.5, 8),  # what osu! reads
    **{f"style.{name}": (0, 1) for name in Style.__dataclass_fields__},
    "sampling.temperature": (0, 2),
    "sampling.top_p": (0.01, 1),
    "sampling.top_k": (0, 1000),
    "sampling.repetition_penalty": (1, 2),
    **{f"ancestor.{name}": limits for name, limits in ANCESTOR_RANGES.items()},
}
"""What numbers may be, by their keys; those of ``quality`` are its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token is drawn. ``top_k`` 0 and the other two at 1 mean no limit."""

    temperature: float = 1.0
    top_p: float = 0.95
    top_k: int = 0
    repetition_penalty: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of the map that a person wants just so; None follows from the stars."""

    approach_rate: float | None = None
    overall_difficulty: float | None = None
    hp_drain: float | None = None
    circle_size: float | None = None
    slider_multiplier: float | None = None
    slider_tick_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMetadata:
    """What the map says of its song besides title and artist, which are spelled in ASCII where they
    are also said in their own script; empty where the song's tags and sound decide.

    ``tags`` join those that say how the map was made. ``background`` is a picture in place of the
    song's cover, ``preview`` (ms) where song select starts to play.
    """

    title_unicode: str = ""
    artist_unicode: str = ""
    source: str = ""
    tags: tuple[str, ...] = ()
    background: Path | None = None
    preview: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """How the stars are met. ``scale``: the map is made harder or softer until it has them."""

    scale: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known besides the song: of ``reference``, a map of it, the timing, the kiai and the
    measured style carry over, and how hard it is unless stars are asked for."""

    reference: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was said. ``model`` names an ancestor's checkpoint, empty for our own; ``within``,
    ``start`` and ``end`` belong together, but that a checkpoint can write a part of a song without
    a map; ``curve`` is written as ``parse_curve`` reads it. ``descriptors`` are words for a style,
    and ``unlike`` those that guidance leads away from. ``weights`` is a folder of our own models,
    as ``finetune`` writes them."""

    audio: Path | None = None
    model: str = ""
    weights: Path | None = None
    output: Path = Path("out")
    mode: Mode | None = None
    stars: float | None = None
    seed: int = 0
    keys: int | None = None
    bpm: float | None = None
    offset: float | None = None
    title: str = ""
    artist: str = ""
    creator: str = ""
    version: str = ""
    overwrite: bool = False
    within: Path | None = None
    start: float | None = None
    end: float | None = None
    takes: int = 1
    curve: str = ""
    mapper: int | None = None
    year: int | None = None
    descriptors: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    metadata: AskedMetadata = field(default_factory=AskedMetadata)
    settings: Settings = field(default_factory=Settings)
    style: Style = field(default_factory=AskedStyle)
    sampling: Sampling = field(default_factory=Sampling)
    quality: Quality = field(default_factory=Quality)
    difficulty: Aim = field(default_factory=Aim)
    context: Context = field(default_factory=Context)
    ancestor: AncestorOptions = field(default_factory=AncestorOptions)
    placing: PlacingOptions = field(default_factory=PlacingOptions)


UNSAID = Request()
ABOUT_A_MAP = ("title", "artist", "creator", "version", "metadata", "settings")
OF_ANCESTORS = (
    *(f"ancestor.{name}" for name in AncestorOptions.__dataclass_fields__),
    *(f"placing.{name}" for name in PlacingOptions.__dataclass_fields__),
)


def check_request(request: Request) -> None:
    """Raise an OptionError for the first value that cannot be meant."""
    if request.audio is None:
        raise OptionError("no audio file was given", mend="beatheritage generate AUDIO")
    for name, (low, high) in RANGES.items():
        value = value_of(request, name)
        if value is not None and not low <= value <= high:
            raise OptionError(f"{name} must be from {low:g} to {high:g}, not {value:g}")
    mode = mode_said(request)
    _check_keys(request, mode)
    _check_within(request)
    _check_context(request)
    _check_model(request)
    check_kept(request.style)
    if mode is not None:
        check_quality(request.quality, mode)
    if request.curve:
        parse_curve(request.curve)


def value_of(request: Request, name: str) -> Any:
    """The value of an option by its key, dots and all."""
    value: Any = request
    for part in name.split("."):
        value = getattr(value, part)
    return value


def mode_said(request: Request) -> Mode | None:
    """The mode, where no map that must be read first decides it."""
    by_map = request.within or request.context.reference
    return request.mode if by_map else request.mode or DEFAULT_MODE


def _check_keys(request: Request, mode: Mode | None) -> None:
    if request.keys is not None and mode not in (None, Mode.MANIA):
        raise OptionError("keys is for mania alone", mend="add --mode mania")
    if request.settings.circle_size is not None and request.mode is Mode.MANIA:
        raise OptionError("settings.circle_size is the key count in mania", mend="use --keys")
    for name in Style.__dataclass_fields__:
        said = getattr(request.style, name) is not None
        if said and mode is not None and name not in KNOBS[mode]:
            raise OptionError(
                f"style.{name} means nothing in {mode.name.lower()}",
                mend=f"ask for {', '.join(KNOBS[mode])}",
            )


def _check_within(request: Request) -> None:
    if request.within is None:
        has_range = request.start is not None or request.end is not None
        if request.takes != 1 or (has_range and not request.model):
            raise OptionError(
                "start, end and takes need a map to work in", mend="add --within FILE.osu"
            )
        _check_order(request.start or 0.0, request.end)
        return
    if request.start is None or request.end is None:
        raise OptionError("within needs both start and end, in ms", mend="add --start MS --end MS")
    _check_order(request.start, request.end)
    of_the_map = ("bpm", "offset", "keys", *ABOUT_A_MAP, "context")
    _refuse(request, of_the_map, "is that of the map, where a range is written")


def _check_order(start: float, end: float | None) -> None:
    if start < 0 or (end is not None and end <= start):
        after = "the song's end" if end is None else f"{end:g}"
        raise OptionError(f"end must come after start, but {after} does not after {start:g}")


def _check_context(request: Request) -> None:
    if request.context.reference is not None:
        _refuse(request, ("bpm", "offset"), "is that of the reference")


def _check_model(request: Request) -> None:
    """What only our own model can be told is refused for others, and the other way round."""
    if not request.model:
        keys = ("mapper", "year", "unlike", *OF_ANCESTORS)
        _refuse(request, keys, "is for a checkpoint of the ancestors")
        return
    _refuse(request, ("curve", "weights"), "is for the native model alone")
    check_placing(request.placing)
    has_map = request.context.reference is not None
    check_ancestor(request.ancestor, has_map=has_map)
    if has_map and request.ancestor.stays_on_map:
        _refuse(request, ABOUT_A_MAP, "is that of the reference, which is written onto")
    for name in AskedStyle.__dataclass_fields__:
        said = getattr(request.style, name) != getattr(UNSAID.style, name)
        if said and name not in STYLES_OF_OTHERS:
            raise OptionError(
                f"style.{name} is for the native model alone", mend=f"leave style.{name} out"
            )


def _refuse(request: Request, names: Sequence[str], why: str) -> None:
    """Raise an OptionError for the first of these that was said."""
    for name in names:
        if value_of(request, name) != value_of(UNSAID, name):
            raise OptionError(f"{name} {why}", mend=f"leave {name} out")
