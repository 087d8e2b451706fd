"""What kind of map osu-diffusion is to place: difficulty, mapper, descriptors, circle size."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from beatheritage.config import nearest
from beatheritage.errors import OptionError, WeightsError

MOST_CIRCLE_SIZE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacingConditions:
    """None, or nothing, is not known. ``mapper`` is a user's number; ``unlike`` are descriptors
    that guidance leads away from."""

    stars: float | None = None
    circle_size: float | None = None
    mapper: int | None = None
    descriptors: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()


class PlacerVocabulary:
    """Conditions to the classes of one checkpoint, each block's last being that it isn't known."""

    def __init__(self, tokenizer: Mapping[str, Any], classes: int) -> None:
        """Raises WeightsError for a tokenizer that is none, or not that of a model of so many
        classes."""
        try:
            self._sizes = {
                "style": int(tokenizer.get("num_classes", 0)),
                "stars": int(tokenizer["num_diff_classes"]),
                "mapper": int(tokenizer.get("num_mapper_classes", 0)),
                "descriptors": int(tokenizer.get("num_descriptor_classes", 0)),
                "circle_size": int(tokenizer.get("num_cs_classes", 0)),
            }
            self._most_stars = float(tokenizer["max_difficulty"])
            mappers = tokenizer.get("mapper_idx") or {}
            descriptors = tokenizer.get("descriptor_idx") or {}
            self.mappers = {int(user): int(index) for user, index in mappers.items()}
            self.descriptors = {str(name): int(index) for name, index in descriptors.items()}
            if min(self._sizes.values()) < 0:
                raise ValueError("fewer than 0 classes")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise WeightsError(f"the tokenizer is none of osu-diffusion: {error}") from error
        for name, indices in (("mapper", self.mappers), ("descriptors", self.descriptors)):
            if any(not 0 <= index < self._sizes[name] for index in indices.values()):
                raise WeightsError(f"the tokenizer has a {name} index outside its block")
        if sum(self._sizes.values()) != classes:
            said = sum(self._sizes.values())
            raise WeightsError(f"the tokenizer has {said} classes, the model {classes}")
        self._by_bare_name = {bare(name): index for name, index in self.descriptors.items()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlacerVocabulary) and vars(self) == vars(other)

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def vectors(self, conditions: PlacingConditions, *, guided: bool) -> np.ndarray:
        """The classes (R, K): one row, and where there is guidance, and anything to lead away from,
        a second one."""
        told = self._vector(conditions, conditions.mapper, conditions.descriptors)
        unlike = self._vector(conditions, None, conditions.unlike)
        rows = [told, unlike] if guided and (told != unlike).any() else [told]
        return np.stack(rows)

    def check(self, conditions: PlacingConditions) -> None:
        """Raise OptionError for a mapper or a descriptor that the checkpoint doesn't know."""
        if conditions.mapper is not None and conditions.mapper not in self.mappers:
            raise OptionError(f"the placer knows no mapper {conditions.mapper}")
        for name in (*conditions.descriptors, *conditions.unlike):
            if bare(name) not in self._by_bare_name:
                known = tuple(self.descriptors)
                raise OptionError(
                    f"the placer knows no descriptor {name!r}", mend=nearest(name, known)
                )

    def _vector(
        self, conditions: PlacingConditions, mapper: int | None, descriptors: tuple[str, ...]
    ) -> np.ndarray:
        known = [self._by_bare_name.get(bare(name)) for name in descriptors]
        chosen = {
            "stars": [_step(conditions.stars, self._most_stars, self._sizes["stars"])],
            "mapper": [None if mapper is None else self.mappers.get(mapper)],
            "descriptors": [index for index in known if index is not None] or [None],
            "circle_size": [
                _step(conditions.circle_size, MOST_CIRCLE_SIZE, self._sizes["circle_size"])
            ],
        }
        blocks = []
        for name, size in self._sizes.items():
            block = np.zeros(size, np.float32)
            if size:
                block[[size - 1 if one is None else one for one in chosen.get(name, [None])]] = 1
            blocks.append(block)
        return np.concatenate(blocks)


def _step(value: float | None, most: float, classes: int) -> int | None:
    """The class of a number: its even share of those that aren't "not known", the last of which
    only the most itself and what is past it has."""
    if value is None:
        return None
    steps = classes - 2
    return min(max(int(value * steps / most), 0), steps)


def bare(name: str) -> str:
    """A descriptor as different vocabularies may share it: osu!'s own have a group before it."""
    return name.rpartition("/")[2].strip().casefold().replace("-", " ").replace("_", " ")
