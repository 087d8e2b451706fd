"""Tables of what the rules find in generated maps, beside people's, and in whole sets."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from beatheritage.evaluate.asks import ASKED
from beatheritage.evaluate.judged import MOST_PEOPLE, Judged
from beatheritage.evaluate.outcome import Outcome
from beatheritage.evaluate.sets import SetOutcome
from beatheritage.evaluate.spread import by_song, figure, mean, median, single
from beatheritage.evaluate.tables import Line, Table
from beatheritage.osu.level import Level
from beatheritage.osu.mode import MODES, Mode

LEAST_MAPS = 5  # of a level, ours and people's, from which they are compared
NESTED_TARGET = 0.9
SECOND_TARGET = 0.7
MODE_NAMES = tuple(MODES[mode].words[0] for mode in Mode)


def rule_lines(outcomes: Sequence[Outcome], people: Sequence[Judged]) -> tuple[Line, ...]:
    maps = _asked(outcomes)
    songs = len({one.song for one in maps})
    faulty = float(sum(bool(one.problems) for one in maps))
    more = warnings_beside(maps, people)
    return (
        Line(
            what="generated maps with a Problem of scope map, every mode",
            figure=single(faulty, len(maps), songs) if maps else None,
            unit="count",
            target=0,
            at_most=True,
        ),
        Line(
            what="modes and levels whose maps have more Warnings than people's (median)",
            figure=single(float(sum(ours > theirs for *_, ours, theirs in more)), len(more), songs)
            if more
            else None,
            unit="count",
            target=0,
            at_most=True,
        ),
    )


def warnings_beside(
    maps: Sequence[Outcome], people: Sequence[Judged]
) -> list[tuple[str, Level, int, int, float, float]]:
    """For each mode and level of which there are maps: how many are ours and people's, and the
    median number of Warnings of both."""
    rows = []
    for mode in MODE_NAMES:
        for level in Level:
            ours = [one.warnings for one in maps if (one.mode, one.level) == (mode, level)]
            theirs = [one.warnings for one in people if (one.mode, one.level) == (mode, level)]
            if min(len(ours), len(theirs)) >= LEAST_MAPS:
                medians = float(np.median(ours)), float(np.median(theirs))
                rows.append((mode, level, len(ours), len(theirs), *medians))
    return rows


def rules_table(outcomes: Sequence[Outcome], people: Sequence[Judged]) -> Table:
    rows = [
        (mode, _name(level), f"{count} / {others}", f"{ours:g}", f"{theirs:g}")
        for mode, level, count, others, ours, theirs in warnings_beside(_asked(outcomes), people)
    ]
    return Table(
        title="Warnings a map, beside people's",
        text=(
            "Medians of the Warnings of scope map, metadata apart, over the maps written for stars "
            f"asked; people's are up to {MOST_PEOPLE} of each mode and level from the corpus, "
            "among those that carry a beatmap id. The level is the one that a map names, else that "
            f"of its stars; those with fewer than {LEAST_MAPS} maps of either are left out."
        ),
        head=("mode", "level", "maps, ours / people's", "ours", "people's"),
        rows=tuple(rows),
    )


def problems_table(outcomes: Sequence[Outcome], sets: Sequence[SetOutcome]) -> Table:
    """Every Problem that was found, by rule and mode."""
    maps = _asked(outcomes)
    rows = [
        *_counted("maps", ((one.mode, one.problems) for one in maps)),
        *_counted("maps of sets", ((one.mode, one.problems) for one in sets)),
        *_counted("sets", ((one.mode, one.set_problems) for one in sets)),
    ]
    return Table(
        title="Problems that were left",
        text="What `beatheritage check` has against generated maps and sets, and in how many.",
        head=("in", "mode", "rule", "how many", "times"),
        rows=tuple(rows),
    )


def _counted(
    what: str, found: Iterable[tuple[str, dict[str, int]]]
) -> list[tuple[str, str, str, str, str]]:
    maps: Counter[tuple[str, str]] = Counter()
    times: Counter[tuple[str, str]] = Counter()
    for mode, problems in found:
        for rule, count in problems.items():
            maps[mode, rule] += 1
            times[mode, rule] += count
    return [(what, *key, str(maps[key]), str(times[key])) for key in sorted(maps)]


def set_lines(sets: Sequence[SetOutcome]) -> tuple[Line, ...]:
    written = [one for one in sets if not one.error]
    songs = len({one.song for one in written})
    faulty = float(sum(bool(one.problems or one.set_problems) for one in written))
    nested = [(one.song, share) for one in written for share in one.nested]
    costs = [
        (one.song, one.second_s / one.first_s)
        for one in written
        if one.first_s is not None and one.second_s is not None
    ]
    return (
        Line(
            what="sets with a Problem of scope map or set",
            figure=single(faulty, len(written), songs) if written else None,
            unit="count",
            target=0,
            at_most=True,
        ),
        Line(
            what="a difficulty's onsets that stand in the next harder one (least)",
            figure=single(min(share for _, share in nested), len(nested), songs)
            if nested
            else None,
            unit="%",
            target=NESTED_TARGET,
        ),
        Line(
            what="the second difficulty's work over the first's, timing included (mean)",
            figure=figure(by_song(costs), mean),
            unit="%",
            target=SECOND_TARGET,
            at_most=True,
        ),
    )


def sets_table(sets: Sequence[SetOutcome]) -> Table:
    rows = []
    for mode in MODE_NAMES:
        mine = [one for one in sets if one.mode == mode and not one.error]
        if mine:
            nested = [share for one in mine for share in one.nested]
            maps = [len(one.stars) for one in mine]
            rows.append(
                (
                    mode,
                    str(len(mine)),
                    str(sum(maps)),
                    f"{min(nested):.0%}, {median(np.array(nested)):.0%}".replace("%", " %")
                    if nested
                    else "",
                    str(sum(bool(one.problems) for one in mine)),
                    str(sum(bool(one.set_problems) for one in mine)),
                )
            )
    return Table(
        title="Whole sets",
        text=(
            "Complete spreads as `beatheritage spread` writes them without further words, one for "
            "a song, the modes in turn; judged as for submission in all that is about difficulties."
        ),
        head=(
            "mode",
            "sets",
            "difficulties",
            "onsets kept above: least, median",
            "sets with a Problem of a map",
            "of the set",
        ),
        rows=tuple(rows),
    )


def _asked(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [one for one in outcomes if one.group == ASKED and not one.error]


def _name(level: Level) -> str:
    return level.name.replace("_PLUS", "+").capitalize()
