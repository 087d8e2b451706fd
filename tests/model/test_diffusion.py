"""osu-diffusion's network against what the original gave; every tensor has its place."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tests.ancestors import golden, needs_goldens, relative_error
from tests.diffusion import (
    CLASSES,
    RECORDED,
    TOKENIZED,
    kept,
    tiny_tensors,
    write_recorded,
    write_tiny,
)

from beatheritage.engine.torch_denoiser import load_placer, open_placer
from beatheritage.errors import WeightsError
from beatheritage.model.checkpoint import CONFIG, TENSORS, TOKENIZER
from beatheritage.model.diffusion import FEW_BLOCKS, band, visible
from beatheritage.model.diffusion_checkpoint import (
    PICKLED_TENSORS,
    PICKLED_TOKENIZER,
    config_of,
    convert_denoiser,
    is_denoiser,
    open_denoiser,
    place,
    shapes_of,
)
from beatheritage.model.placing import placements

REACH, EVERYTHING = 8, 10**6
TOLERANCE = 1e-5


def pickled(folder):
    """A tiny checkpoint as its authors left theirs."""
    folder.mkdir(parents=True)
    torch.save(tiny_tensors(), folder / PICKLED_TENSORS)
    torch.save(TOKENIZED, folder / PICKLED_TOKENIZER)
    return folder


@needs_goldens
@pytest.mark.parametrize("step", [0, 5, 99, 500])
@pytest.mark.parametrize(("name", "reach"), [("out", REACH), ("out_nomask", EVERYTHING)])
def test_forward_is_that_of_the_original(step, name, reach, tmp_path):
    engine = load_placer(open_placer(write_recorded(tmp_path)))
    recorded = golden(RECORDED, "dit_forward.npz")
    for row in range(2):
        denoising = engine.start(recorded["c"][row].T, recorded["y"][row : row + 1], reach)
        (got,) = denoising.denoise(recorded["x"][row].T, step)
        assert relative_error(got, recorded[f"{name}_t{step}"][row].T) < TOLERANCE


@needs_goldens
def test_the_band_is_that_of_the_original():
    blocked = golden(RECORDED, "dit_forward.npz")["attn_mask_true_is_blocked"]
    assert (band(len(blocked), REACH).numpy() == ~blocked).all()


@needs_goldens
def test_every_tensor_of_the_released_size_is_placed():
    recorded = golden("statedict", "statedict_osu_diffusion_v2_DiT-B.json")
    shapes = {name: tuple(shape) for name, shape in recorded["state_dict"].items()}
    config = config_of(shapes, {})
    assert (config.width, config.depth, config.heads) == (768, 12, 12)
    assert config.classes == recorded["class_size"]
    placed = placements(shapes, shapes_of(config), place)
    assert sorted(theirs for parts in placed.values() for theirs in parts) == sorted(shapes)


def test_what_it_gave_when_it_agreed_is_what_it_gives(tmp_path):
    engine = load_placer(open_placer(write_tiny(tmp_path)))
    points = np.arange(40)
    places = np.stack([np.sin(points), np.cos(points * 0.7)], axis=1)
    context = np.sin(points[:, None] * 0.3 + np.arange(272) * 0.11)
    classes = np.zeros((1, CLASSES))
    classes[0, [3, 27, 40]] = 1
    (got,) = engine.start(context, classes, REACH).denoise(places, 7)
    assert relative_error(got[::13], np.array(kept()["forward"])) < TOLERANCE


@pytest.mark.parametrize("points", [FEW_BLOCKS * REACH + more for more in (1, 7, 8, 9, 40)])
def test_going_by_blocks_gives_the_same(points, tmp_path, monkeypatch):
    engine = load_placer(open_placer(write_tiny(tmp_path)))
    rng = np.random.default_rng(0)
    places, context = rng.normal(size=(points, 2)), rng.normal(size=(points, 272))
    classes = rng.integers(0, 2, (2, CLASSES))
    assert visible(points, REACH).ndim == 4
    assert visible(FEW_BLOCKS * REACH, REACH).ndim == 2
    by_blocks = engine.start(context, classes, REACH).denoise(places, 3)
    monkeypatch.setattr("beatheritage.model.diffusion.FEW_BLOCKS", points)
    plain = engine.start(context, classes, REACH).denoise(places, 3)
    assert relative_error(by_blocks, plain) < TOLERANCE


def test_rows_in_one_batch_are_those_apart(tmp_path):
    engine = load_placer(open_placer(write_tiny(tmp_path)))
    rng = np.random.default_rng(0)
    places, context = rng.normal(size=(30, 2)), rng.normal(size=(30, 272))
    classes = rng.integers(0, 2, (2, CLASSES))
    both = engine.start(context, classes, REACH).denoise(places, 3)
    for row in range(2):
        alone = engine.start(context, classes[row : row + 1], REACH).denoise(places, 3)
        assert relative_error(alone[0], both[row]) < TOLERANCE


def test_pickles_convert_to_the_same_checkpoint(tmp_path):
    folder = pickled(tmp_path / "pickled")
    with pytest.raises(WeightsError, match="how many heads share a width of 32"):
        open_denoiser(folder)  # none of the released sizes
    (folder / CONFIG).write_text('{"num_heads": 4}', encoding="utf-8")
    assert is_denoiser(folder)
    first = open_denoiser(folder)
    convert_denoiser(first, tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {CONFIG, TOKENIZER, TENSORS}
    assert is_denoiser(tmp_path / "out")
    second = open_denoiser(tmp_path / "out")
    assert second.config == first.config
    assert second.tokenizer == first.tokenizer == TOKENIZED
    assert all(torch.equal(first.read(name), second.read(name)) for name in tiny_tensors())


class Caller:
    def __reduce__(self):
        return print, ("called",)


@pytest.mark.parametrize("file", [PICKLED_TENSORS, PICKLED_TOKENIZER])
def test_nothing_in_a_pickle_is_called(file, tmp_path, capsys):
    folder = pickled(tmp_path / "pickled")
    torch.save({"a": Caller()}, folder / file)
    with pytest.raises(WeightsError, match="safe to read"):
        open_denoiser(folder)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda tensors: tensors.pop("final_layer.linear.bias"), "missing tensors: head.bias"),
        (lambda tensors: tensors.update(extra=torch.ones(2)), "unknown tensors: extra"),
        (
            lambda tensors: tensors.update({"blocks.1.mlp.fc1.bias": torch.ones(2)}),
            "misshapen tensors",
        ),
        (lambda tensors: tensors.pop("final_layer.linear.weight"), "no tensors of osu-diffusion"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(break_it, says, tmp_path):
    tensors = tiny_tensors()
    break_it(tensors)
    folder = write_tiny(tmp_path)
    save_file(tensors, folder / TENSORS)
    with pytest.raises(WeightsError, match=says) as caught:
        open_denoiser(folder)
    assert "\n" not in str(caught.value)
