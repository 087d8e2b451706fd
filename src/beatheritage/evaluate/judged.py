"""What the review rules say of maps: Problems by rule, and how many Warnings; ours and people's."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from beatheritage.dataset.catalogue import load_corpus
from beatheritage.errors import InputError
from beatheritage.evaluate.shelf import Shelf
from beatheritage.osu.level import Level
from beatheritage.osu.mode import MODES, Mode
from beatheritage.review.issue import Group, Issue, Scope, Severity
from beatheritage.review.levels import level_of_map
from beatheritage.review.mapset import read_map
from beatheritage.review.review import review_map
from beatheritage.review.subject import MapSubject

CORPUS = "osu_corpus.tar.xz"
MOST_PEOPLE = 40  # maps of a mode and level


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Issues of scope map, metadata apart: ``problems`` counts them by rule."""

    mode: str
    level: int
    problems: dict[str, int] = field(default_factory=dict)
    warnings: int = 0


def judge(subject: MapSubject) -> Judged:
    issues = review_map(subject)
    return Judged(
        mode=MODES[subject.mode].words[0],
        level=int(level_of_map(subject)),
        problems=by_rule(issues, Severity.PROBLEM),
        warnings=sum(by_rule(issues, Severity.WARNING).values()),
    )


def by_rule(
    issues: Iterable[Issue], severity: Severity, scope: Scope = Scope.MAP
) -> dict[str, int]:
    """How many issues of a severity each rule has, names and texts apart."""
    kept = (one for one in issues if one.group is not Group.METADATA)
    return dict(
        Counter(one.rule for one in kept if one.severity is severity and one.scope is scope)
    )


def people_judged(data: Path, shelf: Shelf) -> tuple[Judged, ...]:
    """What the rules say of people's maps: the first of each mode and level in the corpus, among
    those that carry a beatmap id. None where the corpus is not there."""
    source = data / CORPUS
    if not source.is_file():
        return ()
    question = {"bytes": source.stat().st_size, "most": MOST_PEOPLE}
    kept = shelf.kept("people", question, lambda: {"maps": _people(source)})
    return tuple(Judged(**one) for one in kept["maps"])


def _people(source: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    counts: Counter[tuple[Mode, Level]] = Counter()
    for chart in load_corpus(source):
        try:
            subject = read_map(chart.data)
        except InputError:  # too large to be judged at all
            continue
        if subject.beatmap.metadata.beatmap_id <= 0 or not subject.objects:
            continue
        place = subject.mode, level_of_map(subject)
        counts[place] += 1
        if counts[place] <= MOST_PEOPLE:
            found.append(asdict(judge(subject)))
    return found
