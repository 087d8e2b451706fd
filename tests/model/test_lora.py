"""LoRA in PEFT's files: merged as PEFT would, and never in part."""

import json

import pytest
import torch
from safetensors.torch import save_file
from tests.ancestors import write_tiny

from beatheritage.errors import WeightsError
from beatheritage.model.checkpoint import load_mapper, open_checkpoint
from beatheritage.model.lora import CONFIG, METADATA, TENSORS, with_lora

TARGET = "transformer.model.decoder.layers.1.self_attn.Wqkv"
RANK, ALPHA = 4, 8
PLAIN = {"peft_type": "LORA", "r": RANK, "lora_alpha": ALPHA, "init_lora_weights": True}


@pytest.fixture
def checkpoint(tmp_path):
    return open_checkpoint(write_tiny("v32", tmp_path / "model"))


def halves():
    down = torch.sin(torch.arange(RANK * 16.0)).view(RANK, 16)
    up = torch.cos(torch.arange(48.0 * RANK)).view(48, RANK)
    return down, up


def write_lora(folder, tensors=None, **config):
    folder.mkdir(exist_ok=True)
    down, up = halves()
    name = f"base_model.model.{TARGET}"
    usual = {f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up}
    save_file(usual if tensors is None else tensors, folder / TENSORS)
    (folder / CONFIG).write_text(json.dumps(PLAIN | config))
    return folder


def test_it_is_added_to_its_tensor_alone(checkpoint, tmp_path):
    merged = with_lora(checkpoint, write_lora(tmp_path / "lora"))
    down, up = halves()
    expected = checkpoint.read(f"{TARGET}.weight") + ALPHA / RANK * up @ down
    assert torch.allclose(merged.read(f"{TARGET}.weight"), expected, atol=1e-5)
    before, after = load_mapper(checkpoint).state_dict(), load_mapper(merged).state_dict()
    changed = [name for name in before if not torch.equal(before[name], after[name])]
    assert changed == ["decoder.layers.1.attention.qkv.weight"]


def test_pissa_takes_the_place_of_the_largest_directions(checkpoint, tmp_path):
    """Untrained, it holds these directions themselves, and merging changes nothing."""
    weight = checkpoint.read(f"{TARGET}.weight")
    left, sizes, right = torch.linalg.svd(weight, full_matrices=False)
    root = (sizes[:RANK] / (ALPHA / RANK)).sqrt()
    name = f"base_model.model.{TARGET}"
    tensors = {
        f"{name}.lora_A.weight": (root[:, None] * right[:RANK]).contiguous(),
        f"{name}.lora_B.weight": (left[:, :RANK] * root).contiguous(),
    }
    folder = write_lora(tmp_path / "lora", tensors, init_lora_weights="pissa")
    merged = with_lora(checkpoint, folder).read(f"{TARGET}.weight")
    assert torch.allclose(merged, weight, atol=1e-4)


def renamed(old, new):
    def change(folder):
        down, up = halves()
        name = f"base_model.model.{TARGET}".replace(old, new)
        write_lora(folder, {f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up})

    return change


def half(folder):
    write_lora(folder, {f"base_model.model.{TARGET}.lora_A.weight": halves()[0]})


def strange(folder):
    write_lora(folder, {"base_model.model.extra": torch.zeros(2)})


def told(**config):
    return lambda folder: write_lora(folder, **config)


def meant_for_mania(folder):
    write_lora(folder)
    metadata = {"format_version": 1, "ckpt_subfolders": ["gamemode=3"]}
    (folder / METADATA).write_text(json.dumps(metadata))


def truncated(folder):
    write_lora(folder)
    (folder / TENSORS).write_bytes((folder / TENSORS).read_bytes()[:-9])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (renamed("layers.1", "layers.7"), "for another model"),
        (renamed("Wqkv", "Wo"), "for another model"),
        (half, "rank 4"),
        (strange, "base_model.model.extra"),
        (told(r=8), "rank 8"),
        (told(use_dora=True), "use_dora"),
        (told(init_lora_weights="pissa_niter_16"), "pissa_niter_16"),
        (meant_for_mania, "gamemode=3"),
        (truncated, "is no LoRA"),
        (lambda folder: folder.mkdir(), "adapter_config.json"),
    ],
)
def test_what_does_not_fit_is_refused(make, says, checkpoint, tmp_path):
    make(tmp_path / "lora")
    with pytest.raises(WeightsError, match=says) as caught:
        with_lora(checkpoint, tmp_path / "lora")
    assert "\n" not in str(caught.value)
