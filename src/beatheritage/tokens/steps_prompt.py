"""What an ancestor is told before it writes a window: the map's conditions, what is given, what was
written already. All of it is tokens; which there are, and in which order, the vocabulary tells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from beatheritage.config import nearest
from beatheritage.errors import OptionError
from beatheritage.osu.mode import Mode
from beatheritage.tokens.steps import SOS, Context, Event, Step, Vocabulary

PLACED_MODES = (Mode.STD, Mode.CATCH)
SCROLLING_MODES = (Mode.TAIKO, Mode.MANIA)
SIZE_CLASSES, MOST_SIZE = 20, 10
SHARE_CLASSES = 10
BASE_SPEED = 100
MOST_HALVINGS = 10
ALIKE = {
    "stream": ("streams",),
    "flow": ("flow aim",),
    "complex": ("complex snap divisors", "complex sv"),
    "aim": ("jump aim",),
    "spaced": ("spaced streams",),
    "stacked": ("perfect stacks",),
    "classic": ("old-style revival",),
}
"""What vocabularies call the styles that the ancestors' own menus offer, the best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepConditions:
    """What is known of the map to write; None leaves it to the model.

    ``hold_share`` counts in mania alone, ``scroll_share`` (of distinct times at which the scroll
    speed changes) in taiko and mania. ``unlike`` are descriptors that guidance leads away from.
    """

    mode: Mode = Mode.STD
    stars: float | None = None
    mapper: int | None = None
    year: int | None = None
    hitsounded: bool = True
    circle_size: float | None = None
    slider_multiplier: float = 1.4
    keys: int = 4
    hold_share: float | None = None
    scroll_share: float | None = None
    descriptors: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A context with its events, in order of time.

    ``classes`` are the conditions of the map that it comes from, for a whole map that is given.
    """

    context: Context
    events: tuple[Event, ...] = ()
    classes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A window: where it begins and how long it is, in a song of a length; milliseconds."""

    start: float
    length: float
    song: float

    @property
    def end(self) -> float:
        return self.start + self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """All that a model is told: conditions, layers that are given, and those that it writes, of
    which the last goes on where it ends.

    ``fixed`` is what it is told of the time before a window whatever that was like: values, and
    None for what it isn't told of.
    """

    classes: tuple[int, ...]
    given: tuple[Layer, ...]
    written: tuple[Layer, ...]
    fixed: tuple[tuple[Step, int | None], ...] = ()


def unguided(conditions: StepConditions) -> StepConditions:
    """What guidance leads away from: descriptors that aren't wanted, and no mapper unless there are
    descriptors at all."""
    describes = conditions.descriptors or conditions.unlike
    return replace(
        conditions,
        mapper=conditions.mapper if describes else None,
        descriptors=conditions.unlike,
        unlike=(),
    )


def class_tokens(
    vocabulary: Vocabulary, conditions: StepConditions, song: float
) -> tuple[int, ...]:
    """The tokens of a map's conditions, those that the version has.

    Raises OptionError for a year or descriptor that the model doesn't know.
    """
    known = (kind for kind in _values(conditions, song) if kind in vocabulary)
    values = _values(conditions, song)
    tokens = []
    for kind in known:
        value = values[kind]
        if kind is Step.MAPPER:
            value = vocabulary.mappers.get(conditions.mapper or -1)
        if kind is Step.YEAR and value is not None:
            _check_year(vocabulary, value)
        tokens.append(
            vocabulary.unknown_id(kind) if value is None else vocabulary.clipped_id(kind, value)
        )
    if Step.DESCRIPTOR in vocabulary:
        tokens += _descriptor_tokens(vocabulary, conditions.descriptors)
    return tuple(tokens)


def prompt(vocabulary: Vocabulary, brief: Brief, stretch: Stretch, room: int) -> list[int]:
    """The tokens that a window begins with, fewer than ``room``: of layers that are too long only
    the ends are told. Raises OptionError where even that doesn't fit."""
    most = None
    for _ in range(MOST_HALVINGS + 1):
        tokens = _spell(vocabulary, brief, stretch, most)
        if len(tokens) < room:
            return tokens
        most = (most or room) // 2
    raise OptionError("the conditions alone do not fit into the model's memory")


