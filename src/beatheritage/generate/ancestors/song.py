"""A difficulty written by an ancestor's checkpoint, from the song to the map: our timing and checks
around its events."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from beatheritage.audio.song import Song
from beatheritage.engine.ancestor import AncestorEngine
from beatheritage.errors import OptionError
from beatheritage.generate.ancestors.objects import Laid, Setting, lay
from beatheritage.generate.ancestors.overlaps import met
from beatheritage.generate.ancestors.passes import Task, write_layers
from beatheritage.generate.ancestors.resnap import resnapped
from beatheritage.generate.ancestors.sample import StepSampling
from beatheritage.generate.ancestors.window import Overlap, cut
from beatheritage.generate.assemble import assemble, on_whole_milliseconds, when
from beatheritage.generate.drafting import Heard
from beatheritage.generate.lines import Change, timing_points
from beatheritage.generate.plan import Plan
from beatheritage.generate.settings import plan_settings
from beatheritage.osu.beatmap import Beatmap, General, HitObject, HitSound, Hold, TimingPoint
from beatheritage.osu.mode import Mode
from beatheritage.osu.pace import Pace
from beatheritage.osu.stars import stars
from beatheritage.progress import OnProgress, Progress, ignore
from beatheritage.timing.grid import Timing
from beatheritage.tokens.draft import draft_of
from beatheritage.tokens.steps import V28_WIDTH, Context, Event, Step, Vocabulary
from beatheritage.tokens.steps_decode import Group, groups_of, stamped, without_sounds
from beatheritage.tokens.steps_encode import encode_map
from beatheritage.tokens.steps_layers import encode_kiai, encode_scroll, encode_timing
from beatheritage.tokens.steps_prompt import Layer, StepConditions, class_tokens

ENCODERS = {Context.MAP: encode_map, Context.KIAI: encode_kiai, Context.SCROLL: encode_scroll}
RANGE_LENIENCY = 10.0  # ms: times are steps of 10
USUAL_VOLUME = 70  # where a model wrote none
SAME_MOMENT = 2.5  # ms between an object's time and what changes with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """A checkpoint that can write. ``name`` is what its maps say that they were made by."""

    engine: AncestorEngine
    vocabulary: Vocabulary
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What only these models can be told, and how they are run.

    ``resounds``: the plan's reference is given without its hitsounds, to be written with new ones,
    and not as another difficulty. ``meets``: objects that all but share a place share it.
    ``holds_grid``: nothing off the beat is written.
    """

    mapper: int | None = None
    year: int | None = None
    descriptors: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    scroll_share: float | None = None
    sampling: StepSampling = field(default_factory=StepSampling)
    overlap: Overlap = field(default_factory=Overlap)
    resounds: bool = False
    meets: bool = False
    holds_grid: bool = True


def usual_wish(vocabulary: Vocabulary, width: int) -> Wish:
    """How each version is run when nothing else is said, as its authors had it."""
    if vocabulary.family.has_pre_tokens:  # BeatHeritage V1
        sampling = StepSampling(temperature=0.85, top_p=0.92, top_k=50, repetition_penalty=1.1)
        return Wish(sampling=sampling, meets=True)
    if vocabulary.tells_kiai and width == V28_WIDTH:
        return Wish(sampling=StepSampling(temperature=1.0, top_p=0.95))
    return Wish()


def write_map(
    heard: Heard,
    plan: Plan,
    ancestor: Ancestor,
    wish: Wish,
    rng: np.random.Generator,
    on_progress: OnProgress = ignore,
) -> Beatmap:
    """One difficulty for a song, before it is polished. Raises OptionError for what the model can't
    write or be told."""
    vocabulary, song = ancestor.vocabulary, heard.song
    timing = on_whole_milliseconds(heard.timing)
    check_mode(vocabulary, plan.mode)
    windows = cut(song.samples, ancestor.engine.window_samples, wish.overlap)
    if plan.within is not None:
        windows = windows.between(plan.within.start, plan.within.end, wish.overlap)
    task = Task(
        conditions=conditions_of(plan, wish),
        wanted=wanted_of(vocabulary, plan.mode),
        given=given_of(vocabulary, timing, plan, wish, song.duration),
        begun=begun_of(vocabulary, plan),
        sampling=wish.sampling,
        overlap=wish.overlap,
        timing=timing if wish.holds_grid else None,
    )

    def on_window(share: float) -> None:
        on_progress(Progress("writing", share))

    layers = write_layers(ancestor.engine, vocabulary, windows, task, rng, on_window)
    layers = in_range(layers, plan)
    setting = Setting(
        mode=plan.mode,
        lines=timing.lines,
        slider_multiplier=plan_settings(plan).slider_multiplier,
        keys=plan.keys,
    )
    laid = lay(groups_on_beat(layers, vocabulary, timing, meets=wish.meets), setting, rng)
    return put_together(laid, timing, plan, song, ancestor.name)


def check_mode(vocabulary: Vocabulary, mode: Mode) -> None:
    """Raise OptionError where a version doesn't write a mode: V30 knows std alone."""
    if mode is not Mode.STD and Step.GAMEMODE not in vocabulary:
        raise OptionError("this model writes std alone", where="mode", mend="--mode std")


def conditions_of(plan: Plan, wish: Wish) -> StepConditions:
    settings = plan_settings(plan)
    return StepConditions(
        mode=plan.mode,
        stars=plan.stars,
        mapper=wish.mapper,
        year=wish.year,
        circle_size=settings.circle_size,
        slider_multiplier=settings.slider_multiplier,
        keys=plan.keys,
        hold_share=plan.style.hold_share,
        scroll_share=wish.scroll_share,
        descriptors=wish.descriptors,
        unlike=wish.unlike,
    )


