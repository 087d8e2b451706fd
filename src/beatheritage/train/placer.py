"""Train the placer.

python -m beatheritage.train.placer --data ../shared/data --run runs/placer --steps 1300

Stopped and started again, it goes on at the step where it last saved, on the same windows.
"""

import argparse
import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from beatheritage.model.placer import Placer, PlacerConfig
from beatheritage.model.placer_export import export_placer
from beatheritage.tokens import moves
from beatheritage.tokens.shapes import Codebook
from beatheritage.train.placer_data import PlacerData, load_placer_data
from beatheritage.train.placer_objective import draw_batch, placer_loss

SAVE_EVERY = 100
LOG_EVERY = 20
JUDGE_EVERY = 200
JUDGE_BATCHES = 4
JUDGE_SEED = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to train, and how large a model; ``windows`` of ``length`` objects make a step."""

    steps: int = 1300
    windows: int = 32
    length: int = 160
    rate: float = 3e-3
    least_rate: float = 5e-5
    warm_up: int = 50
    weight_decay: float = 0.01
    clip: float = 1.0
    average: float = 0.99  # of the weights, exponentially; nearer to 1 as training goes on
    seed: int = 1
    context: int = 128
    state: int = 320


def placer_config(codebook: Codebook, recipe: Recipe) -> PlacerConfig:
    return PlacerConfig(
        conditions=moves.CONDITIONS,
        actions=moves.ACTIONS,
        turns=moves.TURNS,
        orientations=moves.ORIENTATIONS,
        anchors=2 * moves.HISTORY,
        shapes=len(codebook.shapes),
        context=recipe.context,
        state=recipe.state,
    )


def train(
    data: PlacerData, codebook: Codebook, recipe: Recipe, run: Path, until: int | None = None
) -> Placer:
    """Train from where the run stands to the recipe's last step, or only ``until`` one before it.

    Returns the averaged weights.
    """
    last = recipe.steps if until is None else min(until, recipe.steps)
    run.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator()
    model, averaged = _new(codebook, recipe), _new(codebook, recipe)
    averaged.load_state_dict(model.state_dict())
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=recipe.weight_decay)
    step = _resume(run / "state.pt", model, averaged, optimiser)
    learnt = torch.from_numpy(np.flatnonzero(~data.validation))
    unseen = torch.from_numpy(np.flatnonzero(data.validation))
    started = time.monotonic()
    while step < last:
        # A seed for each step: a run that was stopped goes on as if it had not been.
        generator.manual_seed(recipe.seed * 1_000_003 + step)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, recipe)
        batch = draw_batch(data, learnt, recipe.windows, recipe.length, generator)
        with torch.autocast("cpu", torch.bfloat16):
            parts = placer_loss(model, batch, generator)
        optimiser.zero_grad(set_to_none=True)
        torch.stack(list(parts.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimiser.step()
        step += 1
        _average(averaged, model, min(recipe.average, step / (step + 10)))
        if step % LOG_EVERY == 0:
            _log(run, step, started, {name: float(part.detach()) for name, part in parts.items()})
        if step % JUDGE_EVERY == 0 or step == last:
            _log(run, step, started, judge(averaged, data, unseen, recipe), "validation")
        if step % SAVE_EVERY == 0 or step == last:
            _save(run / "state.pt", step, model, averaged, optimiser)
    return averaged


def learning_rate(step: int, recipe: Recipe) -> float:
    """A short rise, then half a cosine down to the least rate."""
    rise = min(1.0, (step + 1) / recipe.warm_up)
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, step / recipe.steps)))
    return rise * (recipe.least_rate + (recipe.rate - recipe.least_rate) * fall)


@torch.no_grad()
def judge(
    model: Placer, data: PlacerData, charts: torch.Tensor, recipe: Recipe
) -> dict[str, float]:
    """The losses on charts that were held out, always on the same windows; empty without any."""
    if not len(charts):
        return {}
    rng = torch.Generator().manual_seed(JUDGE_SEED)
    sums: dict[str, float] = {}
    for _ in range(JUDGE_BATCHES):
        batch = draw_batch(data, charts, recipe.windows, recipe.length, rng)
        for name, part in placer_loss(model, batch, rng).items():
            sums[name] = sums.get(name, 0.0) + float(part) / JUDGE_BATCHES
    return sums


def ship(placer: Placer, codebook: Codebook, folder: Path) -> None:
    """Write what runs (ONNX), what can be trained on (half precision) and the codebook."""
    folder.mkdir(parents=True, exist_ok=True)
    export_placer(placer, folder)
    halves = {name: weight.half().contiguous() for name, weight in placer.named_parameters()}
    save_file(halves, folder / "placer.safetensors")
    described = {"config": asdict(placer.config), "shapes": codebook.to_json()}
    (folder / "placer.json").write_text(json.dumps(described), encoding="utf-8")


def _new(codebook: Codebook, recipe: Recipe) -> Placer:
    """A placer with weights of the recipe's seed, and not of the global one."""
    generator = torch.Generator().manual_seed(recipe.seed)
    with torch.random.fork_rng(devices=[]):
        model = Placer(placer_config(codebook, recipe), torch.from_numpy(codebook.polylines))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                bound = weight[0].numel() ** -0.5
                weight.uniform_(-bound, bound, generator=generator)
            elif name.endswith("bias") or "bias_" in name:
                weight.zero_()
    return model


@torch.no_grad()
def _average(averaged: Placer, model: Placer, keep: float) -> None:
    for old, new in zip(averaged.parameters(), model.parameters(), strict=True):
        old.lerp_(new, 1 - keep)


def _resume(path: Path, model: Placer, averaged: Placer, optimiser: torch.optim.AdamW) -> int:
    if not path.exists():
        return 0
    stored = torch.load(path, weights_only=True)
    model.load_state_dict(stored["model"])
    averaged.load_state_dict(stored["averaged"])
    optimiser.load_state_dict(stored["optimiser"])
    return stored["step"]


def _save(
    path: Path, step: int, model: Placer, averaged: Placer, optimiser: torch.optim.AdamW
) -> None:
    partial = path.with_suffix(".partial")
    parts = {"model": model, "averaged": averaged, "optimiser": optimiser}
    torch.save({"step": step, **{key: part.state_dict() for key, part in parts.items()}}, partial)
    partial.replace(path)


def _log(
    run: Path, step: int, started: float, parts: dict[str, float], kind: str = "train"
) -> None:
    rounded = {name: round(value, 4) for name, value in parts.items()}
    row = {"step": step, "kind": kind, "seconds": round(time.monotonic() - started, 1)}
    with (run / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({**row, "sum": round(sum(parts.values()), 4), **rounded}) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the placer.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--ship", type=Path, help="a folder for the finished weights")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    recipe = Recipe(steps=options.steps)
    data, codebook = load_placer_data(options.data, options.run, recipe.seed)
    options.run.mkdir(parents=True, exist_ok=True)
    (options.run / "recipe.json").write_text(json.dumps(asdict(recipe)), encoding="utf-8")
    placer = train(data, codebook, recipe, options.run)
    if options.ship:
        ship(placer, codebook, options.ship)


if __name__ == "__main__":
    main()
