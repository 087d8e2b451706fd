"""Write a whole set for a song: an .osz with several difficulties that belong together.

Without --difficulties and --stars, the difficulties that a song of this length needs.
Any option of generate is also a word key=value, such as style.spacing=0.6.
"""

import argparse
from collections.abc import Collection, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from beatheritage.commands import console, generate
from beatheritage.progress import OnProgress, Progress

if TYPE_CHECKING:
    from beatheritage.engine.models import Models
    from beatheritage.generate.ancestors.song import Ancestor
    from beatheritage.generate.pipeline import Generated
    from beatheritage.generate.plan import Plan
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


def work(
    request: "SpreadRequest", on_progress: OnProgress, models: "Models | None" = None
) -> dict[str, Any]:
    """Listen, write every difficulty, and lay the archive down; what there is to say about it."""
    from beatheritage.commands.output import write_outputs
    from beatheritage.generate.package import pack
    from beatheritage.generate.spread import set_told, write_spread
    from beatheritage.generate.spread_plan import check_spread, spread_plans

    plan = check_spread(request)
    ancestors = open_ancestors(request, plan)  # before any long work: they may not be there
    heard, models = generate.hear(plan, on_progress, models)
    song, timing = heard.song, heard.timing
    plans = spread_plans(request, duration=song.duration, tags=song.tags)
    if ancestors:
        from beatheritage.generate.ancestors.spread import write_spread_with

        made = write_spread_with(ancestors, heard, plans, on_progress)
    else:
        made = write_spread(heard, plans, models, on_progress)
    on_progress(Progress("packing", 0))
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
