"""Every released checkpoint finds its place; what doesn't fit is refused in one line."""

import json
import pickle
import sys
import types
from enum import Enum

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.ancestors import (
    FULL_SIZES,
    TINY,
    golden,
    needs_goldens,
    tiny_config,
    tiny_tensors,
    tokenizer_of,
    write_tiny,
)

from beatheritage.errors import WeightsError
from beatheritage.model.checkpoint import (
    CONFIG,
    TENSORS,
    TOKENIZER,
    TRAINED_TENSORS,
    TRAINED_TOKENIZER,
    convert_checkpoint,
    load_mapper,
    open_checkpoint,
    shapes_of,
)
from beatheritage.model.checkpoint_config import from_tensors, read_config, write_config
from beatheritage.model.pickled import read_pickled_tokenizer
from beatheritage.model.placing import place, placements


@needs_goldens
@pytest.mark.parametrize("version", FULL_SIZES)
def test_full_sizes_are_placed_whole(version):
    recorded = golden("statedict", f"statedict_{version}.json")
    shapes = {name: tuple(item["shape"]) for name, item in recorded["state_dict"].items()}
    config = read_config(recorded["config"])
    placed = placements(shapes, shapes_of(config))
    used = [theirs for parts in placed.values() for theirs in parts]
    derived = [name for name in shapes if place(name) is None]
    assert sorted(used + derived) == sorted(shapes)
    assert read_config(write_config(config)) == config


@needs_goldens
@pytest.mark.parametrize("version", FULL_SIZES)
def test_tensors_and_tokenizer_tell_the_config(version):
    recorded = golden("statedict", f"statedict_{version}.json")
    shapes = {name: tuple(item["shape"]) for name, item in recorded["state_dict"].items()}
    layout = recorded["tokenizer_layout"]
    kinds = {name: {"max_value": high} for name, _, high, *_ in layout["out"]}
    tokenizer = {"event_range": kinds, "context_sos": layout["context_sos"]}
    told = from_tensors(shapes, tokenizer)
    config = read_config(recorded["config"])
    if not config.conditions:  # then nothing says how many mappers there are, and nothing asks
        config = type(config)(
            **{name: getattr(config, name) for name in config.__slots__} | {"mappers": 0}
        )
    assert told == config


@pytest.mark.parametrize("version", TINY)
def test_config_survives_being_written(version):
    config = tiny_config(version)
    assert read_config(json.loads(json.dumps(write_config(config)))) == config


class EventType(Enum):
    """As their training code has it, for what a training folder's pickle holds."""

    TIME_SHIFT = "t"


class EventRange:
    def __init__(self, kind):
        self.type, self.min_value, self.max_value = kind, 0, 818


@pytest.fixture
def their_modules(monkeypatch):
    """The module that their pickles name, while they are written."""
    module = types.ModuleType("osuT5.tokenizer.event")
    for kind in (EventType, EventRange):
        monkeypatch.setattr(kind, "__module__", module.__name__)
        setattr(module, kind.__name__, kind)
    monkeypatch.setitem(sys.modules, "osuT5", types.ModuleType("osuT5"))
    monkeypatch.setitem(sys.modules, "osuT5.tokenizer", types.ModuleType("osuT5.tokenizer"))
    monkeypatch.setitem(sys.modules, module.__name__, module)


def write_training_folder(version, folder):
    """As training leaves it, with a config, for a head of 8 is no Whisper's."""
    write_tiny(version, folder)
    torch.save(load_file(folder / TENSORS), folder / TRAINED_TENSORS)
    torch.save(tokenizer_of(version), folder / TRAINED_TOKENIZER)
    (folder / TENSORS).unlink()
    (folder / TOKENIZER).unlink()
    return folder


