"""What a request comes to.

``make_plan`` fills a request's gaps, once; after that every stage trusts its ``Plan``.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from beatheritage.audio.song import Tags
from beatheritage.errors import InputError, OptionError
from beatheritage.generate.ancestors.options import AncestorOptions
from beatheritage.generate.curve import Curve, parse_curve
from beatheritage.generate.diffusion.options import PlacingOptions
from beatheritage.generate.nesting import Above
from beatheritage.generate.quality.options import Quality, check_quality, known_quality
from beatheritage.generate.request import (
    DEFAULT_MODE,
    STARS_RANGE,
    Aim,
    AskedMetadata,
    Request,
    Sampling,
    Settings,
    check_request,
)
from beatheritage.generate.styles import styled
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.level import level_name
from beatheritage.osu.mode import MAX_KEYS, MIN_KEYS, Mode
from beatheritage.osu.parse import parse, read, read_bytes
from beatheritage.osu.stars import stars as measured_stars
from beatheritage.timing.grid import Timing
from beatheritage.tokens.draft import draft_of
from beatheritage.tokens.prompt import KNOBS, Style, measure_style

DEFAULT_KEYS = 4
DEFAULT_STARS = 4.5
DEFAULT_CREATOR = "BeatHeritage"
AS_SAID = (
    *("model", "output", "overwrite", "seed", "bpm", "offset", "settings", "style", "sampling"),
    *("metadata", "difficulty", "start", "end", "mapper", "year", "descriptors", "unlike"),
    *("ancestor", "placing", "weights"),
)
"""What a plan has as it was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A range of a map to write anew, in ms, start included; each take has a seed of its own.

    ``content`` is the map's file as it was read, which ``beatmap`` was parsed from.
    """

    file: Path
    content: bytes
    beatmap: Beatmap
    start: float
    end: float
    takes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be done. ``model`` is empty for our own. ``bpm`` and ``offset`` (ms) are None where
    the song has to tell; ``timing`` is what came of that, once it is known. ``onset_bias`` is added
    to the log-odds of every onset, where no density is asked for: more writes more objects, though
    none at ticks whose log-odds, as heard, lie under ``onset_floor``.
    ``kiai`` (spans of ticks) is None where the song has to tell, and ``above`` is the next harder
    difficulty where there is one: objects start where its objects do, and sound like them.
    ``picture`` is that of a file which stands in for the song's cover, where one does.
    ``start`` and ``end`` (ms) are those of a range, in a map or of the song; what follows them is
    told to an ancestor's checkpoint alone."""

    audio: Path
    model: str
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
    metadata: AskedMetadata = field(default_factory=AskedMetadata)
    picture: bytes = b""
    quality: Quality = field(default_factory=Quality)
    difficulty: Aim = field(default_factory=Aim)
    curve: Curve | None = None
    reference: Beatmap | None = None
    timing: Timing | None = None
    onset_bias: float = 0.0
    onset_floor: float = -np.inf
    kiai: tuple[tuple[int, int], ...] | None = None
    above: Above | None = None
    start: float | None = None
    end: float | None = None
    mapper: int | None = None
    year: int | None = None
    descriptors: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    ancestor: AncestorOptions = field(default_factory=AncestorOptions)
    placing: PlacingOptions = field(default_factory=PlacingOptions)
    weights: Path | None = None


def make_plan(request: Request, tags: Tags | None = None) -> Plan:
    """Check a request and fill its gaps: from the map that a range lies in, from a reference, from
    the song's tags where they say something.

    Raises:
        OptionError: for a value out of range, or options that exclude each other.
        InputError: for a map to work in or after, or a picture, that cannot be read or used.
    """
    check_request(request)
    if not request.model and request.descriptors:
        request = styled(request)
        check_request(request)
    audio = request.audio
    assert audio is not None
    tags = tags or Tags()
    artist, title = _name_of(audio)
    within, reference = _read_within(request), _read_reference(request)
    if within is not None:
        request = as_its_map(request, within.beatmap)
    if reference is not None:
        request = after(request, reference)
    known = within.beatmap if within else reference
    mode, keys = request.mode or DEFAULT_MODE, request.keys or DEFAULT_KEYS
    check_quality(request.quality, mode)
    stars = DEFAULT_STARS if request.stars is None else request.stars
    return Plan(
        **{name: getattr(request, name) for name in AS_SAID},
        audio=audio,
        mode=mode,
        stars=stars,
        keys=keys,
        title=request.title or tags.title or title,
        artist=request.artist or tags.artist or artist,
        creator=request.creator or DEFAULT_CREATOR,
        version=request.version or level_name(mode, stars, keys),
        within=within,
        picture=_read_picture(request),
        quality=known_quality(request.quality, mode),
        curve=parse_curve(request.curve) if request.curve else None,
        reference=reference,
        timing=Timing(lines=known.red_lines) if known else None,
    )


