"""Checkpoints of the ancestors for tests: the recorded ones, and tiny ones made here.

The recorded ones (``../shared/goldens``) hold what the original code gave; tests that read them are
skipped where they are not. The tiny ones take the same paths everywhere; what our code gave for
them when it agreed with the recorded ones is kept in ``ancestors.json``.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from beatheritage.model.ancestor import AncestorConfig
from beatheritage.model.ancestor_mel import Listening
from beatheritage.model.checkpoint import CONFIG, TENSORS, TOKENIZER, shapes_of
from beatheritage.model.checkpoint_config import write_config
from beatheritage.osu.beatmap import Beatmap, Hold
from beatheritage.osu.parse import parse
from beatheritage.tokens.steps import Vocabulary

torch.set_num_threads(1)  # models this small only wait for a second thread

ROOT = Path(__file__).parent.parent
GOLDENS = ROOT.parent / "shared" / "goldens"
VERSIONS = ("v29", "v30", "v31", "v32", "beatheritage_v1")
FULL_SIZES = ("v28", "v29", "v30", "v31", "v32", "v32-mini", "beatheritage_v1")
needs_goldens = pytest.mark.skipif(
    not GOLDENS.is_dir(), reason="../shared/goldens, what the original code gave, is not here"
)

MAPPERS = 12
DESCRIPTORS = ("jump aim", "clean", "tech")


@cache
def golden(*parts: str) -> Any:
    """A recorded JSON file or array."""
    path = GOLDENS.joinpath(*parts)
    if path.suffix == ".json":
        return json.loads(path.read_text("utf-8"))
    return np.load(path)


def relative_error(got: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(got - expected).max() / np.abs(expected).max())


def tokenizer_of(version: str) -> dict[str, Any]:
    """A tokenizer's state as each version lays it out, for 12 mappers and 3 descriptors."""
    contexts, outputs, inputs = _LAYOUTS[version]
    offset = 3 + 2 * len(contexts)
    ranges = [_range(word) for word in outputs.split()]
    input_ranges = [_range(word) for word in inputs.split()]
    starts, ends, position = {}, {}, offset
    for item in (*ranges, *input_ranges):
        starts[item["type"]] = position
        position += item["max_value"] - item["min_value"] + 1
        ends[item["type"]] = position
    return {
        "offset": offset,
        "context_sos": {name: 3 + 2 * index for index, name in enumerate(contexts)},
        "context_eos": {name: 4 + 2 * index for index, name in enumerate(contexts)},
        "event_ranges": ranges,
        "input_event_ranges": input_ranges,
        "event_range": {item["type"]: item for item in (*ranges, *input_ranges)},
        "event_start": starts,
        "event_end": ends,
        "vocab_size_out": ends[ranges[-1]["type"]],
        "vocab_size_in": position,
        "num_classes": 0,
        "num_diff_classes": 24,
        "max_difficulty": 12,
        "num_cs_classes": 21,
        "mapper_idx": {str(1000 + index): index for index in range(MAPPERS)},
        "num_mapper_classes": MAPPERS,
        "descriptor_idx": {name: index for index, name in enumerate(DESCRIPTORS)},
        "num_descriptor_classes": len(DESCRIPTORS),
    }


def _range(word: str) -> dict[str, Any]:
    name, _, values = word.partition(":")
    low, _, high = (values or "0..0").partition("..")
    return {"type": name, "min_value": int(low), "max_value": int(high)}


_OBJECTS = (
    "new_combo hitsound:0..72 volume:0..100 circle spinner spinner_end slider_head bezier_anchor "
    "perfect_anchor catmull_anchor red_anchor last_anchor slider_end beat measure"
)
_FALLING = "hold_note hold_note_end scroll_speed_change"
_DRUMS = "drumroll drumroll_end denden denden_end"
_EIGHT = ("none", "timing", "kiai", "map", "sv", "no_hs", "gd")
_CLASSES = (
    "gamemode:0..3 difficulty:0..24 mapper:0..12 cs:0..21 year:2007..2077 hitsounded:0..1 "
    "song_length:0..60 song_position:-1..101 descriptor:0..3 keycount:1..18 "
    "hold_note_ratio:-1..12 scroll_speed_ratio:-1..12 global_sv:40..360"
)
_LAYOUTS = {
    "v29": (
        _EIGHT,
        "t:0..818 snap:0..16 dist:0..640 pos:0..956 column:0..17 scroll_speed:0..1000 "
        f"{_OBJECTS} timing_point kiai:0..1 {_FALLING} {_DRUMS}",
        _CLASSES,
    ),
    "v30": (
        (),
        f"t:0..3276 snap:0..16 dist:0..640 pos_x:-64..192 pos_y:-64..160 {_OBJECTS}",
        "",
    ),
    "v32": (
        ("timing", "map", "sv"),
        "t:0..1637 snap:0..16 pos:0..956 pos_refine:0..255 column:0..17 scroll_speed:0..1000 "
        f"{_OBJECTS} timing_point slider_sustain slider_repeat_sustain spinner_sustain {_FALLING} "
        f"hold_note_sustain {_DRUMS} drumroll_sustain denden_sustain",
        _CLASSES,
    ),
}
TINY = tuple(_LAYOUTS)


