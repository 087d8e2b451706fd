"""config.json of an ancestor to our config and back, or what the tensors alone tell of it."""

import re
from collections.abc import Mapping
from typing import Any

from beatheritage.model.ancestor import AncestorConfig
from beatheritage.model.ancestor_mel import Listening
from beatheritage.model.placing import Shapes

_BACKBONES = {
    "openai/whisper": False,
    "Tiger14n/ropewhisper": True,
    "OliBomby/varwhisper": True,
}
"""The beginnings of backbones' names, and whether they turn queries and keys (rotary)."""

_CONDITIONS = {
    "do_difficulty_embed": "difficulty",
    "do_mapper_embed": "mapper",
    "do_song_position_embed": "position",
}

# What no released checkpoint does otherwise, and our mapper does so too.
_ALWAYS = {
    "input_features": True,
    "embed_decoder_input": True,
    "do_style_embed": False,
}
_ALWAYS_IN_BACKBONE = {
    "activation_function": "gelu",
    "scale_embedding": False,
    "rope_encoder_scaling_factor": 1.0,
    "rope_decoder_scaling_factor": 1.0,
    "global_attn_every_n_layers": 1,
    "global_rope_theta": 10_000,
}

MOST_OF_ANYTHING, MOST_LAYERS, MOST_BANDS, MOST_WINDOW = 10_000_000, 100, 4096, 65_536
_HEAD_WIDTH = 64  # of every Whisper
_HOP = 128


def read_config(stored: Mapping[str, Any]) -> AncestorConfig:
    """The config that config.json states. Raises ValueError for what isn't one, or can't be run."""
    try:
        backbone = stored["backbone_config"]
        if not isinstance(backbone, dict):
            raise ValueError("the config's backbone_config is damaged")
        _refuse_others(stored, _ALWAYS)
        _refuse_others(backbone, _ALWAYS_IN_BACKBONE)
        conditions = tuple(name for flag, name in _CONDITIONS.items() if stored[flag])
        for encoders, decoders in (
            ("encoder_attention_heads", "decoder_attention_heads"),
            ("encoder_ffn_dim", "decoder_ffn_dim"),
        ):
            if backbone[encoders] != backbone[decoders]:
                raise ValueError(f"the config's {encoders} and {decoders} differ")
        width, heads = _size(backbone, "d_model"), _size(backbone, "encoder_attention_heads")
        if width % (2 * heads):
            raise ValueError(f"{heads} heads don't share a width of {width}")
        return AncestorConfig(
            listening=_listening(stored),
            rotary=_is_rotary(stored["backbone_model_name"]),
            width=width,
            heads=heads,
            encoder_layers=_size(backbone, "encoder_layers", MOST_LAYERS),
            decoder_layers=_size(backbone, "decoder_layers", MOST_LAYERS),
            hidden=_size(backbone, "encoder_ffn_dim"),
            source_positions=_size(backbone, "max_source_positions"),
            target_positions=_size(backbone, "max_target_positions"),
            vocabulary_in=_size(stored, "vocab_size_in"),
            vocabulary_out=_size(stored, "vocab_size"),
            projects_mel=bool(stored["project_encoder_input"]),
            condition_width=_size(stored, "cond_dim"),
            mappers=_size(stored, "num_mappers", least=0),
            conditions=conditions,
        )
    except KeyError as error:
        raise ValueError(f"the config lacks {error.args[0]}") from error


def write_config(config: AncestorConfig) -> dict[str, Any]:
    """What ``read_config`` reads the same config from."""
    listening = config.listening
    conditions = {flag: name in config.conditions for flag, name in _CONDITIONS.items()}
    names = {rotary: name for name, rotary in reversed(_BACKBONES.items())}
    return {
        "model_type": "mapperatorinator",
        "backbone_model_name": names[config.rotary],
        "backbone_config": {
            **{key: value for key, value in _ALWAYS_IN_BACKBONE.items() if "rope" not in key},
            "d_model": config.width,
            "encoder_attention_heads": config.heads,
            "decoder_attention_heads": config.heads,
            "encoder_ffn_dim": config.hidden,
            "decoder_ffn_dim": config.hidden,
            "encoder_layers": config.encoder_layers,
            "decoder_layers": config.decoder_layers,
            "max_source_positions": config.source_positions,
            "max_target_positions": config.target_positions,
            "vocab_size": config.vocabulary_out,
        },
        **_ALWAYS,
        **conditions,
        "vocab_size": config.vocabulary_out,
        "vocab_size_in": config.vocabulary_in,
        "project_encoder_input": config.projects_mel,
        "cond_dim": config.condition_width,
        "num_mappers": config.mappers,
        "spectrogram_implementation": "nnAudio" if listening.slaney else "torchaudio",
        "spectrogram_log_scale": listening.log,
        "pad_mode": listening.padding,
        "n_mels": listening.bands,
        "f_min": listening.lowest_hz,
        "f_max": listening.highest_hz,
        "sample_rate": listening.sample_rate,
        "n_fft": listening.window,
        "hop_length": listening.hop,
    }


