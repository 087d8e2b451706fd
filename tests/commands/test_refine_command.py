"""beatheritage refine: maps and sets placed anew, and what is refused in one line."""

import json
import zipfile

import pytest
from tests.ancestors import small_map
from tests.diffusion import TOKENIZED, tiny_tensors, write_tiny

from beatheritage.cli import main
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.osu.write import write


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_tiny(tmp_path / "placer")
    for mode in (Mode.STD, Mode.TAIKO):
        (tmp_path / f"{mode.name.lower()}.osu").write_bytes(write(small_map(mode)).encode())
    return tmp_path


def refine(*words):
    return main(["refine", *words, "-o", "out", "--placer", "placer", "--quiet"])


def test_a_map_is_placed_anew(folder, capsys):
    assert refine("std.osu", "--json", "--amount", "little") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["output"] == "out/std.osu"
    assert said["maps"][0]["moved"] == 4
    old, new = (parse((folder / name).read_bytes()).beatmap for name in ("std.osu", "out/std.osu"))
    assert [item.time for item in new.objects] == [item.time for item in old.objects]
    assert new.objects != old.objects
    assert refine("std.osu") == 1
    assert "exists already" in capsys.readouterr().err


def test_a_set_keeps_its_other_files_and_modes(folder):
    with zipfile.ZipFile("set.osz", "w") as archive:
        archive.write("std.osu")
        archive.write("taiko.osu")
        archive.writestr("song.mp3", b"not a song")
    assert refine("set.osz") == 0
    with zipfile.ZipFile("out/set.osz") as archive:
        assert set(archive.namelist()) == {"std.osu", "taiko.osu", "song.mp3"}
        assert archive.read("taiko.osu") == (folder / "taiko.osu").read_bytes()
        assert archive.read("song.mp3") == b"not a song"
        assert archive.read("std.osu") != (folder / "std.osu").read_bytes()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("taiko.osu",), "no map with places"),
        (("gone.osu",), "cannot be read"),
        (("std.osu", "placing.amount=lots"), "one of little, some, much"),
        (("std.osu", "--start", "5", "--end", "5"), "end must come after start"),
        (("std.osu", "seed=-1"), "seed must be"),
        (("std.osu", "placing.diffuses=no"), "nothing to do"),
        (("std.osu", "placing.steps=11,0,0,0,0,0,0,0,0,0,1000"), "1000 steps are more than the 90"),
        (("std.osu", "conditions.descriptors=cleen"), "no descriptor 'cleen'"),
        (("std.osu", "conditions.mapper=3"), "no mapper 3"),
        (("std.osu", "guidnce=2"), "did you mean 'placing.guidance'"),
        (("std.osu", "placing.refiner=nothing"), "there is no model 'nothing'"),
    ],
)
def test_refusals_are_one_line_and_leave_nothing(words, says, folder, capsys):
    assert refine(*words) == 1
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert not (folder / "out").exists()


def test_a_second_checkpoint_must_be_told_the_same(folder, capsys):
    write_tiny(folder / "other")
    changed = TOKENIZED | {"mapper_idx": {"5": 0}}
    (folder / "other" / "tokenizer.json").write_text(json.dumps(changed), encoding="utf-8")
    assert refine("std.osu", "placing.refiner=other") == 1
    assert "other: is told other classes" in capsys.readouterr().err
    assert refine("std.osu", "placing.refiner=placer") == 0


def test_convert_takes_a_placer(folder, capsys):
    import torch

    (folder / "pickles").mkdir()
    torch.save(tiny_tensors(), folder / "pickles" / "model_ema.pkl")
    torch.save(TOKENIZED, folder / "pickles" / "tokenizer.pkl")
    (folder / "pickles" / "config.json").write_text('{"num_heads": 4}', encoding="utf-8")
    assert main(["convert", "pickles", "safe"]) == 0
    assert refine("std.osu") == 0
    first = (folder / "out" / "std.osu").read_bytes()
    assert refine("std.osu", "--overwrite", "placing.placer=safe") == 0
    assert (folder / "out" / "std.osu").read_bytes() == first
