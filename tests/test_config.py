"""Options: defaults, presets, words."""

from pathlib import Path

import pytest
import yaml

from beatheritage.config import PRESETS, configure, known_keys, load_preset, preset_names
from beatheritage.errors import OptionError
from beatheritage.generate.request import Request, Sampling
from beatheritage.osu.mode import Mode


def test_words_are_typed_by_the_fields():
    said = ["mode=mania", "keys=7", "stars=3.25", "overwrite=true", "output=a=b", "title=4"]
    request = configure(Request(), words=said)
    assert request == Request(
        mode=Mode.MANIA, keys=7, stars=3.25, overwrite=True, output=Path("a=b"), title="4"
    )


def test_nested_keys_are_dotted():
    request = configure(Request(), words=["sampling.temperature=0.9", "style.density=0.5"])
    assert request.sampling == Sampling(temperature=0.9)
    assert request.style.density == 0.5


def test_a_mode_has_a_number_too():
    assert configure(Request(), words=["mode=2"]).mode is Mode.CATCH


def test_none_leaves_a_gap_again():
    assert configure(Request(bpm=120.0), words=["bpm=none"]).bpm is None


def test_words_win_over_the_preset_and_the_preset_over_the_defaults():
    request = configure(Request(), preset="beatheritage_v1", words=["sampling.top_k=7"])
    assert request.sampling == Sampling(
        temperature=0.85, top_p=0.92, top_k=7, repetition_penalty=1.1
    )


def test_the_last_word_wins():
    assert configure(Request(), words=["stars=2", "stars=3"]).stars == 3


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("stras=3", "stars"),
        ("temperature=0.9", "sampling.temperature"),
        ("sampling.temprature=0.9", "sampling.temperature"),
        ("aproach_rate=9", "settings.approach_rate"),
        ("titel=A", "title"),
        ("ar=9", "settings.approach_rate"),
    ],
)
def test_an_unknown_key_names_the_nearest(word, meant):
    with pytest.raises(OptionError, match=f"unknown option.*did you mean '{meant}'"):
        configure(Request(), words=[word])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("stars=hard", "stars must be a number, not 'hard'"),
        ("stars=nan", "stars must be a number"),
        ("seed=1.5", "seed must be a whole number"),
        ("overwrite=maybe", "overwrite must be true or false"),
        ("mode=dance", "mode must be one of std, taiko, catch, mania"),
        ("stars", "expected key=value"),
        ("sampling=1", "unknown option 'sampling'"),
    ],
)
def test_a_bad_value_says_what_is_expected(word, expected):
    with pytest.raises(OptionError, match=expected):
        configure(Request(), words=[word])


def test_an_unknown_preset_names_the_nearest():
    with pytest.raises(OptionError, match="did you mean 'v32-mini'"):
        configure(Request(), preset="v32-mni")


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_holds_only_what_differs(name):
    changed = configure(Request(), preset=name)
    assert (changed == Request()) == (not load_preset(name))
    for group, values in load_preset(name).items():
        for key, value in values.items():
            default = getattr(getattr(Request(), group), key)
            assert value != default, f"{group}.{key} is the default"


def test_presets_are_plain_yaml():
    for name in preset_names():
        yaml.safe_load((PRESETS / f"{name}.yaml").read_text("utf-8"))


def test_every_key_can_be_set_to_what_it_is():
    request = Request(audio=Path("a.mp3"), version="Hard", artist="A", title="T")
    for key in known_keys(request):
        value = request
        for name in key.split("."):
            value = getattr(value, name)
        word = f"{key}={value.name.lower() if isinstance(value, Mode) else value}"
        assert configure(request, words=[word]) == request