def _spell(vocabulary: Vocabulary, brief: Brief, stretch: Stretch, most: int | None) -> list[int]:
    tokens = []
    for layer in brief.given:
        specials = _specials(vocabulary, [layer], stretch, with_place=bool(layer.classes))
        told = [*layer.classes, *_ids(vocabulary, specials)]
        tokens += _block(vocabulary, layer, stretch, most, told)
    specials = _defaults(vocabulary) | _specials(vocabulary, brief.written, stretch)
    fixed = dict(brief.fixed)
    specials = {kind: fixed.get(kind, value) for kind, value in specials.items()}
    tokens += [*brief.classes, *_ids(vocabulary, specials)]
    if vocabulary.family.has_pre_tokens:
        before = _between(brief.written[0], stretch.start - stretch.length, stretch.start)
        tokens += _last(vocabulary.tokens(before, stretch.start), most)
    tokens.append(SOS)
    for layer in brief.written:
        tokens += _block(vocabulary, layer, stretch, most, closed=layer is not brief.written[-1])
    return tokens


def _block(
    vocabulary: Vocabulary,
    layer: Layer,
    stretch: Stretch,
    most: int | None,
    told: Sequence[int] = (),
    closed: bool = True,
) -> list[int]:
    """A layer's events in the window, between the marks of its context."""
    events = _between(layer, stretch.start, stretch.end)
    tokens = [*told, *_last(vocabulary.tokens(events, stretch.start), most)]
    if not vocabulary.family.names_contexts:
        return tokens
    end = [vocabulary.eos[layer.context]] if closed else []
    return [vocabulary.sos[layer.context], *tokens, *end]


def _between(layer: Layer, start: float, end: float) -> tuple[Event, ...]:
    """The events from the last that is before ``start`` to the last that is before ``end``."""
    first = _count_before(layer.events, start)
    return layer.events[first : _count_before(layer.events, end)]


def _count_before(events: Sequence[Event], time: float) -> int:
    # From the end, for what is written may go back in time.
    count = len(events)
    while count and events[count - 1].time >= time:
        count -= 1
    return count


def _last(tokens: list[int], most: int | None) -> list[int]:
    return tokens if most is None else tokens[max(0, len(tokens) - most) :]


def _defaults(vocabulary: Vocabulary) -> dict[Step, int]:
    """What a model is told of the time before a window when nothing is known of it."""
    defaults = {Step.KIAI: 0, Step.SCROLL_SPEED: BASE_SPEED}
    return {kind: value for kind, value in defaults.items() if kind in vocabulary}


def _specials(
    vocabulary: Vocabulary, layers: Sequence[Layer], stretch: Stretch, *, with_place: bool = True
) -> dict[Step, int]:
    """Whether kiai is on before a window, at which speed, and where in the song it is."""
    maps = (Context.MAP, Context.OTHER_DIFFICULTY)
    kiai = {Context.KIAI, *(maps if Context.KIAI in vocabulary.family.inline else ())}
    sources = {
        Step.KIAI: kiai if vocabulary.tells_kiai else (),
        Step.SCROLL_SPEED: (Context.SCROLL, *maps) if Step.SCROLL_SPEED in vocabulary else (),
    }
    found = {}
    for kind, contexts in sources.items():
        for layer in layers:
            if layer.context in contexts:
                default = _defaults(vocabulary)[kind]
                found[kind] = _value_before(layer.events, kind, stretch.start, default)
    if with_place and Step.SONG_POSITION in vocabulary:
        found[Step.SONG_POSITION] = _share(stretch.start / stretch.song, 100)
    return found


def _value_before(events: Sequence[Event], kind: Step, time: float, default: int) -> int:
    found = (event.value for event in reversed(events) if event.kind is kind and event.time < time)
    return next(found, default)


