"""Train the beat head on the red lines that people gave their maps.

    python -m beatheritage.train.beats --data ../shared/data/train --run runs/beats

A run that was stopped goes on from its last checkpoint with the same command, step for step; when
it ends, the weights are exported.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from beatheritage.audio.mel import BANDS, FRAME_MS
from beatheritage.dataset.catalogue import SongEntry, load_songs
from beatheritage.dataset.mels import cached_mel
from beatheritage.errors import InputError
from beatheritage.model.beats import OUTPUTS, STRIDE, BeatHead, BeatHeadConfig
from beatheritage.model.export_beats import export
from beatheritage.osu.beatmap import Beatmap
from beatheritage.timing.grid import Timing
from beatheritage.timing.lead import MAP_LEAD_MS

OUTPUT_MS = STRIDE * FRAME_MS
TARGET_WIDTH_MS = 14.0  # a beat's Gaussian: wide enough for a mapper's own scatter
POSITIVE_WEIGHT = (3.0, 6.0)  # beats are a tenth of all frames, downbeats a fortieth
MARGIN_BEATS = 16  # how far outside a map's notes its grid is still believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    steps: int = 1000
    batch: int = 8
    crop_s: float = 24.0
    learning_rate: float = 3e-3
    warmup: int = 50
    weight_decay: float = 0.01
    stretch: float = 0.27
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesson:
    """A song to learn from: beat times in seconds of its log-mel, and which are downbeats."""

    song_id: str
    mel: np.ndarray  # (frames, bands) float16
    beats: np.ndarray  # ms, where the sound is
    downbeat: np.ndarray  # bool


def lessons(data: Path, cache: Path, *, validation: bool = False) -> tuple[Lesson, ...]:
    """The songs of one side of the split that have red lines."""
    found = (_lesson(entry, cache) for entry in load_songs(data) if entry.validation == validation)
    return tuple(lesson for lesson in found if lesson is not None)


def _lesson(entry: SongEntry, cache: Path) -> Lesson | None:
    beatmaps = [beatmap for beatmap in entry.charts.beatmaps if beatmap.red_lines]
    if not beatmaps:
        return None
    beatmap = most_agreed(beatmaps)
    try:
        mel = cached_mel(entry.audio, entry.id, cache)
    except InputError:
        return None
    timing = Timing(lines=beatmap.red_lines)
    ends = [beatmap.objects[0].time, beatmap.objects[-1].time] if beatmap.objects else [0.0, 0.0]
    first, last = timing.beat(np.array(ends))
    numbers = np.arange(int(first) - MARGIN_BEATS, int(last) + MARGIN_BEATS + 1)
    beats = timing.time(numbers) + MAP_LEAD_MS
    inside = (beats >= 0) & (beats < len(mel) * FRAME_MS)
    if inside.sum() < 16:
        return None
    return Lesson(
        song_id=entry.id,
        mel=mel,
        beats=beats[inside],
        downbeat=timing.bar_phase(numbers)[inside] == 0,
    )


def most_agreed(beatmaps: Sequence[Beatmap]) -> Beatmap:
    """The chart whose red lines most charts of the song share; the first of them."""

    def key(beatmap: Beatmap) -> tuple[int, int, float]:
        first = beatmap.red_lines[0]
        return len(beatmap.red_lines), round(first.time), round(first.bpm, 2)

    often = Counter(map(key, beatmaps)).most_common(1)[0][0]
    return next(beatmap for beatmap in beatmaps if key(beatmap) == often)


def crop(lesson: Lesson, recipe: Recipe, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """A stretched piece of a song: log-mel (T, F), targets (S, 2), weights (S,)."""
    outputs = round(recipe.crop_s * 1000 / OUTPUT_MS)
    frames = outputs * STRIDE
    speed = float(np.exp(rng.uniform(-1, 1) * np.log1p(recipe.stretch)))
    span = frames * speed
    first, last = lesson.beats[0] / FRAME_MS, lesson.beats[-1] / FRAME_MS
    start = rng.uniform(first - 0.2 * span, max(first, last - 0.8 * span))
    places = start + np.arange(frames) * speed
    mel = _vary(_read(lesson.mel, places), rng)
    times = (lesson.beats / FRAME_MS - start) / speed * FRAME_MS
    targets = np.stack(
        [_bumps(times, outputs), _bumps(times[lesson.downbeat], outputs)], axis=1
    ).astype(np.float32)
    at = np.arange(outputs) * OUTPUT_MS
    half = 30.0
    weights = ((at > times[0] - half) & (at < times[-1] + half)).astype(np.float32)
    return mel, targets, weights


def _read(mel: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Frames at fractional places, interpolated; outside the song is silence."""
    low = np.floor(places).astype(np.int64)
    part = (places - low).astype(np.float32)[:, None]
    ends = np.clip(low, 0, len(mel) - 1), np.clip(low + 1, 0, len(mel) - 1)
    values = mel[ends[0]].astype(np.float32) * (1 - part) + mel[ends[1]].astype(np.float32) * part
    outside = (places < 0) | (places > len(mel) - 1)
    values[outside] = -4.0
    return values


