"""Write the model card, the pictures of training, and the table of models in the documentation.

    python -m beatheritage.train.card --data ../shared/data --cache runs \\
        --runs runs/mapper runs/placer runs/beats -o src/beatheritage/weights/MODEL_CARD.md

After ``beatheritage evaluate --json FILE``, ``--quality FILE`` adds what was measured. No number in
the card is written by hand.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from beatheritage.dataset.census import ChartCount, Holding, count_charts, count_songs
from beatheritage.dataset.prepare import Record, load_records
from beatheritage.engine.weights import WEIGHTS
from beatheritage.errors import InputError, UserError
from beatheritage.osu.archive import write_file
from beatheritage.osu.mode import Mode
from beatheritage.tokens.prompt import KEYS
from beatheritage.train.card_words import (
    DATA_WORDS,
    FIRST_STEPS,
    OPENING,
    PANELS,
    PLACED_WORDS,
    QUALITY_WORDS,
    RIGHTS,
    ROLES,
    SPLIT_WORDS,
    TITLES,
    TRAINING_WORDS,
    commands,
    weaknesses,
)
from beatheritage.train.curves import draw_curves
from beatheritage.train.headline import headline
from beatheritage.train.history import LOG, History, read_history
from beatheritage.train.shipped import MODELS, ShippedModel, shipped_models

BEGIN, END = "<!-- models: begin -->", "<!-- models: end -->"
MODELS_PAGE = "models.md"


class Placed(NamedTuple):
    """Charts that the placer learned from and was judged on, and the objects of both."""

    learned: int
    held_out: int
    objects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the card tells, counted; ``histories`` are by the models' names."""

    models: tuple[ShippedModel, ...]
    songs: tuple[Holding, ...]
    charts: tuple[ChartCount, ...]
    placed: Placed
    histories: Mapping[str, History]
    quality: Path | None = None


def write_card(facts: Facts, card: Path, docs: Path) -> tuple[Path, ...]:
    """Write the card, ``docs/curves`` and the block of ``docs/models.md``; the files' paths.

    Raises InputError for a page without its markers, OutputError for what cannot be written.
    """
    page = docs / MODELS_PAGE
    files = {card: card_text(facts, os.path.relpath(docs, card.parent))}
    files[page] = replace_block(page, models_table(facts.models))
    for name, history in facts.histories.items():
        curves = draw_curves(history, TITLES[name], PANELS[name])
        files[docs / "curves" / f"{name}.svg"] = curves
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, text.encode())
    return tuple(files)


def card_text(facts: Facts, docs: str) -> str:
    """The card in Markdown; ``docs`` is the way to the documentation from where the card lies."""
    docs = docs.replace(os.sep, "/")
    curves = [f"![{TITLES[name]}]({docs}/curves/{name}.svg)" for name in facts.histories]
    steps = {name: history.steps for name, history in facts.histories.items()}
    parts = [
        OPENING,
        models_table(facts.models),
        f"How they work, and why so: [{MODELS_PAGE}]({docs}/{MODELS_PAGE}).",
        files_table(facts.models),
        f"## What they learned from\n\n{DATA_WORDS}",
        songs_table(facts.songs),
        RIGHTS,
        SPLIT_WORDS.format(seen=FIRST_STEPS),
        charts_table(facts.charts),
        PLACED_WORDS.format(**facts.placed._asdict()),
        f"## How they were trained\n\n{commands(steps)}",
        TRAINING_WORDS.format(seen=FIRST_STEPS),
        training_table(facts.histories),
        *curves,
        f"## How good they are\n\n{QUALITY_WORDS.format(docs=docs)}",
        *([headline(facts.quality)] if facts.quality else []),
        f"## Known weaknesses\n\n{weaknesses(facts.charts)}",
    ]
    return "\n\n".join(parts) + "\n"


def models_table(models: Sequence[ShippedModel]) -> str:
    """What each model is for and how large it is."""
    rows = [
        (each.name, ROLES[each.name], f"{each.parameters:,}", f"{each.size / 1e6:.1f} MB")
        for each in models
    ]
    total = sum(each.size for each in models)
    parameters = sum(each.parameters for each in models)
    rows.append(("all", "", f"{parameters:,}", f"{total / 1e6:.1f} MB"))
    return table(("model", "what it does", "parameters", "files"), rows)


