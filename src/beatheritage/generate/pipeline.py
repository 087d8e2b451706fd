"""From a song and a plan to a beatmap: the table of contents of generation."""

import numpy as np

from beatheritage.audio.grid import POSITIONS_PER_BEAT
from beatheritage.audio.mel import log_mel
from beatheritage.audio.song import Song
from beatheritage.engine.models import Models
from beatheritage.generate.assemble import assemble
from beatheritage.generate.compose import Given, Span, Task, compose, hear
from beatheritage.generate.kiai import kiai_spans
from beatheritage.generate.place import NOTHING, Before, PlaceOptions, place
from beatheritage.generate.plan import Plan, Within
from beatheritage.generate.polish import polish, usual_steps
from beatheritage.generate.settings import plan_settings
from beatheritage.osu.beatmap import Beatmap
from beatheritage.osu.level import level_of
from beatheritage.progress import OnProgress, Progress, ignore
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.tokens.draft import draft_of
from beatheritage.tokens.events import Draft

EARLIEST_MS = 30.0  # nothing may stand at or before 0
LATEST_MS = 50.0  # before the song's end
SEEN_OBJECTS = 32  # in front of a range


def generate(
    song: Song,
    plan: Plan,
    models: Models,
    rng: np.random.Generator,
    on_progress: OnProgress = ignore,
) -> Beatmap:
    """Write one difficulty for a song, or the range of one that the plan names.

    The plan's timing must be known.
    """
    timing = plan.timing
    assert timing is not None
    draft = write_draft(song, timing, plan, models, rng, on_progress)
    on_progress(Progress("placing", 0))
    objects = place(draft, timing, look_of(plan), models.placer, rng, before(plan, timing))
    beatmap = assemble(objects, draft, timing, plan, song, models.name)
    return polish(beatmap, usual_steps(level_of(plan.stars), song.duration))


def write_draft(
    song: Song,
    timing: Timing,
    plan: Plan,
    models: Models,
    rng: np.random.Generator,
    on_progress: OnProgress = ignore,
) -> Draft:
    """Rhythm, types, combos, sounds and velocities of the whole song, or of the plan's range."""
    given = given_around(plan.within, timing) if plan.within else None
    first, last = beats_to_write(song, timing, given)
    mel = log_mel(song.samples)
    task = hear(mel, timing, Span(first=first, last=last, given=given), plan, models.mapper)

    def on_share(share: float) -> None:
        on_progress(Progress("writing", share))

    events = compose(task, models.mapper, plan, rng, on_share)
    return Draft(events=events, kiai=kiai_of(task, timing))


def beats_to_write(song: Song, timing: Timing, given: Given | None) -> tuple[int, int]:
    """The beats, the last not included, that lie in the song or hold the range."""
    if given is not None:
        return given.start // TICKS_PER_BEAT, -(-given.end // TICKS_PER_BEAT)
    first, last = timing.beat(np.array([EARLIEST_MS, song.duration - LATEST_MS]))
    return int(np.ceil(first)), int(np.floor(last)) + 1


def given_around(within: Within, timing: Timing) -> Given:
    """The events of the map that the range is to fit in."""
    draft = draft_of(within.beatmap, timing)
    start, end = np.ceil(timing.beat(np.array([within.start, within.end])) * TICKS_PER_BEAT - 0.5)
    return Given(events=draft.events, start=int(start), end=int(end))


def before(plan: Plan, timing: Timing) -> Before:
    """What stands in front of the range, from which placing goes on."""
    if plan.within is None:
        return NOTHING
    old = plan.within.beatmap
    pairs = zip(draft_of(old, timing).events, old.objects, strict=True)
    earlier = [pair for pair in pairs if pair[1].time < plan.within.start][-SEEN_OBJECTS:]
    return Before(
        events=tuple(event for event, _ in earlier), objects=tuple(item for _, item in earlier)
    )


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


def look_of(plan: Plan) -> PlaceOptions:
    settings = plan_settings(plan)
    return PlaceOptions(
        mode=plan.mode,
        stars=plan.stars,
        circle_size=settings.circle_size,
        slider_multiplier=settings.slider_multiplier,
        spacing=plan.style.spacing,
        keys=plan.keys,
    )
