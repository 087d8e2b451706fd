"""A review for people, and for programs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from beatheritage.review.issue import Issue, Severity, stamp

MOST_ALIKE = 5  # issues of one rule in one difficulty that a person is shown
_SIGNS = {Severity.PROBLEM: "!!", Severity.WARNING: " !", Severity.MINOR: "  "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found in one path."""

    path: str
    issues: tuple[Issue, ...]

    @property
    def has_problems(self) -> bool:
        return any(issue.severity is Severity.PROBLEM for issue in self.issues)

    def at_least(self, severity: Severity) -> "Report":
        """The report without what is less severe."""
        kept = tuple(issue for issue in self.issues if issue.severity >= severity)
        return Report(path=self.path, issues=kept)


def count_text(issues: Iterable[Issue]) -> str:
    """How many issues there are of each severity, in words."""
    counts = Counter(issue.severity for issue in issues)
    words = [
        f"{counts[severity]} {severity.name.lower()}{'s' * (counts[severity] != 1)}"
        for severity in sorted(Severity, reverse=True)
        if counts[severity]
    ]
    return ", ".join(words) or "no issues"


def text_lines(report: Report) -> Iterator[str]:
    """The report as people read it: by difficulty, what is about the whole set first."""
    yield f"{report.path}: {count_text(report.issues)}"
    by_difficulty = sorted(report.issues, key=lambda issue: issue.difficulty)
    for difficulty, issues in groupby(by_difficulty, key=lambda issue: issue.difficulty):
        yield ""
        yield f"[{difficulty}]" if difficulty else "whole set"
        yield from _difficulty_lines(list(issues))


def _difficulty_lines(issues: Sequence[Issue]) -> Iterator[str]:
    # Sorting keeps the order of the rules among those of one severity.
    alike = groupby(
        sorted(issues, key=lambda issue: -issue.severity),
        key=lambda issue: (issue.rule, issue.severity),
    )
    for (rule, severity), group in alike:
        found = list(group)
        for issue in found[:MOST_ALIKE]:
            yield f" {_SIGNS[severity]} {_place(issue):<9} {rule}: {issue.message}{_link(issue)}"
        if len(found) > MOST_ALIKE:
            yield f"    {'':<9} {rule}: and {len(found) - MOST_ALIKE} more"


def _place(issue: Issue) -> str:
    return "" if issue.time is None else stamp(issue.time)


def _link(issue: Issue) -> str:
    return f"  {issue.link}" if issue.link else ""


def as_json(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "path": report.path,
        "issues": [
            {
                "rule": issue.rule,
                "group": issue.group.value,
                "scope": issue.scope.value,
                "severity": issue.severity.name.lower(),
                "message": issue.message,
                "difficulty": issue.difficulty,
                "time": issue.time,
                "objects": list(issue.objects),
                "link": issue.link,
            }
            for issue in report.issues
        ],
    }
