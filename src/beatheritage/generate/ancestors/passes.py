"""Passes over a song: each writes one layer of a map, window by window, with what went before.

A pass asks for windows and is given their tokens, so that passes over several songs, or for several
difficulties of one, go through the model together.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from beatheritage.engine.ancestor import AncestorEngine, Told
from beatheritage.errors import OptionError
from beatheritage.generate.ancestors.beams import write_beams
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
HEARD_AT_ONCE = 4  # windows
MOST_ROWS = 16  # that go through the model together, where nothing else is said

OnWindow = Callable[[float, Sequence[Layer]], None]
"""Is told which share of the windows was written, and the layers as they stand."""


def ignore_window(_share: float, _layers: Sequence[Layer]) -> None:
    """Listen to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to write: the layers ``wanted``, of a map of such ``conditions``.

    ``given`` are layers that are known, ``begun`` those that are known up to where writing begins;
    ``room``, where it is less than the model's, is how many tokens a window may have, prompt
    included. ``half_step`` as for ``decode``. ``timing`` is what nothing may be written off, where
    it is known. ``trained``: the model is told of the time before a window what it was told in
    training, and not what its authors' code tells. ``beams`` over 1 looks for the likeliest tokens
    instead of drawing. ``apart``: no window knows what another one wrote.
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
    beams: int = 1
    apart: bool = False


class Ask(NamedTuple):
    """A window to be written: what was heard of it, and the row that writes it."""

    memory: object
    row: Row
    beams: int
    room: int


Layers = dict[Context, tuple[Event, ...]]
Work = Generator[list[Ask], list[list[int]], Layers]
"""Asks for windows, is sent their tokens, and returns the layers that were wanted."""


@dataclass(slots=True)
class Session:
    """One task on one song."""

    engine: AncestorEngine
    vocabulary: Vocabulary
    windows: Windows
    task: Task
    rng: np.random.Generator
    memories: dict[int, object] = field(default_factory=dict)

    def hear(self, index: int, *, again: bool = True) -> object:
        """What a window's audio is to the model, some windows at once. It is kept where it is asked
        for ``again``, by the next layer."""
        if index not in self.memories:
            chunk = range(index, min(index + HEARD_AT_ONCE, len(self.windows)))
            heard = self.engine.hear(
                self.windows.samples[chunk.start : chunk.stop], self.told(chunk)
            )
            self.memories |= zip(chunk, heard, strict=True)
        return self.memories[index] if again else self.memories.pop(index)

    def told(self, chunk: Sequence[int]) -> Told:
        conditions, windows, count = self.task.conditions, self.windows, len(chunk)
        stars = UNKNOWN_STARS if conditions.stars is None else conditions.stars
        mapper = self.vocabulary.mappers.get(conditions.mapper or -1, UNKNOWN_MAPPER)
        starts = np.array([windows.starts[index] for index in chunk])
        span = np.stack([starts, starts + windows.length], axis=1) / windows.song
        return Told(
            stars=np.full(count, stars, np.float32),
            mapper=np.full(count, mapper),
            span=span.astype(np.float32),
        )

    @property
    def room(self) -> int:
        return min(self.engine.room, self.task.room or self.engine.room)

    def stretch(self, index: int) -> Stretch:
        windows = self.windows
        return Stretch(start=windows.starts[index], length=windows.length, song=windows.song)

    def prompts(self, index: int, briefs: Sequence[Brief]) -> list[tuple[int, ...]]:
        stretch = self.stretch(index)
        return [tuple(prompt(self.vocabulary, brief, stretch, self.room)) for brief in briefs]

    def classes(self) -> list[tuple[int, ...]]:
        """The conditions' tokens, and where guidance is asked for what it leads away from."""
        told = [self.task.conditions]
        if self.task.sampling.guidance > 1:
            told.append(unguided(self.task.conditions))
        return [class_tokens(self.vocabulary, each, self.windows.song) for each in told]


def write_layers(
    engine: AncestorEngine,
    vocabulary: Vocabulary,
    windows: Windows,
    task: Task,
    rng: np.random.Generator,
    on_window: OnWindow = ignore_window,
) -> Layers:
    """Every layer that was wanted, in order of time. Raises OptionError for what can't be had."""
    session = Session(engine, vocabulary, windows, task, rng)
    (layers,) = run_together(engine, [layers_of(session, on_window)])
    return layers


def run_together(
    engine: AncestorEngine, works: Sequence[Work], most: int = MOST_ROWS
) -> list[Layers]:
    """Do several works at once: of what they ask next, at most so many windows are one batch."""
    done: dict[int, Layers] = {}
    asked: dict[int, list[Ask]] = {}

    def advance(number: int, tokens: list[list[int]] | None) -> None:
        try:
            work = works[number]
            asked[number] = next(work) if tokens is None else work.send(tokens)
        except StopIteration as stopped:
            done[number] = stopped.value
            asked.pop(number, None)

    for number in range(len(works)):
        advance(number, None)
    while asked:
        asks = [ask for each in asked.values() for ask in each]
        answers = iter(_written(engine, asks, most))
        for number, each in list(asked.items()):
            advance(number, [next(answers) for _ in each])
    return [done[number] for number in range(len(works))]


