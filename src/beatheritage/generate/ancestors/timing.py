"""A song's timing as an ancestor's model hears it: in one pass, or agreed on by many."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from beatheritage.audio.song import Song
from beatheritage.errors import InputError
from beatheritage.generate.ancestors.beats import timing_of
from beatheritage.generate.ancestors.options import TimingFrom
from beatheritage.generate.ancestors.passes import Session, Task, layers_of, run_together
from beatheritage.generate.ancestors.sample import StepSampling
from beatheritage.generate.ancestors.song import (
    Ancestor,
    check_mode,
    conditions_of,
    overlap_of,
    sampling_of,
)
from beatheritage.generate.ancestors.super_timing import agreed_beats, count_beats
from beatheritage.generate.ancestors.window import SAMPLES_PER_MS, Overlap, cut
from beatheritage.generate.drafting import Heard
from beatheritage.generate.plan import Plan
from beatheritage.progress import OnProgress, Progress, ignore
from beatheritage.timing.grid import Timing
from beatheritage.tokens.steps import Context, Event, Vocabulary
from beatheritage.tokens.steps_prompt import Layer

APART = Overlap(lookback=0.0, lookahead=0.0)


def timed(
    ancestor: Ancestor,
    heard: Heard,
    plan: Plan,
    rng: np.random.Generator,
    on_progress: OnProgress = ignore,
) -> Heard:
    """The song with the timing that the plan wants from the model, where it wants one and none is
    given. Raises InputError for a song in which the model hears no beats."""
    is_given = plan.timing is not None or plan.bpm is not None
    if plan.ancestor.timing is TimingFrom.FOUND or is_given:
        return heard
    check_mode(ancestor.vocabulary, plan.mode)
    if plan.ancestor.timing is TimingFrom.MODEL:
        events = beats_once(ancestor, heard.song, plan, rng, on_progress)
    else:
        events = beats_agreed(ancestor, heard.song, plan, rng, on_progress)
    lines = timing_of(events, plan.ancestor.leniency)
    if not lines:
        mend = "leave ancestor.timing out, or give bpm and offset"
        raise InputError("the model hears no beats in it", where=str(heard.song.path), mend=mend)
    return replace(heard, timing=Timing(lines=lines))


def beats_once(
    ancestor: Ancestor,
    song: Song,
    plan: Plan,
    rng: np.random.Generator,
    on_progress: OnProgress = ignore,
) -> Sequence[Event]:
    """What the model says of the beats in one pass over overlapping windows."""
    context = beats_context(ancestor.vocabulary)
    overlap = overlap_of(plan.ancestor)
    task = Task(
        conditions=conditions_of(plan),
        wanted=(context,),
        sampling=sampling_of(plan),
        overlap=overlap,
        beams=plan.ancestor.timing_beams,
        apart=plan.ancestor.parallel,
    )
    windows = cut(song.samples, ancestor.engine.window_samples, overlap)
    session = Session(ancestor.engine, ancestor.vocabulary, windows, task, rng)

    def on_window(share: float, _layers: Sequence[Layer]) -> None:
        on_progress(Progress("timing", share))

    work = layers_of(session, on_window)
    return run_together(ancestor.engine, [work], plan.ancestor.batch)[0][context]


def beats_agreed(
    ancestor: Ancestor,
    song: Song,
    plan: Plan,
    rng: np.random.Generator,
    on_progress: OnProgress = ignore,
) -> list[Event]:
    """What many passes agree on, each over a song that begins a little earlier or later."""
    options, engine = plan.ancestor, ancestor.engine
    context = beats_context(ancestor.vocabulary)
    task = Task(
        conditions=conditions_of(plan),
        wanted=(context,),
        sampling=StepSampling(greedy=True, guidance=options.timing_guidance),
        overlap=APART,
        beams=options.timing_beams,
        apart=True,
    )
    half = engine.window_samples // SAMPLES_PER_MS // 2
    passes: list[tuple[float, Sequence[Event]]] = []
    for late in rng.integers(-half, half + 1, options.iterations).tolist():
        windows = cut(shifted(song.samples, late), engine.window_samples, APART)
        session = Session(engine, ancestor.vocabulary, windows, task, rng)
        (layers,) = run_together(engine, [layers_of(session)], options.batch)
        passes.append((late, layers[context]))
        on_progress(Progress("timing", len(passes) / options.iterations))
    return agreed_beats(count_beats(passes, song.duration), len(passes), options.threshold)


def shifted(samples: np.ndarray, late: int) -> np.ndarray:
    """The song, so many ms later, or without as many of its first."""
    if late > 0:
        return np.pad(samples, (late * SAMPLES_PER_MS, 0))
    return samples[-late * SAMPLES_PER_MS :]


def beats_context(vocabulary: Vocabulary) -> Context:
    """Where a version writes beats: in a layer of their own, or among a map's objects."""
    written = vocabulary.family.templates[0].written
    return Context.TIMING if Context.TIMING in written else Context.MAP
