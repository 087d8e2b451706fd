"""Prepared charts, encoded once for the native mapper and kept on disk."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from beatheritage.audio.mel import log_mel
from beatheritage.dataset.prepare import INDEX
from beatheritage.dataset.rows import SongRow, Split
from beatheritage.dataset.shards import open_shards
from beatheritage.dataset.split import tuning_ids
from beatheritage.errors import InputError
from beatheritage.osu.archive import replacing
from beatheritage.osu.beatmap import Beatmap, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import read
from beatheritage.timing.grid import Timing
from beatheritage.tokens import prompt
from beatheritage.tokens.beats import Encoded
from beatheritage.tokens.prompt import KEYS
from beatheritage.train.mapper_data import Example, example_of

MOST_DROPPED = 0.08  # share of objects off the snaps: beyond, the chart or its timing is rough
MOST_RED_LINES = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """Charts to learn from, charts of held-out artists, and the mels of their songs."""

    learnt: tuple[Example, ...]
    unseen: tuple[Example, ...]
    mels: dict[str, np.ndarray]


def load_source(cache: Path) -> Source:
    """Every usable chart that ``dataset.prepare`` left in ``cache / "charts"``, of no song that
    constants are tuned on.

    Mels come from ``cache / "mel"``; charts are encoded at the first call and kept in
    ``cache / "encoded"``. Raises InputError where there are none.
    """
    folder = cache / "charts"
    try:
        lines = (folder / INDEX).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        mend = "python -m beatheritage.dataset.prepare makes it"
        raise InputError("holds no prepared charts", where=str(folder), mend=mend) from error
    records = [record for line in lines for record in json.loads(line)["records"]]
    learnt: list[Example] = []
    unseen: list[Example] = []
    tuning = tuning_ids()
    for record in records:
        usable = record["mode"] != Mode.MANIA or record["keys"] in KEYS
        if (
            usable
            and record["song_id"] not in tuning
            and not (record["validation"] and record["earlier"])
        ):
            example = _encoded(folder / record["file"], record, cache / "encoded")
            if example is not None:
                (unseen if record["validation"] else learnt).append(example)
    songs = {each.song for each in (*learnt, *unseen) if each.song}
    mels = {song: np.load(cache / "mel" / f"{song}.npy", mmap_mode="r") for song in songs}
    return Source(learnt=tuple(learnt), unseen=tuple(unseen), mels=mels)


def load_shards(shards: Path, cache: Path) -> Source:
    """Every usable chart of a built data set; mels are kept in ``cache / "mel"``.

    Raises InputError for a folder without shards.
    """
    opened = open_shards(shards)
    sides: dict[Split, list[Example]] = {"training": [], "validation": []}
    mels: dict[str, np.ndarray] = {}
    for split, examples in sides.items():
        for row in opened.rows(split):
            mel = _mel_of(row, cache / "mel")
            if mel is not None:
                mels[row.id] = mel
            examples += _examples(row, row.id if mel is not None else "")
    return Source(learnt=tuple(sides["training"]), unseen=tuple(sides["validation"]), mels=mels)


def _mel_of(row: SongRow, cache: Path) -> np.ndarray | None:
    """The log-mel of a song, mapped into memory; None where it has no sound."""
    path = cache / f"{row.id}.npy"
    if not row.audio:
        return None
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        mel = log_mel(row.song().samples).astype(np.float16)
        with replacing(path) as file:
            np.save(file, mel)
    return np.load(path, mmap_mode="r")


def _examples(row: SongRow, song: str) -> Iterator[Example]:
    for chart in row.charts:
        usable = chart.mode is not Mode.MANIA or chart.keys in KEYS
        if usable and not chart.earlier:
            example = example_of(chart.beatmap, song, chart.rating)
            if not is_rough(example, chart.beatmap):
                yield example


def is_rough(example: Example, beatmap: Beatmap) -> bool:
    """Whether too much of a chart was left out to learn from it."""
    return (
        example.encoded.dropped > MOST_DROPPED * len(beatmap.objects)
        or len(beatmap.red_lines) > MOST_RED_LINES
    )


def _encoded(chart: Path, record: dict[str, object], cache: Path) -> Example | None:
    """The chart as an example, from ``cache`` where it is there already; None for a rough one."""
    path = cache / f"{chart.stem}.npz"
    song = str(record["song_id"])
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        beatmap = read(chart).beatmap
        example = example_of(beatmap, song, float(str(record["stars"])))
        _write(example, path, is_rough(example, beatmap))
    return _read(path, song)


def _write(example: Example, path: Path, rough: bool) -> None:
    told = {
        "rough": rough,
        "mode": int(example.mode),
        "keys": example.keys,
        "stars": example.stars,
        "style": asdict(example.style),
        "beats": example.beats,
        "kiai": example.kiai,
        "lines": [(line.time, line.beat_length, line.meter) for line in example.timing.lines],
    }
    encoded = example.encoded
    columns = (encoded.tokens, encoded.ticks, encoded.floors, encoded.choices, encoded.beats)
    np.savez(path, told=np.array(json.dumps(told)), rows=np.stack(columns))


def _read(path: Path, song: str) -> Example | None:
    with np.load(path) as stored:
        told, rows = json.loads(str(stored["told"])), stored["rows"]
    if told["rough"]:
        return None
    tokens, ticks, floors, choices, beats = rows
    lines = (
        RedLine(time=time, beat_length=length, meter=meter) for time, length, meter in told["lines"]
    )
    return Example(
        song=song,
        mode=Mode(told["mode"]),
        keys=told["keys"],
        stars=told["stars"],
        style=prompt.Style(**told["style"]),
        timing=Timing(lines=tuple(lines)),
        encoded=Encoded(tokens=tokens, ticks=ticks, floors=floors, choices=choices, beats=beats),
        kiai=tuple((start, stop) for start, stop in told["kiai"]),
        beats=tuple(told["beats"]),
    )
