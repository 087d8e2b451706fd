"""Checkpoints of osu-diffusion for tests: the recorded tiny one, and one made here.

As in ``tests.ancestors``; what our code gave for the one made here, when it agreed with the
recorded one, is kept in ``diffusion.json``.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from beatheritage.engine.torch_denoiser import load_placer, open_placer
from beatheritage.generate.diffusion.classes import PlacerVocabulary
from beatheritage.generate.diffusion.sample import HALF_FIELD, Placer
from beatheritage.model.checkpoint import CONFIG, TENSORS, TOKENIZER
from tests.ancestors import GOLDENS, ROOT, golden

RECORDED = "osu_diffusion"
VERSIONS = ("v29", "v30", "beatheritage_v1")
WIDTH, BLOCKS, NUMBERS, CONTEXT = 32, 2, 128, 272
TOKENIZED: dict[str, Any] = {
    "beatmap_idx": {},
    "num_classes": 0,
    "num_diff_classes": 26,
    "max_difficulty": 12,
    "beatmap_mapper": {"1": 1000},
    "mapper_idx": {"1000": 0, "1001": 1},
    "num_mapper_classes": 3,
    "beatmap_descriptors": {"1": [0]},
    "descriptor_idx": {"jump aim": 0, "slider tech": 1},
    "num_descriptor_classes": 3,
    "num_cs_classes": 22,
}
CLASSES = 54


def tiny_tensors() -> dict[str, torch.Tensor]:
    """A checkpoint's tensors under their names: waves instead of chance, the same everywhere."""
    shapes = {
        "context_embedder.mlp.0": (WIDTH, 2 * NUMBERS + CONTEXT),
        "t_embedder.mlp.0": (WIDTH, 256),
        "t_embedder.mlp.2": (WIDTH, WIDTH),
        "y_embedder.class_embedding.0": (WIDTH, CLASSES),
        "y_embedder.class_embedding.2": (WIDTH, WIDTH),
        "final_layer.adaLN_modulation.1": (2 * WIDTH, WIDTH),
        "final_layer.linear": (4, WIDTH),
    }
    for block in range(BLOCKS):
        shapes |= {
            f"blocks.{block}.adaLN_modulation.1": (6 * WIDTH, WIDTH),
            f"blocks.{block}.attn.in_proj": (3 * WIDTH, WIDTH),
            f"blocks.{block}.attn.out_proj": (WIDTH, WIDTH),
            f"blocks.{block}.mlp.fc1": (4 * WIDTH, WIDTH),
            f"blocks.{block}.mlp.fc2": (WIDTH, 4 * WIDTH),
        }
    tensors = {}
    for number, (name, shape) in enumerate(shapes.items()):
        mark = "_" if name.endswith("in_proj") else "."
        tensors[f"{name}{mark}weight"] = _waves(number, shape)
        tensors[f"{name}{mark}bias"] = _waves(number + 0.5, shape[:1])
    return tensors


def _waves(number: float, shape: tuple[int, ...]) -> torch.Tensor:
    counts = np.arange(int(np.prod(shape)))
    values = np.sin((number + 1) * 0.7 + counts * (1.3 + 0.37 * number) + counts**2 * 1e-3)
    return torch.from_numpy(0.12 * values).float().reshape(shape)


def write_tiny(folder: Path) -> Path:
    """A tiny checkpoint as convert writes one."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"model_type": RECORDED, "num_heads": 4}
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    (folder / TOKENIZER).write_text(json.dumps(TOKENIZED), encoding="utf-8")
    save_file(tiny_tensors(), folder / TENSORS)
    return folder


def write_recorded(folder: Path) -> Path:
    """The recorded tiny checkpoint, in the same layout."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"model_type": RECORDED, "num_heads": 4}
    state = golden(RECORDED, "tokenizer_state.json")["state_dict"]
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    (folder / TOKENIZER).write_text(json.dumps(state), encoding="utf-8")
    shutil.copy(GOLDENS / RECORDED / "dit_tiny.safetensors", folder / TENSORS)
    return folder


def placer_in(folder: Path) -> Placer:
    opened = open_placer(folder)
    vocabulary = PlacerVocabulary(opened.tokenizer, opened.classes)
    return Placer(engine=load_placer(opened), vocabulary=vocabulary)


def field_of(places: np.ndarray) -> np.ndarray:
    """Places, px, of a field from -1 to 1."""
    return places / HALF_FIELD - 1


def kept() -> dict[str, Any]:
    return json.loads((ROOT / "tests" / "diffusion.json").read_text("utf-8"))
