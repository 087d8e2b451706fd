"""The training loop: one for every architecture, on one machine or many."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from beatheritage.errors import OutputError
from beatheritage.progress import OnProgress, Progress, ignore
from beatheritage.train.checkpoint import Progressing, begin, resume, save
from beatheritage.train.feed import Strides, feed, micro_slots
from beatheritage.train.journal import Journal
from beatheritage.train.learner import Learner, to_device
from beatheritage.train.machines import Machine, joined
from beatheritage.train.optimiser import rate_at
from beatheritage.train.recipe import Precision, Recipe, check_recipe

FIRST_MEMORY = 10  # steps over which the averaged weights forget where they began


def train(
    learner: Learner, recipe: Recipe, stop: int | None = None, on_progress: OnProgress = ignore
) -> nn.Module:
    """Train from where the run stands to the recipe's last step, or only to ``stop``.

    Returns the averaged weights. The run's folder gets a log, the state to go on from, and the
    weights that did best on what is only measured on.
    """
    check_recipe(recipe)
    torch.set_num_threads(recipe.running.threads)
    with joined(recipe.running.device) as machine:
        recipe.run.mkdir(parents=True, exist_ok=True)
        running = begin(learner.model.to(machine.device), recipe.optimiser)
        resume(running, recipe.run)
        if recipe.running.checkpointing:
            compute_twice(running.model)
        journal = Journal(recipe.run, tensorboard=recipe.running.tensorboard and machine.leads)
        last = recipe.steps if stop is None else min(stop, recipe.steps)
        unseen = [to_device(batch, machine.device) for batch in learner.unseen()]
        for micro in _batches(learner, recipe, machine, (running.step, last)):
            learnt = update(running, learner, recipe, machine, micro)
            out_of_time = _out_of_time(journal, recipe, machine)
            ends = running.step == last or out_of_time
            if machine.leads:
                _look_around(running, learner, recipe, (journal, unseen), learnt, ends)
            on_progress(Progress("training", running.step / recipe.steps))
            if out_of_time:
                break
    return running.averaged


def update(
    running: Progressing, learner: Learner, recipe: Recipe, machine: Machine, micro: Sequence[Any]
) -> Mapping[str, Tensor]:
    """One step on some micro-batches; the parts of the loss over all of them, on all machines."""
    batches = [to_device(batch, machine.device) for batch in micro]
    counts = _summed(learner, machine, [learner.counts(batch) for batch in batches])
    running.model.train()
    totals = []
    for batch in batches:
        with _autocast(recipe, machine.device):
            parts = learner.totals(running.model, batch)
        total(parts, counts, learner.weights).backward()
        totals.append({name: part.detach() for name, part in parts.items()})
    learning = [each for each in running.model.parameters() if each.requires_grad]
    if machine.world > 1:
        for each in learning:
            each.grad = torch.zeros_like(each) if each.grad is None else each.grad
        machine.sum(each.grad for each in learning if each.grad is not None)
    nn.utils.clip_grad_norm_(learning, recipe.optimiser.clip)
    running.optimiser.step(rate_at(running.step, recipe.steps, recipe.optimiser))
    running.step += 1
    keep = min(recipe.optimiser.average, running.step / (running.step + FIRST_MEMORY))
    average(running.averaged, running.model, keep)
    return means(_summed(learner, machine, totals), counts)


def total(
    parts: Mapping[str, Tensor], counts: Mapping[str, Tensor], weights: Mapping[str, float]
) -> Tensor:
    """The loss, of which ``counts`` tell how much was asked in all."""
    shares = (weights[name] * part for name, part in means(parts, counts).items())
    return torch.stack(list(shares)).sum()


def means(parts: Mapping[str, Tensor], counts: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: part / counts[name].clamp(min=1) for name, part in parts.items()}


@torch.no_grad()
def judge(
    model: nn.Module, learner: Learner, recipe: Recipe, batches: Sequence[Any]
) -> dict[str, float]:
    """The parts of the loss on what is only measured on, and their sum; empty without any."""
    if not batches:
        return {}
    device = next(model.parameters()).device
    alone = Machine(rank=0, world=1, device=device)
    model.eval()
    with _autocast(recipe, device):
        totals = _summed(learner, alone, [learner.totals(model, batch) for batch in batches])
    counts = _summed(learner, alone, [learner.counts(batch) for batch in batches])
    parts = {name: float(value) for name, value in means(totals, counts).items()}
    return {**parts, "sum": float(total(totals, counts, learner.weights))}


@torch.no_grad()
def average(averaged: nn.Module, model: nn.Module, keep: float) -> None:
    """Move the averaged weights towards those of now; of the former the share ``keep`` stays."""
    for mean, now in zip(averaged.parameters(), model.parameters(), strict=True):
        mean.lerp_(now, 1 - keep)


def compute_twice(model: nn.Module) -> None:
    """Let each repeated layer forget what it computed, and compute it again for the gradient."""
    stacks = [each for each in model.modules() if isinstance(each, nn.ModuleList)]
    for layer in (layer for stack in stacks for layer in stack):
        layer.forward = partial(checkpoint, layer.forward, use_reentrant=False)


def _batches(learner: Learner, recipe: Recipe, machine: Machine, steps: tuple[int, int]):
    own = range(machine.rank * recipe.batch, (machine.rank + 1) * recipe.batch)
    strides = Strides(learner, micro_slots(own, recipe.accumulate), machine.world * recipe.batch)
    return feed(strides, *steps, recipe.running.workers)


def _look_around(
    running: Progressing,
    learner: Learner,
    recipe: Recipe,
    kept: tuple[Journal, Sequence[Any]],
    learnt: Mapping[str, Tensor],
    ends: bool,
) -> None:
    """Judge, write down and save what is due."""
    (journal, unseen), every, step = kept, recipe.running, running.step
    found: dict[str, float] = {}
    if step % every.judge_every == 0 or ends:
        found = judge(running.averaged, learner, recipe, unseen)
        if not found or found["sum"] < running.best:
            running.best = found.get("sum", running.best)
            _write_weights(running, learner, recipe)
    if step % every.log_every == 0 or found or ends:
        journal.write(step, {name: float(value) for name, value in learnt.items()}, found)
    if step % every.save_every == 0 or ends:
        save(running, recipe.run)


def _write_weights(running: Progressing, learner: Learner, recipe: Recipe) -> None:
    """Raises OutputError where there is no room; what was there before stays then."""
    try:
        learner.write(running.averaged, recipe.run)
    except (OSError, SafetensorError) as error:
        for partial in recipe.run.glob("*.part"):
            partial.unlink()
        where = str(recipe.run)
        raise OutputError("weights cannot be written", where=where, mend=str(error)) from error


def _out_of_time(journal: Journal, recipe: Recipe, machine: Machine) -> bool:
    """Whether the minutes of this sitting are over for any of the machines."""
    minutes = recipe.running.minutes
    if minutes is None:
        return False
    over = torch.tensor([float(journal.seconds > 60 * minutes)], device=machine.device)
    machine.sum([over])
    return bool(over > 0)


def _summed(
    learner: Learner, machine: Machine, parts: Sequence[Mapping[str, Tensor]]
) -> dict[str, Tensor]:
    """Each part over all micro-batches and machines."""
    sums = {
        name: torch.stack([each[name].detach().float() for each in parts]).sum()
        for name in learner.weights
    }
    machine.sum(sums.values())
    return sums


def _autocast(recipe: Recipe, device: torch.device) -> torch.autocast:
    wanted = recipe.running.precision is Precision.BF16
    return torch.autocast(device.type, torch.bfloat16, enabled=wanted)
