"""Write a whole set for a song: an .osz with several difficulties that belong together.

Without --difficulties and --stars, the difficulties that a song of this length needs.
Any option of generate is also a word key=value, such as style.spacing=0.6.
"""

import argparse
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from beatheritage.commands import console, generate
from beatheritage.progress import OnProgress, Progress

if TYPE_CHECKING:
    from beatheritage.engine.models import Models
    from beatheritage.generate.ancestors.song import Ancestor
    from beatheritage.generate.drafting import Heard
    from beatheritage.generate.pipeline import Generated
    from beatheritage.generate.plan import Plan
    from beatheritage.generate.spread import Spread
    from beatheritage.generate.spread_plan import SpreadRequest
    from beatheritage.osu.mode import Mode

STAGES = {"listening": 0.05, "timing": 0.05, "writing": 0.88, "packing": 0.02}

# What is about a set; (flag, value's name, help). Each is also a word key=value.
FLAGS = (
    ("--difficulties", "NAMES", "such as easy,normal,hard,insane,expert, in any mode's words"),
    ("--stars", "NUMBERS", "how hard each is instead, such as 1.6,2.4,3.4,4.8"),
    ("--modes", "NAMES", "several modes in one set, such as std,taiko"),
)
NAMES = tuple(flag.removeprefix("--") for flag, *_ in FLAGS)
# What is about one difficulty is understood, and refused with a reason.
ALONE = ("--version", "--within", "--start", "--end", "--takes")


class Writers(NamedTuple):
    """What writes sets: our own models, which find the timing too, or checkpoints of modes."""

    models: "Models"
    ancestors: "Mapping[Mode, Ancestor]"


class Written(NamedTuple):
    """A set, and what it was written from."""

    heard: "Heard"
    plans: "Sequence[Plan]"
    made: "Spread"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_options(parser)


def add_options(
    parser: argparse.ArgumentParser,
    audio: tuple[str, str] = generate.AUDIO,
    hidden: Collection[str] = ALONE,
) -> None:
    """What every command has that writes sets; flags that are ``hidden`` are for it to refuse."""
    shared = (entry for entry in generate.FLAGS if entry[0].removeprefix("--") not in NAMES)
    flags = (
        (flag, metavar, argparse.SUPPRESS if flag in hidden else purpose)
        for flag, metavar, purpose in (*FLAGS, *shared)
    )
    generate.add_options(parser, tuple(flags), audio)


def run(arguments: argparse.Namespace) -> int:
    request = read_request(arguments)
    prepare(request)
    told = {"as_json": arguments.json, "quiet": arguments.quiet}
    console.fulfil(partial(work, request), STAGES, told_lines, **told)
    return 0


def read_request(arguments: argparse.Namespace) -> "SpreadRequest":
    """The request that a command line makes. Raises OptionError."""
    from beatheritage.generate.spread_plan import (
        SpreadRequest,
        parse_levels,
        parse_modes,
        parse_stars,
    )

    keyed = [word.partition("=") for word in arguments.words]
    said = {key.strip(): value for key, _, value in keyed if key.strip() in NAMES}
    said |= {name: value for name in NAMES if (value := getattr(arguments, name)) is not None}
    others = [word for word in arguments.words if word.partition("=")[0].strip() not in NAMES]
    alone = argparse.Namespace(**{**vars(arguments), "stars": None, "words": others})
    return SpreadRequest(
        base=generate.read_request(alone),
        modes=parse_modes(said["modes"]) if "modes" in said else (),
        levels=parse_levels(said["difficulties"]) if "difficulties" in said else (),
        stars=parse_stars(said["stars"]) if "stars" in said else (),
    )


def prepare(request: "SpreadRequest") -> None:
    """Refuse what cannot be meant, read or written, before any long work."""
    from beatheritage.audio.decode import inspect_song
    from beatheritage.audio.tags import read_tags
    from beatheritage.commands.output import refuse_outputs
    from beatheritage.generate.spread_plan import check_spread

    check_spread(request)
    assert request.base.audio is not None
    inspect_song(request.base.audio)
    refuse_outputs(check_spread(request, read_tags(request.base.audio)))


