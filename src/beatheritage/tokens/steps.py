"""The ancestors' vocabulary: events in steps of 10 ms, and the ids that a checkpoint gives them.

The checkpoint's ``tokenizer.json`` is the only authority on ids. From what it has follows nearly
all that its version does otherwise; the rest is a table of four families, told by their contexts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any, NamedTuple

from beatheritage.errors import WeightsError

STEP = 10.0  # ms
V28_WIDTH = 512
WIDE_CELL = 32  # osu! pixels, of V28's, V29's and V32's positions
PAD, SOS, EOS = 0, 1, 2


@unique
class Step(Enum):
    """A type of event, by the name that checkpoints give it."""

    TIME = "t"
    SNAP = "snap"
    DISTANCE = "dist"
    X = "pos_x"
    Y = "pos_y"
    PLACE = "pos"
    REFINEMENT = "pos_refine"
    COLUMN = "column"
    SCROLL_SPEED = "scroll_speed"
    NEW_COMBO = "new_combo"
    HITSOUND = "hitsound"
    VOLUME = "volume"
    CIRCLE = "circle"
    SPINNER = "spinner"
    SPINNER_END = "spinner_end"
    SLIDER_HEAD = "slider_head"
    BEZIER_ANCHOR = "bezier_anchor"
    PERFECT_ANCHOR = "perfect_anchor"
    CATMULL_ANCHOR = "catmull_anchor"
    RED_ANCHOR = "red_anchor"
    LAST_ANCHOR = "last_anchor"
    SLIDER_END = "slider_end"
    BEAT = "beat"
    MEASURE = "measure"
    TIMING_POINT = "timing_point"
    KIAI = "kiai"
    SLIDER_SUSTAIN = "slider_sustain"
    SLIDER_REPEAT_SUSTAIN = "slider_repeat_sustain"
    SPINNER_SUSTAIN = "spinner_sustain"
    HOLD_NOTE = "hold_note"
    HOLD_NOTE_END = "hold_note_end"
    SCROLL_SPEED_CHANGE = "scroll_speed_change"
    HOLD_NOTE_SUSTAIN = "hold_note_sustain"
    DRUMROLL = "drumroll"
    DRUMROLL_END = "drumroll_end"
    DENDEN = "denden"
    DENDEN_END = "denden_end"
    DRUMROLL_SUSTAIN = "drumroll_sustain"
    DENDEN_SUSTAIN = "denden_sustain"
    GAMEMODE = "gamemode"
    STYLE = "style"
    DIFFICULTY = "difficulty"
    MAPPER = "mapper"
    CIRCLE_SIZE = "cs"
    YEAR = "year"
    HITSOUNDED = "hitsounded"
    SONG_LENGTH = "song_length"
    SONG_POSITION = "song_position"
    DESCRIPTOR = "descriptor"
    KEYS = "keycount"
    HOLD_RATIO = "hold_note_ratio"
    SCROLL_RATIO = "scroll_speed_ratio"
    BASE_VELOCITY = "global_sv"


BEATS = (Step.BEAT, Step.MEASURE, Step.TIMING_POINT)
ANCHORS = (Step.BEZIER_ANCHOR, Step.PERFECT_ANCHOR, Step.CATMULL_ANCHOR, Step.RED_ANCHOR)
TYPES = (
    *(Step.CIRCLE, Step.SPINNER, Step.SPINNER_END, Step.SLIDER_HEAD, *ANCHORS),
    *(Step.LAST_ANCHOR, Step.SLIDER_END, *BEATS, Step.KIAI),
    *(Step.HOLD_NOTE, Step.HOLD_NOTE_END, Step.SCROLL_SPEED_CHANGE),
    *(Step.DRUMROLL, Step.DRUMROLL_END, Step.DENDEN, Step.DENDEN_END),
)
"""What a group of events is: the last, or in some versions the first, of the group."""


@unique
class Context(Enum):
    """A layer of a map, or a whole map, that a model is given or writes."""

    NONE = "none"
    TIMING = "timing"
    WITHOUT_HITSOUNDS = "no_hs"
    OTHER_DIFFICULTY = "gd"
    MAP = "map"
    KIAI = "kiai"
    SCROLL = "sv"


class Event(NamedTuple):
    """``time`` is the millisecond of the group that the event belongs to."""

    kind: Step
    value: int = 0
    time: int = 0


class Template(NamedTuple):
    """What a model may be given, and what it writes then, in this order."""

    given: tuple[Context, ...]
    written: tuple[Context, ...]


class Range(NamedTuple):
    kind: Step
    low: int
    high: int
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What a version does that its tokenizer doesn't tell.

    ``types_first``: an object's type stands in front of its time. ``timed_anchors``: the anchors of
    a slider share its span out among them, and there is one last anchor; else all stand at its
    head, and the last anchor comes twice. ``inline``: layers that stand inside the map.
    """

    types_first: bool
    timed_anchors: bool
    inline: tuple[Context, ...]
    templates: tuple[Template, ...]
    names_contexts: bool = True
    has_pre_tokens: bool = False


