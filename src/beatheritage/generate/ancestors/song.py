"""A difficulty written by an ancestor's checkpoint, from the song to the map: our timing and checks
around its events."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from beatheritage.audio.song import Song
from beatheritage.engine.ancestor import AncestorEngine
from beatheritage.errors import OptionError
from beatheritage.generate.ancestors.objects import Laid, Setting, lay
from beatheritage.generate.ancestors.options import AncestorOptions, contexts
from beatheritage.generate.ancestors.overlaps import met
from beatheritage.generate.ancestors.passes import (
    Layers,
    OnWindow,
    Session,
    Task,
    layers_of,
    run_together,
    wanted_layers,
)
from beatheritage.generate.ancestors.resnap import resnapped
from beatheritage.generate.ancestors.sample import StepSampling
from beatheritage.generate.ancestors.window import Overlap, cut
from beatheritage.generate.assemble import assemble, on_whole_milliseconds, when
from beatheritage.generate.diffusion.classes import PlacingConditions
from beatheritage.generate.diffusion.maps import spelled
from beatheritage.generate.diffusion.refine import Placing, place_groups
from beatheritage.generate.diffusion.sample import Placer
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
from beatheritage.tokens.steps import Context, Step, Vocabulary
from beatheritage.tokens.steps_decode import Group, groups_of, stamped, without_sounds
from beatheritage.tokens.steps_encode import encode_map
from beatheritage.tokens.steps_layers import encode_kiai, encode_scroll, encode_timing
from beatheritage.tokens.steps_prompt import Layer, StepConditions, class_tokens

ENCODERS = {Context.MAP: encode_map, Context.KIAI: encode_kiai, Context.SCROLL: encode_scroll}
# The grid tells of the timing, and a map that is to sound new is spelled out.
TOLD_TO_ALL = (Context.TIMING, Context.WITHOUT_HITSOUNDS)
RANGE_LENIENCY = 10.0  # ms: times are steps of 10
USUAL_VOLUME = 70  # where a model wrote none
SAME_MOMENT = 2.5  # ms between an object's time and what changes with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """A checkpoint that can write. ``name`` is what its maps say that they were made by; where
    there is a ``placer``, it finds the places."""

    engine: AncestorEngine
    vocabulary: Vocabulary
    name: str
    placer: Placer | None = None


def write_map(
    heard: Heard,
    plan: Plan,
    ancestor: Ancestor,
    rng: np.random.Generator,
    on_progress: OnProgress = ignore,
) -> Beatmap:
    """One difficulty for a song, before it is polished. Raises OptionError for what the model can't
    write or be told."""
    session = session_of(heard, plan, ancestor, rng)
    work = layers_of(session, telling(session, heard, plan, ancestor, on_progress))
    (layers,) = run_together(ancestor.engine, [work], plan.ancestor.batch)
    return map_of(layers, heard, plan, ancestor, rng, on_progress)


def telling(
    session: Session, heard: Heard, plan: Plan, ancestor: Ancestor, on_progress: OnProgress
) -> OnWindow:
    """Tells how much is written, and shows it: where the model itself put it, and not yet repaired
    or brought to the stars that were asked for."""
    looked_at = replace(ancestor, placer=None)

    def on_window(share: float, layers: Sequence[Layer]) -> None:
        def sketch() -> Beatmap:
            luck = np.random.default_rng(plan.seed)
            return map_of(wanted_layers(session, layers), heard, plan, looked_at, luck)

        has_objects = any(layer.context is Context.MAP and layer.events for layer in layers)
        on_progress(Progress("writing", share, sketch if has_objects else None))

    return on_window


def session_of(heard: Heard, plan: Plan, ancestor: Ancestor, rng: np.random.Generator) -> Session:
    """What there is to write for a plan."""
    vocabulary, song, options = ancestor.vocabulary, heard.song, plan.ancestor
    timing = on_whole_milliseconds(heard.timing)
    check_mode(vocabulary, plan.mode)
    overlap = overlap_of(options)
    windows = cut(song.samples, ancestor.engine.window_samples, overlap)
    if plan.start is not None or plan.end is not None:
        windows = windows.between(plan.start, plan.end, overlap)
    task = Task(
        conditions=conditions_of(plan),
        wanted=wanted_of(vocabulary, plan),
        given=given_of(vocabulary, timing, plan, song.duration),
        begun=begun_of(vocabulary, plan),
        sampling=sampling_of(plan),
        overlap=overlap,
        timing=timing if options.grid else None,
        beams=options.beams,
        apart=options.parallel,
    )
    return Session(ancestor.engine, vocabulary, windows, task, rng)


def overlap_of(options: AncestorOptions) -> Overlap:
    """Windows that are written apart from each other do not overlap."""
    if options.parallel:
        return Overlap(lookback=0.0, lookahead=0.0)
    return Overlap(lookback=options.lookback, lookahead=options.lookahead)


def sampling_of(plan: Plan) -> StepSampling:
    options, sampling = plan.ancestor, plan.sampling
    return StepSampling(
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        repetition_penalty=sampling.repetition_penalty,
        timing_temperature=options.timing_temperature,
        column_temperature=options.column_temperature,
        hit_temperature=options.hit_temperature,
        guidance=options.guidance,
        time_bias=options.time_bias,
        greedy=options.greedy or sampling.temperature == 0,
    )


def map_of(
    layers: Layers,
    heard: Heard,
    plan: Plan,
    ancestor: Ancestor,
    rng: np.random.Generator,
    on_progress: OnProgress = ignore,
) -> Beatmap:
    """The difficulty that layers spell."""
    timing = on_whole_milliseconds(heard.timing)
    setting = Setting(
        mode=plan.mode,
        lines=timing.lines,
        slider_multiplier=plan_settings(plan).slider_multiplier,
        keys=plan.keys,
    )
    groups = groups_on_beat(in_range(layers, plan), ancestor.vocabulary, timing, plan.ancestor)
    groups = placed(groups, setting, plan, ancestor, rng, on_progress)
    groups = met(groups) if plan.ancestor.meets else groups
    return put_together(lay(groups, setting, rng), timing, plan, heard.song, ancestor.name)


def placed(
    groups: list[Group],
    setting: Setting,
    plan: Plan,
    ancestor: Ancestor,
    rng: np.random.Generator,
    on_progress: OnProgress,
) -> list[Group]:
    """The groups where the ancestor's placer puts them, or where they were written."""
    if ancestor.placer is None:
        return groups
    conditions = PlacingConditions(
        stars=plan.stars,
        circle_size=plan_settings(plan).circle_size,
        mapper=plan.mapper,
        descriptors=plan.descriptors,
        unlike=plan.unlike,
    )
    placing = Placing(placer=ancestor.placer, conditions=conditions, how=plan.placing)
    return place_groups(groups, setting, placing, rng, on_progress, around=around(plan))