@pytest.mark.parametrize("version", TINY)
def test_training_folders_convert_to_the_same_mapper(version, tmp_path):
    trained = open_checkpoint(write_training_folder(version, tmp_path / "trained"))
    convert_checkpoint(trained, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {CONFIG, TOKENIZER, TENSORS}
    converted = open_checkpoint(tmp_path / "out")
    assert converted.config == trained.config
    assert converted.tokenizer == tokenizer_of(version)
    expected, got = load_mapper(trained).state_dict(), load_mapper(converted).state_dict()
    assert all(torch.equal(expected[name], got[name]) for name in expected)


def test_a_tokenizer_of_their_classes_becomes_plain(their_modules, tmp_path):
    state = {
        "event_start": {EventType.TIME_SHIFT: 17},
        "event_ranges": [EventRange(EventType.TIME_SHIFT)],
        "mapper_idx": {1000: 0},
    }
    path = tmp_path / TRAINED_TOKENIZER
    path.write_bytes(pickle.dumps(state))
    assert read_pickled_tokenizer(path) == {
        "event_start": {"t": 17},
        "event_ranges": [{"type": "t", "min_value": 0, "max_value": 818}],
        "mapper_idx": {"1000": 0},
    }


class Calls:
    """A pickle that would run a command."""

    def __reduce__(self):
        return print, ("called",)


@pytest.mark.parametrize("name", [TRAINED_TENSORS, TRAINED_TOKENIZER])
def test_a_pickle_that_calls_anything_is_refused(name, tmp_path, capsys):
    folder = write_training_folder("v29", tmp_path / "trained")
    torch.save({"offset": Calls()}, folder / name)
    with pytest.raises(WeightsError, match="safe to read"):
        open_checkpoint(folder)
    assert capsys.readouterr().out == ""


def test_a_mode_has_a_folder_of_its_own(tmp_path):
    write_tiny("v32", tmp_path)
    own = write_tiny("v32", tmp_path / "gamemode=3")
    assert open_checkpoint(tmp_path, mode=3).folder == own
    assert open_checkpoint(tmp_path, mode=1).folder == tmp_path


def shortened(folder):
    path = folder / TENSORS
    path.write_bytes(path.read_bytes()[:-100])


def without_config(folder):
    (folder / CONFIG).unlink()


def with_config(**changes):
    def change(folder):
        stored = json.loads((folder / CONFIG).read_text())
        stored.update(changes)
        (folder / CONFIG).write_text(json.dumps(stored))

    return change


def with_backbone(**changes):
    def change(folder):
        stored = json.loads((folder / CONFIG).read_text())
        stored["backbone_config"].update(changes)
        (folder / CONFIG).write_text(json.dumps(stored))

    return change


def without_a_tensor(folder):
    tensors = tiny_tensors("v32")
    del tensors["transformer.model.decoder.layers.1.cross_attn.Wkv.weight"]
    save_file(tensors, folder / TENSORS)


def with_a_strange_tensor(folder):
    save_file(tiny_tensors("v32") | {"extra.weight": torch.zeros(2)}, folder / TENSORS)


def empty(folder):
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (shortened, "damaged"),
        (without_config, "config.json: is missing"),
        (with_config(vocab_size_in=99), "vocab_size_in is 4769 in the tokenizer, 99 in the config"),
        (with_config(backbone_model_name="google/t5"), "google/t5"),
        (with_config(do_style_embed=True), "do_style_embed"),
        (with_config(cond_dim="x"), "cond_dim is 'x'"),
        (with_config(pad_mode="x"), "pad_mode is 'x'"),
        (with_config(backbone_config=[]), "backbone_config is damaged"),
        (with_backbone(decoder_layers=10**9), "decoder_layers is 1000000000"),
        (with_backbone(d_model=-16), "d_model is -16"),
        (with_backbone(encoder_attention_heads=3, decoder_attention_heads=3), "3 heads"),
        (with_backbone(rope_encoder_scaling_factor=2.0), "rope_encoder_scaling_factor"),
        (with_config(n_mels=23), "misshapen tensors: transformer.model.encoder.conv1.weight"),
        (without_a_tensor, "missing tensors: decoder.layers.1.cross.kv.weight"),
        (with_a_strange_tensor, "unknown tensors: extra.weight"),
        (empty, "holds no checkpoint"),
    ],
)
def test_what_does_not_fit_is_refused(spoil, says, tmp_path, monkeypatch):
    write_tiny("v32", tmp_path)
    spoil(tmp_path)
    monkeypatch.setattr(torch, "zeros", lambda *_: pytest.fail("allocated before it was checked"))
    with pytest.raises(WeightsError, match=says) as caught:
        open_checkpoint(tmp_path)
    assert "\n" not in str(caught.value)
