"""``beatheritage convert``: pickles in, safetensors out, and nothing where it can't."""

import pytest
import torch
from tests.ancestors import write_tiny

from beatheritage.cli import main
from beatheritage.model.checkpoint import TENSORS, TRAINED_TENSORS, open_checkpoint


@pytest.fixture
def checkpoint(tmp_path):
    folder = write_tiny("v32", tmp_path / "in")
    write_tiny("v32", folder / "gamemode=1")
    return folder


def test_a_checkpoint_and_those_inside_it_are_written(checkpoint, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["convert", str(checkpoint), str(out)]) == 0
    assert capsys.readouterr().out.splitlines() == [str(out), str(out / "gamemode=1")]
    assert open_checkpoint(out, mode=1).shapes == open_checkpoint(checkpoint).shapes


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere", "out"], "there is no such folder"),
        (["in", "in"], "another folder"),
        (["in", "in/gamemode=1"], "exists already"),
    ],
)
def test_refusals_are_one_line(words, says, checkpoint, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["convert", *words]) == 1
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_nothing_is_written_when_one_is_damaged(checkpoint, tmp_path, capsys):
    (checkpoint / "gamemode=1" / TENSORS).write_bytes(b"nothing")
    torch.save({}, checkpoint / TRAINED_TENSORS)
    assert main(["convert", str(checkpoint), str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()
    assert "gamemode=1" in capsys.readouterr().err
