"""Groups of events to hit objects, with the velocities, volumes and kiai that go with them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, pi, sin

import numpy as np

from beatheritage.generate.ancestors.slider import Fitted, Pacing, Parts, fit_slider, node_sounds
from beatheritage.generate.lines import Change
from beatheritage.osu.beatmap import (
    PLAYFIELD_HEIGHT_PX,
    PLAYFIELD_WIDTH_PX,
    Circle,
    CurveKind,
    HitObject,
    Hold,
    Point,
    RedLine,
    Sample,
    Slider,
    Spinner,
)
from beatheritage.osu.limits import velocity_range
from beatheritage.osu.mode import Mode, column_x
from beatheritage.osu.pace import usual_beat_length
from beatheritage.tokens.steps import ANCHORS, Step
from beatheritage.tokens.steps_decode import Group, Sound

CENTRE = Point(256.0, 192.0)
BODY_DELAY = 6.0  # ms behind a node until a slider's own volume holds again
DIRECTIONS = 500  # that are tried for an object of which only the distance is known
DRUMROLL_SLIDES = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What objects are made for. ``lines`` are the red lines, of which there is one at least."""

    mode: Mode
    lines: tuple[RedLine, ...]
    slider_multiplier: float = 1.4
    keys: int = 4

    def line(self, time: float) -> RedLine:
        return next((line for line in reversed(self.lines) if line.time <= time), self.lines[0])


@dataclass(slots=True)
class Laid:
    """Objects in order of time, and what changes with them; ``left_out`` counts those that began
    without an end, ended without a beginning, or had no path."""

    objects: list[HitObject] = field(default_factory=list)
    velocities: list[Change] = field(default_factory=list)
    volumes: list[Change] = field(default_factory=list)
    kiai: list[tuple[float, float]] = field(default_factory=list)
    left_out: int = 0


def lay(
    groups: Sequence[Group], setting: Setting, rng: np.random.Generator, end: float = 0.0
) -> Laid:
    """The objects that groups spell. Kiai that never ends lasts to the last of them, or to the
    ``end`` of a map that is there."""
    layer = _Layer(setting, rng)
    for group in groups:
        layer.take(group)
    laid = layer.laid
    laid.left_out += len(layer.open)
    laid.objects.sort(key=lambda item: (item.time, item.x))
    last = max(end, laid.objects[-1].time if laid.objects else 0.0)
    if layer.kiai_start is not None and last >= layer.kiai_start:
        laid.kiai.append((layer.kiai_start, last + 1))
    laid.velocities.sort(key=lambda change: change.time)
    laid.volumes.sort(key=lambda change: change.time)
    if setting.mode is Mode.MANIA:
        laid.velocities = _scrolling(laid.velocities, setting, laid.objects)
    return laid


_BEGINNINGS = {
    Step.SPINNER_END: Step.SPINNER,
    Step.DENDEN_END: Step.DENDEN,
    Step.DRUMROLL_END: Step.DRUMROLL,
}