def from_tensors(shapes: Shapes, tokenizer: Mapping[str, Any]) -> AncestorConfig:
    """The config of a training folder, which states none: from its tensors and its tokenizer.

    Raises ValueError where they don't tell it.
    """
    try:
        width = shapes["decoder_embedder.weight"][1]
        filters = "spectrogram.transform.mel_scale.fb"
        slaney = filters not in shapes
        bands = shapes["encoder_embedder.weight"][1] if slaney else shapes[filters][1]
        positions = "transformer.model.decoder.embed_positions.weight"
        mappers = shapes.get("mapper_embedder.embedding.weight", (1, 128))
        flags = {"difficulty_embedder": "difficulty", "mapper_embedder": "mapper"}
        flags["song_pos_embedder"] = "position"
        present = {name.split(".")[0] for name in shapes}
        return AncestorConfig(
            listening=Listening(
                slaney=slaney,
                bands=bands,
                lowest_hz=0 if slaney else 20,
                highest_hz=8000,
                padding="constant" if slaney else "reflect",
                log=not slaney,
            ),
            rotary=positions not in shapes,
            width=width,
            heads=width // _HEAD_WIDTH,
            encoder_layers=_layers(shapes, "encoder"),
            decoder_layers=_layers(shapes, "decoder"),
            hidden=shapes["transformer.model.encoder.layers.0.fc1.weight"][0],
            source_positions=_source_positions(tokenizer),
            target_positions=_target_positions(shapes.get(positions), tokenizer),
            vocabulary_in=shapes["decoder_embedder.weight"][0],
            vocabulary_out=shapes["transformer.proj_out.weight"][0],
            projects_mel="encoder_embedder" in present,
            condition_width=mappers[1],
            mappers=mappers[0] - 1,
            conditions=tuple(name for module, name in flags.items() if module in present),
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"tensors or tokenizer lack something: {error}") from error


def _size(stored: Mapping[str, Any], key: str, most: int = MOST_OF_ANYTHING, least: int = 1) -> int:
    """A whole number that can be a size. Raises ValueError for anything else."""
    value = stored[key]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{key} is {value!r} in the config, not {least} to {most}")
    return value


def _is_rotary(name: str) -> bool:
    for beginning, rotary in _BACKBONES.items():
        if name.startswith(beginning):
            return rotary
    raise ValueError(f"the backbone {name} is none of {', '.join(_BACKBONES)}")


def _refuse_others(stored: Mapping[str, Any], always: Mapping[str, Any]) -> None:
    for key, value in always.items():
        if stored.get(key, value) != value:
            raise ValueError(f"{key} is {stored[key]} in the config: only {value} can be run")


def _listening(stored: Mapping[str, Any]) -> Listening:
    if stored["pad_mode"] not in ("reflect", "constant"):
        raise ValueError(f"pad_mode is {stored['pad_mode']!r} in the config")
    return Listening(
        slaney=stored["spectrogram_implementation"] == "nnAudio",
        bands=_size(stored, "n_mels", MOST_BANDS),
        lowest_hz=_size(stored, "f_min", least=0),
        highest_hz=_size(stored, "f_max"),
        padding=stored["pad_mode"],
        log=bool(stored["spectrogram_log_scale"]),
        sample_rate=_size(stored, "sample_rate"),
        window=_size(stored, "n_fft", MOST_WINDOW),
        hop=_size(stored, "hop_length", MOST_WINDOW),
    )


def _layers(shapes: Shapes, stack: str) -> int:
    found = re.compile(rf"transformer\.model\.{stack}\.layers\.(\d+)\.")
    return 1 + max((int(match[1]) for name in shapes if (match := found.match(name))), default=-1)


def _source_positions(tokenizer: Mapping[str, Any]) -> int:
    """Half the mel frames of a window, from its longest time: a whole number of 512 frames."""
    longest_ms = 10 * (tokenizer["event_range"]["t"]["max_value"] + 1)
    return round(longest_ms * 16 / _HOP / 512) * 256


def _target_positions(table: tuple[int, ...] | None, tokenizer: Mapping[str, Any]) -> int:
    """How many tokens a window may have: of learned positions their number, else as the version's
    training had it, which only its kinds of token tell."""
    if table is not None:
        return table[0]
    kinds = tokenizer["event_range"]
    if "pos_refine" in kinds:
        return 2560
    return 8192 if "none" in tokenizer["context_sos"] else 5120
