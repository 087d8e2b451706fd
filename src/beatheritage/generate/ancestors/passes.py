"""Passes over a song: each writes one layer of a map, window by window, with what went before."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from beatheritage.engine.ancestor import AncestorEngine, Told
from beatheritage.errors import OptionError
from beatheritage.generate.ancestors.grid import grid_of
from beatheritage.generate.ancestors.sample import (
    Lookback,
    Sampler,
    StepSampling,
    early_ids,
    end_marks,
    late_ids,
)
from beatheritage.generate.ancestors.window import Overlap, Windows
from beatheritage.generate.ancestors.write import Row, write
from beatheritage.timing.grid import Timing
from beatheritage.tokens.steps import Context, Event, Template, Vocabulary
from beatheritage.tokens.steps_decode import HALF_STEP, decode, stamped
from beatheritage.tokens.steps_prompt import (
    Brief,
    Layer,
    StepConditions,
    Stretch,
    as_trained,
    class_tokens,
    prompt,
    unguided,
)

UNKNOWN_STARS = 5.0  # what the models that hear of stars are told when nobody said
UNKNOWN_MAPPER = -1

OnWindow = Callable[[float], None]
"""Is told which share of the windows was written."""


def ignore_window(share: float) -> None:
    """Listen to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to write: the layers ``wanted``, of a map of such ``conditions``.

    ``given`` are layers that are known, ``begun`` those that are known up to where writing begins;
    ``room``, where it is less than the model's, is how many
    tokens a window may have, prompt included. ``half_step`` as for ``decode``.
    ``timing`` is what nothing may be written off, where it is known. ``trained``: the model is told
    of the time before a window what it was told in training, and not what its authors' code tells.
    """

    conditions: StepConditions
    wanted: tuple[Context, ...]
    given: tuple[Layer, ...] = ()
    begun: tuple[Layer, ...] = ()
    sampling: StepSampling = field(default_factory=StepSampling)
    overlap: Overlap = field(default_factory=Overlap)
    room: int | None = None
    half_step: float = HALF_STEP
    timing: Timing | None = None
    trained: bool = True


@dataclass(slots=True)
class _Session:
    """One task on one song."""

    engine: AncestorEngine
    vocabulary: Vocabulary
    windows: Windows
    task: Task
    rng: np.random.Generator
    memories: dict[int, object] = field(default_factory=dict)

    def told(self, index: int) -> Told:
        conditions, windows = self.task.conditions, self.windows
        stars = UNKNOWN_STARS if conditions.stars is None else conditions.stars
        known = self.vocabulary.mappers
        start = windows.starts[index]
        span = (start / windows.song, (start + windows.length) / windows.song)
        return Told(
            stars=np.array([stars], np.float32),
            mapper=np.array([known.get(conditions.mapper or -1, UNKNOWN_MAPPER)]),
            span=np.array([span], np.float32),
        )

    def hear(self, index: int) -> object:
        """What a window's audio is to the model: heard once for all its layers."""
        if index not in self.memories:
            samples = self.windows.samples[index : index + 1]
            self.memories[index] = self.engine.hear(samples, self.told(index))
        return self.memories[index]

    @property
    def room(self) -> int:
        return min(self.engine.room, self.task.room or self.engine.room)

    def stretch(self, index: int) -> Stretch:
        windows = self.windows
        return Stretch(start=windows.starts[index], length=windows.length, song=windows.song)