def as_its_map(request: Request, old: Beatmap) -> Request:
    """The request with the mode, keys, settings and name of a map; as hard as it, unless said."""
    known = old.difficulty
    mania = old.mode is Mode.MANIA
    settings = Settings(
        approach_rate=known.approach_rate,
        overall_difficulty=known.overall_difficulty,
        hp_drain=known.hp_drain,
        circle_size=None if mania else known.circle_size,
        slider_multiplier=known.slider_multiplier,
        slider_tick_rate=known.slider_tick_rate,
    )
    return replace(
        request,
        mode=old.mode,
        keys=round(known.circle_size) if mania else None,
        stars=_stars_of(old) if request.stars is None else request.stars,
        settings=settings,
        version=old.metadata.version,
    )


def after(request: Request, reference: Beatmap) -> Request:
    """The request with the mode and the style of a map, and its keys; as hard as it, unless said.

    How dense a map is goes with its stars: where others are asked for, density is left to them.
    """
    measured = measure_style(draft_of(reference, Timing(lines=reference.red_lines)).events)
    if request.stars is not None:
        measured = replace(measured, density=None, stream_share=None)
    said = {name: getattr(request.style, name) for name in Style.__dataclass_fields__}
    meant = [name for name in KNOBS[reference.mode] if said[name] is None]
    style = replace(request.style, **{name: getattr(measured, name) for name in meant})
    keys = round(reference.difficulty.circle_size) if reference.mode is Mode.MANIA else None
    return replace(
        request,
        mode=reference.mode,
        keys=request.keys or keys,
        stars=_stars_of(reference) if request.stars is None else request.stars,
        style=style,
    )


def _stars_of(beatmap: Beatmap) -> float:
    return float(np.clip(measured_stars(beatmap), *STARS_RANGE))


def _read_reference(request: Request) -> Beatmap | None:
    file = request.context.reference
    if file is None:
        return None
    beatmap = read(file).beatmap
    _check_map(beatmap, file, request.mode)
    return beatmap


def _read_picture(request: Request) -> bytes:
    if request.metadata.background is None:
        return b""
    from beatheritage.generate.cover import read_picture  # Pillow: runs without one start sooner

    return read_picture(request.metadata.background)


def _read_within(request: Request) -> Within | None:
    if request.within is None or request.start is None or request.end is None:
        return None
    content = read_bytes(request.within)
    within = Within(
        file=request.within,
        content=content,
        beatmap=parse(content).beatmap,
        start=request.start,
        end=request.end,
        takes=request.takes,
    )
    _check_map(within.beatmap, within.file, request.mode)
    return within


def _check_map(old: Beatmap, file: Path, mode: Mode | None) -> None:
    """Raise what stands against writing in a map, or after it."""
    where = str(file)
    if mode not in (None, old.mode):
        raise OptionError(
            f"is a map of {old.mode.name.lower()}", where=where, mend="leave mode out"
        )
    if not old.red_lines:
        raise InputError("has no timing", where=where, mend="time the map first")
    keys = old.difficulty.circle_size
    if old.mode is Mode.MANIA and not MIN_KEYS <= round(keys) <= MAX_KEYS:
        raise InputError(
            f"has {keys:g} keys, and {MIN_KEYS} to {MAX_KEYS} can be written", where=where
        )


def _name_of(audio: Path) -> tuple[str, str]:
    """Artist and title out of a file name like ``Artist - Title.mp3``."""
    artist, dash, title = audio.stem.partition(" - ")
    return (
        (artist.strip(), title.strip())
        if dash and title.strip()
        else ("Unknown Artist", audio.stem)
    )
