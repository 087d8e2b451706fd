"""Placed objects, a draft and a timing to a complete beatmap."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from beatheritage.audio.song import Song
from beatheritage.generate.background import BACKGROUND_NAME
from beatheritage.generate.breaks import find_breaks
from beatheritage.generate.colours import combo_colours
from beatheritage.generate.lines import Change, timing_points
from beatheritage.generate.loudness import preview_time, volume_changes
from beatheritage.generate.metadata import make_metadata
from beatheritage.generate.plan import Plan
from beatheritage.generate.settings import plan_settings
from beatheritage.osu.beatmap import (
    Beatmap,
    Break,
    Circle,
    Difficulty,
    Editor,
    Events,
    General,
    HitObject,
    Hold,
    RedLine,
    Slider,
    Spinner,
    TimingPoint,
)
from beatheritage.osu.limits import velocity_range
from beatheritage.osu.mode import Mode
from beatheritage.osu.pace import usual_beat_length
from beatheritage.timing.grid import TICKS_PER_BEAT, Timing
from beatheritage.tokens.events import Draft, Event, Kind

# Codecs that osu! plays as they are; everything else is packed as Ogg Vorbis.
AUDIO_NAMES = {"mp3": "audio.mp3"}
DEFAULT_AUDIO_NAME = "audio.ogg"

VELOCITY_DIGITS = 2  # as the editor makes them


def assemble(
    objects: Sequence[HitObject],
    draft: Draft,
    timing: Timing,
    plan: Plan,
    song: Song,
    model: str = "native",
) -> Beatmap:
    """One complete difficulty.

    ``objects`` stand in the order of ``draft.events``, whose ticks decide every time and
    length: of an object only its place, shape and sounds are kept. ``model`` names the weights.
    """
    timing = on_whole_milliseconds(timing)
    settings, preview = plan_settings(plan), plan.metadata.preview
    pairs = zip(objects, draft.events, strict=True)
    timed = [retimed(item, event, timing, settings) for item, event in pairs]
    return Beatmap(
        general=General(
            audio_filename=audio_name(song),
            preview_time=preview_time(song, timing, draft) if preview is None else preview,
            sample_set="Soft",
            mode=plan.mode,
            widescreen_storyboard=True,
        ),
        editor=Editor(grid_size=4),
        metadata=make_metadata(plan, song, model),
        difficulty=settings,
        events=Events(
            background=BACKGROUND_NAME,
            breaks=rests(draft, timing, settings),
        ),
        timing_points=lines_of(draft, timing, plan.mode, song),
        combo_colours=combo_colours(song),
        objects=tuple(sorted(timed, key=lambda item: (item.time, item.x))),
    )


def rests(draft: Draft, timing: Timing, settings: Difficulty) -> tuple[Break, ...]:
    spans = sorted((when(timing, event.tick), when(timing, event.end)) for event in draft.events)
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    return find_breaks(starts, ends, settings.approach_rate)


def lines_of(draft: Draft, timing: Timing, mode: Mode, song: Song) -> tuple[TimingPoint, ...]:
    """Every timing point: tempo, velocities, volumes, kiai."""
    reds = covering(timing, draft)
    return timing_points(
        reds,
        scroll(reds, song.duration) if mode is Mode.MANIA else velocities(draft, timing),
        [Change(when(timing, tick), level) for tick, level in volume_changes(song, timing, draft)],
        [(when(timing, start), when(timing, end)) for start, end in draft.kiai],
    )


def audio_name(song: Song) -> str:
    """What the audio is called inside the archive."""
    return AUDIO_NAMES.get(song.codec, DEFAULT_AUDIO_NAME)


def on_whole_milliseconds(timing: Timing) -> Timing:
    """The timing as a file of whole milliseconds says it: the ticks are those of the file."""
    lines = tuple(replace(line, time=float(round(line.time))) for line in timing.lines)
    return replace(timing, lines=lines)


def covering(timing: Timing, draft: Draft) -> tuple[RedLine, ...]:
    """The red lines, the first moved back by whole bars where objects stand before it: no green
    line could give them their velocity there."""
    first, *rest = timing.lines
    earliest = min((event.tick for event in draft.events), default=0)
    bars = max(0, ceil(-earliest / (TICKS_PER_BEAT * first.meter)))
    moved = first.time - bars * first.meter * first.beat_length
    return (replace(first, time=float(round(moved))), *rest)


def when(timing: Timing, tick: int) -> float:
    """A tick's time in whole milliseconds, as objects and lines have it."""
    return float(round(float(timing.tick_time(tick))))


def retimed(item: HitObject, event: Event, timing: Timing, settings: Difficulty) -> HitObject:
    """The object at its event's time, and as long as the event says."""
    start, end = when(timing, event.tick), when(timing, event.end)
    match item:
        case Slider():
            return replace(item, time=start, length=slider_px(event, timing, settings))
        case Spinner() | Hold():
            return replace(item, time=start, end=end)
        case Circle():
            return replace(item, time=start)


def slider_px(event: Event, timing: Timing, settings: Difficulty) -> float:
    """The length of one slide, such that the last one ends on the event's last tick."""
    line = timing.lines[int(timing.line_index(timing.tick_time(event.tick)))]
    duration = float(timing.tick_time(event.end) - timing.tick_time(event.tick))
    speed = 100 * settings.slider_multiplier * velocity_of(event) / line.beat_length
    return duration * speed / max(1, event.slides)


def velocity_of(event: Event) -> float:
    """The slider velocity that the file will hold for an event."""
    return velocity_range(Mode.STD).clamp(round(event.velocity, VELOCITY_DIGITS))


def velocities(draft: Draft, timing: Timing) -> list[Change]:
    """What sliders need; circles and spinners do not care."""
    sliders = (event for event in draft.events if event.kind is Kind.SLIDER)
    return [Change(when(timing, event.tick), velocity_of(event)) for event in sliders]


def scroll(lines: Sequence[RedLine], duration: float) -> list[Change]:
    """In mania, what keeps notes falling at one speed when the tempo changes."""
    usual = usual_beat_length(lines, duration)
    allowed = velocity_range(Mode.MANIA)
    return [Change(line.time, allowed.clamp(round(line.beat_length / usual, 4))) for line in lines]
