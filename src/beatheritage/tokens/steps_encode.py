"""A beatmap as the ancestors' events: layer by layer, as each version's training data had them.

Every object is one or more groups of events that share one time. Which events a group has, and in
which order, the vocabulary tells. Times are whole milliseconds, cut and not rounded.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import pairwise
from math import hypot

from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    CurveKind,
    EdgeSound,
    HitObject,
    HitSound,
    Hold,
    Point,
    Sample,
    Slider,
    Spinner,
)
from beatheritage.osu.curve import flatten, slider_path
from beatheritage.osu.mode import Mode, column_of
from beatheritage.osu.pace import Pace
from beatheritage.tokens.steps import (
    FIELD_BOTTOM_PX,
    FIELD_LEFT_PX,
    FIELD_RIGHT_PX,
    FIELD_TOP_PX,
    Context,
    Event,
    Step,
    Vocabulary,
)
from beatheritage.tokens.steps_layers import (
    encode_kiai,
    encode_scroll,
    encode_timing,
    group_of,
    snap_of,
    speed_event,
)

CENTRE = Point(256.0, 192.0)
MOST_POINTS = 100  # a slider with as many control points is left out
SUSTAIN_INTERVAL = 8000.0  # ms
SUSTAIN_END = 10.0  # ms before an object's end in which none stands any more
SOUND_LATENESS = 5.0  # ms: a line that comes so much later still gives an object its sound
BODY_LATENESS = 1.0
SOFT_SET, NORMAL_SET, MOST_SETS = 2, 1, 3


def encode_map(beatmap: Beatmap, vocabulary: Vocabulary) -> list[Event]:
    """A map's objects, and the layers that the version has inline."""
    layers = {
        Context.TIMING: lambda: encode_timing(beatmap, vocabulary),
        Context.KIAI: lambda: encode_kiai(beatmap, vocabulary),
        Context.SCROLL: lambda: (
            encode_scroll(beatmap, vocabulary) if beatmap.mode is Mode.MANIA else []
        ),
    }
    inline = [_groups(layers[name]()) for name in vocabulary.family.inline]
    groups = _sorted(_Writer(beatmap, vocabulary, Pace(beatmap)).objects())
    # Of groups at one time those of the first layers come first.
    merged = merge(*inline, groups, key=lambda group: group[0].time)
    return [event for group in merged for event in group]


