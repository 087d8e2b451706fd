"""Train the native mapper.

python -m beatheritage.train.mapper --cache runs --run runs/mapper --steps 4000

Stopped and started again, it goes on at the step where it last saved.
"""

import argparse
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from beatheritage.model.mapper import Mapper
from beatheritage.tokens.grammar import MASKS
from beatheritage.train.grading import TokenGrading
from beatheritage.train.mapper_data import Batch, Windows, batches
from beatheritage.train.mapper_noise import Noise
from beatheritage.train.mapper_source import load_source
from beatheritage.train.native import native_config
from beatheritage.train.objective import WEIGHTS, glance_totals, mapper_counts, mapper_totals

JUDGE_EVERY = 200
JUDGE_BATCHES = 6
JUDGE_SEED = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    steps: int = 3000
    batch: int = 16
    rate: float = 2e-3
    warm_up: int = 150
    weight_decay: float = 0.01
    clip: float = 1.0
    average: float = 0.998  # of the weights, exponentially
    seed: int = 0
    save_every: int = 100
    glance: bool = False  # learn the answers at a glance alone
    noise: Noise = field(default_factory=Noise)


def train(
    windows: Windows, unseen: Windows, recipe: Recipe, run: Path, stop: int | None = None
) -> Mapper:
    """Train from where the run stands to the recipe's last step, or to ``stop``.

    Returns the averaged weights.
    """
    stop = recipe.steps if stop is None else stop
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    model, averaged = Mapper(native_config()), Mapper(native_config())
    averaged.load_state_dict(model.state_dict())
    optimiser = _optimiser(model, recipe)
    step = _resume(run, model, averaged, optimiser)
    masks = torch.from_numpy(MASKS)
    judged = list(_take(batches(unseen, JUDGE_SEED, 0), JUDGE_BATCHES))
    started = time.monotonic()
    grade = glance_totals if recipe.glance else mapper_totals
    stream = _prefetched(batches(windows, recipe.seed, step))
    while step < stop:
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * _schedule(step, recipe)
        with torch.autocast("cpu", torch.bfloat16):
            loss, parts = _loss(grade, model, _tensors(next(stream)), masks)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimiser.step()
        step += 1
        _average(averaged, model, min(recipe.average, step / (step + 10)))
        row = {"step": step, "seconds": round(time.monotonic() - started, 1), **parts}
        if step % JUDGE_EVERY == 0 or step == stop:
            row["unseen"] = _judge(averaged, judged, masks)
        if step % 10 == 0:
            _log(run, row)
        if step % recipe.save_every == 0 or step == stop:
            _save(run, model, averaged, optimiser, step)
    return averaged


def _optimiser(model: Mapper, recipe: Recipe) -> torch.optim.Optimizer:
    matrices = [each for each in model.parameters() if each.ndim > 1]
    vectors = [each for each in model.parameters() if each.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98))


def _schedule(step: int, recipe: Recipe) -> float:
    """Linear warm-up, then a cosine down to a fiftieth."""
    warm = min(1.0, (step + 1) / recipe.warm_up)
    done = step / recipe.steps
    return warm * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * done)))


def _tensors(batch: Batch) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(getattr(batch, name)) for name in Batch.__dataclass_fields__}


def _loss(
    grade: Callable[..., dict[str, torch.Tensor]],
    model: Mapper,
    batch: dict[str, torch.Tensor],
    masks: torch.Tensor,
) -> tuple[torch.Tensor, dict[str, float]]:
    counts = mapper_counts(batch, TokenGrading())
    totals = grade(model, batch, masks, TokenGrading())
    means = {name: total / counts[name].clamp(min=1) for name, total in totals.items()}
    loss = torch.stack([WEIGHTS[name] * mean for name, mean in means.items()]).sum()
    return loss, {name: float(mean.detach()) for name, mean in means.items()}


@torch.no_grad()
def _average(averaged: Mapper, model: Mapper, keep: float) -> None:
    for mean, now in zip(averaged.parameters(), model.parameters(), strict=True):
        mean.lerp_(now, 1 - keep)


@torch.no_grad()
def _judge(model: Mapper, judged: list[Batch], masks: torch.Tensor) -> dict[str, float]:
    """The parts of the loss on windows of held-out artists."""
    with torch.autocast("cpu", torch.bfloat16):
        parts = [_loss(mapper_totals, model, _tensors(batch), masks)[1] for batch in judged]
    return {name: round(float(np.mean([each[name] for each in parts])), 4) for name in parts[0]}


def _take(stream: Iterator[Batch], count: int) -> Iterator[Batch]:
    for _ in range(count):
        yield next(stream)


def _prefetched(stream: Iterator[Batch]) -> Iterator[Batch]:
    """Make the next batch while the last one is learnt."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, stream)
        while True:
            batch = coming.result()
            coming = pool.submit(next, stream)
            yield batch


def _log(run: Path, row: dict[str, object]) -> None:
    with (run / "log.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")


def _save(
    run: Path, model: Mapper, averaged: Mapper, optimiser: torch.optim.Optimizer, step: int
) -> None:
    state = {
        "step": step,
        "model": model.state_dict(),
        "averaged": averaged.state_dict(),
        "optimiser": optimiser.state_dict(),
    }
    torch.save(state, run / "state.tmp")
    os.replace(run / "state.tmp", run / "state.pt")
    save_file(dict(averaged.state_dict()), run / "mapper.tmp")
    os.replace(run / "mapper.tmp", run / "mapper.safetensors")
    (run / "config.json").write_text(json.dumps(asdict(averaged.config), indent=1) + "\n")


def _resume(run: Path, model: Mapper, averaged: Mapper, optimiser: torch.optim.Optimizer) -> int:
    path = run / "state.pt"
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    averaged.load_state_dict(state["averaged"])
    optimiser.load_state_dict(state["optimiser"])
    return state["step"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("runs"))
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--stop", type=int, help="a step to stop at for now")
    parser.add_argument("--glance", action="store_true", help="learn the answers at a glance alone")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    source = load_source(arguments.cache)
    recipe = Recipe(steps=arguments.steps, glance=arguments.glance)
    learnt = Windows(source.learnt, source.mels, recipe.batch, recipe.noise)
    unseen = Windows(source.unseen, source.mels, recipe.batch)
    train(learnt, unseen, recipe, arguments.run, arguments.stop)


if __name__ == "__main__":
    main()