_LAYERS = (Context.TIMING, Context.KIAI, Context.MAP, Context.SCROLL)
_FAMILIES: dict[frozenset[str], Family] = {
    # V28, V29 and V31
    frozenset({"none", "timing", "kiai", "map", "sv", "no_hs", "gd"}): Family(
        types_first=True,
        timed_anchors=True,
        inline=(),
        templates=(
            Template((Context.NONE,), _LAYERS),
            Template((Context.WITHOUT_HITSOUNDS,), _LAYERS),
            Template((Context.OTHER_DIFFICULTY,), _LAYERS),
        ),
    ),
    # V30
    frozenset(): Family(
        types_first=False,
        timed_anchors=True,
        inline=(Context.TIMING,),
        templates=(Template((), (Context.MAP,)),),
        names_contexts=False,
    ),
    # V32
    frozenset({"timing", "map", "sv"}): Family(
        types_first=False,
        timed_anchors=False,
        inline=(),
        templates=(Template((), (Context.TIMING, Context.MAP, Context.SCROLL)),),
    ),
    # BeatHeritage V1
    frozenset({"timing", "map"}): Family(
        types_first=False,
        timed_anchors=True,
        inline=(Context.TIMING, Context.KIAI, Context.SCROLL),
        templates=(
            Template((), (Context.MAP,)),
            Template((Context.TIMING,), (Context.MAP,)),
            Template((Context.MAP,), (Context.MAP,)),
        ),
        has_pre_tokens=True,
    ),
}

FIELD_LEFT_PX = FIELD_TOP_PX = -256
FIELD_RIGHT_PX, FIELD_BOTTOM_PX = 768, 640


