"""People's maps as the control: which of them the absolute rules flag, and whether rightly.

``control.csv`` has a line for each map with a beatmap id and each rule that finds a Problem in it;
``python -m beatheritage.evaluate.control`` counts them anew. The verdicts were given by hand, with
the objects around each fault in view. An id makes no map ranked: some of these are tests, jokes or
drafts.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.resources import files
from typing import Literal

from beatheritage.osu.mode import MODES, Mode
from beatheritage.review.issue import Scope, Severity
from beatheritage.review.registry import RULES
from beatheritage.review.rule import MapRule

# Maps with a beatmap id in the corpus, in the order std, taiko, catch, mania.
MAPS = (783, 78, 36, 446)
DRAWN = 40  # maps of a rule that are looked at, where it flags more
MOST_WRONG = 0.03  # share of the maps that may be flagged wrongly
FILE = "control.csv"

Verdict = Literal["fault", "wrong", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A map that a rule flags. ``verdict`` is empty where nobody has looked."""

    rule: str
    mode: str
    beatmap_id: int
    md5: str
    verdict: Verdict = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What came of looking at a rule's flags; ``flagged`` by mode as ``MAPS``."""

    rule: str
    flagged: tuple[int, ...]
    looked_at: int
    wrong: int
    seen: str

    @property
    def wrong_maps(self) -> float:
        """How many maps are flagged wrongly: of those not looked at, as many as of the others."""
        return sum(self.flagged) * self.wrong / self.looked_at if self.looked_at else 0.0


def absolute_rules() -> tuple[MapRule, ...]:
    """The rules whose Problems a single map can have, whatever its song and its set."""
    return tuple(
        rule
        for rule in RULES
        if isinstance(rule, MapRule)
        and rule.scope is Scope.MAP
        and Severity.PROBLEM in rule.severities
        and not rule.eased
    )


def read_flags() -> tuple[Flag, ...]:
    text = (files("beatheritage.review") / FILE).read_text("utf-8")
    return tuple(
        Flag(**{**row, "beatmap_id": int(row["beatmap_id"])})
        for row in csv.DictReader(io.StringIO(text))
    )


def flags_csv(flags: Iterable[Flag]) -> str:
    """The flags as their file has them: by rule, those drawn to be looked at first."""
    stream = io.StringIO()
    rows = csv.DictWriter(stream, [one.name for one in fields(Flag)], lineterminator="\n")
    rows.writeheader()
    rows.writerows(asdict(flag) for flag in sorted(flags, key=_place))
    return stream.getvalue()


def drawn(flags: Sequence[Flag], rule: str) -> tuple[Flag, ...]:
    """Those of a rule that are to be looked at: all, or ``DRAWN`` at random."""
    return tuple(sorted((flag for flag in flags if flag.rule == rule), key=_place)[:DRAWN])


def looked(flags: Sequence[Flag]) -> tuple[Looked, ...]:
    """A line for each absolute rule, those that flag most maps first."""
    found = [_looked(rule.name, flags) for rule in absolute_rules()]
    return tuple(sorted(found, key=lambda one: (-sum(one.flagged), one.rule)))


def _looked(rule: str, flags: Sequence[Flag]) -> Looked:
    own = [flag for flag in flags if flag.rule == rule]
    seen = [flag for flag in own if flag.verdict]
    modes = Counter(flag.mode for flag in own)
    return Looked(
        rule=rule,
        flagged=tuple(modes[MODES[mode].words[0]] for mode in Mode),
        looked_at=len(seen),
        wrong=sum(flag.verdict == "wrong" for flag in seen),
        seen=", ".join(
            f"{'wrong: ' * (verdict == 'wrong')}{reason} {count}"
            for (verdict, reason), count in Counter(
                (flag.verdict, flag.reason) for flag in seen
            ).most_common()
        ),
    )


def _place(flag: Flag) -> tuple[str, str]:
    """Rules by name, maps in an order that chance gave once and that others do not change."""
    return flag.rule, hashlib.sha256(f"{flag.rule} {flag.md5}".encode()).hexdigest()
