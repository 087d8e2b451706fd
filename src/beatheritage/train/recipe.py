"""What every recipe has, whatever it trains. The keys of ``beatheritage train`` are the fields."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from beatheritage.errors import OptionError
from beatheritage.train.machines import Device
from beatheritage.train.optimiser import Optimising


class Precision(Enum):
    """What is computed in; weights are always kept in 32 bits."""

    BF16 = "bf16"
    FP32 = "fp32"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Where and how the loop runs.

    ``checkpointing``: layers are computed again for the gradient instead of being kept, for less
    memory. ``workers`` are processes that make batches. ``minutes``: stop, saved, after so many;
    the same command goes on. ``judged``: how many batches are judged. ``tensorboard``: curves for
    it, beside the log.
    """

    device: Device = Device.AUTO
    precision: Precision = Precision.BF16
    threads: int = 1
    workers: int = 0
    checkpointing: bool = False
    minutes: float | None = None
    log_every: int = 10
    judge_every: int = 200
    judged: int = 6
    save_every: int = 100
    tensorboard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """``batch`` rows a step and process, in ``accumulate`` pieces; ``start`` is a folder of
    finished weights to begin from."""

    run: Path
    steps: int
    batch: int
    accumulate: int = 1
    seed: int = 0
    start: Path | None = None
    optimiser: Optimising = field(default_factory=Optimising)
    running: Running = field(default_factory=Running)


def check_recipe(recipe: Recipe) -> None:
    """Raise an OptionError for the first number that cannot be meant."""
    least = {
        "steps": (recipe.steps, 1),
        "batch": (recipe.batch, 1),
        "accumulate": (recipe.accumulate, 1),
        "running.log_every": (recipe.running.log_every, 1),
        "running.judged": (recipe.running.judged, 1),
        "running.judge_every": (recipe.running.judge_every, 1),
        "running.save_every": (recipe.running.save_every, 1),
        "running.threads": (recipe.running.threads, 1),
        "running.workers": (recipe.running.workers, 0),
        "optimiser.clip": (recipe.optimiser.clip, 1e-9),
    }
    for key, (value, bound) in least.items():
        if value < bound:
            raise OptionError(f"{key} must be {bound} or more, not {value}")
    if recipe.accumulate > recipe.batch:
        raise OptionError(f"{recipe.accumulate} pieces of {recipe.batch} rows", where="accumulate")