def around(plan: Plan) -> list[Group]:
    """What a map has outside the range that is written in it."""
    if plan.within is None:
        return []
    old, pace = plan.within.beatmap, Pace(plan.within.beatmap)
    outside = [item for item in old.objects if not plan.within.start <= item.time < plan.within.end]
    return [group for item in outside for group in spelled(item, pace)]


def check_mode(vocabulary: Vocabulary, mode: Mode) -> None:
    """Raise OptionError where a version doesn't write a mode: V30 knows std alone."""
    if mode is not Mode.STD and Step.GAMEMODE not in vocabulary:
        raise OptionError("this model writes std alone", where="mode", mend="--mode std")


def conditions_of(plan: Plan) -> StepConditions:
    settings = plan_settings(plan)
    return StepConditions(
        mode=plan.mode,
        stars=plan.stars,
        mapper=plan.mapper,
        year=plan.year,
        hitsounded=plan.ancestor.hitsounded,
        circle_size=settings.circle_size,
        slider_multiplier=settings.slider_multiplier,
        keys=plan.keys,
        hold_share=plan.style.hold_share,
        scroll_share=plan.ancestor.scroll_share,
        descriptors=plan.descriptors,
        unlike=plan.unlike,
    )


def wanted_of(vocabulary: Vocabulary, plan: Plan) -> tuple[Context, ...]:
    """The layers that were asked for; else the map, and those beside it that the version writes and
    the mode has. Raises OptionError for a layer that the version doesn't write by itself."""
    written = vocabulary.family.templates[0].written
    asked = contexts(plan.ancestor.written)
    for name in asked:
        if name not in (*written, *vocabulary.family.inline):
            mend = "it writes " + ", ".join(each.value for each in written)
            raise OptionError(f"this model writes no {name.value}", mend=mend)
    usual = [Context.KIAI, Context.MAP, *([Context.SCROLL] if plan.mode is Mode.MANIA else [])]
    return tuple(name for name in written if name in (asked or usual) and name in usual)


