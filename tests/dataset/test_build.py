"""Building: what goes in comes out once, what can't is named, and a stop costs nothing."""

import os
import resource
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.dataset.build import LEFT_OUT, Built, Recipe, build
from beatheritage.dataset.shards import INDEX, open_shards
from beatheritage.errors import InputError, OutputError
from beatheritage.pool import share_out
from beatheritage.progress import ignore

CHART = """osu file format v14

[General]
AudioFilename: {audio}
Mode: {mode}

[Metadata]
Title:Song
Artist:{artist}
Version:{version}

[Difficulty]
CircleSize:4
SliderMultiplier:1.4
SliderTickRate:1

[TimingPoints]
{line},{beat},4,1,0,70,1,0

[HitObjects]
{objects}
"""
SLOTS, SLOT_MS = 64, 125
FIRST = 1000


def struck(seed: int) -> np.ndarray:
    """The quarters of beats of a made-up song that something happens on."""
    return np.sort(np.random.default_rng(seed).permutation(SLOTS)[: SLOTS // 2])


def sound(seed: int) -> np.ndarray:
    """A song: a swelling beep on every slot that is struck, at 120 BPM."""
    swell = np.linspace(0, 1, 180) ** 2 * np.sin(np.arange(180))
    length = (FIRST + (SLOTS + 2) * SLOT_MS) * SAMPLE_RATE // 1000
    samples = np.random.default_rng(seed).normal(0, 1e-3, length).astype(np.float32)
    for slot in struck(seed):
        start = (FIRST + slot * SLOT_MS) * SAMPLE_RATE // 1000
        samples[start : start + len(swell)] += swell
    return samples


def chart(seed: int, late: int = 0, places: int = 0, slot: int = SLOT_MS, **fields: object) -> str:
    """A chart of that song, in osu!'s convention where it is 0 ms late."""
    start = FIRST - 22 + late
    at = np.random.default_rng([seed, places]).integers(0, 48, (SLOTS, 2)) * 8
    rows = [f"{at[n][0]},{at[n][1]},{start + n * slot},1,0" for n in struck(seed)]
    known = {"audio": "audio.wav", "mode": 0, "artist": f"Artist {seed}", "version": "Normal"}
    known |= {"line": start, "beat": 4 * slot, "objects": "\n".join(rows)}
    return CHART.format(**{**known, **fields})


def write_song(folder: Path, seed: int, **charts: str) -> Path:
    folder.mkdir(parents=True)
    soundfile.write(folder / "audio.wav", sound(seed), SAMPLE_RATE)
    for name, text in (charts or {"a": chart(seed)}).items():
        (folder / f"{name}.osu").write_text(text)
    return folder


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """A folder of four songs, two of them by one artist."""
    root = tmp_path / "songs"
    for seed in range(3):
        write_song(root / f"s{seed}", seed)
    write_song(root / "s3", 3, a=chart(3, artist="artist 2 feat. Someone"))
    return root


def at_once(work: Callable, tasks: Sequence) -> Iterator[tuple]:
    """Without processes, for the sake of time."""
    return ((task, work(task)) for task in tasks)


def built(output: Path, *sources: Path, run=at_once, **options) -> Built:
    recipe = Recipe(sources=sources, output=output, **{"songs_per_shard": 2, **options})
    return build(recipe, run, ignore)


def reasons(result: Built) -> dict[str, str]:
    return {one.name: one.reason for one in result.skipped}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_every_song_becomes_a_row_group(songs: Path, tmp_path: Path):
    result = built(tmp_path / "shards", songs, held_out=0.0)
    shards = open_shards(tmp_path / "shards")
    assert result == Built(
        songs={"training": 4, "validation": 0, "tuning": 0}, charts=4, skipped=()
    )
    rows = list(shards.rows("training"))
    assert [row.name for row in rows] == [f"songs/s{n}" for n in range(4)]
    assert rows[0].audio == (songs / "s0" / "audio.wav").read_bytes()
    assert len(rows[0].song().samples) == len(sound(0))
    first = rows[0].charts[0]
    assert first.beatmap.objects[0].time == FIRST - 22 + struck(0)[0] * SLOT_MS
    assert 0 < first.stars[0] < first.rating < first.stars[-1]
    assert (first.on_grid, first.objects, first.shift_ms) == (1.0, len(struck(0)), 0)
    assert first.style.density == pytest.approx(0.5, abs=0.05)
    assert len({row.group for row in rows}) == 3
    assert rows[2].group == rows[3].group


def test_stopped_anywhere_and_resumed_it_gives_the_same_bytes(songs: Path, tmp_path: Path):
    built(tmp_path / "whole", songs)
    whole = contents(tmp_path / "whole")
    assert whole.keys() >= {INDEX, LEFT_OUT, "training-00000.parquet"}
    stops = 0
    while True:
        done = iter(range(stops % 3 + 1))

        def stopped(work: Callable, tasks: Sequence, done=done) -> Iterator[tuple]:
            for task in tasks:
                if next(done, None) is None:
                    raise KeyboardInterrupt
                yield task, work(task)

        try:
            built(tmp_path / "resumed", songs, run=stopped)
            break
        except KeyboardInterrupt:
            stops += 1
            assert INDEX not in contents(tmp_path / "resumed")
    assert stops >= 2
    assert contents(tmp_path / "resumed") == whole


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_killed_with_its_workers_or_without_it_goes_on_to_the_same_bytes(tmp_path: Path):
    for seed in range(8):
        write_song(tmp_path / "songs" / f"s{seed}", seed)
    built(tmp_path / "whole", tmp_path / "songs", songs_per_shard=64, held_out=0.05)
    output = tmp_path / "shards"
    words = ["dataset", "build", str(tmp_path / "songs"), "-o", str(output), "--jobs", "2"]
    command = [sys.executable, "-m", "beatheritage.cli", *words, "--quiet"]
    for measured, group in ((1, False), (4, True)):
        with (tmp_path / "told").open("ab") as told:
            process = subprocess.Popen(command, stderr=told, start_new_session=True)
        while process.poll() is None and len(list(output.glob(".measured/*.parquet"))) < measured:
            time.sleep(0.01)
        (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
        assert process.wait(timeout=60) == -signal.SIGKILL
        assert not (output / INDEX).exists()
    assert subprocess.run(command, timeout=600, check=False).returncode == 0
    assert contents(output) == contents(tmp_path / "whole")
    assert (tmp_path / "told").read_text() == ""


def test_a_second_run_does_nothing_again(songs: Path, tmp_path: Path):
    first = built(tmp_path / "shards", songs)
    worked = []

    def watched(work: Callable, tasks: Sequence) -> Iterator[tuple]:
        worked.extend(tasks)
        return at_once(work, tasks)

    assert built(tmp_path / "shards", songs, run=watched) == first
    assert worked == []
    write_song(songs / "s9", 9)
    built(tmp_path / "shards", songs, run=watched)
    assert [task.bundle.name for task in worked if hasattr(task, "bundle")] == ["songs/s9"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_killed_worker_costs_its_song_alone(songs: Path, tmp_path: Path):
    result = built(tmp_path / "shards", songs, run=partial(share_out_with_a_killer, jobs=2))
    assert result.songs["training"] + result.songs["validation"] == 3
    assert "killed by SIGKILL" in reasons(result)["songs/s1"]
    again = built(tmp_path / "shards", songs)
    assert again.skipped == ()


def share_out_with_a_killer(work: Callable, tasks: Sequence, jobs: int) -> Iterator[tuple]:
    return share_out(partial(killed, work), tasks, jobs)


def killed(work: Callable, task) -> object:
    """The work, unless it is about a song that kills."""
    if "songs/s1" in repr(task) and hasattr(task, "bundle"):
        os.kill(os.getpid(), signal.SIGKILL)
    return work(task)


def test_what_cannot_be_used_is_named(songs: Path, tmp_path: Path):
    (songs / "s0" / "audio.wav").write_bytes(b"these are words")
    (songs / "s1" / "audio.wav").unlink()
    (songs / "s2" / "b.osu").write_text(chart(2, places=1, mode=7))
    (songs / "s2" / "c.osu").write_text(chart(2, places=2, line=FIRST - 5))
    (songs / "s2" / "d.osu").write_text(chart(2, places=3, late=300_000))
    (songs / "s2" / "e.osu").write_text(chart(2, places=4, slot=137))
    (songs / "s2" / "f.osu").write_bytes(b"\0\1\2")
    (songs / "set.osz").write_bytes(b"PK no archive")
    result = built(tmp_path / "shards", songs, held_out=0.0)
    told = reasons(result)
    assert told["songs/s0/audio.wav"] == "is no audio file"
    assert told["songs/s1/a.osu [Normal]"] == "there is no audio for it"
    assert told["songs/s2/b.osu"] == "mode 7 is none that is known"
    assert "on the grid" in told["songs/s2/c.osu [Normal]"]
    assert "behind the end" in told["songs/s2/d.osu [Normal]"]
    assert told["songs/s2/e.osu [Normal]"] == "its notes do not fit the audio"
    assert "songs/s2/f.osu" in str(told)
    assert told["songs/set.osz"] == "is no .osz archive, or a damaged one"
    assert result.songs["training"] == 2
    lines = (tmp_path / "shards" / LEFT_OUT).read_text().splitlines()
    assert lines[0] == "name\treason"
    assert len(lines) == 1 + len(result.skipped)


def test_charts_alone_are_kept_where_asked(songs: Path, tmp_path: Path):
    (songs / "s1" / "audio.wav").unlink()
    result = built(tmp_path / "shards", songs, alone=True, held_out=0.0)
    assert result.skipped == ()
    alone = [row for row in open_shards(tmp_path / "shards").rows("training") if not row.audio]
    assert [row.artist for row in alone] == ["Artist 1"]


def test_a_recording_and_a_chart_count_once(songs: Path, tmp_path: Path):
    late = np.concatenate([np.zeros(SAMPLE_RATE // 4, np.float32), sound(0) * 0.5])
    twin = songs / "twin"
    twin.mkdir()
    soundfile.write(twin / "audio.ogg", late, SAMPLE_RATE)
    (twin / "a.osu").write_text(chart(0, late=250, audio="audio.ogg", artist="Other"))
    (twin / "b.osu").write_text(chart(0, late=250, places=1, audio="audio.ogg", artist="Other"))
    result = built(tmp_path / "shards", songs, held_out=0.0)
    told = reasons(result)
    assert told["songs/twin"] == "the same recording as songs/s0, where its charts are"
    assert told["songs/twin/a.osu [Normal]"] == "the same as songs/s0/a.osu [Normal]"
    row = next(open_shards(tmp_path / "shards").rows("training"))
    own, moved = (one.beatmap.objects[0].time for one in row.charts)
    assert moved == pytest.approx(own, abs=6)
    assert row.charts[1].name == "songs/twin/b.osu [Normal]"


def test_of_two_versions_the_later_stays(songs: Path, tmp_path: Path):
    text = chart(0).replace("Version:Normal", "Version:Old").rsplit("\n", 2)[0] + "\n"
    (songs / "s0" / "a~0123abcd.osu").write_text(text)  # one object fewer
    told = reasons(built(tmp_path / "shards", songs))
    assert list(told) == ["songs/s0/a~0123abcd.osu [Old]"]
    assert "nearly the same" in told["songs/s0/a~0123abcd.osu [Old]"]


def test_artists_stand_on_one_side(tmp_path: Path):
    for seed in range(10):
        write_song(tmp_path / "songs" / f"s{seed}", seed, a=chart(seed, artist=f"A{seed // 2}"))
    listed = write_song(tmp_path / "songs" / "listed", 50, a=chart(50, artist="wowaka"))
    result = built(tmp_path / "shards", tmp_path / "songs", held_out=0.25)
    assert result.songs == {"training": 8, "validation": 3, "tuning": 0}
    shards = open_shards(tmp_path / "shards")
    sides = {row.artist: row.split for row in shards.rows("validation", ["artist", "split"])}
    assert sides["wowaka"] == "validation"
    assert not sides.keys() & {row.artist for row in shards.rows("training", ["artist"])}
    assert listed.exists()


def test_archives_and_folders_are_alike(songs: Path, tmp_path: Path):
    packed = tmp_path / "packed" / "songs"
    packed.mkdir(parents=True)
    for folder in sorted(songs.iterdir()):
        with zipfile.ZipFile(packed / f"{folder.name}.osz", "w") as archive:
            for file in folder.iterdir():
                archive.write(file, file.name)
    built(tmp_path / "plain", songs, held_out=0.0)
    built(tmp_path / "shards", packed, held_out=0.0)
    one, other = (
        [replace(row, name="", group="") for row in open_shards(tmp_path / name).rows("training")]
        for name in ("plain", "shards")
    )
    assert [row.audio for row in one] == [row.audio for row in other]
    assert [row.charts[0].osu for row in one] == [row.charts[0].osu for row in other]


def test_a_source_may_be_one_file(songs: Path, tmp_path: Path):
    result = built(tmp_path / "shards", songs / "s0" / "a.osu", held_out=0.0)
    assert (result.charts, result.skipped) == (1, ())


@pytest.mark.parametrize("room", [3_000, 200_000])
def test_a_full_disk_leaves_nothing_half_written(songs: Path, tmp_path: Path, room: int):
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, usual[1]))
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            built(tmp_path / "shards", songs)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, handler)
    assert not list((tmp_path / "shards").rglob("*.part"))
    with pytest.raises(InputError, match="no finished shards"):
        open_shards(tmp_path / "shards")
    built(tmp_path / "whole", songs)
    built(tmp_path / "shards", songs)
    assert contents(tmp_path / "shards") == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    ("names", "told"),
    [(["none"], "no such file"), (["empty"], "no charts"), (["songs", "more/songs"], "the name")],
)
def test_sources_that_are_none(songs: Path, tmp_path: Path, names: list[str], told: str):
    (tmp_path / "empty").mkdir()
    (tmp_path / "more" / "songs").mkdir(parents=True)
    with pytest.raises(InputError, match=told):
        built(tmp_path / "shards", *(tmp_path / name for name in names))