class Vocabulary:
    """Events to ids and back, as one checkpoint has them.

    ``precision`` is the width of a cell of positions in osu! pixels; ``fine`` that of the cells
    inside it, 0 where there are none. ``tells_kiai``: the model is told whether kiai was on before
    a window (V29 has the token, and was always told that it was off).
    """

    def __init__(self, tokenizer: Mapping[str, Any], width: int = 0) -> None:
        """Raises WeightsError for a tokenizer that is no version's, or does not add up.

        ``width`` is the model's: V28 and V29 share a tokenizer.
        """
        try:
            self.family = _FAMILIES[frozenset(tokenizer["context_sos"])]
            self.sos = {Context(name): id for name, id in tokenizer["context_sos"].items()}
            self.eos = {Context(name): id for name, id in tokenizer["context_eos"].items()}
            self.ranges = _ranges(tokenizer)
            self.size_out: int = tokenizer["vocab_size_out"]
            self.size_in: int = tokenizer["vocab_size_in"]
            self.mappers = {int(key): index for key, index in tokenizer["mapper_idx"].items()}
            self.descriptors: dict[str, int] = dict(tokenizer["descriptor_idx"])
            self.star_classes: int = tokenizer["num_diff_classes"]
            self.most_stars: float = tokenizer["max_difficulty"]
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise WeightsError(f"the tokenizer is of no version that is known: {error}") from error
        self._by_kind = {item.kind: item for item in self.ranges}
        self._meanings = [
            Event(item.kind, value)
            for item in self.ranges
            for value in range(item.low, item.high + 1)
        ]
        self._first = self.ranges[0].start
        if self._first + len(self._meanings) != self.size_in:
            raise WeightsError("the tokenizer's ranges and its size differ")
        self.precision, self.fine = _cells(self._by_kind)
        is_v29 = self.precision == WIDE_CELL and self.family.types_first and width != V28_WIDTH
        self.tells_kiai = Step.KIAI in self and not is_v29

    def __contains__(self, kind: Step) -> bool:
        return kind in self._by_kind

    def range(self, kind: Step) -> Range:
        return self._by_kind[kind]

    def id(self, kind: Step, value: int = 0) -> int:
        """The id of an event. Raises ValueError for one that the vocabulary hasn't."""
        item = self._by_kind.get(kind)
        if item is None or not item.low <= value <= item.high:
            raise ValueError(f"the vocabulary has no {kind.value} {value}")
        return item.start + value - item.low

    def clipped_id(self, kind: Step, value: int) -> int:
        item = self._by_kind[kind]
        return self.id(kind, min(max(value, item.low), item.high))

    def unknown_id(self, kind: Step) -> int:
        """What stands for not knowing: the last value of its range."""
        return self.id(kind, self._by_kind[kind].high)

    def ids(self, kind: Step) -> slice:
        """Where a kind's ids lie; nowhere for one that there isn't."""
        item = self._by_kind.get(kind)
        return slice(item.start, item.start + item.high - item.low + 1) if item else slice(0, 0)

    def event(self, token: int) -> Event | None:
        """What an id means; None for what marks contexts and sequences."""
        index = token - self._first
        return self._meanings[index] if 0 <= index < len(self._meanings) else None

    def tokens(self, events: Sequence[Event], window: float) -> list[int]:
        """Ids of events; times count from ``window``, and what is outside goes to its ends."""
        ids = []
        for kind, value, _ in events:
            if kind is Step.TIME:
                ids.append(self.clipped_id(kind, int((value - window) / STEP)))
            else:
                ids.append(self.id(kind, value))
        return ids


def version_of(vocabulary: Vocabulary, width: int) -> str:
    """The name of the version that a vocabulary, and the width of its model, belong to."""
    family = vocabulary.family
    if family.has_pre_tokens:
        return "beatheritage_v1"
    if not family.names_contexts:
        return "v30"
    if not family.types_first:
        return "v32-mini" if width == V28_WIDTH else "v32"
    if vocabulary.precision != WIDE_CELL:
        return "v31"
    return "v28" if width == V28_WIDTH else "v29"


def _ranges(tokenizer: Mapping[str, Any]) -> tuple[Range, ...]:
    found = []
    position = tokenizer.get("offset", 3)
    for item in (*tokenizer["event_ranges"], *tokenizer["input_event_ranges"]):
        found.append(Range(Step(item["type"]), item["min_value"], item["max_value"], position))
        if tokenizer["event_start"][item["type"]] != position:
            raise ValueError(f"{item['type']} does not begin at {position}")
        position += item["max_value"] - item["min_value"] + 1
    return tuple(found)


def _cells(ranges: Mapping[Step, Range]) -> tuple[int, int]:
    """How wide cells of positions are, and those inside them."""
    cells = [cell for cell in range(1, 65) if _fits(ranges, cell)]
    if not cells:
        raise WeightsError("the tokenizer's positions lie on no grid")
    fine = 0
    if Step.REFINEMENT in ranges:
        fine = round(cells[0] / (ranges[Step.REFINEMENT].high + 1) ** 0.5)
    return cells[0], fine


def _fits(ranges: Mapping[Step, Range], cell: int) -> bool:
    wide = FIELD_RIGHT_PX // cell - FIELD_LEFT_PX // cell + 1
    high = FIELD_BOTTOM_PX // cell - FIELD_TOP_PX // cell + 1
    if Step.PLACE in ranges:
        return ranges[Step.PLACE].high == wide * high - 1
    return ranges[Step.X][1:3] == (FIELD_LEFT_PX // cell, FIELD_RIGHT_PX // cell)
