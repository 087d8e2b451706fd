"""Our reader against rosu-pp on real files, many of them broken or extreme.

python -m beatheritage.osu.conformance conformance.tar.xz -o docs/conformance.md
"""

import argparse
import csv
import io
import re
import sys
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from beatheritage.errors import InputError, UserError
from beatheritage.osu.archive import write_file
from beatheritage.osu.beatmap import Beatmap, Circle, Hold, Slider, Spinner
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import is_osu, parse
from beatheritage.osu.stars import Counts, count_objects
from beatheritage.osu.write import write

MANIFEST = "manifest.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file of the collection; ``is_accepted`` says whether the manifest has rosu-pp read it."""

    name: str
    data: bytes
    is_accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a case.

    ``expected`` is what rosu-pp counts, None where it refuses the file. ``unstable`` says how
    reading what we wrote differs from what we had read, "" where it does not.
    """

    name: str
    is_osu: bool
    version: int
    mode: Mode
    found: Counts
    expected: Counts | None
    warnings: tuple[str, ...]
    unstable: str = ""

    @property
    def agrees(self) -> bool:
        return self.expected is None or self.expected == self.found


def read_cases(archive: Path) -> list[Case]:
    """The files that the manifest of a .tar.xz names, in its order (InputError)."""
    try:
        with tarfile.open(archive) as tar:
            files = {
                PurePosixPath(member.name).name: content.read()
                for member in tar
                if (content := tar.extractfile(member)) is not None
            }
    except (OSError, tarfile.TarError, EOFError) as error:
        raise InputError("is no readable .tar archive", where=str(archive)) from error
    if MANIFEST not in files:
        raise InputError(f"holds no {MANIFEST}", where=str(archive))
    rows = csv.DictReader(io.StringIO(files[MANIFEST].decode("utf-8-sig"), newline=""))
    return [
        Case(name=row["file"], data=files[row["file"]], is_accepted=row["rosu_pp"] == "ok")
        for row in rows
    ]


def judge(case: Case, *, rewrites: bool = True) -> Outcome:
    """Read a case, count it again by rosu-pp and, if ``rewrites``, write and read it once more."""
    beatmap, warnings = parse(case.data)
    return Outcome(
        name=case.name,
        is_osu=is_osu(case.data),
        version=beatmap.format_version,
        mode=beatmap.mode,
        found=_counts(beatmap),
        expected=count_objects(case.data) if case.is_accepted else None,
        warnings=warnings,
        unstable=instability(beatmap) if rewrites else "",
    )


def _counts(beatmap: Beatmap) -> Counts:
    kinds = Counter(map(type, beatmap.objects))
    return Counts(kinds[Circle], kinds[Slider], kinds[Spinner], kinds[Hold])


def instability(beatmap: Beatmap) -> str:
    """What changes when a beatmap is written and read again; "" if nothing does."""
    try:
        text = write(beatmap)
    except UserError as error:
        return f"cannot be written: {error}"
    again = parse(text).beatmap
    # The version is the one thing that writing changes on purpose.
    if again != replace(beatmap, format_version=again.format_version):
        return "reads otherwise after writing"
    return "" if write(again) == text else "is written otherwise the second time"


def report(outcomes: Iterable[Outcome]) -> str:
    """The page docs/conformance.md."""
    outcomes = list(outcomes)
    counted = [outcome for outcome in outcomes if outcome.expected is not None]
    agreeing = sum(outcome.agrees for outcome in counted)
    share = agreeing / len(counted) if counted else 1.0
    lines = [
        "# Conformance of the reader",
        "",
        "Written by `python -m beatheritage.osu.conformance ../shared/data/conformance.tar.xz`"
        " (`-o docs/conformance.md`).",
        "",
        f"- {len(outcomes)} files read, none raised an error"
        f" ({sum(outcome.found.total for outcome in outcomes):,} objects).",
        "- As many circles, sliders, spinners and holds as rosu-pp counts in"
        f" {agreeing} of the {len(counted)} files that it accepts: {share:.1%}.",
        f"- {sum(not outcome.unstable for outcome in outcomes)} come out the same after writing"
        " and reading again.",
        "",
        *_versions(outcomes),
        *_listed("Files that disagree with rosu-pp", _disagreements(counted)),
        *_listed("Files that change when written and read again", _instabilities(outcomes)),
        *_listed("Files that are no .osu at all (read as empty)", _strangers(outcomes)),
        *_listed("What was skipped or mended, by files", _warnings(outcomes)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def main(arguments: list[str] | None = None) -> int:
    """The command: write the report, and fail where a file disagrees without being listed."""
    parser = argparse.ArgumentParser(prog="python -m beatheritage.osu.conformance")
    parser.add_argument("archive", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        page = report(judge(case) for case in read_cases(options.archive))
        write_file(options.output, page.encode())
    except UserError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _versions(outcomes: list[Outcome]) -> Iterator[str]:
    counts = Counter((outcome.version, outcome.mode.name.lower()) for outcome in outcomes)
    modes = ["std", "taiko", "catch", "mania"]
    yield f"| format version | {' | '.join(modes)} |"
    yield f"| --- |{' --- |' * len(modes)}"
    for version in sorted({version for version, _ in counts}):
        cells = " | ".join(str(counts[version, mode]) for mode in modes)
        yield f"| {version} | {cells} |"
    yield ""


def _listed(title: str, items: Iterable[str]) -> list[str]:
    listed = [f"- {item}" for item in items] or ["None."]
    return [f"## {title}", "", *listed, ""]


def _disagreements(outcomes: list[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if not outcome.agrees:
            left_out = [text for text in outcome.warnings if "hit object" in text]
            reason = left_out[0] if left_out else "no line was left out by us"
            counts = f"{tuple(outcome.found)}, rosu-pp {tuple(outcome.expected or ())}"
            yield f"`{outcome.name}`: circles, sliders, spinners, holds {counts}; {reason}"


def _instabilities(outcomes: list[Outcome]) -> Iterator[str]:
    return (f"`{item.name}`: {item.unstable}" for item in outcomes if item.unstable)


def _strangers(outcomes: list[Outcome]) -> Iterator[str]:
    return (f"`{outcome.name}`" for outcome in outcomes if not outcome.is_osu)


def _warnings(outcomes: list[Outcome]) -> Iterator[str]:
    """Kinds of warnings, numbers and quoted words left out, by how many files have them."""
    kinds: Counter[str] = Counter()
    for outcome in outcomes:
        texts = (text.partition(": ")[2] for text in outcome.warnings)
        kinds.update({re.sub(r"'[^']*'|-?\d+|\[[^]]*\]", "…", text) for text in texts})
    return (f"{count} × {kind}" for kind, count in sorted(kinds.items(), key=_by_count))


def _by_count(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


if __name__ == "__main__":
    raise SystemExit(main())
