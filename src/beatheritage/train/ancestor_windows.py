"""What an ancestor's architecture learns from: a window of a song, and all that it is told and is
to write, as one sequence of tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.model.placer import UNIT_PX
from beatheritage.osu.beatmap import Beatmap, Hold
from beatheritage.osu.mode import Mode
from beatheritage.timing.lead import MAP_LEAD_MS
from beatheritage.tokens.steps import EOS, SOS, STEP, Context, Event, Step, Vocabulary
from beatheritage.tokens.steps_decode import without_sounds
from beatheritage.tokens.steps_encode import encode_map
from beatheritage.tokens.steps_layers import encode_kiai, encode_scroll, encode_timing
from beatheritage.tokens.steps_prompt import (
    Brief,
    Layer,
    StepConditions,
    Stretch,
    as_trained,
    class_tokens,
    prompt,
)
from beatheritage.train.places import Placing, at_speed, draw_turn, turned
from beatheritage.train.sound import Sound, cut, tuned
from beatheritage.train.tracks import Lesson, Track

UNBOUNDED = 1 << 30
UNKNOWN_STARS, UNKNOWN_MAPPER = 5.0, -1  # what models that hear of them are told instead


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexts:
    """How often each layer is given besides the song: weights, of which only their ratios count.

    ``gd`` is another difficulty of the song, ``no_hs`` the map without its hitsounds, ``map`` the
    map itself but for a span, which is what is learnt then.
    """

    none: float = 4.0
    timing: float = 2.0
    kiai: float = 0.0
    map: float = 1.0
    sv: float = 0.0
    no_hs: float = 0.0
    gd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenSpan:
    """How much of a window is hidden of a map that is given, as shares."""

    least: float = 0.15
    most: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDropout:
    """How often the model must do without the song, the mapper, and each other condition."""

    song: float = 0.02
    mapper: float = 0.1
    conditions: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNoise:
    """How wrong what is told of the past may be: up to ``times`` steps of 10 ms."""

    times: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTelling:
    """All that is done to a window; ``lookback``: in how many the first half is given."""

    sound: Sound = field(default_factory=Sound)
    places: Placing = field(default_factory=Placing)
    context: Contexts = field(default_factory=Contexts)
    infilling: HiddenSpan = field(default_factory=HiddenSpan)
    dropout: StepDropout = field(default_factory=StepDropout)
    noise: StepNoise = field(default_factory=StepNoise)
    lookback: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much audio and how many tokens a window has."""

    samples: int
    tokens: int

    @property
    def length(self) -> float:
        """In ms."""
        return self.samples * 1000 / SAMPLE_RATE


Row = dict[str, np.ndarray]
"""``samples_S``, ``stars``, ``mapper``, ``span_2``, ``tokens_T``, ``targets_T`` (-1: not asked)."""


def draw_row(
    track: Track, vocabulary: Vocabulary, room: Room, telling: StepTelling, rng: np.random.Generator
) -> Row:
    """One window of one chart of a song."""
    lesson = track.lessons[int(rng.integers(len(track.lessons)))]
    speed = 1 + rng.uniform(-1, 1) * telling.sound.tempo
    beatmap = _changed(lesson.beatmap, speed, telling.places, rng)
    song = len(track.samples) * 1000 / SAMPLE_RATE / speed
    start = float(rng.uniform(0, max(song - room.length / 2, 1)))
    stretch = Stretch(start=start, length=room.length, song=song)
    known = _known(lesson, beatmap, speed, telling.dropout, rng)
    others = [
        _changed(other.beatmap, speed, Placing(flip=0), rng)
        for other in track.lessons
        if other is not lesson and other.beatmap.mode is beatmap.mode
    ]
    given, span = draw_given(beatmap, others, vocabulary, stretch, telling, rng)
    brief = Brief(
        classes=class_tokens(vocabulary, known, song),
        given=given,
        written=_written(beatmap, vocabulary, given, song),
        fixed=as_trained(vocabulary, vocabulary.family.templates[0].written, beatmap.mode),
    )
    return {
        "samples_S": _sounding(track, stretch, speed, room, telling, rng),
        "stars": np.array(UNKNOWN_STARS if known.stars is None else known.stars, np.float32),
        "mapper": np.array(vocabulary.mappers.get(known.mapper or -1, UNKNOWN_MAPPER)),
        "span_2": np.array([start, start + room.length], np.float32) / np.float32(song),
        **_sequence(brief, vocabulary, stretch, room, (telling, span), rng),
    }


