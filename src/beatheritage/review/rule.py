"""A rule: a small function that yields findings, and what people want to know about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from beatheritage.osu.mode import Mode
from beatheritage.review.issue import Finding, Group, Scope, Severity
from beatheritage.review.subject import MapSubject, SetSubject

ALL_MODES = frozenset(Mode)
STD, TAIKO, CATCH, MANIA = (frozenset([mode]) for mode in Mode)

VERIFIER = "Mapset Verifier"
LAZER = "osu!lazer"
CRITERIA = "ranking criteria"


def lazer(*checks: str) -> str:
    """The source of a rule that osu!lazer's verify tab has too, under its names for it."""
    return f"{LAZER} ({', '.join(checks)})"


JudgeMap = Callable[[MapSubject], Iterator[Finding]]
JudgeSet = Callable[[SetSubject], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What every rule says of itself.

    ``name`` is the one that mappers know; ``thresholds`` are the names of constants in the module
    of the judging function, whose docstring says what the rule flags. ``sources`` are those whose
    rule it is. A ``completeness`` rule asks for what a single difficulty need not have: its
    Problems are Warnings until the set is to be submitted, as are those of scope MATERIAL.
    """

    name: str
    group: Group
    severities: tuple[Severity, ...]
    sources: tuple[str, ...]
    modes: frozenset[Mode] = ALL_MODES
    scope: Scope = Scope.MAP
    thresholds: tuple[str, ...] = ()
    completeness: bool = False

    @property
    def eased(self) -> bool:
        """Whether its Problems are Warnings until the set is to be submitted."""
        return self.completeness or self.scope is Scope.MATERIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRule(_About):
    """A rule that one difficulty keeps or breaks by itself."""

    judge: JudgeMap


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRule(_About):
    """A rule about several difficulties, or about the files of a set.

    The function is given the maps of ``modes`` only, and is not called where there are none. Rules
    about files say nothing where the subject has none.
    """

    judge: JudgeSet


Rule = MapRule | SetRule