def told_lines(result: dict[str, Any]) -> Iterator[str]:
    """What a person reads of a result."""
    for each in result["difficulties"]:
        yield f"{each['version']:<14}{each['stars']:.2f} stars, {each['objects']} objects"
    yield console.source_line(result)


def work(request: "SpreadRequest", on_progress: OnProgress) -> dict[str, Any]:
    """Listen, write every difficulty, and lay the archive down; what there is to say about it."""
    (written,) = write([request], open_writers(request), on_progress)
    on_progress(Progress("packing", 0))
    return lay_down(written)


def open_writers(request: "SpreadRequest") -> Writers:
    """What writes a request's sets, before any long work: it may not be there."""
    from beatheritage.engine.models import load_models
    from beatheritage.engine.weights import WEIGHTS
    from beatheritage.generate.spread_plan import check_spread

    plan = check_spread(request)
    ancestors = open_ancestors(request, plan)
    return Writers(load_models(plan.weights or WEIGHTS), ancestors)


def write(
    requests: Sequence["SpreadRequest"], writers: Writers, on_progress: OnProgress
) -> list[Written]:
    """Listen to songs, and write a set for each; a checkpoint writes all of them side by side."""
    from beatheritage.generate.spread import write_spread

    songs = [listen(request, writers.models, on_progress) for request in requests]
    if writers.ancestors:
        from beatheritage.generate.ancestors.spread import write_spreads_with

        made = write_spreads_with(writers.ancestors, songs, on_progress)
    else:
        made = [write_spread(*song, writers.models, on_progress) for song in songs]
    return [Written(*song, each) for song, each in zip(songs, made, strict=True)]


def listen(
    request: "SpreadRequest", models: "Models", on_progress: OnProgress
) -> tuple["Heard", tuple["Plan", ...]]:
    """A song as its set is written from it, and the plans of its difficulties."""
    from beatheritage.generate.spread_plan import check_spread, spread_plans

    heard, _ = generate.hear(check_spread(request), on_progress, models)
    song = heard.song
    return heard, spread_plans(request, duration=song.duration, tags=song.tags)


def lay_down(written: Written) -> dict[str, Any]:
    """Pack a set; what there is to say about it. Raises OutputError."""
    from beatheritage.commands.output import write_outputs
    from beatheritage.generate.package import pack
    from beatheritage.generate.spread import set_told

    song, timing = written.heard.song, written.heard.timing
    plans, made = written.plans, written.made
    files = write_outputs(plans[0], [pack([each.beatmap for each in made.difficulties], song)])
    return {
        "files": [str(path) for path in files],
        "bpm": round(timing.lines[0].bpm, 3),
        "offset": round(timing.lines[0].time, 3),
        "timing_confidence": round(timing.confidence, 3),
        "seed": plans[0].seed,
        "difficulties": [
            describe(plan, each) for plan, each in zip(plans, made.difficulties, strict=True)
        ],
        "warnings": list(dict.fromkeys((*song.warnings, *timing.warnings, *set_told(made)))),
    }


def open_ancestors(request: "SpreadRequest", plan: "Plan") -> "dict[Mode, Ancestor]":
    """What writes each mode by the request's checkpoint; nothing for our own model."""
    if not plan.model:
        return {}
    from beatheritage.generate.ancestors.load import open_model

    modes = request.modes or (plan.mode,)
    return {mode: open_model(plan.model, mode, plan.ancestor, plan.placing) for mode in modes}


def describe(plan: "Plan", made: "Generated") -> dict[str, Any]:
    """What there is to say about one difficulty."""
    return {
        "mode": plan.mode.name.lower(),
        "version": plan.version,
        "stars_asked": plan.stars,
        "stars": round(made.stars, 3),
        "objects": len(made.beatmap.objects),
        "warnings": list(made.warnings),
    }
