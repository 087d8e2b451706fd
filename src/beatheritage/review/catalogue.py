"""Writes the page of all rules: python -m beatheritage.review.catalogue -o docs/checks.md"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from beatheritage.osu.archive import write_file
from beatheritage.osu.level import Level
from beatheritage.osu.limits import Range
from beatheritage.osu.mode import MODES, Mode
from beatheritage.review.control import DRAWN, MAPS, Looked, looked, read_flags
from beatheritage.review.issue import Group
from beatheritage.review.registry import RULES
from beatheritage.review.rule import ALL_MODES, Rule
from beatheritage.review.unjudged import UNJUDGED

MOST_THRESHOLD_LETTERS = 160

HEAD = """# The rules that `beatheritage check` knows

Written by `python -m beatheritage.review.catalogue -o docs/checks.md`; a test holds it to the code.

- Names are those of Mapset Verifier where it has the rule; the source says what osu!lazer's verify
  tab calls it. The rules were written from their descriptions, none of the code is theirs.
- Where sources disagree the strictest number is taken. Times are milliseconds, places osu! pixels.
- P is a problem, W a warning, M minor. `check` exits with 1 where there is a P.
- Scope *map* is one difficulty, *set* the difficulties together, *material* what the user gave:
  song, tags, pictures, samples. P* is a warning until `--for-submission` makes it a problem:
  material, and what a single difficulty cannot have.
- A lone .osu is judged without the files around it.
"""
TABLE = """
| rule | flags | modes | scope | severity | thresholds | source |
| --- | --- | --- | --- | --- | --- | --- |
"""
CONTROLLED = """
## On people's maps

Maps that the absolute rules, those whose Problems one map can have by itself, flag among the
{total:,} of a corpus of people's maps that carry a beatmap id ({maps}; an id
makes no map ranked, and some are tests, jokes or drafts). Up to {drawn} of each rule, drawn at
random, were looked at with the objects around; wrong are those without such a fault. Over all
rules, and those not looked at counted like the others, {share} of the maps are flagged wrongly.
Counted by `python -m beatheritage.evaluate.control`.

| rule | maps flagged | {modes} | looked at | wrong | seen |
| --- | --- | {lines} | --- | --- | --- |
"""
CONTROL_TAIL = """
What is wrong: notes on 1/10, 1/18, 1/32 or 1/48, and notes behind red lines that are there for
their effect on scrolling, are off every tick that the tools know, and both tools say so; columns of
fewer than ten notes are uneven by one or two; a jump out of a short slider's end; a dash within a
stream that can be walked. The tools' numbers stand all the same: what passes here passes there.
Never flagged: {never}.
"""
TAIL = """
## Not judged

What cannot be told from the files, and why.

| rule | source | reason |
| --- | --- | --- |
"""


def page() -> str:
    """The whole page, Markdown."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    yield HEAD
    yield f"\n{len(RULES)} rules.\n"
    for group in Group:
        rules = [rule for rule in RULES if rule.group is group]
        if rules:
            yield f"\n## {group.value}\n{TABLE}"
            yield from map(_row, rules)
    yield from _control()
    yield TAIL
    for rule, source, reason in UNJUDGED:
        yield f"| {rule} | {source} | {reason} |\n"


def _control() -> Iterator[str]:
    rules = looked(read_flags())
    names = [MODES[mode].words[0] for mode in Mode]
    yield CONTROLLED.format(
        total=sum(MAPS),
        maps=", ".join(f"{count} {name}" for count, name in zip(MAPS, names, strict=True)),
        drawn=DRAWN,
        share=f"{sum(one.wrong_maps for one in rules) / sum(MAPS):.1%}".replace("%", " %"),
        modes=" | ".join(names),
        lines=" | ".join("---" for _ in names),
    )
    yield from (_control_row(one) for one in rules if any(one.flagged))
    yield CONTROL_TAIL.format(never=", ".join(one.rule for one in rules if not any(one.flagged)))


def _control_row(one: Looked) -> str:
    numbers = (sum(one.flagged), *(count or "" for count in one.flagged), one.looked_at, one.wrong)
    return f"| {one.rule} | {' | '.join(map(str, numbers))} | {one.seen} |\n"


def _row(rule: Rule) -> str:
    cells = (
        rule.name,
        flags(rule),
        "all" if rule.modes == ALL_MODES else ", ".join(_mode_names(rule)),
        rule.scope.value,
        " ".join(_severity(rule)),
        "<br>".join(_thresholds(rule)),
        "<br>".join(rule.sources),
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def flags(rule: Rule) -> str:
    """What a rule flags: the first paragraph of its function's docstring."""
    text = (rule.judge.__doc__ or "").split("\n\n")[0]
    return " ".join(text.split())


def _mode_names(rule: Rule) -> list[str]:
    return [MODES[mode].words[0] for mode in sorted(rule.modes)]


def _severity(rule: Rule) -> Iterator[str]:
    for severity in sorted(rule.severities, reverse=True):
        letter = severity.name[0]
        yield f"{letter}*" if letter == "P" and rule.eased else letter


def _thresholds(rule: Rule) -> Iterator[str]:
    for name in rule.thresholds:
        text = f"`{name} = {_shown(threshold(rule, name))}`"
        cut = len(text) > MOST_THRESHOLD_LETTERS
        yield f"`{name}` (in `{rule.judge.__module__.rpartition('.')[2]}.py`)" if cut else text


def threshold(rule: Rule, name: str) -> Any:
    """The value of one of a rule's thresholds, a constant of its module."""
    return getattr(sys.modules[rule.judge.__module__], name)


def _shown(value: Any) -> str:
    """A threshold as people write it."""
    match value:
        case Level():
            return value.name.replace("_PLUS", "+").capitalize()
        case Mode():
            return MODES[value].words[0]
        case Range():
            return f"{_shown(value.low)} to {_shown(value.high)}"
        case float() | int():
            return f"{value:_.4g}" if abs(value) < 1 else f"{round(value, 4):_}".removesuffix(".0")
        case dict():
            return ", ".join(f"{_shown(key)}: {_shown(one)}" for key, one in value.items())
        case tuple() | list() | set() | frozenset():
            return f"({', '.join(map(_shown, value))})"
        case _:
            return str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.md")
    output = parser.parse_args().output
    write_file(output, page().encode())
    print(output)


if __name__ == "__main__":
    main()
