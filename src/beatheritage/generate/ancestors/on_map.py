"""Passes whose result is a map that is there with something of it written anew: its sounds, its
kiai, its scroll speeds; and one that is timing alone.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from beatheritage.audio.song import Song
from beatheritage.generate.ancestors.objects import Setting, lay
from beatheritage.generate.ancestors.options import SOUNDLESS, TIMING_ALONE
from beatheritage.generate.ancestors.passes import Layers, layers_of, run_together
from beatheritage.generate.ancestors.resound import kiai_of, resounded, with_sounds
from beatheritage.generate.ancestors.song import Ancestor, groups_on_beat, session_of
from beatheritage.generate.assemble import audio_name, on_whole_milliseconds
from beatheritage.generate.background import BACKGROUND_NAME
from beatheritage.generate.drafting import Heard
from beatheritage.generate.lines import Change, timing_points
from beatheritage.generate.metadata import make_metadata
from beatheritage.generate.plan import Plan
from beatheritage.generate.settings import plan_settings
from beatheritage.osu.beatmap import Beatmap, Events, General
from beatheritage.osu.pace import Pace
from beatheritage.progress import OnProgress, Progress
from beatheritage.tokens.steps import Context
from beatheritage.tokens.steps_encode import encode_map
from beatheritage.tokens.steps_prompt import Layer


def is_timing_alone(plan: Plan) -> bool:
    return plan.ancestor.written == TIMING_ALONE


def is_on_map(plan: Plan) -> bool:
    """Whether the plan's reference comes out again, with something else than before."""
    return plan.reference is not None and plan.ancestor.stays_on_map


def timing_alone(heard: Heard, plan: Plan, ancestor: Ancestor) -> Beatmap:
    """A difficulty without objects, to map on."""
    lines, preview = on_whole_milliseconds(heard.timing).lines, plan.metadata.preview
    general = General(audio_filename=audio_name(heard.song), mode=plan.mode)
    return Beatmap(
        general=general if preview is None else replace(general, preview_time=preview),
        metadata=make_metadata(plan, heard.song, ancestor.name),
        difficulty=plan_settings(plan),
        events=Events(background=BACKGROUND_NAME),
        timing_points=lines,
    )


def on_map(
    heard: Heard,
    plan: Plan,
    ancestor: Ancestor,
    rng: np.random.Generator,
    on_progress: OnProgress,
) -> Beatmap:
    """The plan's reference with what was to be written of it. Raises OptionError for what the model
    can't write or be given."""
    assert plan.reference is not None
    session = session_of(heard, plan, ancestor, rng)

    def on_window(share: float, _layers: Sequence[Layer]) -> None:
        on_progress(Progress("writing", share))

    if SOUNDLESS in plan.ancestor.given:
        work = resounded(session, encode_map(plan.reference, ancestor.vocabulary), on_window)
    else:
        work = layers_of(session, on_window)
    (layers,) = run_together(ancestor.engine, [work], plan.ancestor.batch)
    if SOUNDLESS in plan.ancestor.given:
        made = with_sounds(plan.reference, layers[Context.MAP], ancestor.vocabulary)
    else:
        made = with_layers(layers, plan.reference, heard, plan, ancestor)
    return _of_the_song(made, heard.song)


def with_layers(
    layers: Layers, reference: Beatmap, heard: Heard, plan: Plan, ancestor: Ancestor
) -> Beatmap:
    """A map with the kiai and the scroll speeds that layers say."""
    timing = on_whole_milliseconds(heard.timing)
    groups = groups_on_beat(layers, ancestor.vocabulary, timing, plan.ancestor)
    setting = Setting(mode=plan.mode, lines=timing.lines, keys=plan.keys)
    last = max((item.time for item in reference.objects), default=0.0)
    laid = lay(groups, setting, np.random.default_rng(0), end=last)
    points, pace = reference.timing_points, Pace(reference)
    velocities = [Change(point.time, pace.at(point.time).velocity) for point in points]
    volumes = [Change(point.time, point.volume) for point in points]
    kiai = laid.kiai if Context.KIAI in layers else kiai_of(reference)
    speeds = laid.velocities if Context.SCROLL in layers else velocities
    lines = timing_points(reference.red_lines, speeds, volumes, kiai)
    return replace(reference, timing_points=lines)


def _of_the_song(beatmap: Beatmap, song: Song) -> Beatmap:
    """The map beside the audio as it is packed."""
    general = replace(beatmap.general, audio_filename=audio_name(song))
    events = replace(beatmap.events, background=BACKGROUND_NAME)
    return replace(beatmap, general=general, events=events)
