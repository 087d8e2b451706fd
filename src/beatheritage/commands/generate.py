"""Write a beatmap for a song: an .osz that osu! opens.

Any option is also a word key=value (stars=4.5), and some are words alone:
settings.approach_rate, style.density, sampling.temperature and so on.
A wrong one names the nearest known one.
"""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatheritage.commands import console
from beatheritage.progress import OnProgress, Progress

if TYPE_CHECKING:
    from beatheritage.engine.models import Models
    from beatheritage.generate.drafting import Heard
    from beatheritage.generate.pipeline import Generated
    from beatheritage.generate.plan import Plan
    from beatheritage.generate.request import Request

# The stages as they are told, and their usual share of the time.
STAGES = {
    "listening": 0.1,
    "timing": 0.15,
    "writing": 0.3,
    "adjusting": 0.3,
    "placing": 0.1,
    "packing": 0.05,
}

AUDIO = ("AUDIO", "mp3, ogg, opus, flac, wav")

# Flags that are options of the request by another way of writing; (flag, value's name, help).
FLAGS = (
    ("--mode", "NAME", "std, taiko, catch or mania (default std)"),
    ("--stars", "N", "how hard, 0.5 to 10 stars (default 4.5)"),
    ("--seed", "N", "another number, another map (default 0)"),
    ("--keys", "N", "mania's keys, 4 to 10 (default 4)"),
    ("--bpm", "B", "the tempo, where you know it"),
    ("--offset", "MS", "the time of a downbeat, where you know it"),
    ("--title", "T", "instead of the file's own tag"),
    ("--artist", "A", "instead of the file's own tag"),
    ("--creator", "C", "who the map is by (default BeatHeritage)"),
    ("--version", "V", "the difficulty's name"),
    ("--curve", "S:P,...", "how hard when: seconds and shares of the peak, as 0:0.6,60:1"),
    ("--model", "NAME", "a checkpoint of the ancestors: its folder, v28 to v32, HUB/ID"),
    ("--weights", "FOLDER", "models of our own kind, as finetune writes them"),
    ("--within", "FILE.osu", "write only a range of this map anew"),
    ("--start", "MS", "where the range starts"),
    ("--end", "MS", "where the range ends"),
    ("--takes", "N", "how many versions of the range (default 1)"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_options(parser, FLAGS, asks=True)
    asked = "be asked for the model, the mode and the style"
    parser.add_argument("-i", "--interactive", action="store_true", help=asked)


def add_options(
    parser: argparse.ArgumentParser,
    flags: Sequence[tuple[str, str, str]],
    audio: tuple[str, str] = AUDIO,
    *,
    asks: bool = False,
) -> None:
    """A song, words, flags, and what every command has that writes maps; ``audio`` is what stands
    for the song, and its help. A command that ``asks`` can do without."""
    parser.add_argument("audio", metavar=audio[0], nargs="?" if asks else None, help=audio[1])
    parser.add_argument("words", metavar="key=value", nargs="*", help="any option")
    parser.add_argument("-o", "--output", metavar="DIR", help="where to write (default out)")
    for flag, metavar, purpose in flags:
        parser.add_argument(flag, metavar=metavar, help=purpose)
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")
    parser.add_argument("--preset", metavar="NAME", default="", help="start from a preset")
    parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress, no remarks")


def run(arguments: argparse.Namespace) -> int:
    if arguments.interactive:
        from beatheritage.commands.interactive import interview

        arguments.audio, words = interview(input, arguments.audio or "")
        arguments.words = [*words, *arguments.words]
    plan = prepare(read_request(arguments))
    fulfil(plan, as_json=arguments.json, quiet=arguments.quiet)
    return 0


def read_request(arguments: argparse.Namespace) -> "Request":
    """The request that a command line makes. Raises OptionError."""
    from beatheritage.generate.ancestors.load import configured
    from beatheritage.generate.request import Request

    names = ["output", *(flag.removeprefix("--") for flag, *_ in FLAGS)]
    said = {name: getattr(arguments, name) for name in names}
    words = [f"{name}={value}" for name, value in said.items() if value is not None]
    words += ["overwrite=true"] * arguments.overwrite
    request = Request(audio=Path(arguments.audio) if arguments.audio else None)
    return configured(request, arguments.preset, [*words, *arguments.words])


def prepare(request: "Request") -> "Plan":
    """The plan of a request, refused before any long work where that can be seen already."""
    from beatheritage.audio.decode import inspect_song
    from beatheritage.audio.tags import read_tags
    from beatheritage.commands.output import refuse_outputs
    from beatheritage.generate.plan import make_plan
    from beatheritage.generate.request import check_request

    check_request(request)
    assert request.audio is not None
    inspect_song(request.audio)
    plan = make_plan(request, read_tags(request.audio))
    refuse_outputs(plan)
    return plan


def fulfil(plan: "Plan", *, as_json: bool, quiet: bool) -> None:
    """Do what a plan says, and tell the result. Raises UserError for what cannot be done."""
    console.fulfil(partial(work, plan), STAGES, told_lines, as_json=as_json, quiet=quiet)


def told_lines(result: dict[str, Any]) -> tuple[str, ...]:
    """What a person reads of a result."""
    return (
        f"{result['stars']:.2f} stars, {result['objects']} objects, {console.source_line(result)}",
    )


def hear(
    plan: "Plan", on_progress: OnProgress, models: "Models | None" = None
) -> tuple["Heard", "Models"]:
    """The song as every difficulty is written from it, behind the plan's picture where it has one,
    and what writes them, loaded where no ``models`` are given."""
    from beatheritage.audio.decode import read_song
    from beatheritage.engine.models import load_models
    from beatheritage.engine.weights import WEIGHTS
    from beatheritage.generate.background import behind
    from beatheritage.generate.drafting import listen
    from beatheritage.timing.fit import find_timing

    on_progress(Progress("listening", 0))
    song = behind(read_song(plan.audio), plan)
    if models is None:
        models = load_models(plan.weights or WEIGHTS)
    on_progress(Progress("timing", 0))
    timing = plan.timing or find_timing(song, models.beats, bpm=plan.bpm, offset=plan.offset)
    return listen(song, timing), models


def open_ancestor(plan: "Plan") -> Callable[..., "Generated"] | None:
    """What writes by the plan's checkpoint; None for our own model. Raises UserError."""
    if not plan.model:
        return None
    from beatheritage.generate.ancestors.generate import generate_with
    from beatheritage.generate.ancestors.load import open_model

    return partial(generate_with, open_model(plan.model, plan.mode, plan.ancestor, plan.placing))


def work(plan: "Plan", on_progress: OnProgress) -> dict[str, Any]:
    """Listen, write, and lay the files down; what there is to say about the first of them."""
    import numpy as np

    from beatheritage.commands.output import content_of, write_outputs
    from beatheritage.generate.pipeline import generate
    from beatheritage.generate.repair.finish import told
    from beatheritage.osu.parse import parse
    from beatheritage.osu.stars import stars

    ancestor = open_ancestor(plan)  # before any long work: it may not be there
    heard, models = hear(plan, on_progress)
    song, timing = heard.song, heard.timing
    made = []
    for take in range(plan.within.takes if plan.within else 1):
        rng = np.random.default_rng((plan.seed, take))
        if ancestor is None:
            made.append(generate(heard, plan, models, rng, on_progress))
        else:
            made.append(ancestor(heard, plan, rng, on_progress))
    on_progress(Progress("packing", 0))
    contents = [content_of(plan, song, each.beatmap) for each in made]
    files = write_outputs(plan, contents)
    first = parse(contents[0]).beatmap if isinstance(contents[0], bytes) else made[0].beatmap
    left = told(first, plan.within.beatmap) if plan.within else ()
    line = first.red_lines[0] if plan.model else timing.lines[0]  # it may have heard another
    warnings = chain(song.warnings, timing.warnings, *(each.warnings for each in made), left)
    return {
        "files": [str(path) for path in files],
        "mode": plan.mode.name.lower(),
        "version": plan.version,
        "stars_asked": plan.stars,
        "stars": round(stars(first), 3),
        "objects": len(first.objects),
        "bpm": round(line.bpm, 3),
        "offset": round(line.time, 3),
        "timing_confidence": round(timing.confidence, 3),
        "seed": plan.seed,
        "warnings": list(dict.fromkeys(warnings)),
    }
