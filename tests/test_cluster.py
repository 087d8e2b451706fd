"""A local Ray of two workers does what the pool does, and outlives a killed one."""

import os
import signal
from pathlib import Path

import pytest

from beatheritage.commands import batch
from beatheritage.errors import InputError
from tests.commands.test_batch import folder, songs_of  # noqa: F401  (a fixture)
from tests.dataset.test_build import at_once, built, contents, write_song

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def share_out():
    ray = pytest.importorskip(
        "ray", reason="ray is not installed: pip install beatheritage[cluster]"
    )
    from beatheritage.cluster import on_cluster

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield on_cluster("")
    ray.shutdown()


def answer(task: str) -> str:
    """What a task says: a file to die over once, or a word to give back."""
    what, _, rest = task.partition(" ")
    if what == "once" and not Path(rest).exists():
        Path(rest).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "refuse":
        raise InputError("cannot be")
    return task.upper()


def test_a_killed_worker_costs_nothing(share_out, tmp_path: Path):
    once = f"once {tmp_path / 'mark'}"
    found = dict(share_out(answer, ["a", once, "b"]))
    assert found == {"a": "A", once: once.upper(), "b": "B"}
    assert (tmp_path / "mark").exists()


def test_what_a_user_can_mend_ends_everything(share_out):
    with pytest.raises(InputError, match="cannot be"):
        list(share_out(answer, ["a", "refuse"]))


def test_the_same_shards_come_of_a_cluster(share_out, tmp_path: Path):
    for seed in range(4):
        write_song(tmp_path / "songs" / f"s{seed}", seed)
    one = built(tmp_path / "here", tmp_path / "songs", run=at_once)
    other = built(tmp_path / "there", tmp_path / "songs", run=share_out)
    assert one == other
    assert contents(tmp_path / "here") == contents(tmp_path / "there")


def killed_once(songs: tuple[batch.Song, ...]) -> list[dict]:
    """The sets, by a worker that dies of one song at the first try."""
    mark = songs[0].request.base.output.with_name("killed")
    if songs[0].name == "one.wav" and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return batch.write_sets(songs)


def test_sets_are_the_same_though_an_engine_is_killed(share_out, folder: Path):  # noqa: F811
    from beatheritage.cluster import on_cluster

    here = songs_of("--stars", "2", "-o", str(folder / "here"))
    there = batch.grouped(songs_of("--stars", "2", "-o", str(folder / "there")))
    (folder / "there").mkdir()
    found = dict(on_cluster("", lasting=True)(killed_once, there))
    assert (folder / "killed").exists()
    assert found.keys() == set(there)
    for song, alone in zip(here, batch.write_sets(here), strict=True):
        (made,) = next(result for (one,), result in found.items() if one.name == song.name)
        assert Path(alone["files"][0]).read_bytes() == Path(made["files"][0]).read_bytes()
