"""Runs the rules over a map or a set."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from beatheritage.osu.mode import Mode
from beatheritage.review.issue import Finding, Issue, Severity, edit_link
from beatheritage.review.registry import RULES
from beatheritage.review.rule import ALL_MODES, MapRule, Rule, SetRule
from beatheritage.review.subject import MapSubject, SetSubject


def review_map(subject: MapSubject, *, rules: tuple[Rule, ...] = RULES) -> list[Issue]:
    """The issues of one map without its files."""
    return review_set(SetSubject(maps=(subject,)), rules=rules)


def review_set(
    subject: SetSubject,
    *,
    rules: tuple[Rule, ...] = RULES,
    modes: frozenset[Mode] = ALL_MODES,
    for_submission: bool = False,
) -> list[Issue]:
    """The issues of a set and its maps; of the latter those whose mode is among ``modes``.

    Raises InputError for a file of the set that cannot be read.
    """
    found = chain.from_iterable(_findings(rule, subject) for rule in rules)
    return [
        _issue(rule, finding, one, for_submission=for_submission)
        for rule, finding, one in found
        if one is None or one.mode in modes
    ]


def _findings(rule: Rule, subject: SetSubject) -> Iterator[tuple[Rule, Finding, MapSubject | None]]:
    """What a rule finds, and in which map."""
    maps = tuple(one for one in subject.maps if one.mode in rule.modes)
    match rule:
        case MapRule():
            for one in maps:
                yield from ((rule, finding, one) for finding in rule.judge(one))
        case SetRule() if maps:
            # The subject itself where it can be, so that its facts are read once.
            narrowed = subject if maps == subject.maps else replace(subject, maps=maps)
            for finding in rule.judge(narrowed):
                index = finding.map_index
                yield rule, finding, None if index is None else maps[index]


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
