"""A folder in, sets out: what cannot be used is named, and nothing is done twice."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.ancestors import tokenizer_of
from tests.generate.ancestors.test_ancestor_attempts import jumps
from tests.generate.ancestors.test_ancestor_spread import Choir

from beatheritage.cli import Parser, main
from beatheritage.commands import batch, spread
from beatheritage.engine.models import load_models
from beatheritage.generate.ancestors.song import Ancestor
from beatheritage.osu.mode import Mode
from beatheritage.pool import Died
from beatheritage.progress import ignore
from beatheritage.tokens.steps import Vocabulary

RATE = 16_000
SECONDS = 12


def beeping(path: Path, seed: int) -> Path:
    """A song with something on every beat at 120 BPM."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(seed).normal(0, 1e-3, SECONDS * RATE)
    swell = np.linspace(0, 1, 180) ** 2 * np.sin(np.arange(180))
    for beat in range(2, 2 * SECONDS - 2):
        samples[beat * RATE // 2 :][: len(swell)] += swell * (1 if beat % 4 else 0.5)
    soundfile.write(path, samples, RATE)
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    beeping(tmp_path / "songs" / "one.wav", 1)
    beeping(tmp_path / "songs" / "deep" / "er" / "two.wav", 2)
    return tmp_path


def songs_of(*words: str) -> tuple[batch.Song, ...]:
    parser = Parser()
    batch.add_arguments(parser)
    arguments = parser.parse_intermixed_args(["songs", *words])
    return batch.find_songs(Path("songs"), batch.read_request(arguments))


class Worked:
    """Shares out to nobody: remembers the songs, and lays down files as ``spread`` would."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, work: Callable, tasks: Sequence[tuple[batch.Song, ...]]) -> Iterator[tuple]:
        for group in tasks:
            yield group, [self.made(song) for song in group]

    def made(self, song: batch.Song) -> dict:
        self.names.append(song.name)
        made = song.request.base.output / f"{Path(song.name).stem}.osz"
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_bytes(b"a set")
        return {"files": [str(made)]}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "nowhere: is no folder"),
        (["songs/one.wav"], "beatheritage spread"),
        (["empty"], "holds no audio"),
        (["songs", "--title", "T"], "title is about one song"),
        (["songs", "bpm=120"], "bpm is about one song"),
        (["songs", "metadata.preview=9"], "metadata.preview is about one song"),
        (["songs", "--version", "V"], "version is about one difficulty"),
        (["songs", "--stars", "2,1"], "stars must rise"),
        (["songs", "--jobs", "0"], "jobs must be from 1 to 256"),
        (["songs", "--jobs", "2", "--cluster"], "jobs is for this machine alone"),
    ],
)
def test_bad_options(words: list[str], told: str, folder: Path, capsys: pytest.CaptureFixture):
    (folder / "empty").mkdir()
    assert main(["batch", *words]) == 1
    assert told in capsys.readouterr().err
    assert not (folder / "out").exists()


def test_help_hides_what_is_refused(capsys: pytest.CaptureFixture):
    with pytest.raises(SystemExit):
        main(["batch", "--help"])
    told = capsys.readouterr().out
    for flag in (*(f"--{name} " for name in batch.ONE_SONG), *(f"{one} " for one in spread.ALONE)):
        assert flag not in told
    assert "--difficulties NAMES" in told


def test_a_set_lies_where_its_song_does(folder: Path):
    songs = {song.name: song.request.base for song in songs_of("-o", "sets", "--seed", "3")}
    assert list(songs) == ["deep/er/two.wav", "one.wav"]
    assert songs["deep/er/two.wav"].output == folder / "sets" / "deep" / "er"
    assert songs["one.wav"].audio == folder / "songs" / "one.wav"
    assert {one.seed for one in songs.values()} == {3}


def test_what_is_done_is_not_done_again(folder: Path):
    work = Worked()
    again = partial(batch.write_all, output=Path("out"), share_out=work, on_progress=ignore)
    Path("out").mkdir()
    first = again(songs_of())
    assert (list(first.written), first.there) == (["deep/er/two.wav", "one.wav"], ())
    assert again(songs_of()).there == ("deep/er/two.wav", "one.wav")
    Path("out/one.osz").unlink()
    assert list(again(songs_of()).written) == ["one.wav"]
    assert again(songs_of("--seed", "9")).there == ()
    beeping(Path("songs/one.wav"), 5)
    os.utime("songs/one.wav", (1, 1))
    assert list(again(songs_of()).written) == ["one.wav"]


def test_a_journal_that_was_cut_short_is_read(folder: Path):
    journal = Path("journal")
    batch.note(journal, {"key": "a", "files": []})
    with journal.open("a") as file:
        file.write('{"key": "b", "fi')
    batch.note(journal, {"key": "c", "files": []})
    assert batch.read_journal(journal).keys() == {"a", "c"}


def test_two_songs_for_one_set(folder: Path):
    shutil.copy("songs/one.wav", "songs/one.flac")
    told = batch.in_each_others_way(songs_of())
    assert list(told) == ["one.wav"]
    assert "as that of one.flac is" in told["one.wav"]


def test_a_dead_worker_is_told(folder: Path, capsys: pytest.CaptureFixture):
    def dying(work: Callable, tasks: Sequence) -> Iterator[tuple]:
        return ((group, Died("it died")) for group in tasks)

    Path("out").mkdir()
    made = batch.write_all(songs_of(), Path("out"), dying, ignore)
    batch.tell(made, as_json=False, quiet=False, seconds=1)
    told = capsys.readouterr().err
    assert "0 sets written, 0 there already, 2 failed" in told
    assert "failed: one.wav: it died" in told


@pytest.mark.parametrize(
    ("words", "sizes"),
    [
        ([], [1] * 9),
        (["--model", "v30", "ancestor.batch=16"], [4, 4, 1]),
        (["--model", "v30", "ancestor.batch=16", "--stars", "2,3", "--modes", "std"], [8, 1]),
        (["--model", "v30", "ancestor.batch=7", "--stars", "2,3"], [3, 3, 3]),
        (["--model", "v30", "ancestor.batch=2", "--stars", "2,3,4"], [1] * 9),
        (["--model", "v30", "ancestor.batch=200"], [8, 1]),
    ],
)
def test_a_checkpoint_has_its_batches_filled(words: list[str], sizes: list[int], folder: Path):
    song = songs_of(*words)[0]
    songs = [song._replace(name=str(number)) for number in range(9)]
    groups = batch.grouped(songs)
    assert [len(group) for group in groups] == sizes
    assert [each for group in groups for each in group] == songs


def test_a_song_that_kills_its_worker_takes_no_other_along(folder: Path):
    songs = [songs_of()[0]._replace(name=name) for name in "abcde"]

    def deadly(work: Callable, groups: Sequence[tuple[batch.Song, ...]]) -> Iterator[tuple]:
        for group in groups:
            dies = any(song.name == "b" for song in group)
            yield group, Died("killed") if dies else [{"files": []} for _ in group]

    told = dict(batch.answered([tuple(songs[:3]), tuple(songs[3:])], deadly))
    assert {song.name: answer for song, answer in told.items()} == {
        **{name: {"files": []} for name in "acde"},
        "b": Died("killed"),
    }


@pytest.mark.parametrize("fails", [False, True], ids=["all", "but one that has no beats"])
def test_songs_side_by_side_are_as_alone(
    fails: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    vocabulary = Vocabulary(tokenizer_of("v32"))
    choir = Ancestor(engine=Choir(vocabulary, jumps(40)), vocabulary=vocabulary, name="choir")
    writers = spread.Writers(load_models(), {Mode.STD: choir})
    monkeypatch.setattr(batch, "writers_here", lambda asked: writers)
    (folder / "songs" / "bad.mp3").write_bytes(b"these are words")
    if fails:
        soundfile.write(folder / "songs" / "rest.wav", np.zeros(SECONDS * RATE), RATE)
    words = ["--model", "v32", "--stars", "2,3", "ancestor.greedy=true", "ancestor.grid=false"]
    songs = songs_of(*words, "placing.diffuses=false", "difficulty.scale=false")
    (group,) = batch.grouped(songs)
    found = dict(zip((song.name for song in songs), batch.write_sets(group), strict=True))
    assert "no audio file" in found.pop("bad.mp3")["error"]
    assert not fails or "silent" in found.pop("rest.wav")["error"]
    assert found.keys() == {"one.wav", "deep/er/two.wav"}
    for song in songs:
        if song.name in found:
            made = Path(found[song.name]["files"][0])
            whole = made.read_bytes()
            made.unlink()
            (alone,) = batch.write_sets([song])
            assert alone == found[song.name]
            assert made.read_bytes() == whole


@pytest.mark.slow
def test_a_folder_in_sets_out(folder: Path, capsys: pytest.CaptureFixture):
    (folder / "songs" / "bad.mp3").write_bytes(b"these are words")
    words = ["batch", "songs", "--stars", "2", "--jobs", "1", "--json"]
    assert main(words) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["written"].keys() == {"one.wav", "deep/er/two.wav"}
    assert list(told["failed"]) == ["bad.mp3"]
    assert "no audio file" in told["failed"]["bad.mp3"]
    made = Path(told["written"]["one.wav"]["files"][0])
    whole = made.read_bytes()
    assert main(["spread", "songs/one.wav", "--stars", "2", "-o", "alone"]) == 0
    assert (Path("alone") / made.name).read_bytes() == whole
    capsys.readouterr()
    (folder / "songs" / "bad.mp3").unlink()
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["written"], len(told["there"])) == ({}, 2)
