"""Counts what the absolute rules flag on people's maps, and shows what there is to judge.

    python -m beatheritage.evaluate.control --data ../shared/data [--show RULE]

Writes the flags, with the verdicts there are, where the page of rules takes them from. ``--show``
prints, for maps of the draw that nobody has judged, the places a rule flags with the lines of the
file around them; a verdict is written into the file by hand.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from beatheritage.dataset.catalogue import ChartFile, load_corpus
from beatheritage.errors import UserError
from beatheritage.evaluate.judged import CORPUS
from beatheritage.osu.archive import write_file
from beatheritage.osu.mode import MODES
from beatheritage.review import control
from beatheritage.review.control import Flag, absolute_rules, drawn, flags_csv, looked, read_flags
from beatheritage.review.issue import Issue, Severity
from beatheritage.review.mapset import read_map
from beatheritage.review.review import review_map
from beatheritage.review.subject import MapSubject

SHOWN_PLACES = 2
LINES_AROUND = 1
LINE_LETTERS = 90


def count_flags(charts: Sequence[ChartFile], known: Sequence[Flag]) -> tuple[list[Flag], list[int]]:
    """The flags of the maps that carry a beatmap id, and how many such maps each mode has."""
    verdicts = {(flag.rule, flag.md5): flag for flag in known}
    flags: list[Flag] = []
    maps = [0] * len(MODES)
    for chart in charts:
        subject = read_map(chart.data)
        number = subject.beatmap.metadata.beatmap_id
        if number <= 0:
            continue
        maps[subject.mode] += 1
        for rule in dict.fromkeys(issue.rule for issue in problems(subject)):
            flag = Flag(
                rule=rule,
                mode=MODES[subject.mode].words[0],
                beatmap_id=number,
                md5=PurePath(chart.name).stem,
            )
            flags.append(verdicts.get((rule, flag.md5), flag))
    return flags, maps


def problems(subject: MapSubject) -> list[Issue]:
    """What the absolute rules hold against a map."""
    issues = review_map(subject, rules=absolute_rules())
    return [issue for issue in issues if issue.severity is Severity.PROBLEM]


def places(chart: ChartFile, rule: str) -> Iterator[str]:
    """The first places that a rule flags in a map, with the file's lines around them."""
    subject = read_map(chart.data)
    one = subject.beatmap
    found = [issue for issue in problems(subject) if issue.rule == rule]
    yield f"{one.metadata.artist} - {one.metadata.title} [{one.metadata.version}]"
    yield f"  {len(found)} of {len(one.objects)} objects, {subject.stars or 0:.2f} stars"
    lines = _object_lines(chart.data)
    for issue in found[:SHOWN_PLACES]:
        yield f"  {issue.message} {issue.link}"
        for index in sorted({near for at in issue.objects for near in _around(at)}):
            if 0 <= index < len(lines):
                yield f"    {index}: {lines[index][:LINE_LETTERS]}"


def _around(index: int) -> range:
    return range(index - LINES_AROUND, index + LINES_AROUND + 1)


def _object_lines(data: bytes) -> list[str]:
    text = data.decode("utf-8", "replace")
    return text.partition("[HitObjects]")[2].split("\n[")[0].strip().splitlines()


def show(charts: Sequence[ChartFile], flags: Sequence[Flag], rule: str) -> Iterator[str]:
    """What there is to judge of a rule."""
    by_md5 = {PurePath(chart.name).stem: chart for chart in charts}
    for flag in drawn(flags, rule):
        if not flag.verdict:
            yield f"{flag.rule},{flag.mode},{flag.beatmap_id},{flag.md5}"
            yield from places(by_md5[flag.md5], rule)


def summary(flags: Sequence[Flag], maps: Sequence[int]) -> Iterator[str]:
    """How much was judged, and how much of it was wrong."""
    wrong = 0.0
    for one in looked(flags):
        wrong += one.wrong_maps
        waiting = len([flag for flag in drawn(flags, one.rule) if not flag.verdict])
        yield f"{one.rule}: {sum(one.flagged)} flagged, {one.wrong} wrong, {waiting} to judge"
    yield f"{sum(maps)} maps {tuple(maps)}, flagged wrongly {wrong / sum(maps):.2%}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Count what the rules flag on people's maps.")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), metavar="DIR")
    parser.add_argument("--show", metavar="RULE", help="print what there is to judge of a rule")
    options = parser.parse_args()
    try:
        charts = load_corpus(options.data / CORPUS)
        if options.show:
            print("\n".join(show(charts, read_flags(), options.show)))
            return
        flags, maps = count_flags(charts, read_flags())
    except UserError as error:
        sys.exit(f"error: {error}")
    write_file(Path(control.__file__).parent / control.FILE, flags_csv(flags).encode())
    print("\n".join(summary(flags, maps)))


if __name__ == "__main__":
    main()
