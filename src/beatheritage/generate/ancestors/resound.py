"""Hitsounds for a map that is there: every token of the map is set but those of its sounds, which
the model chooses as it goes along. Any version can: those that were trained for it are given the
map without sounds as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from beatheritage.generate.ancestors.passes import (
    Ask,
    OnWindow,
    Session,
    Work,
    ignore_window,
    template_for,
)
from beatheritage.generate.ancestors.sample import Sampler, StepSampling
from beatheritage.generate.ancestors.write import Row
from beatheritage.generate.lines import Change, timing_points
from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    EdgeSound,
    HitObject,
    Hold,
    Sample,
    Slider,
    Spinner,
)
from beatheritage.osu.mode import Mode, column_of
from beatheritage.osu.pace import Pace
from beatheritage.tokens.steps import Context, Event, Step, Vocabulary
from beatheritage.tokens.steps_decode import Group, Sound, groups_of
from beatheritage.tokens.steps_prompt import Brief, Layer, as_trained

SOUNDS = (Step.HITSOUND, Step.VOLUME)
OFFSETS = (0, 1, -1, 2, -2)  # ms: ends are cut out of lengths in pixels


@dataclass(slots=True)
class Script:
    """Says what is set, and lets a sampler choose where it isn't.

    ``tokens`` is what is to come behind ``start`` others, a kind of event where its value is free.
    """

    sampler: Sampler
    tokens: Sequence[int | Step]
    start: int

    @property
    def sampling(self) -> StepSampling:
        return self.sampler.sampling

    def __call__(self, scores: np.ndarray, tokens: Sequence[int]) -> int:
        said = self.tokens[len(tokens) - self.start]
        if not isinstance(said, Step):
            return said
        ids = self.sampler.vocabulary.ids(said)
        only = np.full_like(scores, -np.inf)
        only[ids] = scores[ids]
        return self.sampler(only, tokens)


def resounded(
    session: Session, known: Sequence[Event], on_window: OnWindow = ignore_window
) -> Work:
    """The map's events with new sounds, as the one layer that was wanted."""
    vocabulary, task, windows = session.vocabulary, session.task, session.windows
    template = template_for(vocabulary, task)
    layers = {layer.context: layer for layer in task.given}
    given = tuple(layers.pop(name, Layer(context=name)) for name in template.given)
    until = template.written[: template.written.index(Context.MAP)]
    before = tuple(layers.get(name, Layer(context=name)) for name in until)
    fixed = as_trained(vocabulary, template.written, task.conditions.mode)
    classes = session.classes()
    events, done = list(known), 0
    for index in range(len(windows)):
        count = _count_in(session, index, events)
        while done < count:
            written = (*before, Layer(context=Context.MAP, events=tuple(events[:done])))
            briefs = [Brief(classes=c, given=given, written=written, fixed=fixed) for c in classes]
            prompts = session.prompts(index, briefs)
            part = events[done : min(count, done + session.room - len(prompts[0]))]
            (tokens,) = yield [_ask(session, index, prompts, part)]
            events[done : done + len(part)] = _with_values(part, tokens, vocabulary)
            done += len(part)
        on_window((index + 1) / len(windows), ())
    return {Context.MAP: tuple(events)}


def _count_in(session: Session, index: int, events: Sequence[Event]) -> int:
    """How many events lie before what is left to the windows behind this one."""
    if index == len(session.windows) - 1:
        return len(events)
    stretch = session.stretch(index)
    end = stretch.end - session.task.overlap.lookahead * stretch.length
    return next((n for n, event in enumerate(events) if event.time >= end), len(events))


def _ask(
    session: Session, index: int, prompts: Sequence[tuple[int, ...]], part: Sequence[Event]
) -> Ask:
    vocabulary, start = session.vocabulary, len(prompts[0])
    ids = vocabulary.tokens(part, session.windows.starts[index])
    script = [
        event.kind if event.kind in SOUNDS else token
        for event, token in zip(part, ids, strict=True)
    ]
    sampler = Sampler(vocabulary, session.task.sampling, None, session.rng)
    row = Row(
        prompt=prompts[0],
        unlike=prompts[1] if len(prompts) > 1 else (),
        window=0,
        sampler=Script(sampler, script, start),
        ends=frozenset(),
    )
    return Ask(session.hear(index), row, 1, start + len(part))


