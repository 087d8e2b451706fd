"""Runs the rules over a map or a set."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from beatheritage.osu.mode import Mode
from beatheritage.review.issue import Finding, Issue, Severity, edit_link
from beatheritage.review.registry import RULES
from beatheritage.review.rule import MapRule, Rule, SetRule
from beatheritage.review.subject import MapSubject, SetSubject


def review_map(subject: MapSubject, *, rules: tuple[Rule, ...] = RULES) -> list[Issue]:
    """The issues of one map by itself."""
    return [
        _issue(rule, finding, subject, for_submission=False)
        for rule in rules
        if isinstance(rule, MapRule) and subject.mode in rule.modes
        for finding in rule.judge(subject)
    ]


def review_set(
    subject: SetSubject,
    *,
    rules: tuple[Rule, ...] = RULES,
    modes: frozenset[Mode] = frozenset(Mode),
    for_submission: bool = False,
) -> list[Issue]:
    """The issues of a set, and of each of its maps whose mode is among ``modes``."""
    return list(chain.from_iterable(_apply(rule, subject, modes, for_submission) for rule in rules))


def _apply(
    rule: Rule, subject: SetSubject, modes: frozenset[Mode], for_submission: bool
) -> Iterator[Issue]:
    maps = tuple(one for one in subject.maps if one.mode in rule.modes & modes)
    match rule:
        case MapRule():
            for one in maps:
                for finding in rule.judge(one):
                    yield _issue(rule, finding, one, for_submission=for_submission)
        case SetRule() if maps:
            for finding in rule.judge(replace(subject, maps=maps)):
                index = finding.map_index
                one = None if index is None else maps[index]
                yield _issue(rule, finding, one, for_submission=for_submission)


def _issue(
    rule: Rule, finding: Finding, subject: MapSubject | None, *, for_submission: bool
) -> Issue:
    severity = finding.severity
    if rule.eased and not for_submission:
        severity = min(severity, Severity.WARNING)
    time = finding.time
    if time is None and finding.objects and subject is not None:
        time = subject.objects[finding.objects[0]].time
    notes = [subject.note_names[index] for index in finding.objects] if subject else []
    return Issue(
        rule=rule.name,
        group=rule.group,
        scope=rule.scope,
        severity=severity,
        message=finding.message,
        difficulty=subject.label if subject else "",
        time=time,
        objects=finding.objects,
        link="" if time is None else edit_link(time, notes),
    )