def tiny_config(version: str) -> AncestorConfig:
    """Two layers, width 16; windows and vocabularies as long as the version's own."""
    tokenizer = tokenizer_of(version)
    slaney = version == "v29"
    positions, targets = {"v29": (512, 2048), "v30": (2048, 5120), "v32": (1024, 2560)}[version]
    listening = Listening(
        slaney=slaney,
        bands=24,
        lowest_hz=0 if slaney else 20,
        highest_hz=8000,
        padding="constant" if slaney else "reflect",
        log=not slaney,
    )
    return AncestorConfig(
        listening=listening,
        rotary=not slaney,
        width=16,
        heads=2,
        encoder_layers=2,
        decoder_layers=2,
        hidden=32,
        source_positions=positions,
        target_positions=targets,
        vocabulary_in=tokenizer["vocab_size_in"],
        vocabulary_out=tokenizer["vocab_size_out"],
        projects_mel=slaney,
        condition_width=8,
        mappers=MAPPERS,
        conditions=("difficulty", "mapper", "position") if version == "v30" else (),
    )


# Our names to theirs, for tensors that hold several of theirs.
_APART = {
    ".attention.qkv.": (".self_attn.q_proj.", ".self_attn.k_proj.", ".self_attn.v_proj."),
    ".cross.q.": (".encoder_attn.q_proj.",),
    ".cross.kv.": (".encoder_attn.k_proj.", ".encoder_attn.v_proj."),
    ".attention.out.": (".self_attn.out_proj.",),
    ".cross.out.": (".encoder_attn.out_proj.",),
}
_TOGETHER = {
    ".attention.qkv.": (".self_attn.Wqkv.",),
    ".cross.q.": (".cross_attn.Wq.",),
    ".cross.kv.": (".cross_attn.Wkv.",),
    ".attention.out.": (".self_attn.Wo.",),
    ".cross.out.": (".cross_attn.Wo.",),
}
_THEIRS = (
    ("encoder.norm.", "transformer.model.encoder.layer_norm."),
    ("decoder.norm.", "transformer.model.decoder.layer_norm."),
    ("decoder.head.", "transformer.proj_out."),
    ("decoder.embedding.", "decoder_embedder."),
    ("encoder.", "transformer.model.encoder."),
    ("decoder.", "transformer.model.decoder."),
    ("projection.", "encoder_embedder."),
    ("told.difficulty.project.", "difficulty_embedder.difficulty_proj."),
    ("told.position.project.", "song_pos_embedder.position_proj."),
    ("told.difficulty.", "difficulty_embedder."),
    ("told.position.", "song_pos_embedder."),
    ("told.mapper.norm.", "mapper_embedder.layer_norm."),
    ("told.mapper.", "mapper_embedder."),
)


def their_names(ours: str, *, together: bool) -> tuple[str, ...]:
    """The names under which a checkpoint holds one of our tensors."""
    name = next((new + ours.removeprefix(old) for old, new in _THEIRS if ours.startswith(old)), "")
    name = name.replace(".attention_norm.", ".self_attn_layer_norm.")
    name = name.replace(".cross_norm.", f".{'cross' if together else 'encoder'}_attn_layer_norm.")
    if ".layers." in name:
        name = name.replace(".norm.", ".final_layer_norm.")
    name = name.replace(".bumps.centres", ".basis_centers").replace(
        ".bumps.widths", ".basis_widths"
    )
    name = name + ".weight" if name.endswith(".positions") else name
    name = name.replace(".positions.weight", ".embed_positions.weight")
    for old, new in (_TOGETHER if together else _APART).items():
        if old in name:
            return tuple(name.replace(old, part) for part in new)
    return (name,)


