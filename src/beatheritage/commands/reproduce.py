"""Train a mapper with less than a tenth of the weights on made-up songs, and measure it on others.

No data is needed: the songs come from a synthesiser, their charts from the rhythm that it played.
What is trained, how and by which loop is as for the real one. Keys of the recipe are words
key=value; in less than ten minutes the usual ones reach what docs/training.md states.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from beatheritage.commands.console import say, shown_progress
from beatheritage.errors import OptionError

if TYPE_CHECKING:
    from beatheritage.audio.made_up import MadeUp
    from beatheritage.model.mapper import Mapper
    from beatheritage.osu.beatmap import Beatmap
    from beatheritage.train.mapper_source import Source

STAGES = {"training": 1.0}
LEARNT, HELD_OUT = range(24), range(1000, 1006)
SMALL = (
    *("size.width=48", "size.heads=3", "size.layers=2", "beats=32", "batch=8", "steps=400"),
    *("optimiser.warm_up=30", "optimiser.rate=4e-3", "optimiser.average=0.99"),
    *("mix.catch=0", "dropout.style=1", "running.judge_every=100", "running.judged=2"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", metavar="key=value", nargs="*", help="any key of the recipe")
    parser.add_argument("--quiet", action="store_true", help="no progress, no remarks")


def run(arguments: argparse.Namespace) -> int:
    try:
        from beatheritage.train.loop import train
        from beatheritage.train.native import NativeLearner, NativeRecipe, read_mapper
    except ImportError as error:
        what, mend = f"training needs {error.name}", "pip install 'beatheritage[train]'"
        raise OptionError(what, mend=mend) from error
    from beatheritage.config import configure

    usual = NativeRecipe(run=Path("runs/reproduce"))
    recipe = configure(usual, words=[*SMALL, *arguments.words])
    with shown_progress(STAGES, quiet=arguments.quiet) as on_progress:
        learner = NativeLearner(recipe, made_up_source(LEARNT, HELD_OUT))
        train(learner, recipe, on_progress=on_progress)
    mapper = read_mapper(recipe.run)
    weights = sum(each.numel() for each in mapper.parameters())
    scores = measure(mapper, HELD_OUT)
    say(f"{recipe.run}: {weights:,} weights, {recipe.steps} steps", quiet=arguments.quiet)
    print(f"onset F1 on {len(scores)} songs that were not learnt: {np.mean(scores):.3f}")
    return 0


def made_up_source(learnt: Iterable[int], held: Iterable[int]) -> "Source":
    """Songs and charts by their seeds."""
    from beatheritage.audio.made_up import make_up
    from beatheritage.audio.mel import log_mel
    from beatheritage.osu.stars import stars
    from beatheritage.osu.write import write
    from beatheritage.train.mapper_data import example_of
    from beatheritage.train.mapper_source import Source

    mels, sides = {}, []
    for seeds in (learnt, held):
        examples = []
        for seed in seeds:
            made = make_up(seed)
            chart = chart_of(made)
            mels[str(seed)] = log_mel(made.song.samples)
            examples.append(example_of(chart, str(seed), stars(write(chart))))
        sides.append(tuple(examples))
    return Source(learnt=sides[0], unseen=sides[1], mels=mels)


def chart_of(made: "MadeUp") -> "Beatmap":
    """A circle at each strike, as far before its sound as people's charts are."""
    from beatheritage.osu.beatmap import Beatmap, Circle, RedLine
    from beatheritage.timing.lead import MAP_LEAD_MS

    beat_length = 60_000 / made.bpm
    start = made.offset - MAP_LEAD_MS
    circles = tuple(
        Circle(
            time=start + beat * beat_length,
            x=round(256 + 120 * np.cos(beat)),
            y=round(192 + 120 * np.sin(beat)),
            new_combo=beat % 4 == 0,
        )
        for beat in made.onsets
    )
    return Beatmap(timing_points=(RedLine(time=start, beat_length=beat_length),), objects=circles)


def measure(mapper: "Mapper", seeds: Sequence[int]) -> list[float]:
    """The onset F1 of each song, written with its own timing and as hard as its chart."""
    from beatheritage.audio.made_up import make_up
    from beatheritage.engine.torch import TorchMapper
    from beatheritage.evaluate.rhythm import onset_f1, onsets
    from beatheritage.generate.drafting import hear_task, listen, write_draft
    from beatheritage.generate.plan import make_plan
    from beatheritage.generate.request import Request
    from beatheritage.osu.stars import stars
    from beatheritage.osu.write import write
    from beatheritage.timing.grid import Timing

    engine, found = TorchMapper(mapper), []
    for seed in seeds:
        made = make_up(seed)
        chart = chart_of(made)
        timing = Timing(lines=chart.red_lines)
        plan = make_plan(Request(audio=Path(f"{seed}.wav"), stars=stars(write(chart))))
        heard = listen(made.song, timing)
        rng = np.random.default_rng(seed)
        draft = write_draft(hear_task(heard, plan, engine), timing, plan, engine, rng)
        times = timing.tick_time(np.array([event.tick for event in draft.events]))
        found.append(onset_f1(np.unique(times), onsets(chart)).f1)
    return found
