"""What each kind of job does: from what was asked to what comes of it."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatheritage.errors import UserError
from beatheritage.generate.ancestors.load import configured
from beatheritage.generate.plan import Plan
from beatheritage.generate.request import Request
from beatheritage.osu.beatmap import RedLine
from beatheritage.progress import OnProgress, Progress
from beatheritage.serve.database import Studio
from beatheritage.serve.maps import one_map
from beatheritage.serve.options import spread_request
from beatheritage.serve.queue import Asked, Job, Kind
from beatheritage.serve.songs import Kept, audio_path, background_path, one_song, waveform
from beatheritage.timing.grid import Timing

if TYPE_CHECKING:
    import numpy as np

    from beatheritage.audio.song import Song, Tags
    from beatheritage.engine.models import Models
    from beatheritage.generate.drafting import Heard
    from beatheritage.generate.pipeline import Generated

Outcome = dict[str, Any]  # what ``queue.end`` takes


def listen(studio: Studio, job: Job, on_progress: OnProgress) -> Outcome:
    """A song's timing, its waveform and its picture."""
    from beatheritage.generate.background import make_background
    from beatheritage.osu.archive import write_file
    from beatheritage.timing.describe import describe
    from beatheritage.timing.fit import find_timing

    kept = one_song(studio, job.song)
    on_progress(Progress("listening", 0))
    song = _decoded(audio_path(studio, kept))
    heard: dict[str, Any] = {"duration": song.duration, "peaks": waveform(song), "error": ""}
    on_progress(Progress("timing", 0))
    try:
        timing = find_timing(song, models().beats)
        heard |= describe(song, timing)
        heard["lines"] = [
            {"time": line.time, "beat_length": line.beat_length, "meter": line.meter}
            for line in timing.lines
        ]
    except UserError as error:
        # People may still say the tempo themselves.
        heard |= {"lines": [], "error": error.what, "warnings": list(song.warnings)}
    on_progress(Progress("packing", 0))
    write_file(background_path(studio, kept), make_background(song)[1])
    return {"heard": heard, "warnings": heard["warnings"]}


def generate(studio: Studio, job: Job, on_progress: OnProgress) -> Outcome:
    """A map for a song."""
    from beatheritage.generate.plan import make_plan
    from beatheritage.osu.write import write

    song, kept = _read(studio, job, on_progress)
    plan = make_plan(_request(job.asked, song), _named(song, kept))
    (made,), warnings = _written(song, kept, job.asked, plan, on_progress)
    return {"maps": [("made", write(made.beatmap).encode())], "warnings": warnings}


def write_range(studio: Studio, job: Job, on_progress: OnProgress) -> Outcome:
    """Takes of a range of a map, each a map of its own until one is kept."""
    from beatheritage.commands.output import content_of
    from beatheritage.generate.plan import make_plan

    assert job.asked.map is not None
    song, kept = _read(studio, job, on_progress)
    asked = job.asked
    with tempfile.TemporaryDirectory(dir=studio.folder) as folder:
        file = Path(folder) / "map.osu"
        file.write_bytes(one_map(studio, job.asked.map).content)
        request = _request(asked, song)
        ranged = replace(request, within=file, start=asked.start, end=asked.end, takes=asked.takes)
        plan = make_plan(ranged, _named(song, kept))
    takes, warnings = _written(song, kept, asked, plan, on_progress)
    contents = [content_of(plan, song, made.beatmap) for made in takes]
    maps = [
        (f"take {number}", content)
        for number, content in enumerate(contents, 1)
        if isinstance(content, bytes)
    ]
    return {"maps": maps, "warnings": warnings}


