"""The ancestors' tokens back to events, events to times, and to groups that are objects' parts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from beatheritage.osu.beatmap import HitSound, Point
from beatheritage.tokens.steps import (
    ANCHORS,
    FIELD_LEFT_PX,
    FIELD_RIGHT_PX,
    FIELD_TOP_PX,
    STEP,
    TYPES,
    Event,
    Step,
    Vocabulary,
)

HALF_STEP = STEP / 2
"""What encoding cuts off on average: a decoded time stands in the middle of its step."""

_TIMED = frozenset(TYPES) - frozenset(ANCHORS)


def decode(
    tokens: Iterable[int], vocabulary: Vocabulary, window: float, half_step: float = HALF_STEP
) -> list[Event]:
    """Events with times of the song instead of the window's; marks of contexts are left out.

    ``half_step`` of 0 is how versions up to V31 were run by their authors.
    """
    events = []
    for token in tokens:
        event = vocabulary.event(token)
        if event is not None and event.kind is Step.TIME:
            late = half_step if event.value >= 0 else 0
            event = event._replace(value=int(window + event.value * STEP + late))
        if event is not None:
            events.append(event)
    return events


def stamped(
    events: Sequence[Event], vocabulary: Vocabulary, end: float, start: int = 0
) -> list[Event]:
    """The events from ``start`` on with the times of their groups; those before have them already.

    Anchors without a time of their own share out what is between their slider's head and its last
    anchor, or ``end`` where that isn't written yet.
    """
    first = vocabulary.family.types_first
    times = [event.time for event in events[:start]]
    current = times[-1] if times else 0
    for index in range(start, len(events)):
        stamp = index + 1 if first else index
        if stamp < len(events) and events[stamp].kind is Step.TIME:
            current = events[stamp].value
        times.append(current)
    _share_out(events, times, start, end, first)
    return [event._replace(time=time) for event, time in zip(events, times, strict=True)][start:]


def _share_out(
    events: Sequence[Event], times: list[int], start: int, end: float, first: bool
) -> None:
    """Set the times of anchors, walking towards their heads (types last) or away from them."""
    if first:
        order, step = range(start, len(events)), 1
        current = times[-1] if times else 0
    else:
        order, step = range(len(events) - 1, start - 1, -1), -1
        current = end
    between = False
    for index in order:
        kind = events[index].kind
        between = (between and kind not in _TIMED) or kind in ANCHORS
        if not between:
            current = times[index]
            continue
        if kind in ANCHORS:
            anchors, other = _ahead(events, times, index, step, end)
            current = int((current - other) / (anchors + 1) * anchors + other)
        times[index] = int(current)


def _ahead(
    events: Sequence[Event], times: Sequence[int], index: int, step: int, end: float
) -> tuple[int, float]:
    """How many anchors there are up to the next time, and that time."""
    anchors = 0
    while 0 <= index < len(events):
        if events[index].kind is Step.TIME:
            return anchors, times[index]
        anchors += events[index].kind in ANCHORS
        index += step
    return anchors, 0 if index < 0 else end


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One sound of a group; sets are numbered as osu! numbers them."""

    sound: HitSound = HitSound.NONE
    normal_set: int = 2
    addition_set: int = 2
    volume: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The events of one type and time. ``speed`` is a multiplier of slider velocity."""

    kind: Step
    value: int = 0
    time: int = 0
    distance: int | None = None
    x: float | None = None
    y: float | None = None
    column: int | None = None
    new_combo: bool = False
    speed: float | None = None
    sounds: tuple[Sound, ...] = field(default=())

    @property
    def place(self) -> Point | None:
        return None if self.x is None or self.y is None else Point(self.x, self.y)


def groups_of(events: Sequence[Event], vocabulary: Vocabulary) -> list[Group]:
    """Events by what they belong to; marks that an object lasts on say nothing and drop out."""
    first = vocabulary.family.types_first
    groups = []
    gathered: list[Event] = []
    for event in events:
        if event.kind not in TYPES:
            gathered.append(event)
        elif first:
            if gathered and gathered[0].kind in TYPES:
                groups.append(_group(gathered[0], gathered[1:], vocabulary))
            gathered = [event]
        else:
            groups.append(_group(event, gathered, vocabulary))
            gathered = []
    if first and gathered and gathered[0].kind in TYPES:
        groups.append(_group(gathered[0], gathered[1:], vocabulary))
    return groups


def _group(named: Event, rest: Sequence[Event], vocabulary: Vocabulary) -> Group:
    group = Group(kind=named.kind, value=named.value, time=named.time)
    sounds: list[Sound] = []
    for event in rest:
        value = event.value
        match event.kind:
            case Step.TIME:
                group = replace(group, time=value)
            case Step.DISTANCE:
                group = replace(group, distance=value)
            case Step.X:
                group = replace(group, x=float(value * vocabulary.precision))
            case Step.Y:
                group = replace(group, y=float(value * vocabulary.precision))
            case Step.PLACE:
                place = cell_place(vocabulary, value)
                middle = vocabulary.precision / 2
                group = replace(group, x=place.x + middle, y=place.y + middle)
            case Step.REFINEMENT if group.x is not None and group.y is not None:
                group = _refined(group, value, vocabulary)
            case Step.COLUMN:
                group = replace(group, column=value)
            case Step.NEW_COMBO:
                group = replace(group, new_combo=True)
            case Step.SCROLL_SPEED:
                group = replace(group, speed=value / 100)
            case Step.HITSOUND:
                sounds.append(_sound(value))
            case Step.VOLUME if sounds:
                sounds[-1] = replace(sounds[-1], volume=value)
    return replace(group, sounds=tuple(sounds))


def cell_place(vocabulary: Vocabulary, place: int) -> Point:
    """The upper left corner of a cell of the field."""
    cell = vocabulary.precision
    wide = FIELD_RIGHT_PX // cell - FIELD_LEFT_PX // cell + 1
    down, across = divmod(place, wide)
    return Point(
        float((across + FIELD_LEFT_PX // cell) * cell), float((down + FIELD_TOP_PX // cell) * cell)
    )


def _refined(group: Group, value: int, vocabulary: Vocabulary) -> Group:
    """The corner of a small cell inside the large one. Left of the field and above it cells were
    cut towards it in the training data, and what is inside them was counted from the far side."""
    down, across = divmod(value, vocabulary.precision // vocabulary.fine)
    middle = vocabulary.precision / 2
    assert group.x is not None
    assert group.y is not None
    return replace(
        group,
        x=group.x - middle + across * vocabulary.fine,
        y=group.y - middle + down * vocabulary.fine,
    )


def _sound(value: int) -> Sound:
    return Sound(
        sound=HitSound((value % 8) * 2),
        normal_set=value // 8 % 3 + 1,
        addition_set=value // 24 % 3 + 1,
    )


def without_sounds(events: Iterable[Event]) -> Iterator[Event]:
    """What a map is without its hitsounds and volumes."""
    return (event for event in events if event.kind not in (Step.HITSOUND, Step.VOLUME))