def files_table(models: Sequence[ShippedModel]) -> str:
    rows = [
        (f"`{file.name}`", f"{file.size:,}", f"`{file.sha256}`")
        for model in models
        for file in model.files
    ]
    return table(("file", "bytes", "SHA-256"), rows)


def songs_table(songs: Sequence[Holding]) -> str:
    rows = [
        (each.kind, each.licence, str(each.songs), _minutes(each.seconds), str(each.held_out))
        for each in songs
    ]
    count, held = sum(each.songs for each in songs), sum(each.held_out for each in songs)
    rows.append(("all", "", str(count), _minutes(sum(each.seconds for each in songs)), str(held)))
    return table(("songs of", "licence of the audio", "songs", "minutes", "held out"), rows)


def charts_table(charts: Sequence[ChartCount]) -> str:
    head = ("charts", "songs", "learned with sound", "learned without", "held out")
    rows = [
        (_charts(each), *map(str, (each.songs, each.heard, each.unheard, each.held_out)))
        for each in charts
    ]
    return table(head, rows)


def training_table(histories: Mapping[str, History]) -> str:
    rows = [
        (
            name,
            f"{each.steps:,}",
            f"{each.seconds / 60:.0f} minutes of {each.clock}, in {each.sittings} sitting"
            + "s" * (each.sittings > 1),
            _fall(each),
        )
        for name, each in histories.items()
    ]
    return table(("model", "steps", "time", "loss on unseen artists, first to last"), rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def count_placed(run: Path) -> Placed:
    """What the placer's table of charts holds. Raises InputError where there is none."""
    try:
        with np.load(run / "data.npz") as stored:
            held_out, starts = stored["validation"], stored["starts"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError("no table of the placer's charts", where=str(run)) from error
    held = int(held_out.sum())
    return Placed(learned=len(held_out) - held, held_out=held, objects=int(starts[-1]))


def usable(records: Sequence[Record]) -> list[Record]:
    """Without what no model writes: mania of other key counts."""
    return [each for each in records if each.mode is not Mode.MANIA or each.keys in KEYS]


def outgrown(runs: Sequence[Path], folder: Path = WEIGHTS) -> list[str]:
    """The models whose run has gone on since its weights were put into the folder: the card would
    tell of steps that do not ship."""
    return [
        name
        for name, run in zip(MODELS, runs, strict=True)
        if (run / LOG).stat().st_mtime > (folder / f"{name}.safetensors").stat().st_mtime
    ]


def replace_block(page: Path, text: str) -> str:
    """The page with ``text`` between its markers. Raises InputError where they are missing."""
    old = page.read_text("utf-8") if page.is_file() else ""
    before, begin, rest = old.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InputError(
            "no markers of the table of models", where=str(page), mend=f"{BEGIN} {END}"
        )
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:,.0f}"


def _charts(count: ChartCount) -> str:
    name = count.mode.name.lower()
    return f"{name}, {count.keys} keys" if count.mode is Mode.MANIA else name


def _fall(history: History) -> str:
    """Each loss where it was first judged on unseen artists, and where last."""
    falls = [
        f"{name} {curve[0][1]:.2f} → {curve[-1][1]:.2f}" for name, curve in history.unseen.items()
    ]
    return ", ".join(falls) or "not judged while training"


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the model card.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument(
        "--runs", type=Path, nargs=3, required=True, metavar=tuple(each.upper() for each in MODELS)
    )
    parser.add_argument("--quality", type=Path, help="what beatheritage evaluate --json wrote")
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    parser.add_argument("-o", "--output", type=Path, default=WEIGHTS / "MODEL_CARD.md")
    options = parser.parse_args()
    try:
        facts = Facts(
            models=shipped_models(),
            songs=count_songs(options.data / "train"),
            charts=count_charts(usable(load_records(options.cache / "charts"))),
            placed=count_placed(options.runs[MODELS.index("placer")]),
            histories=dict(zip(MODELS, map(read_history, options.runs), strict=True)),
            quality=options.quality,
        )
        print(*write_card(facts, options.output, options.docs), sep="\n")
        for name in outgrown(options.runs):
            print(f"warning: the run of {name} is newer than what ships", file=sys.stderr)
    except UserError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
