from dataclasses import replace
from pathlib import Path

import pytest
from tests.evaluate.results import subject

from beatheritage.errors import OptionError, WeightsError
from beatheritage.evaluate.bench import Bench
from beatheritage.evaluate.outcome import Ask
from beatheritage.evaluate.shelf import open_shelf
from beatheritage.evaluate.writers import SHIPPED, Writer, models_here, read_writer, read_writers
from beatheritage.osu.mode import Mode


@pytest.mark.parametrize("said", ["shipped", "a,b,c", "a,", "a,a"])
def test_there_are_two_of_them(said: str):
    with pytest.raises(OptionError, match="two models"):
        read_writers(said)


def test_a_folder_with_a_manifest_is_ours_and_any_other_name_is_a_checkpoint(tmp_path: Path):
    (tmp_path / "manifest.json").write_text("{}")
    ours, theirs = read_writers(f"{tmp_path}, v32")
    assert ours == Writer(name=str(tmp_path), folder=tmp_path)
    assert theirs == Writer(name="v32", checkpoint="v32")
    assert read_writer("shipped") is SHIPPED


def test_a_folder_that_lacks_its_weights_says_so(tmp_path: Path):
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(WeightsError, match="does not know"):
        models_here(tmp_path)


def test_answers_of_different_writers_are_kept_apart(tmp_path: Path):
    (tmp_path / "manifest.json").write_text("{}")
    writers = (Writer(name="a", folder=tmp_path), read_writer("v32"), read_writer("v31"))
    makers = [open_shelf(tmp_path / "cache", writer).makers["map"] for writer in writers]
    assert len({*makers, open_shelf(tmp_path).makers["map"]}) == 4


def test_a_checkpoint_is_asked_with_what_its_version_is_used_to(tmp_path: Path):
    ask = Ask(group="std", chart="", mode=Mode.STD, stars=3.0, stage="plain", seed=4)
    bench = Bench(subject=subject("osu_a"), shelf=open_shelf(tmp_path), writer=read_writer("v30"))
    asked, ours = bench.request(ask), replace(bench, writer=SHIPPED).request(ask)
    assert (asked.model, asked.seed, asked.stars) == ("v30", 4, 3.0)
    assert (ours.model, ours.seed) == ("", 4)
    assert asked.ancestor != ours.ancestor or asked.sampling != ours.sampling
