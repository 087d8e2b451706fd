"""Every key of every recipe changes something: a batch, a weight, a file or what is refused.

The tables below must name all keys there are, so that none can be added that nothing reads.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from beatheritage.config import known_keys  # noqa: E402
from beatheritage.errors import UserError  # noqa: E402
from beatheritage.train.ancestor import AncestorRecipe  # noqa: E402
from beatheritage.train.checkpoint import STATE  # noqa: E402
from beatheritage.train.loop import train  # noqa: E402
from beatheritage.train.native import NativeRecipe  # noqa: E402
from beatheritage.train.placer import PlacerRecipe  # noqa: E402
from beatheritage.train.recipes import load_learner, read_recipe, recipe_names  # noqa: E402
from tests.train.learners import (  # noqa: E402
    ancestor_learner,
    leaves_of,
    native_learner,
    placer_learner,
)

Make = Callable[[Path, tuple[str, ...]], Any]
SLOTS = 6


def rows(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    """What is drawn for the first step."""
    learner = make(run, words)
    return leaves_of(learner.draw(0, range(SLOTS), SLOTS))


def judged(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    return leaves_of(make(run, words).unseen())


def weights(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    """The averaged weights at the end."""
    learner = make(run, words)
    return leaves_of(list(train(learner, learner.recipe).parameters()))


def sizes(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    return [each.shape for each in make(run, words).model.parameters()]


def first(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    return leaves_of(list(make(run, words).model.parameters()))


def loss(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    """The gradient of a first batch's loss."""
    learner = make(run, words)
    batch = learner.draw(0, range(2), 2)[0]
    counts = learner.counts(batch)
    parts = learner.totals(learner.model, batch)
    sum(part / counts[name] for name, part in parts.items()).backward()
    found = [each.grad for each in learner.model.parameters() if each.grad is not None]
    return [len(found), *leaves_of(found)]