def position_events(vocabulary: Vocabulary, point: Point) -> list[Event]:
    """A place on the field, as the version writes it."""
    cell = vocabulary.precision
    x = int(min(max(point.x, FIELD_LEFT_PX), FIELD_RIGHT_PX) / cell)
    y = int(min(max(point.y, FIELD_TOP_PX), FIELD_BOTTOM_PX) / cell)
    if Step.X in vocabulary:
        return [Event(Step.X, x), Event(Step.Y, y)]
    wide = FIELD_RIGHT_PX // cell - FIELD_LEFT_PX // cell + 1
    place = x - FIELD_LEFT_PX // cell + wide * (y - FIELD_TOP_PX // cell)
    events = [Event(Step.PLACE, place)]
    if vocabulary.fine:
        across = cell // vocabulary.fine
        inside = [int(value % cell) // vocabulary.fine for value in point]
        events.append(Event(Step.REFINEMENT, inside[0] + across * inside[1]))
    return events


@dataclass(slots=True)
class _Writer:
    """Writes a map's objects in their order, for distances are from the last place."""

    beatmap: Beatmap
    vocabulary: Vocabulary
    pace: Pace
    last: Point = CENTRE

    def objects(self) -> Iterator[list[Event]]:
        for item in self.beatmap.objects:
            match item:
                case Circle():
                    yield self._circle(item)
                case Slider() if self.beatmap.mode is Mode.TAIKO:
                    yield from self._taiko_body(item, Step.DRUMROLL, Step.DRUMROLL_END)
                case Spinner() if self.beatmap.mode is Mode.TAIKO:
                    yield from self._taiko_body(item, Step.DENDEN, Step.DENDEN_END)
                case Slider() if len(item.points) + 1 < MOST_POINTS:
                    yield from self._slider(item)
                case Spinner():
                    yield from self._spinner(item)
                case Hold():
                    yield from self._hold(item)

    def _circle(self, item: Circle) -> list[Event]:
        events = self._placed(item.time, item)
        if self.beatmap.mode is Mode.TAIKO:
            events.append(self._speed(item.time))
        return self._group(Step.CIRCLE, item.time, [*events, *self._sound_of(item)])

    def _taiko_body(self, item: HitObject, kind: Step, end_kind: Step) -> Iterator[list[Event]]:
        end = self._end(item)
        rest = [self._snap(item.time), self._speed(item.time), *self._sound_of(item)]
        yield self._group(kind, item.time, rest)
        sustain = Step.DRUMROLL_SUSTAIN if kind is Step.DRUMROLL else Step.DENDEN_SUSTAIN
        yield from self._sustain(sustain, item.time, end)
        yield self._group(end_kind, end, [self._snap(end)])

    def _spinner(self, item: Spinner) -> Iterator[list[Event]]:
        yield self._group(Step.SPINNER, item.time, [self._snap(item.time)])
        yield from self._sustain(Step.SPINNER_SUSTAIN, item.time, item.end)
        sound = self._sound(item.end, item.sound, item.sample)
        yield self._group(Step.SPINNER_END, item.end, [self._snap(item.end), *sound])
        self.last = CENTRE

    def _hold(self, item: Hold) -> Iterator[list[Event]]:
        column = self._column(item)
        rest = [self._snap(item.time), column, *self._sound_of(item)]
        yield self._group(Step.HOLD_NOTE, item.time, rest)
        yield from self._sustain(Step.HOLD_NOTE_SUSTAIN, item.time, item.end, [column])
        yield self._group(Step.HOLD_NOTE_END, item.end, [self._snap(item.end), column])

    def _slider(self, item: Slider) -> Iterator[list[Event]]:
        slides = item.slides
        end = self._end(item)
        span = (end - item.time) / slides
        edges = [*item.edges, *[EdgeSound()] * (slides + 1 - len(item.edges))]
        sounds = [
            self._edge(item.time + span * index, edge)
            for index, edge in enumerate(edges[: slides + 1])
        ]
        head = self._placed(item.time, item)
        if Step.SCROLL_SPEED in self.vocabulary:
            head.append(self._speed(item.time))
        yield self._group(Step.SLIDER_HEAD, item.time, [*head, *sounds[0]])
        yield from self._anchors(item, span)
        body = self._sound(item.time, item.sound, item.sample, BODY_LATENESS)
        turns = [event for sound in sounds[1:-1] for event in sound]
        first_end = item.time + span
        place = self._place(item.points[-1] if item.points else Point(item.x, item.y))
        if self.vocabulary.family.timed_anchors:
            rest = [self._snap(first_end), *place, *body, *turns]
            yield self._group(Step.LAST_ANCHOR, first_end, rest)
        else:
            yield self._group(Step.LAST_ANCHOR, item.time, place, timed=False)
            yield from self._sustain(Step.SLIDER_SUSTAIN, item.time, first_end)
            yield self._group(Step.LAST_ANCHOR, first_end, [self._snap(first_end), *body, *turns])
            yield from self._sustain(Step.SLIDER_REPEAT_SUSTAIN, first_end, end)
        place = self._place(end_of(item))
        yield self._group(Step.SLIDER_END, end, [self._snap(end), *place, *sounds[-1]])

    def _anchors(self, item: Slider, span: float) -> Iterator[list[Event]]:
        """The control points between head and last, without a time of their own."""
        share = span / len(item.points) if self.vocabulary.family.timed_anchors else 0.0
        for index, kind, point in inner_anchors(item):
            yield self._group(kind, item.time + share * index, self._place(point), timed=False)

    def _sustain(
        self, kind: Step, start: float, end: float, rest: Sequence[Event] = ()
    ) -> Iterator[list[Event]]:
        """Marks inside a long object, so that a window in its middle sees it."""
        time = start + SUSTAIN_INTERVAL
        while kind in self.vocabulary and time < end - SUSTAIN_END:
            yield self._group(kind, time, rest)
            time += SUSTAIN_INTERVAL

    def _placed(self, time: float, item: Circle | Slider) -> list[Event]:
        """What the head of an object has besides its sound."""
        if self.beatmap.mode is Mode.MANIA:
            return [self._snap(time), self._column(item)]
        if self.beatmap.mode is Mode.TAIKO:
            return [self._snap(time)]
        new_combo = [Event(Step.NEW_COMBO)] if item.new_combo else []
        return [self._snap(time), *self._place(Point(item.x, item.y)), *new_combo]

    def _place(self, point: Point) -> list[Event]:
        distance = hypot(point.x - self.last.x, point.y - self.last.y)
        self.last = point
        events = position_events(self.vocabulary, point)
        if Step.DISTANCE in self.vocabulary:
            events.insert(0, Event(Step.DISTANCE, min(int(distance), 640)))
        return events

    def _column(self, item: HitObject) -> Event:
        return Event(Step.COLUMN, column_of(item.x, round(self.beatmap.difficulty.circle_size)))

    def _snap(self, time: float) -> Event:
        return Event(Step.SNAP, snap_of(self.pace, time))

    def _speed(self, time: float) -> Event:
        return speed_event(self.pace.at(time).velocity)

    def _sound_of(self, item: HitObject) -> list[Event]:
        return self._sound(item.time, item.sound, item.sample)

    def _edge(self, time: float, edge: EdgeSound) -> list[Event]:
        sample = Sample(normal_set=edge.normal_set, addition_set=edge.addition_set)
        return self._sound(time, edge.sound, sample)

    def _sound(
        self, time: float, sound: HitSound, sample: Sample, lateness: float = SOUND_LATENESS
    ) -> list[Event]:
        state = self.pace.at(time + lateness)
        normal = sample.normal_set or state.sample_set or SOFT_SET
        addition = sample.addition_set or normal
        normal, addition = (
            each if each <= MOST_SETS else NORMAL_SET for each in (normal, addition)
        )
        value = (int(sound) & 14) // 2 + 8 * (normal - 1) + 24 * (addition - 1)
        return [Event(Step.HITSOUND, value), Event(Step.VOLUME, sample.volume or state.volume)]

    def _end(self, item: HitObject) -> float:
        if not isinstance(item, Slider):
            return self.pace.end(item)
        state = self.pace.at(item.time)
        beats = (
            item.slides
            * item.length
            / (100 * self.beatmap.difficulty.slider_multiplier * state.velocity)
        )
        # The training data had whole milliseconds here, cut and not rounded.
        return item.time + int(beats * state.beat_length)

    def _group(
        self, kind: Step, time: float, rest: Sequence[Event], *, timed: bool = True
    ) -> list[Event]:
        return group_of(self.vocabulary, kind, time, rest, timed=timed)


def inner_anchors(item: Slider) -> Iterator[tuple[int, Step, Point]]:
    """A slider's control points between its head and its last: number, kind and place.

    A corner of a Bezier curve, which stands there twice, comes once.
    """
    kind = _curve_kind(item)
    skip = False
    pairs = zip(item.points, item.points[1:], strict=False)
    for index, (point, following) in enumerate(pairs, 1):
        if skip:
            skip = False
            continue
        skip = kind is Step.BEZIER_ANCHOR and point == following
        yield index, Step.RED_ANCHOR if skip else kind, point


def end_of(item: Slider) -> Point:
    """Where a slider's path ends.

    The training data had it otherwise than osu! for two kinds: of a Bezier curve the last piece is
    cut by its parameter and not by its length, and a Catmull curve isn't cut.
    """
    if item.kind is CurveKind.CATMULL and item.points:
        return item.points[-1]
    if _curve_kind(item) is not Step.BEZIER_ANCHOR:
        return slider_path(item).end
    left = item.length
    piece: list[Point] = []
    for piece in _bezier_pieces(item):
        length = flatten(piece[0], CurveKind.BEZIER, piece[1:]).natural_length
        if left <= length:
            break
        left -= length
    else:
        return slider_path(item).end
    return _on_bezier(piece, left / length)


def _bezier_pieces(item: Slider) -> Iterator[list[Point]]:
    piece = [Point(item.x, item.y)]
    for point in item.points:
        if point == piece[-1] and len(piece) > 1:
            yield piece
            piece = [point]
        else:
            piece.append(point)
    if len(piece) > 1:
        yield piece


def _on_bezier(points: Sequence[Point], share: float) -> Point:
    """De Casteljau's construction."""
    while len(points) > 1:
        points = [
            Point(a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)) for a, b in pairwise(points)
        ]
    return points[0]


def _curve_kind(item: Slider) -> Step:
    kinds = {
        CurveKind.LINEAR: Step.RED_ANCHOR,
        CurveKind.CATMULL: Step.CATMULL_ANCHOR,
        CurveKind.BEZIER: Step.BEZIER_ANCHOR,
    }
    if item.kind in kinds:
        return kinds[item.kind]
    (x, y), *rest = item.points or [CENTRE]
    is_arc = len(rest) == 1 and (x - item.x) * (rest[0].y - item.y) != (y - item.y) * (
        rest[0].x - item.x
    )
    return Step.PERFECT_ANCHOR if is_arc else Step.BEZIER_ANCHOR


def _groups(events: Sequence[Event]) -> list[list[Event]]:
    """A layer's events by time; they never share one."""
    groups: list[list[Event]] = []
    for event in events:
        if not groups or groups[-1][0].time != event.time:
            groups.append([])
        groups[-1].append(event)
    return groups


def _sorted(groups: Iterable[list[Event]]) -> list[list[Event]]:
    return sorted(groups, key=lambda group: group[0].time)
