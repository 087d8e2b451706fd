"""Real but tiny models and made-up charts, to train on in tests."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from beatheritage.config import configure
from beatheritage.dataset.places import read_places
from beatheritage.osu.beatmap import (
    Beatmap,
    Circle,
    CurveKind,
    Difficulty,
    General,
    Hold,
    Metadata,
    Point,
    RedLine,
    Slider,
)
from beatheritage.osu.mode import Mode
from beatheritage.osu.write import write
from beatheritage.tokens.moves import Style, style_vector
from beatheritage.tokens.shapes import Codebook
from beatheritage.train.ancestor import AncestorLearner, AncestorRecipe
from beatheritage.train.mapper_data import example_of
from beatheritage.train.mapper_source import Source
from beatheritage.train.native import NativeLearner, NativeRecipe
from beatheritage.train.placer import PlacerLearner, PlacerRecipe
from beatheritage.train.placer_data import PlacerData, join_charts
from beatheritage.train.tracks import Lesson, Track

TINY_RUN = (
    "steps=4",
    "batch=2",
    "running.log_every=1",
    "running.judge_every=2",
    "running.save_every=2",
    "running.judged=1",
    "optimiser.warm_up=2",
)
TINY_NATIVE = (*TINY_RUN, "size.width=32", "size.heads=2", "size.layers=2", "beats=20")
TINY_ANCESTOR = (
    *TINY_RUN,
    "version=v29",
    "accumulate=1",
    "context.none=1",
    "context.timing=0",
    "context.map=0",
    "size.width=16",
    "size.heads=2",
    "size.encoder_layers=1",
    "size.decoder_layers=2",
    "size.hidden=32",
)
TINY_PLACER = (*TINY_RUN, "length=24", "size.context=32", "size.state=32")


def circles(seed: int, mode: Mode = Mode.STD, kiai: bool = True) -> Beatmap:
    """Two minutes of circles, a slider or a hold every fifth, in bars of four."""
    rng = np.random.default_rng(seed)
    objects = []
    for beat in range(200):
        time = 1000 + 500.0 * beat + 250 * int(rng.integers(2))
        x, y = (int(rng.integers(60, 380)) for _ in range(2))
        y = min(y, 320)
        if mode is Mode.MANIA and beat % 5 == 4:
            objects.append(Hold(time=time, x=x, y=192, end=time + 250))
        elif mode is Mode.STD and beat % 5 == 4:
            body = {"kind": CurveKind.LINEAR, "points": (Point(x, y + 40),)}
            objects.append(Slider(time=time, x=x, y=y, slides=1, length=40.0, **body))
        else:
            objects.append(Circle(time=time, x=x, y=y, new_combo=beat % 8 == 0))
    return Beatmap(
        general=General(mode=mode),
        metadata=Metadata(title=f"song {seed}"),
        difficulty=Difficulty(circle_size=4),
        timing_points=(RedLine(time=1000, beat_length=500, kiai=kiai),),
        objects=tuple(objects),
    )


@cache
def native_source() -> Source:
    """Charts of all modes, one of them without its song; one is held out."""
    rng = np.random.default_rng(0)
    modes = (Mode.STD, Mode.STD, Mode.TAIKO, Mode.CATCH, Mode.MANIA, Mode.STD)
    songs = ("a", "b", "c", "d", "e", "")
    examples = [
        example_of(circles(index, mode), song, 2.0 + index)
        for index, (mode, song) in enumerate(zip(modes, songs, strict=True))
    ]
    mels = {song: rng.normal(-1, 1, (27_000, 48)).astype(np.float16) for song in songs if song}
    return Source(learnt=tuple(examples), unseen=(example_of(circles(9), "a", 2.0),), mels=mels)


def native_learner(run: Path, words: Sequence[str] = ()) -> NativeLearner:
    recipe = configure(NativeRecipe(run=run), words=[*TINY_NATIVE, *words])
    return NativeLearner(recipe, native_source())


@cache
def placer_data(codebook: Codebook) -> PlacerData:
    """Six charts, of which the last is held out."""
    charts = [chart for seed in range(6) if (chart := read_places(circles(seed)))]
    styles = [style_vector(Style(3.0, 4.0, 0.3))] * 6
    return join_charts(charts, styles, [False] * 5 + [True], codebook)


def placer_learner(run: Path, codebook: Codebook, words: Sequence[str] = ()) -> PlacerLearner:
    recipe = configure(PlacerRecipe(run=run), words=[*TINY_PLACER, *words])
    return PlacerLearner(recipe, placer_data(codebook), codebook)


@cache
def tracks(folder: Path) -> tuple[Track, ...]:
    """Two songs of noise with two std charts each, and one with a mania chart; int16 on disk."""
    made = []
    for index, mode in enumerate((Mode.STD, Mode.STD, Mode.MANIA)):
        sound = folder / f"{index}.npy"
        noise = np.random.default_rng(index).normal(0, 3000, 60 * 16_000)
        np.save(sound, noise.astype(np.int16))
        lessons = tuple(
            Lesson(
                osu=write(circles(10 * index + number, mode)),
                mode=mode,
                stars=(2.0, 3.0, 4.0, 5.0),
                mapper=7,
                year=2015,
                descriptors=("tech",),
            )
            for number in range(2)
        )
        made.append(Track(id=str(index), sound=sound, lessons=lessons))
    return tuple(made)


def ancestor_learner(run: Path, words: Sequence[str] = ()) -> AncestorLearner:
    recipe = configure(AncestorRecipe(run=run), words=[*TINY_ANCESTOR, *words])
    run.mkdir(parents=True, exist_ok=True)
    made = tracks(run)
    return AncestorLearner(recipe, made, made[:1])


def leaves_of(batch: Any) -> list[np.ndarray]:
    """All tensors of a batch as arrays."""
    from torch import Tensor

    if isinstance(batch, Tensor):
        return [batch.detach().float().numpy()]
    if isinstance(batch, dict):
        return [leaf for value in batch.values() for leaf in leaves_of(value)]
    if isinstance(batch, (list, tuple)):
        return [leaf for value in batch for leaf in leaves_of(value)]
    if hasattr(batch, "__dataclass_fields__"):
        return [
            leaf for name in batch.__dataclass_fields__ for leaf in leaves_of(getattr(batch, name))
        ]
    return []
