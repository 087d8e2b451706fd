"""A map while it is still being written: what stands so far, placed, for whoever is watching."""

from collections.abc import Callable, Sequence
from copy import deepcopy

import numpy as np

from beatheritage.engine.models import Models
from beatheritage.generate.assemble import assemble
from beatheritage.generate.drafting import Heard
from beatheritage.generate.place import SEEN_OBJECTS, Before, PlaceOptions, place
from beatheritage.generate.plan import Plan
from beatheritage.osu.beatmap import Beatmap, HitObject
from beatheritage.tokens.events import Draft, Event


class Sketch:
    """Places what is new at each look, and lets the rest stand. It is not the map: luck of its own
    goes into it, and nothing is repaired or brought to the stars that were asked for."""

    def __init__(
        self,
        heard: Heard,
        plan: Plan,
        models: Models,
        look: PlaceOptions,
        rng: np.random.Generator,
    ) -> None:
        self._heard, self._plan, self._models = heard, plan, models
        self._look, self._rng = look, deepcopy(rng)
        self._objects: tuple[HitObject, ...] = ()

    def of(self, events: Sequence[Event]) -> Callable[[], Beatmap]:
        """A look at these events: at more of the same at each, or at as many."""
        return lambda: self._placed(tuple(events))

    def _placed(self, events: tuple[Event, ...]) -> Beatmap:
        count, timing = len(self._objects), self._heard.timing
        seen = slice(max(0, count - SEEN_OBJECTS), count)
        before = Before(events=events[seen], objects=self._objects[seen])
        added = Draft(events=events[count:])
        if added.events:
            engine = self._models.placer
            self._objects += place(added, timing, self._look, engine, self._rng, before)
        draft = Draft(events=events)
        song, name = self._heard.song, self._models.name
        return assemble(self._objects, draft, timing, self._plan, song, name)
