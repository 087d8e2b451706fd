"""A run on disk: what it needs to go on as if it had not stopped."""

import pickle
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from beatheritage.errors import OutputError, WeightsError
from beatheritage.train.optimiser import Optimiser, Optimising

STATE = "state.pt"


@dataclass(slots=True, kw_only=True)
class Progressing:
    """A run as it stands; ``best`` is the lowest loss on what is only measured on."""

    model: nn.Module
    averaged: nn.Module
    optimiser: Optimiser
    step: int = 0
    best: float = float("inf")


def begin(model: nn.Module, optimising: Optimising) -> Progressing:
    averaged = deepcopy(model).requires_grad_(False)
    return Progressing(model=model, averaged=averaged, optimiser=Optimiser(model, optimising))


def save(progressing: Progressing, run: Path) -> None:
    """Raises OutputError where it cannot be written; what was there before stays then."""
    partial = run / f"{STATE}.part"
    parts = {name: getattr(progressing, name) for name in ("model", "averaged", "optimiser")}
    state = {name: part.state_dict() for name, part in parts.items()}
    try:
        torch.save(state | {"step": progressing.step, "best": progressing.best}, partial)
        partial.replace(run / STATE)
    except (OSError, RuntimeError) as error:
        partial.unlink(missing_ok=True)
        raise OutputError("cannot be written", where=str(run / STATE), mend=str(error)) from error


def resume(progressing: Progressing, run: Path) -> None:
    """Go on where the run stands, if it was begun. Raises WeightsError for another model's run."""
    path = run / STATE
    if not path.exists():
        return
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        for name in ("model", "averaged", "optimiser"):
            getattr(progressing, name).load_state_dict(state[name])
        progressing.step, progressing.best = state["step"], state["best"]
    except (OSError, KeyError, ValueError, RuntimeError, pickle.UnpicklingError) as error:
        what = f"is no run of this recipe: {str(error).splitlines()[0]}"
        raise WeightsError(what, where=str(path), mend="choose another run=FOLDER") from error