def given_of(
    vocabulary: Vocabulary, timing: Timing, plan: Plan, duration: float
) -> tuple[Layer, ...]:
    """What the version is told: the timing, and of the plan's reference what was asked for, or else
    all of it as another difficulty. Raises OptionError for what the version can't be told."""
    reference, layers = plan.reference, []
    asked = contexts(plan.ancestor.given)
    if Context.TIMING in vocabulary.sos:
        lines = Beatmap(timing_points=timing.lines)
        events = encode_timing(lines, vocabulary, duration)
        layers.append(Layer(context=Context.TIMING, events=tuple(events)))
    for name in asked:
        if name not in (*vocabulary.sos, *TOLD_TO_ALL):
            told = ", ".join(each.value for each in vocabulary.sos) or "nothing"
            mend = f"it can be given {told}"
            raise OptionError(f"this model can't be given {name.value}", mend=mend)
    if reference is not None and reference.mode is plan.mode:
        names = asked or (Context.OTHER_DIFFICULTY,)
        written = contexts(plan.ancestor.written)
        if written and Context.MAP not in written:  # it is put on the reference, which stays
            names = (*names, *(name for name in ENCODERS if name not in written))
        layers += [layer_of(reference, name, vocabulary, duration) for name in names]
    return tuple(
        {layer.context: layer for layer in layers if layer.context in vocabulary.sos}.values()
    )


def layer_of(reference: Beatmap, name: Context, vocabulary: Vocabulary, duration: float) -> Layer:
    """A layer of a map that is there."""
    if name is Context.TIMING:
        return Layer(context=name, events=tuple(encode_timing(reference, vocabulary, duration)))
    events = tuple(ENCODERS.get(name, encode_map)(reference, vocabulary))
    if name is Context.WITHOUT_HITSOUNDS:
        return Layer(context=name, events=tuple(without_sounds(events)))
    if name is not Context.OTHER_DIFFICULTY:
        return Layer(context=name, events=events)
    classes = class_tokens(vocabulary, conditions_of_map(reference), duration)
    return Layer(context=name, events=events, classes=classes)


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
    wanted = wanted_of(vocabulary, plan)
    return tuple(
        Layer(
            context=name,
            events=tuple(event for event in ENCODERS[name](old, vocabulary) if event.time < start),
        )
        for name in wanted
    )


def in_range(layers: Layers, plan: Plan) -> Layers:
    """What was written of the range alone, where there is one."""
    if plan.start is None and plan.end is None:
        return layers
    first = (plan.start or 0.0) - RANGE_LENIENCY
    last = (inf if plan.end is None else plan.end) + RANGE_LENIENCY
    return {
        name: tuple(event for event in events if first <= event.time <= last)
        for name, events in layers.items()
    }


def groups_on_beat(
    layers: Layers,
    vocabulary: Vocabulary,
    timing: Timing,
    options: AncestorOptions,
) -> list[Group]:
    """What all layers say, in order of time, on the ticks that their snaps name."""
    groups: list[Group] = []
    for events in layers.values():
        moved = resnapped(events, timing.lines) if options.resnap else events
        end = float(max((event.time for event in events), default=0))
        groups += groups_of(stamped(moved, vocabulary, end), vocabulary)
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
