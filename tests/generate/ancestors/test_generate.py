"""A checkpoint behind the command line: found, heeded, checked, and refused where it must be."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.ancestors import small_map, song_samples, tokenizer_of, write_tiny
from tests.generate.ancestors.test_song import GREEDY, Reciter, plan_of, song_of

from beatheritage.audio.mel import SAMPLE_RATE
from beatheritage.cli import main
from beatheritage.errors import OptionError
from beatheritage.generate.ancestors.generate import generate_with
from beatheritage.generate.ancestors.song import Ancestor
from beatheritage.generate.drafting import listen
from beatheritage.generate.plan import make_plan
from beatheritage.generate.repair.finish import faults
from beatheritage.generate.request import Aim, Request
from beatheritage.osu.mode import Mode
from beatheritage.osu.stars import stars
from beatheritage.review.issue import Severity
from beatheritage.timing.grid import Timing
from beatheritage.tokens.steps import Vocabulary

ASKED = Request(audio=Path("a.mp3"), model="v30")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    samples = song_samples(6 * SAMPLE_RATE)
    soundfile.write("song.wav", samples, SAMPLE_RATE)
    write_tiny("v30", tmp_path / "tiny")
    return tmp_path


@pytest.mark.slow
def test_random_weights_that_write_nothing_leave_nothing(folder, capsys):
    words = ["generate", "song.wav", "--model", "tiny", "--bpm", "150", "--offset", "230"]
    assert main([*words, "--quiet"]) == 1
    assert "tiny: wrote no object" in capsys.readouterr().err
    assert not (folder / "out").exists()


def test_what_is_written_is_checked_and_repaired():
    vocabulary, known = Vocabulary(tokenizer_of("v32")), small_map(Mode.STD)
    ancestor = Ancestor(engine=Reciter(vocabulary, known), vocabulary=vocabulary, name="by heart")
    heard = listen(song_of(10), Timing(lines=known.red_lines))
    plan = replace(plan_of(Mode.STD, ancestor=GREEDY), difficulty=Aim(scale=False))
    made = generate_with(ancestor, heard, plan, np.random.default_rng(0))
    starts = {item.time for item in known.objects}
    assert made.beatmap.objects
    assert {item.time for item in made.beatmap.objects} <= starts
    assert made.stars == stars(made.beatmap)
    assert not [issue for issue in faults(made.beatmap) if issue.severity is Severity.PROBLEM]


def test_a_model_that_is_not_there(folder, capsys):
    words = ["generate", "song.wav", "--model", "v3", "--bpm", "150", "--offset", "230"]
    assert main([*words, "--quiet"]) == 1
    assert "there is no model 'v3'" in capsys.readouterr().err
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"curve": "0:0.5,9:1"}, "curve is for the native model"),
        ({"style": replace(ASKED.style, density=0.3)}, "style.density is for the native model"),
    ],
)
def test_what_only_our_own_model_can_be_told(changes, message):
    with pytest.raises(OptionError, match=message):
        make_plan(replace(ASKED, **changes))
    assert make_plan(replace(ASKED, model="", **changes)).model == ""
