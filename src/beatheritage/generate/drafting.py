"""A draft for a song, or for a range of a map: what is decided before anything has a place."""

from dataclasses import dataclass, replace

import numpy as np

from beatheritage.audio.grid import POSITIONS_PER_BEAT
from beatheritage.audio.song import Song
from beatheritage.engine.mapper import MapperEngine
from beatheritage.generate.compose import Given, OnWritten, Span, Task, compose, hear, unwatched
from beatheritage.generate.curve import Curve
from beatheritage.generate.kiai import kiai_spans
from beatheritage.generate.nesting import like_above
from beatheritage.generate.plan import Plan, Within
from beatheritage.generate.repeats import OnsetOdds, repeating
from beatheritage.osu.level import level_of
from beatheritage.osu.mode import Mode
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.tokens.draft import draft_of
from beatheritage.tokens.events import Draft

EARLIEST_MS = 30.0  # nothing may stand at or before 0
LATEST_MS = 50.0  # before the song's end


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heard:
    """What all difficulties of a song share: the song, its timing, its log-mel (frames, bands)."""

    song: Song
    timing: Timing
    mel: np.ndarray


def listen(song: Song, timing: Timing) -> Heard:
    """A song as its difficulties are written from it: heard once, however many they are."""
    return Heard(song=song, timing=timing, mel=song.mel)


def hear_task(heard: Heard, plan: Plan, engine: MapperEngine) -> Task:
    """What there is to write of the song, or of the plan's range, heard under its conditions."""
    given = given_around(plan.within, heard.timing) if plan.within else None
    first, last = beats_to_write(heard, given)
    span = Span(first=first, last=last, given=given)
    task = hear(heard.mel, heard.timing, span, plan, engine)
    return task if plan.curve is None else lifted(task, plan.curve, heard.timing)


def lifted(task: Task, curve: Curve, timing: Timing) -> Task:
    """The task as if the song itself offered less where the curve is low: whoever writes or thins
    by what was heard follows it."""
    onsets = task.memory.onsets
    times = timing.tick_time(task.origin * TICKS_PER_BEAT + np.arange(len(onsets)))
    shifted = (onsets + curve.lift(times)).astype(onsets.dtype)
    return replace(task, memory=replace(task.memory, onsets=shifted))


def write_draft(
    task: Task,
    timing: Timing,
    plan: Plan,
    engine: MapperEngine,
    rng: np.random.Generator,
    on_written: OnWritten = unwatched,
) -> Draft:
    """Rhythm, types, combos, sounds and velocities of the whole song, or of the plan's range."""
    events = compose(task, engine, plan, rng, on_written)
    if plan.mode in (Mode.STD, Mode.CATCH):
        heard = OnsetOdds(task.onsets, task.span.first * TICKS_PER_BEAT, task.tick_ms)
        events = repeating(events, heard, level_of(plan.stars))
    return like_above(Draft(events=events, kiai=find_kiai(task, timing, plan)), plan.above)


def beats_to_write(heard: Heard, given: Given | None) -> tuple[int, int]:
    """The beats, the last not included, that lie in the song or hold the range."""
    if given is not None:
        return given.start // TICKS_PER_BEAT, -(-given.end // TICKS_PER_BEAT)
    first, last = heard.timing.beat(np.array([EARLIEST_MS, heard.song.duration - LATEST_MS]))
    return int(np.ceil(first)), int(np.floor(last)) + 1


def given_around(within: Within, timing: Timing) -> Given:
    """The events of the map that the range is to fit in."""
    draft = draft_of(within.beatmap, timing)
    start, end = np.ceil(timing.beat(np.array([within.start, within.end])) * TICKS_PER_BEAT - 0.5)
    return Given(events=draft.events, start=int(start), end=int(end))


def find_kiai(task: Task, timing: Timing, plan: Plan) -> tuple[tuple[int, int], ...]:
    """Where the kiai is, as spans of ticks: as the plan or its reference has it, else as heard."""
    if plan.kiai is not None:
        return plan.kiai
    if plan.reference is not None:
        return draft_of(plan.reference, timing).kiai
    return kiai_of(task, timing)


def kiai_of(task: Task, timing: Timing) -> tuple[tuple[int, int], ...]:
    """Spans of ticks between downbeats."""
    first, last = task.span.first, task.span.last
    downbeats = np.flatnonzero(timing.bar_phase(np.arange(first, last)) == 0)
    if not len(downbeats):
        return ()
    by_beat = task.memory.kiai.reshape(-1, POSITIONS_PER_BEAT).mean(1)
    logits = by_beat[first - task.origin : last - task.origin]
    spans = kiai_spans(logits[downbeats[0] :], downbeats - downbeats[0])
    start = first + int(downbeats[0])
    return tuple(
        ((start + opening) * TICKS_PER_BEAT, (start + closing) * TICKS_PER_BEAT)
        for opening, closing in spans
    )
