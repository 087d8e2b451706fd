"""A beatmap as a value: what a .osu file says, and nothing else.

Times are milliseconds. Coordinates are osu! pixels on the 512 x 384 playfield. In taiko, mania and
catch the objects are the same ones that std has (osu! stores them so): a kat is a circle with a
whistle or clap, a drumroll a slider, a denden a spinner, a mania column an x.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, IntFlag
from typing import NamedTuple

from beatheritage.osu.mode import PLAYFIELD_HEIGHT_PX as PLAYFIELD_HEIGHT_PX
from beatheritage.osu.mode import PLAYFIELD_WIDTH_PX as PLAYFIELD_WIDTH_PX
from beatheritage.osu.mode import Mode

_GUEST = re.compile(r"^(?P<guest>.+?)(?:['’]s|(?<=s)['’])\s+\S")


class Point(NamedTuple):
    x: float
    y: float


class HitSound(IntFlag):
    NONE = 0
    NORMAL = 1
    WHISTLE = 2
    FINISH = 4
    CLAP = 8


class CurveKind(Enum):
    LINEAR = "L"
    PERFECT = "P"
    BEZIER = "B"
    CATMULL = "C"


class Sample(NamedTuple):
    """Which samples sound: the sets of the normal and the additional sound, index, volume, file."""

    normal_set: int = 0
    addition_set: int = 0
    index: int = 0  # pyright: ignore[reportIncompatibleMethodOverride]  (the game's word)
    volume: int = 0
    filename: str = ""


NO_SAMPLE = Sample()


class EdgeSound(NamedTuple):
    """What sounds at one end or repeat of a slider."""

    sound: HitSound = HitSound.NONE
    normal_set: int = 0
    addition_set: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    time: float
    x: float
    y: float
    new_combo: bool = False
    combo_skip: int = 0
    sound: HitSound = HitSound.NONE
    sample: Sample = NO_SAMPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider:
    """``points`` are the control points after the head; ``slides`` is 1 where nothing repeats.

    ``edges`` may stop short: what it does not name sounds like the slider itself.
    """

    time: float
    x: float
    y: float
    kind: CurveKind
    points: tuple[Point, ...]
    slides: int
    length: float
    new_combo: bool = False
    combo_skip: int = 0
    sound: HitSound = HitSound.NONE
    edges: tuple[EdgeSound, ...] = ()
    sample: Sample = NO_SAMPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Spinner:
    time: float
    end: float
    x: float = 256
    y: float = 192
    new_combo: bool = False
    combo_skip: int = 0
    sound: HitSound = HitSound.NONE
    sample: Sample = NO_SAMPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A long note of mania."""

    time: float
    end: float
    x: float
    y: float = 192
    new_combo: bool = False
    combo_skip: int = 0
    sound: HitSound = HitSound.NONE
    sample: Sample = NO_SAMPLE


HitObject = Circle | Slider | Spinner | Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class RedLine:
    """An uninherited timing point: tempo and meter from here on."""

    time: float
    beat_length: float
    meter: int = 4
    sample_set: int = 1
    sample_index: int = 0
    volume: int = 70
    kiai: bool = False
    omit_barline: bool = False

    @property
    def bpm(self) -> float:
        return 60_000 / self.beat_length


@dataclass(frozen=True, slots=True, kw_only=True)
class GreenLine:
    """An inherited timing point: slider velocity (1 is the base), volume and kiai from here on."""

    time: float
    velocity: float = 1.0
    meter: int = 4
    sample_set: int = 1
    sample_index: int = 0
    volume: int = 70
    kiai: bool = False
    omit_barline: bool = False


TimingPoint = RedLine | GreenLine


class Break(NamedTuple):
    start: float
    end: float


class Colour(NamedTuple):
    red: int
    green: int
    blue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class General:
    audio_filename: str = "audio.mp3"
    audio_lead_in: int = 0
    preview_time: int = -1
    countdown: int = 0
    sample_set: str = "Normal"
    stack_leniency: float = 0.7
    mode: Mode = Mode.STD
    letterbox_in_breaks: bool = False
    special_style: bool = False
    widescreen_storyboard: bool = False
    other: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    bookmarks: tuple[int, ...] = ()
    distance_spacing: float = 1.0
    beat_divisor: int = 4
    grid_size: int = 8
    timeline_zoom: float = 1.0
    other: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    title: str = ""
    title_unicode: str = ""
    artist: str = ""
    artist_unicode: str = ""
    creator: str = ""
    version: str = ""
    source: str = ""
    tags: tuple[str, ...] = ()
    beatmap_id: int = 0
    set_id: int = -1
    other: tuple[tuple[str, str], ...] = ()

    @property
    def guest(self) -> str:
        """Whom the difficulty's name gives it to ("Ann's Hard"); empty where it names nobody."""
        named = _GUEST.match(self.version)
        return named["guest"] if named else ""

    @property
    def mapper(self) -> str:
        """Who made this difficulty: its guest, else the set's host. Case means nothing."""
        return (self.guest or self.creator).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difficulty:
    """``circle_size`` is the key count in mania."""

    hp_drain: float = 5.0
    circle_size: float = 5.0
    overall_difficulty: float = 5.0
    approach_rate: float = 5.0
    slider_multiplier: float = 1.4
    slider_tick_rate: float = 1.0
    other: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """``storyboard`` keeps every other line of the section as it stands."""

    background: str = ""
    video: str = ""
    video_offset: int = 0
    breaks: tuple[Break, ...] = ()
    storyboard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beatmap:
    """One difficulty. Timing points and objects are in order of time."""

    format_version: int = 14
    general: General = field(default_factory=General)
    editor: Editor = field(default_factory=Editor)
    metadata: Metadata = field(default_factory=Metadata)
    difficulty: Difficulty = field(default_factory=Difficulty)
    events: Events = field(default_factory=Events)
    timing_points: tuple[TimingPoint, ...] = ()
    combo_colours: tuple[Colour, ...] = ()
    other_colours: tuple[tuple[str, str], ...] = ()
    objects: tuple[HitObject, ...] = ()

    @property
    def mode(self) -> Mode:
        return self.general.mode

    @property
    def red_lines(self) -> tuple[RedLine, ...]:
        return tuple(point for point in self.timing_points if isinstance(point, RedLine))
