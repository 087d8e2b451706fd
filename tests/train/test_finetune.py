"""Fine-tuning: what is read, what is held out, what is merged, and that it must have learnt."""

import zipfile
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch", reason="training needs torch")

from beatheritage.cli import main  # noqa: E402
from beatheritage.errors import InputError  # noqa: E402
from beatheritage.osu.mode import Mode  # noqa: E402
from beatheritage.osu.write import write  # noqa: E402
from beatheritage.train.finetune import LowRankLearner, Tuning  # noqa: E402
from beatheritage.train.loop import train  # noqa: E402
from beatheritage.train.low_rank import (  # noqa: E402
    NothingLearntError,
    adapt,
    changes_of,
    check_learnt,
    merged,
)
from beatheritage.train.own_maps import mels_of, read_maps, split_by_song  # noqa: E402
from tests.test_cli import DEMO, WITHOUT_TORCH  # noqa: E402
from tests.train.learners import circles, native_learner, placer_learner  # noqa: E402

TUNING = Tuning(rank=2, steps=2, batch=2)


@pytest.fixture
def adapted(tmp_path, tiny_placer):
    """A placer that is to learn by low-rank changes, and what it learns from."""
    return LowRankLearner(placer_learner(tmp_path, tiny_placer[1]), TUNING, seed=0)


def test_before_learning_nothing_is_changed(tmp_path, tiny_placer):
    plain = placer_learner(tmp_path, tiny_placer[1])
    tuned = LowRankLearner(placer_learner(tmp_path, tiny_placer[1]), TUNING, seed=0)
    batch = plain.draw(0, range(2), 2)[0]
    before, after = (each.totals(each.model, batch) for each in (plain, tuned))
    assert all(torch.allclose(before[name], after[name], rtol=1e-5) for name in before)
    with pytest.raises(NothingLearntError, match="changes nothing"):
        check_learnt(tuned.model)


def test_only_the_changes_learn_and_the_recurrent_matrices_too(adapted):
    learning = [name for name, each in adapted.model.named_parameters() if each.requires_grad]
    assert learning
    assert all("low_rank_" in name for name in learning)
    assert any("gru.low_rank_weight_hh_l0" in name for name in learning)
    train(adapted, adapted.inner.recipe)
    for module, matrix in (("gru", "weight_hh_l0"), ("enter", "weight")):
        assert adapted.model.get_submodule(f"{module}.low_rank_{matrix}").size() > 0


def test_merged_it_computes_the_same_and_has_the_old_names(adapted, tmp_path, tiny_placer):
    train(adapted, adapted.inner.recipe)
    plain = merged(adapted.model)
    fresh = placer_learner(tmp_path / "fresh", tiny_placer[1]).model
    assert plain.state_dict().keys() == fresh.state_dict().keys()
    batch = adapted.draw(0, range(2), 2)[0]
    one, other = (adapted.totals(model, batch) for model in (adapted.model, plain))
    assert all(torch.allclose(one[name], other[name], rtol=1e-4) for name in one)
    assert not all(
        torch.equal(now, was)
        for now, was in zip(plain.parameters(), fresh.parameters(), strict=True)
    )


def test_the_mapper_can_be_adapted_too(tmp_path):
    tuned = LowRankLearner(native_learner(tmp_path), TUNING, seed=0)
    train(tuned, tuned.inner.recipe, stop=1)
    assert check_learnt(tuned.model) > 0


def test_a_copy_has_changes_of_its_own(tmp_path, tiny_placer):
    model = placer_learner(tmp_path, tiny_placer[1]).model
    adapt(model, 2, seed=0)
    copied = deepcopy(model)
    with torch.no_grad():
        next(iter(changes_of(copied))).up.fill_(1.0)
    with pytest.raises(NothingLearntError):
        check_learnt(model)


def write_maps(folder: Path, songs: int, difficulties: int, sound: bool = False) -> Path:
    """Sets of made-up maps; the first as an .osz."""
    for song in range(songs):
        own = folder / f"set {song}"
        own.mkdir(parents=True)
        if sound:
            noise = np.random.default_rng(song).normal(0, 0.1, 60 * 16_000)
            soundfile.write(own / "audio.mp3", noise, 16_000, format="WAV")
        for number in range(difficulties):
            text = write(circles(100 * song + number))
            text = text.replace(f"Title:song {100 * song + number}", f"Title:song {song}")
            (own / f"{number}.osu").write_text(text, "utf-8")
    packed = sorted((folder / "set 0").iterdir())
    with zipfile.ZipFile(folder / "set 0.osz", "w") as archive:
        for path in packed:
            archive.write(path, path.name)
            path.unlink()
    return folder


def test_maps_are_read_once_each_and_held_out_by_song(tmp_path):
    folder = write_maps(tmp_path, songs=5, difficulties=2, sound=True)
    (folder / "twin.osu").write_bytes((folder / "set 1" / "0.osu").read_bytes())
    maps = read_maps(folder)
    assert len(maps) == 10
    learnt, held = split_by_song(maps)
    assert len(held) == 4
    assert not {each.song for each in learnt} & {each.song for each in held}
    mels = mels_of(maps)
    assert set(mels) == {each.song for each in maps}
    assert all(mel.dtype == np.float16 for mel in mels.values())


def test_of_one_song_nothing_is_held_out(tmp_path):
    learnt, held = split_by_song(read_maps(write_maps(tmp_path, songs=1, difficulties=4)))
    assert (len(learnt), len(held)) == (4, 0)


@pytest.mark.parametrize("inside", [None, "readme.txt"])
def test_a_folder_without_maps_is_named(tmp_path, inside):
    folder = tmp_path / "maps"
    if inside:
        folder.mkdir()
        (folder / inside).touch()
    with pytest.raises(InputError, match="maps"):
        read_maps(folder)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("maps", "-o", "out", "placer.rnk=3"), "did you mean 'placer.rank'?"),
        (("nowhere", "-o", "out"), "is no folder of maps"),
    ],
)
def test_what_cannot_be_meant_is_one_line(tmp_path, monkeypatch, capsys, words, told):
    monkeypatch.chdir(tmp_path)
    assert main(["finetune", *words]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert told in lines[0]
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_style_is_learnt_and_generate_writes_by_it_without_torch(tmp_path, capsys):
    import subprocess
    import sys

    maps = write_maps(tmp_path / "maps", songs=4, difficulties=2, sound=True)
    style = tmp_path / "my_style"
    few = ("placer.steps=6", "placer.batch=2", "mapper.steps=2", "mapper.batch=2")
    assert main(["finetune", str(maps), "-o", str(style), *few]) == 0
    said = capsys.readouterr().out
    assert "placer: " in said
    assert "mapper: " in said
    assert "style distance to held-out maps" in said
    made = []
    for weights in ([], ["--weights", str(style)]):
        words = ["generate", str(DEMO), "-o", str(tmp_path / f"out{len(weights)}"), *weights]
        script = f"{WITHOUT_TORCH}\nfrom beatheritage.cli import main\nsys.exit(main({words!r}))"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        with zipfile.ZipFile(done.stdout.strip().splitlines()[-1]) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".osu"))
            made.append(archive.read(name))
    assert made[0] != made[1]
    assert not list(tmp_path.glob(".finetune-*"))


def test_a_mania_map_teaches_no_placing(tmp_path):
    from beatheritage.train.finetune import placer_data
    from beatheritage.train.placer import read_placer

    (tmp_path / "a.osu").write_text(write(circles(0, Mode.MANIA)), "utf-8")
    assert placer_data((read_maps(tmp_path), ()), read_placer()[1]) is None
