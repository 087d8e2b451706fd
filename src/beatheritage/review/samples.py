"""What sounds at each edge of a map's objects, as osu! looks samples up."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from beatheritage.osu.beatmap import Beatmap, EdgeSound, HitObject, HitSound, Hold, Slider, Spinner
from beatheritage.osu.mode import Mode
from beatheritage.osu.pace import Pace
from beatheritage.osu.parse_settings import SAMPLE_SETS

# osu!lazer: a line this much after an edge still sounds there.
SAMPLE_LENIENCY = 5.0
# A plain number: flags take ten times as long to combine.
ADDITIONS = int(HitSound.WHISTLE | HitSound.FINISH | HitSound.CLAP)
_ADDITION_NAMES = {
    HitSound.WHISTLE: "hitwhistle",
    HitSound.FINISH: "hitfinish",
    HitSound.CLAP: "hitclap",
}
_BODY_NAMES = ("sliderslide", "sliderwhistle", "slidertick")
DEFAULT_SET = "Normal"
SOUND_SUFFIXES = (".wav", ".ogg", ".mp3")


class Hit(NamedTuple):
    """One edge: ``passive`` where no press is asked for, as at the end of a slider or spinner.

    ``volume`` is percent; ``bank`` is the custom sample index, 0 the player's own skin; ``slides``
    is true on a slider.
    """

    time: float
    item: int
    sound: HitSound
    normal_set: str
    addition_set: str
    bank: int
    volume: int
    filename: str
    passive: bool
    slides: bool

    @property
    def has_addition(self) -> bool:
        return bool(int(self.sound) & ADDITIONS)


def find_hits(
    beatmap: Beatmap, pace: Pace, moments: Sequence[tuple[float, ...]]
) -> tuple[Hit, ...]:
    """Every edge of a map, in order of its objects; ``moments`` are the times of their edges."""
    chosen = beatmap.general.sample_set
    default = (DEFAULT_SET if chosen == SAMPLE_SETS[0] else chosen).lower()
    return tuple(
        chain.from_iterable(
            _hits_of(index, item, times, pace, default)
            for index, (item, times) in enumerate(zip(beatmap.objects, moments, strict=True))
        )
    )


def _hits_of(
    index: int, item: HitObject, moments: tuple[float, ...], pace: Pace, default: str
) -> Iterator[Hit]:
    for edge, time in _sounding(item, moments):
        state = pace.at(time + SAMPLE_LENIENCY)
        sound = _edge(item, edge)
        normal = _set_name(sound.normal_set or state.sample_set, default)
        yield Hit(
            time=time,
            item=index,
            sound=sound.sound,
            normal_set=normal,
            addition_set=_set_name(sound.addition_set, normal),
            bank=item.sample.index or state.sample_index,
            volume=item.sample.volume or state.volume,
            filename=item.sample.filename,
            passive=isinstance(item, Spinner) or 0 < edge == len(moments) - 1,
            slides=isinstance(item, Slider),
        )


def _sounding(item: HitObject, moments: tuple[float, ...]) -> list[tuple[int, float]]:
    """The edges that sound, with their numbers: spinners at their end, holds at their start."""
    edges = list(enumerate(moments))
    match item:
        case Spinner():
            return edges[-1:]
        case Hold():
            return edges[:1]
        case _:
            return edges


def _edge(item: HitObject, edge: int) -> EdgeSound:
    if isinstance(item, Slider) and edge < len(item.edges):
        return item.edges[edge]
    return EdgeSound(item.sound, item.sample.normal_set, item.sample.addition_set)


def _set_name(number: int, default: str) -> str:
    return SAMPLE_SETS[number].lower() if 0 < number < len(SAMPLE_SETS) else default


def used_samples(hits: Sequence[Hit], mode: Mode) -> set[str]:
    """Names of the sample files that edges can play, in lower case and without suffixes."""
    names: set[str] = set()
    prefixes = ("", "taiko-") if mode is Mode.TAIKO else ("",)
    # Time and volume do not choose a file, and many edges are alike in all else.
    for hit in {one._replace(time=0.0, item=0, volume=0, passive=False) for one in hits}:
        if hit.filename:
            names.add(without_suffix(hit.filename))
        if hit.bank:
            index = str(hit.bank) if hit.bank > 1 else ""
            names.update(prefix + name + index for prefix in prefixes for name in _names(hit))
    return names


def _names(hit: Hit) -> Iterator[str]:
    yield f"{hit.normal_set}-hitnormal"
    for part, name in _ADDITION_NAMES.items():
        if part & hit.sound:
            yield f"{hit.addition_set}-{name}"
    if hit.slides:
        yield from (f"{hit.normal_set}-{name}" for name in _BODY_NAMES)
        yield f"{hit.addition_set}-sliderwhistle"


def without_suffix(name: str) -> str:
    """A sample's name as osu! compares it: lower case, forward slashes, any suffix."""
    folded = name.replace("\\", "/").lower()
    for suffix in SOUND_SUFFIXES:
        folded = folded.removesuffix(suffix)
    return folded
