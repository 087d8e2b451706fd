"""Weights are known by their hashes."""

import json

import pytest

from beatheritage.engine.weights import (
    MANIFEST,
    WEIGHTS,
    make_manifest,
    read_manifest,
    weight_file,
)
from beatheritage.errors import WeightsError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mapper.onnx").write_bytes(b"weights")
    (tmp_path / "notes.txt").write_text("no model")
    (tmp_path / MANIFEST).write_text(make_manifest(tmp_path))
    return tmp_path


def test_a_sound_file_is_found(folder):
    assert weight_file("mapper.onnx", folder) == folder / "mapper.onnx"


def test_the_manifest_names_models_alone(folder):
    assert list(read_manifest(folder)) == ["mapper.onnx"]


def test_a_flipped_bit_is_seen(folder):
    (folder / "mapper.onnx").write_bytes(b"weightt")
    with pytest.raises(WeightsError, match="damaged"):
        weight_file("mapper.onnx", folder)


def test_a_missing_file_is_seen(folder):
    (folder / "mapper.onnx").unlink()
    with pytest.raises(WeightsError, match="missing"):
        weight_file("mapper.onnx", folder)


def test_a_file_that_the_manifest_does_not_know_is_refused(folder):
    with pytest.raises(WeightsError, match="does not know"):
        weight_file("placer.onnx", folder)


@pytest.mark.parametrize("content", ["", "[]", "{", json.dumps(3)])
def test_a_broken_manifest_is_seen(folder, content):
    (folder / MANIFEST).write_text(content)
    with pytest.raises(WeightsError, match="manifest is damaged"):
        read_manifest(folder)


def test_what_ships_is_sound():
    if not (WEIGHTS / MANIFEST).exists():
        pytest.skip("this checkout holds no weights")
    assert (WEIGHTS / MANIFEST).read_text("utf-8") == make_manifest(WEIGHTS)
