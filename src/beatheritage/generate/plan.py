"""What a person asks for, and what that comes to.

A ``Request`` has gaps. ``make_plan`` checks it and fills them, once; after that every stage trusts
its ``Plan``.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from beatheritage.audio.song import Tags
from beatheritage.errors import OptionError
from beatheritage.osu.level import level_name
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import read
from beatheritage.osu.stars import stars
from beatheritage.timing.grid import Timing
from beatheritage.tokens.prompt import Style

STARS_RANGE = (0.5, 10.0)
KEYS_RANGE = (4, 10)
BPM_RANGE = (20.0, 1000.0)
TAKES_RANGE = (1, 16)
SEED_RANGE = (0, 2**32 - 1)
DEFAULT_KEYS = 4
DEFAULT_STARS = 4.5
DEFAULT_CREATOR = "BeatHeritage"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A range of a map to write anew, in ms, start included; each take has a seed of its own."""

    file: Path
    start: float
    end: float
    takes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was said. ``within``, ``start`` and ``end`` belong together."""

    audio: Path | None = None
    output: Path = Path("out")
    mode: Mode = Mode.STD
    stars: float | None = None
    seed: int = 0
    keys: int | None = None
    bpm: float | None = None
    offset: float | None = None
    title: str = ""
    artist: str = ""
    creator: str = DEFAULT_CREATOR
    version: str = ""
    overwrite: bool = False
    within: Path | None = None
    start: float | None = None
    end: float | None = None
    takes: int = 1
    settings: Settings = field(default_factory=Settings)
    style: Style = field(default_factory=Style)
    sampling: Sampling = field(default_factory=Sampling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be done. ``bpm`` and ``offset`` (ms) are None where the song has to tell;
    ``timing`` is what came of that, once it is known."""

    audio: Path
    output: Path
    mode: Mode
    stars: float
    seed: int
    keys: int
    bpm: float | None
    offset: float | None
    title: str
    artist: str
    creator: str
    version: str
    overwrite: bool
    within: Within | None
    settings: Settings
    style: Style
    sampling: Sampling
    timing: Timing | None = None


def make_plan(request: Request, tags: Tags | None = None) -> Plan:
    """Check a request and fill its gaps, from the song's tags where they say something.

    Raises:
        OptionError: for a value out of range, or options that exclude each other.
        InputError: for a map to work in that cannot be read.
    """
    check_request(request)
    assert request.audio is not None
    tags = tags or Tags()
    artist, title = _name_of(request.audio)
    keys = request.keys or DEFAULT_KEYS
    wanted = stars_of(request)
    return Plan(
        audio=request.audio,
        output=request.output,
        mode=request.mode,
        stars=wanted,
        seed=request.seed,
        keys=keys,
        bpm=request.bpm,
        offset=request.offset,
        title=request.title or tags.title or title,
        artist=request.artist or tags.artist or artist,
        creator=request.creator,
        version=request.version or level_name(request.mode, wanted, keys),
        overwrite=request.overwrite,
        within=_within(request),
        settings=request.settings,
        style=request.style,
        sampling=request.sampling,
    )


def stars_of(request: Request) -> float:
    """What was asked for; else, for a range, as hard as the map that it lies in."""
    if request.stars is not None:
        return request.stars
    if request.within is None:
        return DEFAULT_STARS
    return float(np.clip(stars(read(request.within).beatmap), *STARS_RANGE))


def check_request(request: Request) -> None:
    """Raise an OptionError for the first value that cannot be meant."""
    if request.audio is None:
        raise OptionError("no audio file was given", mend="beatheritage generate AUDIO")
    _check_range("stars", request.stars, *STARS_RANGE)
    _check_range("seed", request.seed, *SEED_RANGE)
    _check_range("bpm", request.bpm, *BPM_RANGE)
    _check_range("takes", request.takes, *TAKES_RANGE)
    _check_keys(request)
    _check_within(request)
    _check_settings(request.settings)
    for name in Style.__dataclass_fields__:
        _check_range(f"style.{name}", getattr(request.style, name), 0, 1)
    _check_range("sampling.temperature", request.sampling.temperature, 0, 2)
    _check_range("sampling.top_p", request.sampling.top_p, 0.01, 1)
    _check_range("sampling.top_k", request.sampling.top_k, 0, 1000)
    _check_range("sampling.repetition_penalty", request.sampling.repetition_penalty, 1, 2)


def _check_range(name: str, value: float | None, low: float, high: float) -> None:
    if value is not None and not low <= value <= high:
        raise OptionError(f"{name} must be from {low:g} to {high:g}, not {value:g}")


def _check_keys(request: Request) -> None:
    _check_range("keys", request.keys, *KEYS_RANGE)
    if request.keys is not None and request.mode is not Mode.MANIA:
        raise OptionError("keys is for mania alone", mend="add --mode mania")
    if request.settings.circle_size is not None and request.mode is Mode.MANIA:
        raise OptionError("settings.circle_size is the key count in mania", mend="use --keys")
    if request.style.hold_share is not None and request.mode is not Mode.MANIA:
        raise OptionError("style.hold_share is for mania alone", mend="use style.slider_share")


def _check_within(request: Request) -> None:
    if request.within is None:
        if request.start is not None or request.end is not None or request.takes != 1:
            raise OptionError(
                "start, end and takes need a map to work in", mend="add --within FILE.osu"
            )
        return
    if request.start is None or request.end is None:
        raise OptionError("within needs both start and end, in ms", mend="add --start MS --end MS")
    if not 0 <= request.start < request.end:
        raise OptionError(
            f"end must come after start, but {request.end:g} does not after {request.start:g}"
        )


def _check_settings(settings: Settings) -> None:
    for name in ("approach_rate", "overall_difficulty", "hp_drain", "circle_size"):
        _check_range(f"settings.{name}", getattr(settings, name), 0, 10)
    # What osu!'s editor allows.
    _check_range("settings.slider_multiplier", settings.slider_multiplier, 0.4, 3.6)


def _within(request: Request) -> Within | None:
    if request.within is None or request.start is None or request.end is None:
        return None
    return Within(file=request.within, start=request.start, end=request.end, takes=request.takes)


def _name_of(audio: Path) -> tuple[str, str]:
    """Artist and title out of a file name like ``Artist - Title.mp3``."""
    artist, dash, title = audio.stem.partition(" - ")
    return (
        (artist.strip(), title.strip())
        if dash and title.strip()
        else ("Unknown Artist", audio.stem)
    )