def _ids(vocabulary: Vocabulary, specials: Mapping[Step, int | None]) -> Iterator[int]:
    for kind in (Step.KIAI, Step.SCROLL_SPEED, Step.SONG_POSITION):
        value = specials.get(kind)
        if value is not None:
            yield vocabulary.clipped_id(kind, value)


def as_trained(
    vocabulary: Vocabulary, written: Sequence[Context], mode: Mode
) -> tuple[tuple[Step, int | None], ...]:
    """What versions that write scroll speeds were told in training: always the base speed, but in
    mania, where the speeds were; and V29, nothing of kiai."""
    fixed: list[tuple[Step, int | None]] = []
    if Context.SCROLL in written and mode is not Mode.MANIA:
        fixed.append((Step.SCROLL_SPEED, BASE_SPEED))
    if not vocabulary.tells_kiai:
        fixed.append((Step.KIAI, None))
    return tuple(fixed)


def _values(conditions: StepConditions, song: float) -> dict[Step, int | None]:
    """The conditions that count in a mode, as values of their tokens, in the prompt's order."""
    mode = conditions.mode
    values: dict[Step, int | None] = {
        Step.GAMEMODE: int(mode),
        Step.STYLE: None,
        Step.DIFFICULTY: _binned(conditions.stars, 24, 12),
        Step.MAPPER: None,
        Step.YEAR: conditions.year,
        Step.HITSOUNDED: int(conditions.hitsounded),
        Step.SONG_LENGTH: int(song // 10_000),
    }
    if mode in PLACED_MODES:
        values[Step.BASE_VELOCITY] = round(conditions.slider_multiplier * 100)
        values[Step.CIRCLE_SIZE] = _binned(conditions.circle_size, SIZE_CLASSES, MOST_SIZE, 1)
    if mode is Mode.MANIA:
        values[Step.KEYS] = conditions.keys
        values[Step.HOLD_RATIO] = _share(conditions.hold_share, SHARE_CLASSES)
    if mode in SCROLLING_MODES:
        values[Step.SCROLL_RATIO] = _share(conditions.scroll_share, SHARE_CLASSES)
    return values


def _binned(value: float | None, classes: int, most: float, extra: int = 0) -> int | None:
    if value is None:
        return None
    return min(max(int(value * classes / most), 0), classes - 1 + extra)


def _share(value: float | None, classes: int) -> int | None:
    """A share in classes, with one of its own for none at all and for all."""
    if value is None:
        return None
    if value <= 0:
        return -1
    return classes + 1 if value >= 1 else round(value * classes)


def _check_year(vocabulary: Vocabulary, year: int) -> None:
    known = vocabulary.range(Step.YEAR)
    if not known.low <= year < known.high:
        mend = f"{known.low} to {known.high - 1}"
        raise OptionError(f"the model doesn't know the year {year}", where="year", mend=mend)


def _descriptor_tokens(vocabulary: Vocabulary, descriptors: Sequence[str]) -> list[int]:
    if not descriptors:
        return [vocabulary.unknown_id(Step.DESCRIPTOR)]
    indices = (descriptor_of(vocabulary, word) for word in descriptors)
    return [vocabulary.id(Step.DESCRIPTOR, index) for index in indices]


def descriptor_of(vocabulary: Vocabulary, word: str) -> int:
    """The index of a descriptor by its name, by the last part of one in groups (skillset/tech), or
    by another name for it. Raises OptionError for one that the model doesn't know."""
    known = {name.casefold(): index for name, index in vocabulary.descriptors.items()}
    by_last_part = {name.rpartition("/")[2]: index for name, index in known.items()}
    plain = word.casefold()
    last = plain.rpartition("/")[2]
    for name in (plain, last, *ALIKE.get(last, ())):
        for names in (known, by_last_part):
            if name in names:
                return names[name]
    mend = nearest(word, tuple(vocabulary.descriptors))
    raise OptionError(f"the model doesn't know the descriptor {word!r}", mend=mend)
