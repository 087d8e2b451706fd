"""The ancestors' arguments mean ours, or are refused with a reason."""

from pathlib import Path

import pytest

from beatheritage.commands.inference import ALWAYS, KNOWN, MEANS, REFUSED, read_request, translate
from beatheritage.config import known_keys
from beatheritage.errors import OptionError
from beatheritage.generate.request import Request
from beatheritage.osu.mode import Mode


def test_the_line_of_the_readme():
    words = ["audio_path=song.mp3", "output_path=out", "gamemode=0", "difficulty=5.5"]
    request = read_request("beatheritage_v1", words)
    assert request.audio == Path("song.mp3")
    assert (request.mode, request.stars, request.output) == (Mode.STD, 5.5, Path("out"))
    assert (request.sampling.top_k, request.sampling.repetition_penalty) == (50, 1.1)


def test_without_an_output_it_is_beside_the_song():
    assert read_request("v32", ["audio_path=music/a.mp3"]).output == Path("music")


def test_with_a_map_the_song_is_beside_it(tmp_path):
    path = tmp_path / "a.osu"
    path.write_text("osu file format v14\n\n[General]\nAudioFilename: b.mp3\n")
    words = [f"beatmap_path={path}", "start_time=0", "end_time=9000"]
    request = read_request("v32", words)
    assert request.audio == tmp_path / "b.mp3"
    assert (request.within, request.start, request.end) == (path, 0, 9000)
    assert request.output == tmp_path


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("title='A Song'", "title=A Song"),
        ("+seed=3", "seed=3"),
        ("seed=null", ""),
        ("year=null", ""),
        ("export_osz=True", ""),
        ("output_type=[TIMING, MAP, SV]", ""),
        ("keycount=7", "keys=7"),
    ],
)
def test_words_as_hydra_writes_them(word, ours):
    assert translate(word) == ours


@pytest.mark.parametrize("key", [*ALWAYS, *REFUSED])
def test_what_cannot_be_had_is_refused_by_name_with_a_reason(key):
    with pytest.raises(OptionError, match=rf"{key}=other cannot be had \(.+\)"):
        translate(f"{key}=other")


@pytest.mark.parametrize("key", ALWAYS)
def test_what_happens_anyway_is_accepted(key):
    for value in ALWAYS[key][0]:
        assert translate(f"{key}={value}") == ""


def test_every_meaning_is_an_option():
    assert set(MEANS.values()) <= set(known_keys(Request()))


def test_no_argument_stands_twice():
    assert len(set(KNOWN)) == len(KNOWN)


def test_a_checkpoint_of_theirs_writes():
    request = read_request("v30", ["audio_path=a.mp3", "model_path=here"])
    assert request.model == "here"