def log(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    """Which steps were written down, and which judged."""
    learner = make(run, words)
    train(learner, learner.recipe)
    lines = (learner.recipe.run / "log.jsonl").read_text().splitlines()
    return [(line.split('"seconds"')[0], "unseen" in line) for line in lines]


def saved(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    """The step that a run killed at step 3 goes on from."""

    def stop(progress: Any) -> None:
        if progress.share >= 3 / 4:
            raise KeyboardInterrupt

    learner = make(run, words)
    with pytest.raises(KeyboardInterrupt):
        train(learner, learner.recipe, on_progress=stop)
    path = learner.recipe.run / STATE
    return torch.load(path, weights_only=True)["step"] if path.exists() else 0


def folder(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    learner = make(run, words)
    train(learner, learner.recipe, stop=1)
    return learner.recipe.run


def forwards(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    """How often the first repeated layer was computed in a step."""
    learner = make(run, words)
    calls = []
    stacks = [each for each in learner.model.modules() if isinstance(each, torch.nn.ModuleList)]
    inner = next(each for each in stacks[0][0].modules() if not list(each.children()))
    layer, plain = stacks[0][0], stacks[0][0].forward
    if inner is layer:
        layer.forward = lambda *given: calls.append(1) or plain(*given)
    else:
        inner.register_forward_hook(lambda *_: calls.append(1))
    learner.held = np.array([], int)
    train(learner, learner.recipe, stop=1)
    return len(calls)


def processes(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    """Whether batches were made by this process."""
    learner = make(run, words)
    plain, seen = learner.draw, run / "pids"
    run.mkdir(parents=True, exist_ok=True)

    def draw(*given: Any) -> Any:
        with seen.open("a") as file:
            file.write(f"{os.getpid()}\n")
        return plain(*given)

    learner.draw = draw
    train(learner, learner.recipe, stop=1)
    return {int(line) == os.getpid() for line in seen.read_text().split()}


def threads(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    learner = make(run, words)
    try:
        train(learner, learner.recipe, stop=1)
        return torch.get_num_threads()
    finally:
        torch.set_num_threads(1)


def refused(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    """What is said of the value, if anything."""
    try:
        learner = make(run, words)
        train(learner, learner.recipe, stop=1)
    except UserError as error:
        return str(error)
    return sorted(path.name.split(".")[0] for path in learner.recipe.run.iterdir())


def read(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    """What is said when the data is read from another place."""
    recipe = make(run, words).recipe
    with pytest.raises(UserError) as raised:
        load_learner(recipe)
    return str(raised.value)


def read_cache(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    """As ``read``; a cache that is full already is read instead of the corpora."""
    recipe = make(run, words).recipe
    cached = recipe.data.cache / "data.npz"
    cached.parent.mkdir(parents=True, exist_ok=True)
    cached.write_bytes(b"no data") if "full" in str(cached) else None
    try:
        load_learner(recipe)
    except (UserError, ValueError) as error:
        return type(error)
    return None


def decoded(make: Make, run: Path, words: tuple[str, ...]) -> Any:
    """Where decoded songs are kept."""
    from tests.train.shards import write_shards

    shards = write_shards(run / "shards")
    learner = load_learner(
        replace(make(run, words).recipe, data=replace(make(run, words).recipe.data, shards=shards))
    )
    return [track.sound.parent.name for track in learner.learnt]


MUON = ("optimiser.muon=true",)
COMMON: dict[str, tuple] = {
    "run": ("{run}/elsewhere", folder),
    "steps": ("5", weights),
    "batch": ("3", weights),
    "accumulate": ("3", refused),
    "optimiser.muon": ("true", weights),
    "optimiser.rate": ("1e-2", weights),
    "optimiser.muon_rate": ("0.1", weights, MUON),
    "optimiser.beta": ("0.5", weights),
    "optimiser.weight_decay": ("0.5", weights),
    "optimiser.clip": ("1e-7", weights),
    "optimiser.warm_up": ("4", weights),
    "optimiser.sustain": ("3", weights),
    "optimiser.decay": ("linear", weights),
    "optimiser.floor": ("0.5", weights),
    "optimiser.average": ("0.01", weights),
    "running.device": ("cuda", refused),
    "running.precision": ("fp32", weights),
    "running.threads": ("2", threads),
    "running.workers": ("1", processes),
    "running.checkpointing": ("true", forwards),
    "running.minutes": ("0", log),
    "running.log_every": ("3", log),
    "running.judge_every": ("1", log),
    "running.save_every": ("1", saved),
    "running.tensorboard": ("true", refused),
}
OWN: dict[str, dict[str, tuple]] = {
    "native": {
        "seed": ("1", rows),
        "start": ("{run}/nowhere", refused),
        "running.judged": ("2", judged),
        "beats": ("24", rows),
        "data.shards": ("{run}/nowhere", read, ("data.cache={run}/elsewhere",)),
        "data.cache": ("{run}/nowhere", read, ("data.cache={run}/elsewhere",)),
        "size.width": ("64", sizes),
        "size.heads": ("1", loss),
        "size.layers": ("1", sizes),
        "glance": ("true", loss),
        "grading.focal": ("2", loss),
        "grading.smoothing": ("0.1", loss),
        "grading.rhythm": ("3", loss),
        "mix.std": ("100", rows),
        "mix.taiko": ("100", rows),
        "mix.catch": ("100", rows),
        "mix.mania": ("100", rows),
        "mix.converted": ("0", rows, ("mix.catch=100",)),
        "mix.heard": ("0", rows),
        "sound.tempo": ("0.2", rows),
        "sound.pitch": ("0", rows),
        "sound.gain": ("1", rows),
        "sound.offset": ("40", rows),
        "sound.masked": ("1", rows),
        "noise.codec": ("0", rows),
        "noise.slipping": ("0", rows),
        "noise.slips": ("0", rows, ("noise.slipping=1",)),
        "dropout.song": ("1", rows),
        "dropout.stars": ("1", rows),
        "dropout.style": ("1", rows),
        "dropout.measure": ("1", rows, ("dropout.style=0",)),
        "infilling.share": ("1", rows, ("infilling.most=6",)),
        "infilling.least": ("6", rows, ("infilling.share=1", "infilling.most=6")),
        "infilling.most": ("12", rows, ("infilling.share=1", "infilling.least=2")),
    },
    "placer": {
        "seed": ("2", rows),
        "start": ("{run}/nowhere", refused),
        "running.judged": ("2", judged),
        "length": ("30", rows),
        "data.corpora": (
            "{run}/nowhere",
            read,
            ("data.cache={run}/empty", "data.corpora={run}/other"),
        ),
        "data.cache": ("{run}/full", read_cache, ("data.corpora={run}/nowhere",)),
        "data.leave_out": (
            "Ann",
            read_cache,
            ("data.corpora={run}/nowhere", "data.cache={run}/full"),
        ),
        "size.context": ("48", sizes),
        "size.state": ("48", sizes),
        "grading.focal": ("2", loss),
        "grading.smoothing": ("0.1", loss),
        "places.flip": ("1", rows),
        "places.rotation": ("10", rows),
        "places.scale": ("0.1", rows),
        "places.noise": ("0.05", rows),
        "dropout.spacing": ("1", rows),
    },
    "ancestor": {
        "seed": ("1", rows),
        "start": ("{run}/nowhere", refused),
        "running.judged": ("2", judged),
        "version": ("v32", sizes),
        "data.shards": ("{run}/nowhere", read, ("data.shards={run}/elsewhere",)),
        "data.cache": ("{run}/elsewhere", decoded),
        "size.width": ("32", sizes),
        "size.heads": ("1", loss),
        "size.encoder_layers": ("2", sizes),
        "size.decoder_layers": ("1", sizes),
        "size.hidden": ("64", sizes),
        "grading.focal": ("0", loss),
        "grading.smoothing": ("0", loss),
        "grading.rhythm": ("3", loss),
        "sound.tempo": ("0", rows),
        "sound.pitch": ("0", rows),
        "sound.gain": ("0", rows),
        "sound.offset": ("50", rows),
        "places.flip": ("1", rows),
        "places.rotation": ("0", rows),
        "places.scale": ("0", rows),
        "places.noise": ("0", rows, ("version=v30",)),
        "context.none": ("0", rows, ("context.timing=1",)),
        "context.timing": ("9", rows),
        "context.kiai": ("9", rows),
        "context.map": ("9", rows),
        "context.sv": ("9", rows),
        "context.no_hs": ("9", rows),
        "context.gd": ("9", rows),
        "infilling.least": ("0.9", rows, ("context.map=99", "infilling.most=0.9")),
        "infilling.most": ("0.9", rows, ("context.map=99",)),
        "dropout.song": ("1", rows),
        "dropout.mapper": ("1", rows, ("dropout.mapper=0",)),
        "dropout.conditions": ("1", rows),
        "noise.times": ("0", rows),
        "lookback": ("0", rows),
    },
}
RECIPES = {"native": NativeRecipe, "placer": PlacerRecipe, "ancestor": AncestorRecipe}
CASES = [(kind, key, *entry) for kind in OWN for key, entry in OWN[kind].items()]
CASES += [("placer", key, *entry) for key, entry in COMMON.items()]


@pytest.mark.parametrize("kind", RECIPES)
def test_no_key_is_missing_from_the_tables(kind):
    assert set(known_keys(RECIPES[kind]())) == OWN[kind].keys() | COMMON.keys()


@pytest.fixture(scope="module")
def plain() -> dict[tuple, Any]:
    """Outcomes without a change: many keys are held against the same one."""
    return {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_every_key_changes_something(case, tmp_path, tiny_placer, plain):
    kind, key, value, probe, *rest = case
    base = rest[0] if rest else ()
    makers: dict[str, Make] = {
        "native": native_learner,
        "placer": lambda run, words: placer_learner(run, tiny_placer[1], words),
        "ancestor": ancestor_learner,
    }

    def outcome(name: str, words: tuple[str, ...]) -> Any:
        given = tuple(word.replace("{run}", str(tmp_path)) for word in words)
        return probe(makers[kind], tmp_path / name, given)

    known = (kind, probe, base)
    if known not in plain or "{run}" in str(base):
        plain[known] = outcome("plain", base)
    assert differ(plain[known], outcome("changed", (*base, f"{key}={value}")))


def differ(one: Any, other: Any) -> bool:
    if isinstance(one, list) and one and isinstance(one[-1], np.ndarray):
        if len(one) != len(other):
            return True
        return not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    return one != other


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_is_one_that_can_be_read(name):
    recipe = read_recipe(name, ["steps=7"])
    assert recipe.steps == 7
    assert recipe.run.name
