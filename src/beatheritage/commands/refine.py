"""Place the objects of a map anew by osu-diffusion: a .osu, an .osz, or a set's folder.

Rhythm, kinds, lengths, sounds and every other byte stay; in sets, every osu! and catch map is
placed. Any option is also a word key=value: placing.guidance=2, conditions.descriptors=clean and
so on. A wrong one names the nearest known one.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatheritage.commands.console import say, shown_progress
from beatheritage.errors import OptionError
from beatheritage.progress import OnProgress

if TYPE_CHECKING:
    from beatheritage.generate.diffusion.request import RefineRequest
    from beatheritage.generate.diffusion.sample import Placer
    from beatheritage.review.subject import MapSubject

STAGES = {"placing": 1.0}

# Flags that are options by another way of writing; (flag, option, value's name, help).
FLAGS = (
    ("--placer", "placing.placer", "NAME", "osu_diffusion_v2 (default), HUB/ID or a folder"),
    ("--amount", "placing.amount", "NAME", "how far points may go: little, some (default), much"),
    ("--seed", "seed", "N", "another number, other places (default 0)"),
    ("--start", "start", "MS", "place nothing before"),
    ("--end", "end", "MS", "place nothing from here on"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refined:
    """One map: its file's new content, and how far each object that moved went, px."""

    name: str
    label: str
    content: bytes
    objects: int
    moves: tuple[float, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help=".osu, .osz or folder")
    parser.add_argument("words", metavar="key=value", nargs="*", help="any option")
    parser.add_argument("-o", "--output", metavar="DIR", required=True, help="where to write")
    for flag, _, metavar, purpose in FLAGS:
        parser.add_argument(flag, metavar=metavar, help=purpose)
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")
    parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress, no remarks")


def run(arguments: argparse.Namespace) -> int:
    from beatheritage.commands.output import target_of

    path = Path(arguments.path)
    request = read_request(arguments)
    target = target_of(path, Path(arguments.output))
    with shown_progress(STAGES, quiet=arguments.quiet) as on_progress:
        maps = refine(path, target, request, on_progress, overwrite=arguments.overwrite)
    if arguments.json:
        print(json.dumps(as_json(target, maps), ensure_ascii=False))
        return 0
    print(target)
    for one in maps:
        moved = f"{len(one.moves)} of {one.objects} objects moved"
        far = f", by {_median(one.moves):.0f} px" if one.moves else ""
        say(f"[{one.label}] {moved}{far}", quiet=arguments.quiet)
    return 0


def read_request(arguments: argparse.Namespace) -> "RefineRequest":
    """The request that a command line makes. Raises OptionError."""
    from beatheritage.config import configure
    from beatheritage.generate.diffusion.request import RefineRequest, check_refine

    said = {option: getattr(arguments, flag.removeprefix("--")) for flag, option, *_ in FLAGS}
    words = [f"{option}={value}" for option, value in said.items() if value is not None]
    request = configure(RefineRequest(), words=[*words, *arguments.words])
    check_refine(request)
    return request


def refine(
    path: Path,
    target: Path,
    request: "RefineRequest",
    on_progress: OnProgress,
    *,
    overwrite: bool,
) -> list[Refined]:
    """Place every map of a path that has places, and write the result to ``target``, whole or not
    at all.

    Raises InputError for what cannot be read, OptionError where nothing has places, WeightsError
    for checkpoints that can't be had, OutputError for what cannot be written.
    """
    from beatheritage.commands.output import refuse_target, write_subject
    from beatheritage.generate.diffusion.load import open_placer
    from beatheritage.generate.diffusion.refine import has_places
    from beatheritage.review.mapset import read_subject

    refuse_target(path, target, overwrite=overwrite)
    subject = read_subject(path)
    chosen = [one for one in subject.maps if has_places(one.beatmap)]
    if not chosen:
        mend = "std and catch have places to find"
        raise OptionError("there is no map with places", where=str(path), mend=mend)
    placing = request.placing
    placer = open_placer(placing.placer, placing.refiner, request.device)
    placer.vocabulary.check(request.conditions)
    maps = [refined_map(one, request, placer, on_progress) for one in chosen]
    write_subject(subject, target, {one.name: one.content for one in maps})
    return maps


def refined_map(
    subject: "MapSubject", request: "RefineRequest", placer: "Placer", on_progress: OnProgress
) -> Refined:
    """One map, placed anew."""
    from math import hypot

    import numpy as np

    from beatheritage.generate.diffusion.file import with_places
    from beatheritage.generate.diffusion.refine import Placing, refined
    from beatheritage.generate.diffusion.request import conditions_of_map

    old = subject.beatmap
    placing = Placing(
        placer=placer, conditions=conditions_of_map(request, old), how=request.placing
    )
    rng = np.random.default_rng(request.seed)
    fresh = refined(old, placing, rng, request.span, on_progress)
    moves = (
        hypot(after.x - before.x, after.y - before.y)
        for before, after in zip(old.objects, fresh.objects, strict=True)
        if after != before
    )
    return Refined(
        name=subject.name,
        label=subject.label,
        content=with_places(subject.data, old, fresh),
        objects=len(old.objects),
        moves=tuple(moves),
    )


def as_json(target: Path, maps: list[Refined]) -> dict[str, Any]:
    """What was done as plain values."""
    return {
        "output": str(target),
        "maps": [
            {
                "name": one.name,
                "difficulty": one.label,
                "objects": one.objects,
                "moved": len(one.moves),
                "median_px": round(_median(one.moves), 2),
            }
            for one in maps
        ],
    }


def _median(moves: tuple[float, ...]) -> float:
    from statistics import median

    return median(moves) if moves else 0.0
