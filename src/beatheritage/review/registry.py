"""All rules, in the order in which people read a report."""

from beatheritage.review import (
    audio,
    catch,
    compose,
    consistency,
    contents,
    events,
    hit_sounds,
    mania,
    metadata,
    resources,
    settings,
    skinning,
    spread,
    std,
    taiko,
    timing,
)
from beatheritage.review.issue import Group
from beatheritage.review.rule import Rule

_FOUND: tuple[Rule, ...] = (
    *compose.RULES,
    *events.RULES,
    *audio.RULES,
    *contents.RULES,
    *metadata.RULES,
    *resources.RULES,
    *hit_sounds.RULES,
    *settings.RULES,
    *spread.RULES,
    *timing.RULES,
    *consistency.RULES,
    *std.RULES,
    *taiko.RULES,
    *catch.RULES,
    *mania.RULES,
    *skinning.RULES,
)
_CHAPTERS = list(Group)

# Sorting keeps the order inside a chapter: first what all modes share.
RULES: tuple[Rule, ...] = tuple(sorted(_FOUND, key=lambda rule: _CHAPTERS.index(rule.group)))