def _written(engine: AncestorEngine, asks: Sequence[Ask], most: int) -> list[list[int]]:
    written: list[list[int]] = []
    plain = [ask for ask in asks if ask.beams == 1]
    for first in range(0, len(plain), most):
        batch = plain[first : first + most]
        memories = list({id(ask.memory): ask.memory for ask in batch}.values())
        places = {id(memory): place for place, memory in enumerate(memories)}
        rows = [replace(ask.row, window=places[id(ask.memory)]) for ask in batch]
        written += write(engine, memories, rows, [ask.room for ask in batch])
    answers = iter(written)
    return [
        next(answers)
        if ask.beams == 1
        else write_beams(engine, [ask.memory], ask.row, ask.beams, ask.room)
        for ask in asks
    ]


def layers_of(session: Session, on_window: OnWindow = ignore_window) -> Work:
    """Write every layer that the session's task wants."""
    vocabulary, task, windows = session.vocabulary, session.task, session.windows
    template = template_for(vocabulary, task)
    known = {layer.context: layer for layer in task.given}
    given = tuple(known.pop(name, Layer(context=name)) for name in template.given)
    begun = {layer.context: layer for layer in task.begun}
    classes = session.classes()
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
        again = done + 1 < len(unwritten)
        rest = list(range(len(windows)))
        while rest:
            # Windows that know nothing of each other can be written at once.
            now, rest = (rest, []) if task.apart else (rest[:1], rest[1:])
            written = tuple(layers)
            briefs = [Brief(classes=c, given=given, written=written, fixed=fixed) for c in classes]
            tokens = yield [_ask(session, index, briefs, again=again) for index in now]
            for index, each in zip(now, tokens, strict=True):
                layers[-1] = _with(session, layers[-1], index, each)
                on_window((done + (index + 1) / len(windows)) / len(unwritten), tuple(layers))
    return wanted_layers(session, layers)


def wanted_layers(session: Session, layers: Sequence[Layer]) -> Layers:
    """Of the layers that are written, or as far as they are, those that the task wants."""
    return {
        layer.context: tuple(stamped(layer.events, session.vocabulary, session.windows.song))
        for layer in layers
        if layer.context in session.task.wanted
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


def _ask(session: Session, index: int, briefs: Sequence[Brief], *, again: bool) -> Ask:
    """What one window is to add to the last layer of the brief."""
    vocabulary, task = session.vocabulary, session.task
    early, late = _forbidden(session, index)
    prompts = session.prompts(index, briefs)
    lookback = Lookback(vocabulary, early) if early else None
    start = session.windows.starts[index]
    grid = grid_of(vocabulary, task.timing, start) if task.timing else None
    marks = end_marks(vocabulary, briefs[0].written[-1].context)
    row = Row(
        prompt=prompts[0],
        unlike=prompts[1] if len(prompts) > 1 else (),
        window=0,
        sampler=Sampler(vocabulary, task.sampling, lookback, session.rng, grid),
        ends=frozenset((*marks, *early, *late)),
    )
    return Ask(session.hear(index, again=again), row, task.beams, session.room)


def _forbidden(session: Session, index: int) -> tuple[range, range]:
    """The times that a window may not write: before it, and left to those after it."""
    vocabulary, overlap, length = session.vocabulary, session.task.overlap, session.windows.length
    guards = index > 0 and overlap.guarded and overlap.lookback > 0
    is_last = index == len(session.windows) - 1
    early = early_ids(vocabulary, overlap.lookback * length) if guards else range(0)
    return early, range(0) if is_last else late_ids(vocabulary, overlap.lookahead * length)


def _with(session: Session, layer: Layer, index: int, tokens: Iterable[int]) -> Layer:
    """The layer with what a window wrote."""
    vocabulary, task = session.vocabulary, session.task
    stretch, overlap = session.stretch(index), task.overlap
    early, late = _forbidden(session, index)
    marks = end_marks(vocabulary, layer.context)
    tokens = _without_end(tokens, marks, frozenset((*early, *late)), vocabulary)
    new = decode(tokens, vocabulary, stretch.start, task.half_step)
    added = stamped([*layer.events, *new], vocabulary, stretch.end, start=len(layer.events))
    events = [*layer.events, *added]
    is_last = index == len(session.windows) - 1
    while (
        not is_last
        and events
        and events[-1].time > stretch.end - overlap.lookahead * stretch.length
    ):
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