def _vary(mel: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Other pitch, tone and level: bands shifted, tilted and pulled up or down."""
    mel = np.roll(mel, shift := int(rng.integers(-2, 3)), axis=1)
    if shift > 0:
        mel[:, :shift] = mel[:, shift : shift + 1]
    elif shift < 0:
        mel[:, shift:] = mel[:, shift - 1 : shift]
    knots = rng.normal(0, 0.15, 6)
    tone = np.interp(np.linspace(0, 5, BANDS), np.arange(6), knots)
    return np.clip(mel + tone.astype(np.float32), -4, None)


def _bumps(times: np.ndarray, outputs: int) -> np.ndarray:
    at = np.arange(outputs) * OUTPUT_MS
    near = np.searchsorted(times, at)
    if not len(times):
        return np.zeros(outputs)
    left = np.abs(at - times[np.clip(near - 1, 0, len(times) - 1)])
    right = np.abs(at - times[np.clip(near, 0, len(times) - 1)])
    return np.exp(-0.5 * (np.minimum(left, right) / TARGET_WIDTH_MS) ** 2)


def loss_of(logits_BSO: Tensor, targets_BSO: Tensor, weights_BS: Tensor) -> Tensor:
    weight = 1 + targets_BSO * (torch.tensor(POSITIVE_WEIGHT) - 1)
    each = binary_cross_entropy_with_logits(
        logits_BSO, targets_BSO, weight=weight, reduction="none"
    )
    return (each * weights_BS[..., None]).sum() / (weights_BS.sum() * OUTPUTS).clamp(min=1)


@dataclass(slots=True, kw_only=True)
class Run:
    """A run in progress: what a checkpoint holds."""

    recipe: Recipe
    model: BeatHead
    optimiser: torch.optim.Optimizer
    step: int = 0

    def save(self, path: Path) -> None:
        state = {
            "recipe": asdict(self.recipe),
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        unfinished = path.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(path)

    def load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]


def begin(recipe: Recipe, config: BeatHeadConfig) -> Run:
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        model = BeatHead(config)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    return Run(recipe=recipe, model=model, optimiser=optimiser)


def step(run: Run, songs: Sequence[Lesson]) -> float:
    """One update; what is drawn depends on the seed and the step's number alone."""
    recipe = run.recipe
    rng = np.random.default_rng([recipe.seed, run.step])
    spans = np.array([lesson.beats[-1] - lesson.beats[0] for lesson in songs])
    drawn = rng.choice(len(songs), recipe.batch, p=spans / spans.sum())
    parts = zip(*(crop(songs[index], recipe, rng) for index in drawn), strict=True)
    mel_BTF, targets_BSO, weights_BS = (torch.from_numpy(np.stack(part)) for part in parts)
    for group in run.optimiser.param_groups:
        group["lr"] = recipe.learning_rate * _schedule(run.step, recipe)
    run.model.train()
    loss = loss_of(run.model(mel_BTF), targets_BSO, weights_BS)
    run.optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
    run.optimiser.step()
    run.step += 1
    return float(loss.detach())


def _schedule(number: int, recipe: Recipe) -> float:
    """Up in a line, down in half a cosine."""
    if number < recipe.warmup:
        return (number + 1) / recipe.warmup
    done = (number - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return 0.5 * (1 + float(np.cos(np.pi * min(done, 1))))


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the beat head.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("runs/mel"))
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--weights", type=Path, help="a folder to export to when the run ends")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    run = begin(replace(Recipe(), steps=options.steps), BeatHeadConfig())
    options.run.mkdir(parents=True, exist_ok=True)
    checkpoint = options.run / "checkpoint.pt"
    if checkpoint.exists():
        run.load(checkpoint)
    songs = lessons(options.data, options.cache)
    print(f"{len(songs)} songs", file=sys.stderr)
    with (options.run / "log.jsonl").open("a", encoding="utf-8") as log:
        began, losses = time.process_time(), []
        while run.step < run.recipe.steps:
            losses.append(step(run, songs))
            if run.step % 20 == 0:
                line = {"step": run.step, "loss": float(np.mean(losses[-20:]))}
                line["cpu_s"] = time.process_time() - began
                print(json.dumps(line), file=log, flush=True)
            if run.step % 100 == 0:
                run.save(checkpoint)
    run.save(checkpoint)
    export(run.model, options.weights or options.run)


if __name__ == "__main__":
    main()