def draw_given(
    beatmap: Beatmap,
    others: Sequence[Beatmap],
    vocabulary: Vocabulary,
    stretch: Stretch,
    telling: StepTelling,
    rng: np.random.Generator,
) -> tuple[tuple[Layer, ...], tuple[float, float] | None]:
    """The layer that is given, and the span (ms) that alone is learnt where it is the map."""
    names = [context for context in Context if _is_possible(context, vocabulary, others)]
    weights = np.array([getattr(telling.context, name.value) for name in names])
    if not weights.sum():
        names, weights = [Context.NONE], np.ones(1)
    context = names[rng.choice(len(names), p=weights / weights.sum())]
    if context is Context.NONE:
        none = (Layer(context=context),) if context in vocabulary.sos else ()
        return none, None
    if context is Context.OTHER_DIFFICULTY:
        other = others[int(rng.integers(len(others)))]
        told = class_tokens(vocabulary, StepConditions(mode=other.mode), stretch.song)
        return (
            Layer(context=context, events=tuple(encode_map(other, vocabulary)), classes=told),
        ), None
    events = _layer(context, beatmap, vocabulary, stretch.song)
    span = None
    if context is Context.MAP:
        share = rng.uniform(telling.infilling.least, telling.infilling.most)
        begin = stretch.start + rng.uniform(0, 1 - share) * stretch.length
        span = begin, begin + share * stretch.length
        events = tuple(event for event in events if not span[0] <= event.time < span[1])
    return (Layer(context=context, events=events),), span


def _is_possible(context: Context, vocabulary: Vocabulary, others: Sequence[Beatmap]) -> bool:
    if context is Context.OTHER_DIFFICULTY and not others:
        return False
    return context is Context.NONE or context in vocabulary.sos


def _layer(
    context: Context, beatmap: Beatmap, vocabulary: Vocabulary, song: float
) -> tuple[Event, ...]:
    match context:
        case Context.TIMING:
            return tuple(encode_timing(beatmap, vocabulary, song))
        case Context.KIAI:
            return tuple(encode_kiai(beatmap, vocabulary))
        case Context.SCROLL:
            return tuple(encode_scroll(beatmap, vocabulary))
        case Context.WITHOUT_HITSOUNDS:
            return tuple(without_sounds(encode_map(beatmap, vocabulary)))
        case _:
            return tuple(encode_map(beatmap, vocabulary))


def _written(
    beatmap: Beatmap, vocabulary: Vocabulary, given: Sequence[Layer], song: float
) -> tuple[Layer, ...]:
    """The layers that the version writes; of the smaller ones, those that aren't given."""
    there = {layer.context for layer in given} - {Context.MAP}
    if beatmap.mode is not Mode.MANIA:
        there.add(Context.SCROLL)
    names = [name for name in vocabulary.family.templates[0].written if name not in there]
    return tuple(
        Layer(context=name, events=_layer(name, beatmap, vocabulary, song)) for name in names
    )


def _changed(beatmap: Beatmap, speed: float, placing: Placing, rng: np.random.Generator) -> Beatmap:
    heads = np.array([(item.x, item.y) for item in beatmap.objects], float).reshape(-1, 2)
    turn = draw_turn(placing, heads, rng)
    return at_speed(turned(beatmap, turn), speed)


def _known(
    lesson: Lesson, beatmap: Beatmap, speed: float, dropout: StepDropout, rng: np.random.Generator
) -> StepConditions:
    """What is told of a chart; what isn't known, or is dropped, is left to the model."""
    difficulty, objects = beatmap.difficulty, beatmap.objects
    falls = beatmap.mode is Mode.MANIA
    holds = sum(isinstance(item, Hold) for item in objects) / max(1, len(objects))
    changes = len({point.time for point in beatmap.timing_points}) / max(1, len(objects))
    values = {
        "stars": lesson.stars_at(speed),
        "year": lesson.year or None,
        "circle_size": difficulty.circle_size,
        "hold_share": holds if falls else None,
        "scroll_share": min(changes, 1.0),
        "descriptors": lesson.descriptors,
    }
    kept = {
        name: value
        for name, value in values.items()
        if rng.random() >= dropout.conditions and value is not None
    }
    return StepConditions(
        mode=beatmap.mode,
        mapper=lesson.mapper if rng.random() >= dropout.mapper else None,
        hitsounded=any(item.sound for item in objects),
        slider_multiplier=difficulty.slider_multiplier,
        keys=round(difficulty.circle_size) if falls else 4,
        **kept,
    )