def wanted_of(vocabulary: Vocabulary, mode: Mode) -> tuple[Context, ...]:
    """The map, and the layers beside it that the version writes and the mode has."""
    written = vocabulary.family.templates[0].written
    layers = [Context.KIAI, Context.MAP, *([Context.SCROLL] if mode is Mode.MANIA else [])]
    return tuple(name for name in written if name in layers)


def given_of(
    vocabulary: Vocabulary, timing: Timing, plan: Plan, wish: Wish, duration: float
) -> tuple[Layer, ...]:
    """The timing, and the plan's reference map, told to versions that have contexts for them."""
    reference, layers = plan.reference, []
    if Context.TIMING in vocabulary.sos:
        lines = Beatmap(timing_points=timing.lines)
        events = encode_timing(lines, vocabulary, duration)
        layers.append(Layer(context=Context.TIMING, events=tuple(events)))
    if reference is not None and reference.mode is plan.mode:
        events = encode_map(reference, vocabulary)
        if wish.resounds:
            silent = tuple(without_sounds(events))
            layers.append(Layer(context=Context.WITHOUT_HITSOUNDS, events=silent))
        else:
            classes = class_tokens(vocabulary, conditions_of_map(reference), duration)
            other = Context.OTHER_DIFFICULTY
            layers.append(Layer(context=other, events=tuple(events), classes=classes))
    return tuple(layer for layer in layers if layer.context in vocabulary.sos)


def conditions_of_map(beatmap: Beatmap) -> StepConditions:
    """What a map that is given is said to be."""
    settings = beatmap.difficulty
    is_mania = beatmap.mode is Mode.MANIA
    holds = [isinstance(item, Hold) for item in beatmap.objects]
    return StepConditions(
        mode=beatmap.mode,
        stars=stars(beatmap),
        hitsounded=any(item.sound & ~HitSound.NORMAL for item in beatmap.objects),
        circle_size=settings.circle_size,
        slider_multiplier=settings.slider_multiplier,
        keys=round(settings.circle_size) if is_mania else 4,
        hold_share=sum(holds) / len(holds) if is_mania and holds else None,
    )


def begun_of(vocabulary: Vocabulary, plan: Plan) -> tuple[Layer, ...]:
    """What a map says before the range that is to be written in it."""
    if plan.within is None:
        return ()
    start, old = plan.within.start, plan.within.beatmap
    wanted = wanted_of(vocabulary, plan.mode)
    return tuple(
        Layer(
            context=name,
            events=tuple(event for event in ENCODERS[name](old, vocabulary) if event.time < start),
        )
        for name in wanted
    )


def in_range(
    layers: dict[Context, tuple[Event, ...]], plan: Plan
) -> dict[Context, tuple[Event, ...]]:
    """What was written of the range alone, where there is one."""
    if plan.within is None:
        return layers
    first, last = plan.within.start - RANGE_LENIENCY, plan.within.end + RANGE_LENIENCY
    return {
        name: tuple(event for event in events if first <= event.time <= last)
        for name, events in layers.items()
    }


def groups_on_beat(
    layers: dict[Context, tuple[Event, ...]],
    vocabulary: Vocabulary,
    timing: Timing,
    *,
    meets: bool,
) -> list[Group]:
    """What all layers say, in order of time, on the ticks that their snaps name."""
    groups: list[Group] = []
    for events in layers.values():
        moved = resnapped(events, timing.lines)
        end = float(max((event.time for event in events), default=0))
        found = groups_of(stamped(moved, vocabulary, end), vocabulary)
        groups += met(found) if meets else found
    return sorted(groups, key=lambda group: group.time)


def put_together(laid: Laid, timing: Timing, plan: Plan, song: Song, name: str) -> Beatmap:
    """A whole map out of what was laid, on the ticks of its timing."""
    volumes = laid.volumes or [Change(timing.lines[0].time, USUAL_VOLUME)]
    lines = timing_points(timing.lines, laid.velocities, volumes, laid.kiai)
    raw = Beatmap(
        general=General(mode=plan.mode),
        difficulty=plan_settings(plan),
        timing_points=lines,
        objects=tuple(laid.objects),
    )
    objects = apart(raw)
    raw = replace(raw, objects=objects)
    draft = draft_of(raw, timing)
    beatmap = assemble(objects, draft, timing, plan, song, name)
    return replace(beatmap, timing_points=_moved_lines(beatmap, laid, timing, volumes))


def apart(beatmap: Beatmap) -> tuple[HitObject, ...]:
    """The objects without those that begin while another is played; in mania, in one column."""
    pace = Pace(beatmap)
    kept: list[HitObject] = []
    ends: dict[float, float] = {}
    for item in beatmap.objects:
        lane = item.x if beatmap.mode is Mode.MANIA else 0.0
        if item.time > ends.get(lane, -1.0):
            kept.append(item)
            ends[lane] = pace.end(item)
    return tuple(kept)


def _moved_lines(
    beatmap: Beatmap, laid: Laid, timing: Timing, volumes: Sequence[Change]
) -> tuple[TimingPoint, ...]:
    """The lines of what was laid, where the objects came to stand."""

    def moved(time: float) -> float:
        tick = when(timing, int(timing.tick(time)))
        return tick if abs(tick - time) <= SAME_MOMENT else time

    velocities, volumes = (
        [Change(moved(change.time), change.value) for change in changes]
        for changes in (laid.velocities, volumes)
    )
    kiai = [(moved(start), moved(end)) for start, end in laid.kiai]
    return timing_points(beatmap.red_lines, velocities, volumes, kiai)
