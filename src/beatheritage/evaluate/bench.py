"""One song on the bench: listened to and timed once, written for as often as is asked."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from beatheritage.audio.decode import read_song
from beatheritage.audio.song import Song
from beatheritage.engine.models import Models, load_models
from beatheritage.engine.weights import file_hash
from beatheritage.errors import InputError, UserError
from beatheritage.evaluate.outcome import Ask, Habits, Outcome, measure, score
from beatheritage.evaluate.shelf import Shelf
from beatheritage.evaluate.subjects import Subject
from beatheritage.generate.drafting import listen
from beatheritage.generate.pipeline import generate
from beatheritage.generate.plan import STARS_RANGE, Request, make_plan
from beatheritage.osu.beatmap import RedLine
from beatheritage.osu.mode import MAX_KEYS, MIN_KEYS, Mode
from beatheritage.osu.write import write
from beatheritage.timing.fit import find_timing
from beatheritage.timing.grid import Timing

SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found of a song's timing, or why nothing was; seconds by the clock and of work."""

    timing: Timing | None
    duration: float
    wall_s: float
    cpu_s: float
    error: str = ""


@cache
def models_here() -> Models:
    """The models of this process, loaded when first asked for."""
    return load_models()


@dataclass(frozen=True, kw_only=True)
class Bench:
    subject: Subject
    shelf: Shelf

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

    def outcome(self, ask: Ask) -> Outcome:
        """Write the map, or take the one that is kept, and measure it."""
        timing = self._timing(ask)
        base = Outcome(
            song=self.subject.id,
            kind=self.subject.kind,
            chart=ask.chart,
            group=ask.group,
            mode=ask.mode.name.lower(),
            keys=ask.keys,
            timing=ask.timing,
            stars_asked=ask.stars,
        )
        if timing is None:
            return replace(base, error=self.found.error)
        request = self._question(ask, timing)
        measured = {**request, "chart": ask.chart, "shift": ask.shift_ms}
        row = self.shelf.kept("row", measured, lambda: self._measure(ask, timing))
        known = {**row, "made": _habits(row.get("made")), "human": _habits(row.get("human"))}
        return replace(base, **known)

    def _measure(self, ask: Ask, timing: Timing) -> dict[str, Any]:
        request = self._question(ask, timing)
        written = self.shelf.kept("map", request, lambda: self._write(ask, timing))
        if written["error"]:
            return {"error": written["error"]}
        text = written["osu"]
        return {**measure(text), **score(text, ask), "seconds": written["seconds"]}

    def _question(self, ask: Ask, timing: Timing) -> dict[str, Any]:
        return {
            "audio": self.audio_hash,
            "lines": hashlib.sha256(repr(timing.lines).encode()).hexdigest(),
            "mode": ask.mode.name,
            "keys": ask.keys,
            "stars": round(ask.stars, 3),
            "seed": SEED,
        }

    def _find(self) -> dict[str, Any]:
        song, beats = self.song, models_here().beats
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

    def _timing(self, ask: Ask) -> Timing | None:
        if ask.timing == "found":
            return self.found.timing
        assert ask.truth is not None
        return Timing(lines=ask.truth.red_lines)

    def _write(self, ask: Ask, timing: Timing) -> dict[str, Any]:
        began = time.perf_counter()
        keys = int(np.clip(ask.keys, MIN_KEYS, MAX_KEYS)) if ask.mode is Mode.MANIA else None
        request = Request(
            audio=self.subject.audio,
            mode=ask.mode,
            stars=float(np.clip(round(ask.stars, 3), *STARS_RANGE)),
            keys=keys,
            seed=SEED,
        )
        try:
            plan, heard = make_plan(request, self.song.tags), listen(self.song, timing)
            made = generate(heard, plan, models_here(), np.random.default_rng((SEED, 0)))
            text, error = write(made.beatmap), ""
        except UserError as reason:
            text, error = "", str(reason)
        return {"osu": text, "seconds": time.perf_counter() - began, "error": error}


def _habits(values: Sequence[float] | None) -> Habits | None:
    return Habits(*values) if values else None
