"""One song on the bench: listened to and timed once, written for as often as is asked."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from beatheritage.audio.decode import read_song
from beatheritage.audio.song import Song
from beatheritage.engine.models import Models
from beatheritage.engine.weights import file_hash
from beatheritage.errors import InputError, UserError
from beatheritage.evaluate.outcome import Ask, Habits, Outcome, measure, score
from beatheritage.evaluate.shelf import Shelf
from beatheritage.evaluate.subjects import Subject
from beatheritage.evaluate.writers import SHIPPED, Writer, ancestor_here, models_here
from beatheritage.generate.ancestors.generate import generate_with
from beatheritage.generate.ancestors.load import configured
from beatheritage.generate.assemble import assemble
from beatheritage.generate.attempts import look_of
from beatheritage.generate.drafting import Heard, hear_task, listen, write_draft
from beatheritage.generate.pipeline import Generated, generate
from beatheritage.generate.place import place
from beatheritage.generate.plan import DEFAULT_STARS, Plan, make_plan
from beatheritage.generate.request import STARS_RANGE, Aim, Request
from beatheritage.osu.beatmap import Beatmap, RedLine
from beatheritage.osu.mode import MAX_KEYS, MIN_KEYS, Mode
from beatheritage.osu.write import write
from beatheritage.timing.fit import find_timing
from beatheritage.timing.grid import Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found of a song's timing, or why nothing was; seconds by the clock and of work."""

    timing: Timing | None
    duration: float
    wall_s: float
    cpu_s: float
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Bench:
    subject: Subject
    shelf: Shelf
    writer: Writer = SHIPPED
    _heard: dict[tuple[RedLine, ...], Heard] = field(default_factory=dict, init=False)

    @cached_property
    def song(self) -> Song:
        return read_song(self.subject.audio)

    @cached_property
    def audio_hash(self) -> str:
        return file_hash(self.subject.audio)

    @cached_property
    def found(self) -> Found:
        kept = self.shelf.kept("timing", {"audio": self.audio_hash}, self._find)
        lines = tuple(RedLine(**line) for line in kept["lines"])
        return Found(
            timing=Timing(lines=lines, confidence=kept["confidence"]) if lines else None,
            duration=kept["duration"],
            wall_s=kept["wall_s"],
            cpu_s=kept["cpu_s"],
            error=kept["error"],
        )

    def heard(self, timing: Timing) -> Heard:
        """The song as difficulties are written from it, listened to once."""
        if timing.lines not in self._heard:
            self._heard[timing.lines] = listen(self.song, timing)
        return self._heard[timing.lines]

    def outcome(self, ask: Ask) -> Outcome:
        """Write the map, or take the one that is kept, and measure it."""
        timing = self.found.timing if ask.timing == "found" else _true_timing(ask)
        base = Outcome(
            song=self.subject.id,
            kind=self.subject.kind,
            chart=ask.chart,
            group=ask.group,
            mode=ask.mode.name.lower(),
            keys=ask.keys,
            timing=ask.timing,
            stars_asked=DEFAULT_STARS if ask.stars is None else ask.stars,
            seed=ask.seed,
        )
        if timing is None:
            return replace(base, error=self.found.error)
        question = self.question(timing, ask)
        truth = {"chart": ask.chart, "shift": ask.shift_ms} if ask.truth else {}
        row = self.shelf.kept("row", question | truth, lambda: self._measure(question, ask, timing))
        return replace(base, **_known(row))

    def written(self, question: Mapping[str, Any], ask: Ask, timing: Timing) -> dict[str, Any]:
        """The map as it is kept: ``osu``, or the ``error`` in its place."""
        return self.shelf.kept("map", question, lambda: self._write(ask, timing))

    def question(self, timing: Timing, ask: Ask) -> dict[str, Any]:
        """All that a map hangs on, besides weights and code."""
        return {
            "audio": self.audio_hash,
            "lines": hashlib.sha256(repr(timing.lines).encode()).hexdigest(),
            "mode": ask.mode.name,
            "keys": ask.keys,
            "stars": None if ask.stars is None else round(ask.stars, 3),
            "style": asdict(ask.style),
            "quality": asdict(ask.quality),
            "stage": ask.stage,
            "seed": ask.seed,
        }

    def request(self, ask: Ask) -> Request:
        stars = ask.stars
        mania = ask.mode is Mode.MANIA
        asked = Request(
            audio=self.subject.audio,
            mode=ask.mode,
            stars=None if stars is None else float(np.clip(round(stars, 3), *STARS_RANGE)),
            keys=int(np.clip(ask.keys, MIN_KEYS, MAX_KEYS)) if mania else None,
            seed=ask.seed,
            model=self.writer.checkpoint,
            style=ask.style,
            quality=ask.quality,
            difficulty=Aim(scale=ask.stage == "whole"),
        )
        return configured(asked, "", ()) if self.writer.checkpoint else asked

    def _measure(self, question: Mapping[str, Any], ask: Ask, timing: Timing) -> dict[str, Any]:
        written = self.written(question, ask, timing)
        if written["error"]:
            return {"error": written["error"]}
        text = written["osu"]
        told = {name: written[name] for name in ("reach", "seconds", "cpu_s")}
        return {**measure(text), **score(text, ask), **told}

    def _write(self, ask: Ask, timing: Timing) -> dict[str, Any]:
        heard = self.heard(timing)
        wall, cpu = time.perf_counter(), time.process_time()
        text, error, reach = "", "", None
        try:
            plan = make_plan(self.request(ask), self.song.tags)
            rng = np.random.default_rng((ask.seed, 0))
            if ask.stage == "draft":
                text = write(placed_draft(heard, plan, models_here(self.writer.folder), rng))
            else:
                made = self._made(heard, plan, rng)
                text, reach = write(made.beatmap), made.reach
        except UserError as reason:
            error = str(reason)
        return {
            "osu": text,
            "reach": reach,
            "seconds": time.perf_counter() - wall,
            "cpu_s": time.process_time() - cpu,
            "error": error,
        }

    def _made(self, heard: Heard, plan: Plan, rng: np.random.Generator) -> Generated:
        if not self.writer.checkpoint:
            return generate(heard, plan, models_here(self.writer.folder), rng)
        return generate_with(ancestor_here(self.writer.checkpoint, plan), heard, plan, rng)

    def _find(self) -> dict[str, Any]:
        song, beats = self.song, models_here(self.writer.folder).beats
        wall, cpu = time.perf_counter(), time.process_time()
        timing, error = None, ""
        try:
            timing = find_timing(song, beats)
        except InputError as reason:
            error = str(reason)
        return {
            "lines": [asdict(line) for line in timing.lines] if timing else [],
            "confidence": timing.confidence if timing else 0.0,
            "duration": song.duration,
            "wall_s": time.perf_counter() - wall,
            "cpu_s": time.process_time() - cpu,
            "error": error,
        }


def placed_draft(heard: Heard, plan: Plan, models: Models, rng: np.random.Generator) -> Beatmap:
    """What the models write, in osu!'s form, before anything is checked."""
    task = hear_task(heard, plan, models.mapper)
    draft = write_draft(task, heard.timing, plan, models.mapper, rng)
    objects = place(draft, heard.timing, look_of(plan), models.placer, rng)
    return assemble(objects, draft, heard.timing, plan, heard.song, models.name)


def _true_timing(ask: Ask) -> Timing:
    assert ask.truth is not None
    return Timing(lines=ask.truth.red_lines)


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it is kept, in the types of an ``Outcome``."""
    reach = row.get("reach")
    made, human = (_habits(row.get(name)) for name in ("made", "human"))
    return {**row, "made": made, "human": human, "reach": tuple(reach) if reach else None}


def _habits(values: Sequence[float] | None) -> Habits | None:
    return Habits(*values) if values else None