@dataclass(slots=True)
class _Layer:
    """Takes groups in their order. ``open`` are beginnings whose ends haven't come."""

    setting: Setting
    rng: np.random.Generator
    laid: Laid = field(default_factory=Laid)
    open: dict[tuple[Step, int], Group] = field(default_factory=dict)
    slider: list[Group] = field(default_factory=list)
    places: list[Point] = field(default_factory=list)
    last: Point = CENTRE
    velocity: float = 1.0
    kiai_start: float | None = None

    def take(self, group: Group) -> None:
        match group.kind:
            case Step.CIRCLE:
                self._circle(group)
            case Step.SPINNER | Step.DENDEN | Step.DRUMROLL:
                self._begin(group, group.kind)
            case Step.SPINNER_END | Step.DENDEN_END | Step.DRUMROLL_END:
                self._body(group)
            case Step.HOLD_NOTE:
                self._begin(group, Step.HOLD_NOTE, group.column or 0)
            case Step.HOLD_NOTE_END:
                self._hold(group)
            case Step.SLIDER_HEAD:
                self.laid.left_out += bool(self.slider)
                self.slider, self.places = [group], [self._placed(group)]
            case Step.SLIDER_END:
                self._slider(group)
            case Step.KIAI:
                self._kiai(group)
            case Step.SCROLL_SPEED_CHANGE if group.speed:
                self.laid.velocities.append(Change(group.time, group.speed))
            case kind if (kind in ANCHORS or kind is Step.LAST_ANCHOR) and self.slider:
                # The second last anchor of a version that has two says when, not where.
                if not (kind is Step.LAST_ANCHOR and self._has_last()):
                    self.places.append(self._placed(group))
                self.slider.append(group)

    def _circle(self, group: Group) -> None:
        place = self._placed(group)
        if self.setting.mode is Mode.TAIKO:
            self._speed(group)
        sound, sample = self._sound(group)
        self.laid.objects.append(
            Circle(
                time=group.time,
                x=place.x,
                y=place.y,
                new_combo=group.new_combo,
                sound=sound.sound,
                sample=sample,
            )
        )

    def _begin(self, group: Group, kind: Step, column: int = 0) -> None:
        self.laid.left_out += (kind, column) in self.open
        self.open[kind, column] = group

    def _end(self, group: Group, kind: Step, column: int = 0) -> Group | None:
        """The beginning that a group ends, if it came before it."""
        begun = self.open.pop((kind, column), None)
        if begun is None or group.time <= begun.time:
            self.laid.left_out += 1
            return None
        return begun

    def _body(self, group: Group) -> None:
        begun = self._end(group, _BEGINNINGS[group.kind])
        if begun is None:
            return
        sound, sample = self._sound(begun if begun.sounds else group)
        if begun.kind is Step.DRUMROLL:
            self._speed(begun)
            self.laid.objects.append(self._drumroll(begun, group, sound))
            return
        self._speed(begun)
        self.last = CENTRE
        self.laid.objects.append(
            Spinner(
                time=begun.time, end=group.time, new_combo=True, sound=sound.sound, sample=sample
            )
        )

    def _drumroll(self, begun: Group, group: Group, sound: Sound) -> Slider:
        line = self.setting.line(begun.time)
        pacing = Pacing(
            line=line, slider_multiplier=self.setting.slider_multiplier, velocity=self.velocity
        )
        length = pacing.length(self.velocity, group.time - begun.time)
        return Slider(
            time=begun.time,
            x=0.0,
            y=CENTRE.y,
            kind=CurveKind.LINEAR,
            points=(Point(max(1.0, round(length)), CENTRE.y),),
            slides=DRUMROLL_SLIDES,
            length=length,
            sound=sound.sound,
        )

    def _hold(self, group: Group) -> None:
        column = group.column or 0
        begun = self._end(group, Step.HOLD_NOTE, column)
        if begun is None:
            return
        sound, sample = self._sound(begun)
        self.laid.objects.append(
            Hold(
                time=begun.time,
                end=group.time,
                x=self._column_x(column),
                sound=sound.sound,
                sample=sample,
            )
        )

    def _has_last(self) -> bool:
        return any(group.kind is Step.LAST_ANCHOR for group in self.slider)

    def _slider(self, group: Group) -> None:
        if group.place is not None:
            self.last = self._inside(group.place)
        if not self._has_last():
            self.laid.left_out += 1
            return
        head, *anchors = self.slider
        ends = [anchor for anchor in anchors if anchor.kind is Step.LAST_ANCHOR]
        anchors = [anchor for anchor in anchors if anchor not in ends[1:]]
        self.slider = []
        parts = Parts(head=head, anchors=tuple(anchors), turn=ends[-1], end=group)
        pacing = Pacing(
            line=self.setting.line(head.time),
            slider_multiplier=self.setting.slider_multiplier,
            velocity=self.velocity,
        )
        fitted = fit_slider(parts, self.places, pacing)
        if fitted is None:
            self.laid.left_out += 1
            return
        self.velocity = fitted.velocity
        self.laid.velocities.append(Change(head.time, fitted.velocity))
        self.laid.objects.append(fitted.slider)
        self._volumes(parts, fitted)

    def _volumes(self, parts: Parts, fitted: Fitted) -> None:
        """Each node's volume, and between nodes the slider's own."""
        own = parts.turn.sounds[0].volume if parts.turn.sounds else None
        slides = fitted.slider.slides
        for index, sound in enumerate(node_sounds(parts, slides)):
            time = float(round(fitted.slider.time + index * fitted.span))
            if sound.volume is None:
                continue
            self.laid.volumes.append(Change(time, sound.volume))
            lasts = index < slides and fitted.span > BODY_DELAY
            if own is not None and own != sound.volume and lasts:
                self.laid.volumes.append(Change(time + BODY_DELAY, own))

    def _kiai(self, group: Group) -> None:
        if group.value and self.kiai_start is None:
            self.kiai_start = group.time
        elif not group.value and self.kiai_start is not None:
            self.laid.kiai.append((self.kiai_start, group.time))
            self.kiai_start = None

    def _speed(self, group: Group) -> None:
        if group.speed:
            self.velocity = velocity_range(self.setting.mode).clamp(group.speed)
            self.laid.velocities.append(Change(group.time, self.velocity))

    def _sound(self, group: Group) -> tuple[Sound, Sample]:
        """What a group sounds like. Its volume holds from its time on; in mania it is its own."""
        sound = group.sounds[0] if group.sounds else Sound()
        sample = Sample(normal_set=sound.normal_set, addition_set=sound.addition_set)
        if sound.volume is None:
            return sound, sample
        if self.setting.mode is Mode.MANIA:  # the notes of a chord differ
            return sound, sample._replace(volume=sound.volume)
        self.laid.volumes.append(Change(group.time, sound.volume))
        return sound, sample

    def _placed(self, group: Group) -> Point:
        """Where a group stands; of one without a place, somewhere as far away as it says."""
        if self.setting.mode is Mode.TAIKO:
            return CENTRE
        if self.setting.mode is Mode.MANIA:
            return Point(self._column_x(group.column or 0), CENTRE.y)
        place = group.place
        if place is None and group.distance is not None:
            place = self._somewhere(group.distance)
        if place is not None:
            is_anchor = group.kind in ANCHORS or group.kind is Step.LAST_ANCHOR
            self.last = place if is_anchor else self._inside(place)
        return self.last

    def _somewhere(self, distance: float) -> Point:
        angles = 2 * pi * (np.arange(DIRECTIONS) + self.rng.random()) / DIRECTIONS
        around = [
            Point(self.last.x + distance * cos(angle), self.last.y + distance * sin(angle))
            for angle in self.rng.permutation(angles)
        ]
        inside = (point for point in around if point == self._inside(point))
        return next(inside, self._inside(around[0]))

    def _column_x(self, column: int) -> float:
        return float(column_x(min(column, self.setting.keys - 1), self.setting.keys))

    @staticmethod
    def _inside(place: Point) -> Point:
        x = min(max(place.x, 0.0), PLAYFIELD_WIDTH_PX)
        return Point(x, min(max(place.y, 0.0), PLAYFIELD_HEIGHT_PX))


def _scrolling(
    changes: Sequence[Change], setting: Setting, objects: Sequence[HitObject]
) -> list[Change]:
    """Scroll speeds as the file has them: they count from the tempo, so every red line has one."""
    end = max((item.time for item in objects), default=0.0)
    usual = usual_beat_length(setting.lines, end)
    allowed = velocity_range(Mode.MANIA)
    wanted = {line.time: 1.0 for line in setting.lines}
    for line in setting.lines:
        before = [change.value for change in changes if change.time <= line.time]
        wanted[line.time] = before[-1] if before else 1.0
    wanted |= {change.time: change.value for change in changes}
    return [
        Change(time, allowed.clamp(speed * setting.line(time).beat_length / usual))
        for time, speed in sorted(wanted.items())
    ]
