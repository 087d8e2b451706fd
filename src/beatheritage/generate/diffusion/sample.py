"""Finding places by diffusion: from where points roughly are, step by step, window by window.

The lengths of sliders are held while noise is taken away: after each step a slider's end is put
where its path, through the places that are believed by then, has the slider's length.

Array suffixes: N points, 2 x and y, R rows that differ in what they are told, K classes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np

from beatheritage.engine.denoiser import DenoiserEngine, Denoising
from beatheritage.generate.diffusion.classes import PlacerVocabulary, PlacingConditions
from beatheritage.generate.diffusion.options import PlacingOptions
from beatheritage.generate.diffusion.points import Body, Points
from beatheritage.generate.diffusion.schedule import Schedule, make_schedule
from beatheritage.osu.beatmap import PLAYFIELD_HEIGHT_PX, PLAYFIELD_WIDTH_PX
from beatheritage.progress import OnProgress, Progress, ignore

FARTHEST = 2.0  # where a place may be believed, of a field from -1 to 1
HALF_FIELD = np.array([PLAYFIELD_WIDTH_PX, PLAYFIELD_HEIGHT_PX]) / 2


class Noise(Protocol):
    """Where noise comes from; numpy's generators are such."""

    def standard_normal(self, size: tuple[int, ...]) -> np.ndarray: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Placer:
    """A checkpoint that places; ``refiner`` is a second one, that finishes what it did.

    Points see ``reach`` others to either side, as the weights were trained.
    """

    engine: DenoiserEngine
    vocabulary: PlacerVocabulary
    refiner: DenoiserEngine | None = None
    reach: int = 128


class Window(NamedTuple):
    """Points ``first`` to ``end``; so many of the first are ``known`` from the window before."""

    first: int
    end: int
    known: int


def diffused(
    placer: Placer,
    points: Points,
    conditions: PlacingConditions,
    how: PlacingOptions,
    noise: Noise,
    on_progress: OnProgress = ignore,
) -> np.ndarray:
    """The points' new places (N, 2), px; those of points that are kept are their old ones."""
    vectors = placer.vocabulary.vectors(conditions, guided=how.guidance > 1)
    run = _Run(placer, points, vectors, how, make_schedule(how.counts), noise)
    windows = cut(len(points), how)

    def on_share(number: int, share: float) -> None:
        on_progress(Progress("placing", (number + share) / len(windows)))

    start_N2 = points.places / HALF_FIELD - 1
    found_N2 = start_N2.copy()
    for number, window in enumerate(windows):
        inner = slice(window.first + window.known, window.end)
        given_N2 = start_N2[window.first : window.end].copy()
        given_N2[: window.known] = found_N2[window.first :][: window.known]
        placed_N2 = run.place(window, given_N2, partial(on_share, number))
        found_N2[inner] = placed_N2[window.known :]
    return np.where(points.kept[:, None], points.places, (found_N2 + 1) * HALF_FIELD)


def cut(count: int, how: PlacingOptions) -> list[Window]:
    """Windows that together hold every point."""
    stride = how.window - 2 * how.overlap
    firsts = range(0, max(1, count - 2 * how.overlap), stride)
    return [
        Window(first, min(first + how.window, count), how.overlap if first else 0)
        for first in firsts
    ]


@dataclass(frozen=True, slots=True)
class _Run:
    """One run over a map's points."""

    placer: Placer
    points: Points
    classes: np.ndarray
    how: PlacingOptions
    schedule: Schedule
    noise: Noise

    def place(
        self, window: Window, given_N2: np.ndarray, on_share: Callable[[float], None]
    ) -> np.ndarray:
        """A window's places from those that are given, both from -1 to 1."""
        kept_N = self.points.kept[window.first : window.end].copy()
        kept_N[: window.known] = True
        bodies = self._bodies(window, kept_N)

        def settle(places_N2: np.ndarray) -> np.ndarray:
            """Put back what is kept, and hold the lengths of sliders."""
            return _held(np.where(kept_N[:, None], given_N2, places_N2), bodies)

        places_N2 = given_N2
        if self.how.from_noise:
            places_N2 = self.noise.standard_normal(given_N2.shape)
        places_N2 = settle(places_N2)
        stages = list(self._stages(window))
        total = sum(len(indices) for _, indices in stages)
        done = 0
        for denoising, indices in stages:
            for index in indices:
                places_N2 = self._step_back(denoising, places_N2, index, settle)
                done += 1
                on_share(done / total)
        return places_N2

    def _stages(self, window: Window) -> Iterator[tuple[Denoising, Sequence[int]]]:
        """What takes which steps: the placer all of them, the second checkpoint the last one, again
        and again."""
        context = self.points.context[window.first : window.end]
        placer = self.placer
        last_to_first = range(len(self.schedule.steps) - 1, -1, -1)
        for engine, indices in (
            (placer.engine, last_to_first),
            (placer.refiner, [0] * self.how.refinements),
        ):
            if engine is not None:
                yield engine.start(context, self.classes, placer.reach), indices

    def _bodies(self, window: Window, kept_N: np.ndarray) -> list[Body]:
        """The sliders that lie in a window whole, whose ends follow from their other points."""
        return [
            body.moved(-window.first)
            for body in self.points.bodies
            if body.length is not None
            and window.first <= body.head
            and body.end < window.end
            and not kept_N[body.end - window.first]
        ]

    def _step_back(
        self,
        denoising: Denoising,
        places_N2: np.ndarray,
        index: int,
        settle: Callable[[np.ndarray], np.ndarray],
    ) -> np.ndarray:
        """The places with one step's noise less."""
        told_RN4 = denoising.denoise(places_N2, self.schedule.steps[index])
        noise_N2, shares_N2 = np.split(told_RN4[0], 2, axis=-1)
        if len(told_RN4) > 1:
            unlike_N2 = told_RN4[1, :, :2]
            noise_N2 = unlike_N2 + self.how.guidance * (noise_N2 - unlike_N2)
        belief_N2 = settle(self.schedule.belief(places_N2, noise_N2, index))
        belief_N2 = np.clip(belief_N2, -FARTHEST, FARTHEST)
        mean_N2, spread_N2 = self.schedule.back(places_N2, belief_N2, shares_N2, index)
        return mean_N2 + spread_N2 * self.noise.standard_normal(mean_N2.shape)


def _held(places_N2: np.ndarray, bodies: Sequence[Body]) -> np.ndarray:
    """The places with every body's end where its path is as long as it must be."""
    if not bodies:
        return places_N2
    on_field_N2 = (places_N2 + 1) * HALF_FIELD
    for body in bodies:
        assert body.length is not None
        on_field_N2[body.end] = body.path(on_field_N2).at(body.length)
    return on_field_N2 / HALF_FIELD - 1