def write_set(studio: Studio, job: Job, on_progress: OnProgress) -> Outcome:
    """A whole set, the easiest first."""
    from beatheritage.commands.spread import open_ancestors
    from beatheritage.generate.spread import set_told, write_spread
    from beatheritage.generate.spread_plan import check_spread, spread_plans
    from beatheritage.osu.write import write

    song, kept = _read(studio, job, on_progress)
    request = spread_request(Request(audio=song.path), job.asked.words)
    plan = check_spread(request)
    ancestors = open_ancestors(request, plan)
    on_progress(Progress("timing", 0))
    heard = _hear(song, _timing(kept, job.asked, song, plan))
    plans = spread_plans(request, duration=song.duration, tags=_named(song, kept))
    if ancestors:
        from beatheritage.generate.ancestors.spread import write_spread_with

        made = write_spread_with(ancestors, heard, plans, on_progress)
    else:
        made = write_spread(heard, plans, models(), on_progress)
    told = (each.warnings for each in made.difficulties)
    maps = [("made", write(each.beatmap).encode()) for each in made.difficulties]
    return {"maps": maps, "warnings": _once(heard.timing.warnings, *told, set_told(made))}


def _read(studio: Studio, job: Job, on_progress: OnProgress) -> tuple["Song", Kept]:
    kept = one_song(studio, job.song)
    on_progress(Progress("listening", 0))
    return _decoded(audio_path(studio, kept)), kept


@lru_cache(maxsize=1)
def _decoded(path: Path) -> "Song":
    """The song of a file, which is named by its content. People go on with the one that they have:
    it stays for the next job."""
    from beatheritage.audio.decode import read_song

    return read_song(path)


def _hear(song: "Song", timing: Timing) -> "Heard":
    from beatheritage.generate.drafting import listen

    return listen(song, timing)


def _request(asked: Asked, song: "Song") -> Request:
    return configured(Request(audio=song.path), "", asked.words)


def _named(song: "Song", kept: Kept) -> "Tags":
    """The song's tags; its file has another name here than a person gave it."""
    return replace(song.tags, title=kept.title, artist=kept.artist)


def _written(
    song: "Song", kept: Kept, asked: Asked, plan: Plan, on_progress: OnProgress
) -> tuple[list["Generated"], list[str]]:
    """Every take of a plan, and what there is to say of them."""
    import numpy as np

    write = _writer(plan)
    on_progress(Progress("timing", 0))
    timing = plan.timing or _timing(kept, asked, song, plan)
    heard = _hear(song, timing)
    made = [
        write(heard, plan, np.random.default_rng((plan.seed, take)), on_progress)
        for take in range(asked.takes)
    ]
    return made, _once(song.warnings, timing.warnings, *(each.warnings for each in made))


def _writer(plan: Plan) -> Callable[..., "Generated"]:
    """What writes by the plan's model: heard, plan, rng and listener to what was made."""
    from beatheritage.commands.generate import open_ancestor
    from beatheritage.generate.pipeline import generate

    def native(
        heard: "Heard", plan: Plan, rng: "np.random.Generator", on_progress: OnProgress
    ) -> "Generated":
        return generate(heard, plan, models(), rng, on_progress)

    return open_ancestor(plan) or native


def _once(*warnings: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(chain.from_iterable(warnings)))


def _timing(kept: Kept, asked: Asked, song: "Song", plan: Plan) -> Timing:
    """A person's own, else what listening found; sought anew where the plan pins part of it."""
    from beatheritage.timing.fit import find_timing

    if asked.lines:
        return Timing(lines=tuple(map(_line, asked.lines)))
    found = (kept.heard or {}).get("lines", [])
    if found and plan.bpm is None and plan.offset is None:
        return Timing(lines=tuple(RedLine(**line) for line in found))
    return find_timing(song, models().beats, bpm=plan.bpm, offset=plan.offset)


def _line(said: tuple[float, float, int]) -> RedLine:
    offset, bpm, meter = said
    return RedLine(time=offset, beat_length=60_000 / bpm, meter=meter)


DO: dict[Kind, Callable[[Studio, Job, OnProgress], Outcome]] = {
    Kind.LISTEN: listen,
    Kind.GENERATE: generate,
    Kind.RANGE: write_range,
    Kind.SPREAD: write_set,
}


@cache
def models() -> "Models":
    from beatheritage.engine.models import load_models

    return load_models()
