"""From folders of songs to shards: the table of contents of ``beatheritage dataset build``.

Everything long is work for many processes, and kept when it is done: what was measured in
``.measured``, a file for each bundle, and the shards themselves. A run that was stopped goes on.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from beatheritage.dataset.bundle import Bundle
from beatheritage.dataset.charts import Skipped
from beatheritage.dataset.choose import Choice, Known, KnownChart, Part, Pick, choose
from beatheritage.dataset.content import read_content
from beatheritage.dataset.measure import keep, load, measure, read_kept
from beatheritage.dataset.rows import SPLITS, Chart, SongRow
from beatheritage.dataset.shards import FORMAT, INDEX, write_shard
from beatheritage.dataset.shift import shift
from beatheritage.dataset.sources import survey
from beatheritage.errors import InputError, OutputError
from beatheritage.osu.archive import write_file
from beatheritage.osu.write import write
from beatheritage.pool import Died, ShareOut
from beatheritage.progress import OnProgress, Progress

KEPT = ".measured"
LEFT_OUT = "left_out.tsv"
SONGS_PER_SHARD = 64
HELD_OUT = 0.05
# All that comparing songs needs: not the text of charts, which is most of what is kept.
COMPARED = [
    *("id", "name", "artist", "flux"),
    *(f"charts.list.element.{name}" for name in KnownChart._fields),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to build. ``held_out`` is the share of songs kept from training (``choose.sides``);
    ``alone`` keeps charts that came without their audio."""

    sources: tuple[Path, ...]
    output: Path
    songs_per_shard: int = SONGS_PER_SHARD
    held_out: float = HELD_OUT
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What came of it: songs on each side, and everything that was left out."""

    songs: dict[str, int]
    charts: int
    skipped: tuple[Skipped, ...]


class ToMeasure(NamedTuple):
    bundle: Bundle
    path: Path


class ToWrite(NamedTuple):
    """A shard; ``kept`` is the folder of what was measured."""

    path: Path
    kept: Path
    split: str
    picks: tuple[Pick, ...]

    @property
    def key(self) -> str:
        """What is in it, in a few digits."""
        return hashlib.sha256(repr(self.picks).encode()).hexdigest()

    @property
    def mark(self) -> Path:
        """Where its key stands when it is written."""
        return self.kept / f"{self.path.name}.key"


def build(recipe: Recipe, share_out: ShareOut, on_progress: OnProgress) -> Built:
    """Build the data set, or what of it is missing.

    Raises InputError for sources that are none, OutputError where nothing can be written.
    """
    on_progress(Progress("looking", 0))
    found = survey(recipe.sources)
    kept = _make_folder(recipe.output / KEPT)
    tasks = [ToMeasure(one, kept / f"{one.stamp}.parquet") for one in found.bundles]
    lost = measure_all(tasks, share_out, on_progress)
    songs, unusable = known_songs(tasks, alone=recipe.alone)
    on_progress(Progress("comparing", 0))
    choice = choose(songs, recipe.held_out)
    shards = plan_shards(choice.picks, recipe)
    write_all(shards, recipe.output, share_out, on_progress)
    skipped = (*found.skipped, *lost, *unusable, *choice.skipped)
    _finish(recipe.output, shards, skipped, tasks)
    return _built(choice, skipped)


def measure_all(
    tasks: Sequence[ToMeasure], share_out: ShareOut, on_progress: OnProgress
) -> tuple[Skipped, ...]:
    """Measure what is not measured yet; what killed its worker is named."""
    missing = [task for task in tasks if not task.path.exists()]
    lost = []
    for done, (task, died) in enumerate(share_out(measure_one, missing)):
        on_progress(Progress("measuring", (done + 1) / len(missing)))
        if isinstance(died, Died):
            lost.append(Skipped(name=task.bundle.name, reason=died.reason))
    return tuple(sorted(lost, key=lambda one: one.name))


def measure_one(task: ToMeasure) -> None:
    keep(measure(task.bundle), task.path)


def known_songs(
    tasks: Sequence[ToMeasure], *, alone: bool
) -> tuple[list[Known], tuple[Skipped, ...]]:
    """All measured songs, in the order of their bundles, and what of these could not be used."""
    songs: list[Known] = []
    skipped: list[Skipped] = []
    for bundle, path in tasks:
        if not path.exists():
            continue  # its worker died, which is told
        table = read_kept(path, COMPARED)
        told = table.schema.metadata
        skipped += [Skipped(**one) for one in json.loads(told[b"skipped"])]
        places = {file.name: file.content for file in bundle.sounds}
        sounds = json.loads(told[b"sounds"])
        for row, (values, sound) in enumerate(zip(table.to_pylist(), sounds, strict=True)):
            if not sound and not alone:
                reason = "there is no audio for it"
                skipped += [Skipped(name=one["name"], reason=reason) for one in values["charts"]]
                continue
            charts = tuple(KnownChart(**chart) for chart in values.pop("charts"))
            place = places[sound] if sound else None
            songs.append(Known(stamp=path.stem, row=row, sound=place, charts=charts, **values))
    return songs, tuple(skipped)


def plan_shards(picks: Sequence[Pick], recipe: Recipe) -> tuple[ToWrite, ...]:
    """So many songs a shard, each side by itself, in the order of the sources."""
    shards = []
    for split in SPLITS:
        ours = [pick for pick in picks if pick.split == split]
        for number, start in enumerate(range(0, len(ours), recipe.songs_per_shard)):
            path = recipe.output / f"{split}-{number:05d}.parquet"
            some = tuple(ours[start : start + recipe.songs_per_shard])
            shards.append(ToWrite(path, recipe.output / KEPT, split, some))
    return tuple(shards)


def write_all(
    shards: Sequence[ToWrite], output: Path, share_out: ShareOut, on_progress: OnProgress
) -> None:
    """Write the shards that are not there yet. Raises OutputError."""
    missing = [shard for shard in shards if not _is_there(shard)]
    if missing:
        (output / INDEX).unlink(missing_ok=True)  # what it lists is being replaced
    for done, (shard, died) in enumerate(share_out(write_one, missing)):
        on_progress(Progress("writing", (done + 1) / len(missing)))
        if isinstance(died, Died):
            raise OutputError(f"is not written: {died.reason}", where=str(shard.path))


def write_one(shard: ToWrite) -> None:
    """Write a shard, then that it is whole."""
    write_shard(shard.path, (song_row(pick, shard.kept) for pick in shard.picks))
    write_file(shard.mark, shard.key.encode())


def _is_there(shard: ToWrite) -> bool:
    marked = shard.mark.exists() and shard.mark.read_text("utf-8") == shard.key
    return marked and shard.path.exists()


def song_row(pick: Pick, kept: Path) -> SongRow:
    """A song with its audio and its charts. Raises InputError where the audio has changed."""
    own, *_ = rows = [load(kept / f"{part.stamp}.parquet").rows[part.row] for part in pick.parts]
    charts = [
        _moved(row.charts[index], part)
        for row, part in zip(rows, pick.parts, strict=True)
        for index in part.charts
    ]
    audio = read_content(pick.sound) if pick.sound else b""
    if audio and hashlib.sha256(audio).hexdigest()[:16] != pick.id:
        mend = "run this again"
        raise InputError("its audio changed while this ran", where=pick.name, mend=mend)
    return replace(own, audio=audio, group=pick.group, split=pick.split, charts=tuple(charts))


def _moved(chart: Chart, part: Part) -> Chart:
    """A chart as it stands in the file whose recording it shares."""
    if not part.shift:
        return chart
    text = write(shift(chart.beatmap, part.shift))
    return replace(chart, osu=text, shift_ms=chart.shift_ms + part.shift)


def _finish(
    output: Path,
    shards: Sequence[ToWrite],
    skipped: Sequence[Skipped],
    tasks: Sequence[ToMeasure],
) -> None:
    """Write the lists, and take away what earlier runs left that is of no use now."""
    lines = ["name\treason", *("\t".join(_bare(one)) for one in skipped)]
    write_file(output / LEFT_OUT, ("\n".join(lines) + "\n").encode())
    listed = [
        {
            "file": shard.path.name,
            "split": shard.split,
            "songs": [pick.id for pick in shard.picks],
        }
        for shard in shards
    ]
    text = json.dumps({"format": FORMAT, "shards": listed}, indent=1)
    write_file(output / INDEX, text.encode())
    useful = {task.path for task in tasks} | {shard.mark for shard in shards}
    useful |= {shard.path for shard in shards}
    stale = [*output.glob("*-?????.parquet"), *output.glob(".*.part"), *(output / KEPT).iterdir()]
    for path in stale:
        if path not in useful:
            path.unlink()


def _bare(skipped: Skipped) -> tuple[str, str]:
    """A name and a reason on one line without tabs."""
    name, reason = (" ".join(words.split()) for words in (skipped.name, skipped.reason))
    return name, reason


def _make_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or ""
        raise OutputError("cannot be made", where=str(folder), mend=reason) from error
    return folder


def _built(choice: Choice, skipped: tuple[Skipped, ...]) -> Built:
    songs = {split: sum(pick.split == split for pick in choice.picks) for split in SPLITS}
    charts = sum(len(part.charts) for pick in choice.picks for part in pick.parts)
    return Built(songs=songs, charts=charts, skipped=skipped)