def _sounding(
    track: Track,
    stretch: Stretch,
    speed: float,
    room: Room,
    telling: StepTelling,
    rng: np.random.Generator,
) -> np.ndarray:
    sound = telling.sound
    early = MAP_LEAD_MS + rng.uniform(-1, 1) * sound.offset
    samples = cut(track.samples, stretch.start * speed + early, room.samples, speed)
    samples = tuned(samples, float(rng.uniform(-1, 1)) * sound.pitch)
    samples = samples * np.float32(10 ** (rng.normal() * sound.gain / 20))
    return samples * np.float32(rng.random() >= telling.dropout.song)


def _sequence(
    brief: Brief,
    vocabulary: Vocabulary,
    stretch: Stretch,
    room: Room,
    told: tuple[StepTelling, tuple[float, float] | None],
    rng: np.random.Generator,
) -> Row:
    """Tokens, and what is to follow each: nothing is learnt of what was given or came before."""
    telling, span = told
    tokens = prompt(vocabulary, brief, stretch, UNBOUNDED)
    if vocabulary.family.names_contexts:
        tokens.append(vocabulary.eos[brief.written[-1].context])
    sequence = np.array([*tokens, EOS], np.int64)[: room.tokens + 1]
    first = int(np.flatnonzero(sequence == SOS)[0])
    learnt = np.arange(len(sequence)) > first
    edge = (0.0, stretch.length)
    if span is not None:
        edge = span[0] - stretch.start, span[1] - stretch.start
    elif rng.random() < telling.lookback:
        edge = stretch.length / 2, stretch.length
    learnt &= _between(sequence, vocabulary, edge)
    targets = np.where(learnt, sequence, -1)[1:]
    return {"tokens_T": _noisy(sequence[:-1], vocabulary, telling, rng), "targets_T": targets}


def _between(sequence: np.ndarray, vocabulary: Vocabulary, edge: tuple[float, float]) -> np.ndarray:
    """Which tokens stand, by the last time before each, between two times of the window (ms).

    What ends a layer belongs to its window's end.
    """
    times = vocabulary.range(Step.TIME)
    is_time = (sequence >= times.start) & (sequence <= times.start + times.high - times.low)
    told = np.where(is_time, (sequence - times.start + times.low) * STEP, 0.0)
    at = np.maximum.accumulate(np.where(is_time, np.arange(len(sequence)), -1))
    inside = np.where(at >= 0, told[np.maximum(at, 0)], 0.0)
    marks = sequence < vocabulary.ranges[0].start
    inside = np.where(marks, edge[0], inside)
    return (inside >= edge[0]) & (inside < max(edge[1], edge[0] + STEP))


def _noisy(
    tokens: np.ndarray, vocabulary: Vocabulary, telling: StepTelling, rng: np.random.Generator
) -> np.ndarray:
    """Tokens whose times and places are a little off."""
    deviation = telling.places.noise * UNIT_PX / vocabulary.precision
    off = {
        Step.TIME: rng.integers(-telling.noise.times, telling.noise.times + 1, len(tokens)),
        Step.X: np.rint(rng.normal(0, 1, len(tokens)) * deviation).astype(int),
        Step.Y: np.rint(rng.normal(0, 1, len(tokens)) * deviation).astype(int),
        Step.REFINEMENT: _off_refinement(tokens, vocabulary, telling.places.noise, rng),
    }
    for kind, by in off.items():
        span = vocabulary.ids(kind)
        inside = (tokens >= span.start) & (tokens < span.stop)
        tokens = np.where(inside, np.clip(tokens + by, span.start, span.stop - 1), tokens)
    return tokens


def _off_refinement(
    tokens: np.ndarray, vocabulary: Vocabulary, noise: float, rng: np.random.Generator
) -> np.ndarray:
    """Where places are cells with finer ones inside, noise moves them among the finer alone."""
    moved = np.zeros(len(tokens), int)
    if not vocabulary.fine:
        return moved
    across = vocabulary.precision // vocabulary.fine
    steps = np.rint(rng.normal(0, 1, (2, len(tokens))) * noise * UNIT_PX / vocabulary.fine)
    return (steps[0] + across * steps[1]).astype(int)