def write_layers(
    engine: AncestorEngine,
    vocabulary: Vocabulary,
    windows: Windows,
    task: Task,
    rng: np.random.Generator,
    on_window: OnWindow = ignore_window,
) -> dict[Context, tuple[Event, ...]]:
    """Every layer that was wanted, in order of time. Raises OptionError for what can't be had."""
    template = template_for(vocabulary, task)
    session = _Session(engine, vocabulary, windows, task, rng)
    known = {layer.context: layer for layer in task.given}
    begun = {layer.context: layer for layer in task.begun}
    given = tuple(known.get(name, Layer(context=name)) for name in template.given)
    classes = _classes(session)
    mode = task.conditions.mode
    fixed = as_trained(vocabulary, template.written, mode) if task.trained else ()
    layers: list[Layer] = []
    last = max(template.written.index(name) for name in task.wanted)
    unwritten = [name for name in template.written[: last + 1] if name not in known]
    for name in template.written[: last + 1]:
        layers.append(known.get(name) or begun.get(name) or Layer(context=name))
        if name not in unwritten:
            continue
        done = unwritten.index(name)
        for index in range(len(windows)):
            written = tuple(layers)
            briefs = [Brief(classes=c, given=given, written=written, fixed=fixed) for c in classes]
            layers[-1] = _written_on(session, index, briefs)
            on_window((done + (index + 1) / len(windows)) / len(unwritten))
    return {
        layer.context: tuple(stamped(layer.events, vocabulary, windows.song))
        for layer in layers
        if layer.context in task.wanted
    }


def template_for(vocabulary: Vocabulary, task: Task) -> Template:
    """The version's way to write what is wanted that takes most of what is given."""
    given = {layer.context for layer in task.given} | {Context.NONE}
    fitting = [
        template
        for template in vocabulary.family.templates
        if set(task.wanted) <= set(template.written) and set(template.given) <= given
    ]
    if not fitting:
        wanted = ", ".join(name.value for name in task.wanted)
        raise OptionError(f"this model can't write {wanted} from what is given")
    return max(fitting, key=lambda template: sum(n is not Context.NONE for n in template.given))


def _classes(session: _Session) -> list[tuple[int, ...]]:
    """The conditions' tokens, and where guidance is asked for what it leads away from."""
    conditions, song = session.task.conditions, session.windows.song
    told = [conditions]
    if session.task.sampling.guidance > 1:
        told.append(unguided(conditions))
    return [class_tokens(session.vocabulary, each, song) for each in told]


def _written_on(session: _Session, index: int, briefs: Sequence[Brief]) -> Layer:
    """The last layer of the brief, with what one window adds to it."""
    vocabulary, task, windows = session.vocabulary, session.task, session.windows
    layer = briefs[0].written[-1]
    overlap = task.overlap
    is_last = index == len(windows) - 1
    guards = index > 0 and overlap.guarded and overlap.lookback > 0
    early = early_ids(vocabulary, overlap.lookback * windows.length) if guards else range(0)
    late = range(0) if is_last else late_ids(vocabulary, overlap.lookahead * windows.length)
    marks = end_marks(vocabulary, layer.context)
    stretch = session.stretch(index)
    prompts = [tuple(prompt(vocabulary, brief, stretch, session.room)) for brief in briefs]
    lookback = Lookback(vocabulary, early) if guards else None
    grid = grid_of(vocabulary, task.timing, stretch.start) if task.timing else None
    row = Row(
        prompt=prompts[0],
        unlike=prompts[1] if len(prompts) > 1 else (),
        window=0,
        sampler=Sampler(vocabulary, task.sampling, lookback, session.rng, grid),
        ends=frozenset((*marks, *early, *late)),
    )
    (tokens,) = write(session.engine, session.hear(index), [row], session.room)
    tokens = _without_end(tokens, marks, frozenset((*early, *late)), vocabulary)
    new = decode(tokens, vocabulary, stretch.start, task.half_step)
    end = stretch.start + windows.length
    added = stamped([*layer.events, *new], vocabulary, end, start=len(layer.events))
    events = [*layer.events, *added]
    while not is_last and events and events[-1].time > end - overlap.lookahead * windows.length:
        events.pop()
    return replace(layer, events=tuple(events))


def _without_end(
    tokens: Iterable[int], marks: set[int], times: frozenset[int], vocabulary: Vocabulary
) -> list[int]:
    """What a window wrote, without what ended it: a mark, or a time that isn't its own with the
    type that was named for it."""
    tokens = list(tokens)
    while tokens and tokens[-1] in marks:
        tokens.pop()
    if tokens and tokens[-1] in times:
        del tokens[-2 if vocabulary.family.types_first else -1 :]
    return tokens
