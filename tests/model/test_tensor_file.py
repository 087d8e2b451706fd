import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save, save_file

from beatheritage.errors import WeightsError
from beatheritage.model.tensor_file import KINDS, read_safetensors

SHAPES = st.lists(st.integers(0, 4), max_size=3).map(tuple)


@given(
    shapes=st.dictionaries(st.text("abc.", min_size=1), SHAPES, min_size=1, max_size=4),
    kind=st.sampled_from([torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.bool]),
)
def test_what_was_written_is_read(tmp_path_factory, shapes, kind):
    path = tmp_path_factory.mktemp("tensors") / "file"
    wanted = {name: torch.randn(shape).to(kind) for name, shape in shapes.items()}
    save_file(wanted, path, metadata={"format": "pt"})
    found, read = read_safetensors(path)
    assert found == shapes
    for name, tensor in wanted.items():
        assert read(name).dtype == tensor.dtype
        assert torch.equal(read(name), tensor)


@pytest.mark.parametrize("bytes_left", [0, 7, 40, -1])
def test_a_file_that_broke_off_is_refused(tmp_path, bytes_left):
    path = tmp_path / "file"
    path.write_bytes(save({"a": torch.ones(3)})[:bytes_left])
    with pytest.raises(WeightsError, match="damaged"):
        read_safetensors(path)


def test_one_that_is_cut_off_after_it_was_looked_at_is_refused(tmp_path):
    path = tmp_path / "file"
    whole = save({"a": torch.ones(3)})
    path.write_bytes(whole)
    _, read = read_safetensors(path)
    path.write_bytes(whole[:-1])
    with pytest.raises(WeightsError, match="became shorter"):
        read("a")
    path.unlink()
    with pytest.raises(WeightsError, match="cannot be read"):
        read("a")


def test_numbers_of_another_kind_are_refused_by_their_name(tmp_path):
    assert "F8_E4M3" not in KINDS
    save_file({"a": torch.ones(3).to(torch.float8_e4m3fn)}, tmp_path / "file")
    with pytest.raises(WeightsError, match="F8_E4M3"):
        read_safetensors(tmp_path / "file")