def tiny_tensors(version: str) -> dict[str, torch.Tensor]:
    """A checkpoint's tensors under their names: waves instead of chance, the same everywhere."""
    tensors = {}
    for name, shape in shapes_of(tiny_config(version)).items():
        theirs = their_names(name, together=version == "v32")
        for part in theirs:
            if part.endswith("k_proj.bias"):
                continue
            tensors[part] = _waves(len(tensors), (shape[0] // len(theirs), *shape[1:]), name)
    return tensors


def _waves(number: int, shape: tuple[int, ...], name: str) -> torch.Tensor:
    count = int(np.prod(shape))
    phases = (number + 1) * 0.7 + np.arange(count) * (1.3 + 0.37 * number)
    waves = torch.from_numpy(np.sin(phases + np.arange(count) ** 2 * 1e-3)).float().reshape(shape)
    if "norm" in name and name.endswith("weight"):
        return 1 + 0.2 * waves
    if "bumps" in name:
        return 0.5 + 0.3 * waves
    scale = 2.0 if "head" in name or "embedding" in name else 0.3
    return scale * waves


def write_tiny(version: str, folder: Path) -> Path:
    """A tiny checkpoint in the hub's layout."""
    folder.mkdir(parents=True, exist_ok=True)
    config = write_config(tiny_config(version))
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    (folder / TOKENIZER).write_text(json.dumps(tokenizer_of(version)), encoding="utf-8")
    save_file(tiny_tensors(version), folder / TENSORS)
    return folder


def kept() -> dict[str, Any]:
    """What our code gave for the tiny checkpoints when it agreed with the recorded ones."""
    return json.loads((ROOT / "tests" / "ancestors.json").read_text("utf-8"))


def song_samples(count: int) -> np.ndarray:
    """Clicks on a grid with a falling tone, float32 at 16 kHz."""
    times = np.arange(count) / 16_000
    clicks = np.exp(-(times % 0.4) * 60) * np.sin(2 * np.pi * 900 * times)
    tone = 0.2 * np.sin(2 * np.pi * (440 * times - 20 * times**2))
    return (0.7 * clicks + tone).astype(np.float32)


HEAD = """osu file format v14

[General]
Mode: {mode}

[Difficulty]
CircleSize:{size}
SliderMultiplier:1.6

[TimingPoints]
200,400,4,2,1,60,1,0
1800,-50,4,1,2,80,0,1
3400,300,3,2,1,65,1,0

[HitObjects]
"""
OBJECTS = {
    0: """100,120,200,5,2,1:2:0:35:
300,80,400,2,0,B|340:120|340:120|380:60,2,120,2|0|8,0:0|3:1|0:0,0:0:0:0:
60,300,1800,6,4,P|110:250|60:200,1,160
256,192,2600,12,0,3000,0:0:0:0:
500,380,3400,1,8,0:0:0:0:
""",
    1: """256,192,200,1,0,0:0:0:0:
256,192,500,1,12,0:0:0:0:
256,192,1800,2,4,L|456:192,2,160
256,192,3400,12,0,4000,0:0:0:0:
""",
    3: """64,192,200,1,0,0:0:0:0:
192,192,200,128,2,600:0:0:0:0:
320,192,1800,1,0,0:0:0:0:
448,192,3400,128,0,12000:0:0:0:0:
""",
}


def small_map(mode: int) -> Beatmap:
    """A short map of a mode, with a change of tempo, of speed and of kiai."""
    return parse(HEAD.format(mode=mode, size=4) + OBJECTS[mode]).beatmap


def recorded_map(name: str) -> Beatmap:
    """A map of the recorded set as the original code saw it: it leaves out holds, and any effect of
    a timing point is kiai to it."""
    text = (GOLDENS / "shared" / "osu" / name).read_text("utf-8").replace(",0,8\n", ",0,1\n")
    beatmap = parse(text).beatmap
    kept_objects = tuple(item for item in beatmap.objects if not isinstance(item, Hold))
    return replace(beatmap, objects=kept_objects)


def vocabulary_of(version: str) -> Vocabulary:
    return Vocabulary(golden(version, "tokenizer.json"))