def _with_values(
    part: Sequence[Event], tokens: Sequence[int], vocabulary: Vocabulary
) -> list[Event]:
    drawn = (vocabulary.event(token) for token in tokens)
    return [
        old._replace(value=new.value) if new is not None and old.kind in SOUNDS else old
        for old, new in zip(part, drawn, strict=True)
    ]


def with_sounds(beatmap: Beatmap, events: Sequence[Event], vocabulary: Vocabulary) -> Beatmap:
    """The map with the sounds and volumes that its events say; all else of it stays."""
    heard = _Heard(beatmap, groups_of(events, vocabulary))
    objects = tuple(heard.sounding(item) for item in beatmap.objects)
    pace = Pace(beatmap)
    points = beatmap.timing_points
    volumes = sorted(heard.volumes) or [Change(point.time, point.volume) for point in points[:1]]
    if beatmap.mode is Mode.MANIA or not points:
        return replace(beatmap, objects=objects)
    velocities = [Change(point.time, pace.at(point.time).velocity) for point in points]
    lines = timing_points(beatmap.red_lines, velocities, volumes, kiai_of(beatmap))
    return replace(beatmap, objects=objects, timing_points=lines)


def kiai_of(beatmap: Beatmap) -> list[tuple[float, float]]:
    """From where to where kiai lasts."""
    ends = [*(point.time for point in beatmap.timing_points[1:]), np.inf]
    points = zip(beatmap.timing_points, ends, strict=True)
    return [(point.time, end) for point, end in points if point.kiai and end > point.time]


class _Heard:
    """The groups of a map by what they are and when; ``volumes`` gathers what objects change."""

    def __init__(self, beatmap: Beatmap, groups: Sequence[Group]) -> None:
        self._mode, self._pace = beatmap.mode, Pace(beatmap)
        self._keys = round(beatmap.difficulty.circle_size)
        self._groups = {(group.kind, group.column, group.time): group for group in groups}
        self.volumes: list[Change] = []

    def sounding(self, item: HitObject) -> HitObject:
        """The object with its sounds; as it is where nothing is said of it."""
        match item:
            case Circle():
                return self._plain(item, Step.CIRCLE, item.time)
            case Hold():
                return self._plain(item, Step.HOLD_NOTE, item.time)
            case Slider() if self._mode is Mode.TAIKO:
                return self._plain(item, Step.DRUMROLL, item.time)
            case Spinner() if self._mode is Mode.TAIKO:
                return self._plain(item, Step.DENDEN, item.time)
            case Spinner():
                return self._plain(item, Step.SPINNER_END, item.end)
            case Slider():
                return self._slider(item)

    def _plain(self, item: HitObject, kind: Step, time: float) -> HitObject:
        group = self._group(kind, time, item)
        if group is None or not group.sounds:
            return item
        sound, sample = self._said(group.sounds[0], time)
        return replace(item, sound=sound.sound, sample=sample)

    def _slider(self, item: Slider) -> HitObject:
        end = self._pace.end(item)
        span = (end - item.time) / item.slides
        head = self._group(Step.SLIDER_HEAD, item.time, item)
        turn = self._group(Step.LAST_ANCHOR, item.time + span, item)
        last = self._group(Step.SLIDER_END, end, item)
        if head is None or turn is None or last is None or not turn.sounds:
            return item
        body, *turns = turn.sounds
        nodes = [*head.sounds[:1], *turns, *last.sounds[:1]][: item.slides + 1]
        for number, node in enumerate(nodes):
            self._said(node, item.time + number * span)
        edges = tuple(EdgeSound(each.sound, each.normal_set, each.addition_set) for each in nodes)
        sample = Sample(normal_set=body.normal_set, addition_set=body.addition_set)
        return replace(item, sound=body.sound, sample=sample, edges=edges)

    def _said(self, sound: Sound, time: float) -> tuple[Sound, Sample]:
        """A sound's sample. Its volume is its own in mania, and else that of its time."""
        sample = Sample(normal_set=sound.normal_set, addition_set=sound.addition_set)
        if sound.volume is None:
            return sound, sample
        if self._mode is Mode.MANIA:
            return sound, sample._replace(volume=sound.volume)
        self.volumes.append(Change(float(round(time)), sound.volume))
        return sound, sample

    def _group(self, kind: Step, time: float, item: HitObject) -> Group | None:
        is_mania = self._mode is Mode.MANIA
        column = column_of(item.x, self._keys) if is_mania else None
        near = (self._groups.get((kind, column, int(time) + off)) for off in OFFSETS)
        return next((group for group in near if group is not None), None)
