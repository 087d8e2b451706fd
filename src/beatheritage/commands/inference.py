"""Take the arguments of Mapperatorinator and BeatHeritage V1 (inference.py -cn NAME key=value ...).

Each either means an option of ours, or is refused by its name with the reason.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from beatheritage.commands.console import say
from beatheritage.config import nearest, preset_names
from beatheritage.errors import OptionError, WeightsError

if TYPE_CHECKING:
    from beatheritage.generate.request import Request

DEFAULT_CONFIG = "v32"  # as in Mapperatorinator
UNSET = ("", "null", "none", "~")

# Their argument, our option.
MEANS = {
    "model_path": "model",
    "audio_path": "audio",
    "output_path": "output",
    "beatmap_path": "context.reference",
    "start_time": "start",
    "end_time": "end",
    "gamemode": "mode",
    "difficulty": "stars",
    "seed": "seed",
    "mapper_id": "mapper",
    "year": "year",
    "descriptors": "descriptors",
    "negative_descriptors": "unlike",
    "keycount": "keys",
    "hold_note_ratio": "style.hold_share",
    "scroll_speed_ratio": "ancestor.scroll_share",
    "hitsounded": "ancestor.hitsounded",
    "hp_drain_rate": "settings.hp_drain",
    "circle_size": "settings.circle_size",
    "overall_difficulty": "settings.overall_difficulty",
    "approach_rate": "settings.approach_rate",
    "slider_multiplier": "settings.slider_multiplier",
    "slider_tick_rate": "settings.slider_tick_rate",
    "temperature": "sampling.temperature",
    "top_p": "sampling.top_p",
    "top_k": "sampling.top_k",
    "repetition_penalty": "sampling.repetition_penalty",
    "timing_temperature": "ancestor.timing_temperature",
    "mania_column_temperature": "ancestor.column_temperature",
    "taiko_hit_temperature": "ancestor.hit_temperature",
    "timeshift_bias": "ancestor.time_bias",
    "cfg_scale": "ancestor.guidance",
    "num_beams": "ancestor.beams",
    "lookback": "ancestor.lookback",
    "lookahead": "ancestor.lookahead",
    "parallel": "ancestor.parallel",
    "max_batch_size": "ancestor.batch",
    "in_context": "ancestor.given",
    "output_type": "ancestor.written",
    "timing_leniency": "ancestor.leniency",
    "timer_num_beams": "ancestor.timing_beams",
    "timer_bpm_threshold": "ancestor.threshold",
    "timer_cfg_scale": "ancestor.timing_guidance",
    "timer_iterations": "ancestor.iterations",
    "resnap_events": "ancestor.resnap",
    "snap_near_perfect_overlaps": "ancestor.meets",
    "lora_path": "ancestor.lora",
    "auto_select_gamemode_model": "ancestor.own_mode",
    "device": "ancestor.device",
    "precision": "ancestor.precision",
    "generate_positions": "placing.diffuses",
    "diff_ckpt": "placing.placer",
    "diff_refine_ckpt": "placing.refiner",
    "diff_cfg_scale": "placing.guidance",
    "refine_iters": "placing.refinements",
    "random_init": "placing.from_noise",
    "timesteps": "placing.steps",
    "max_seq_len": "placing.window",
    "overlap_buffer": "placing.overlap",
    "overwrite_reference_beatmap": "overwrite",
    "bpm": "bpm",
    "offset": "offset",
    "title": "title",
    "artist": "artist",
    "creator": "creator",
    "version": "version",
    "title_unicode": "metadata.title_unicode",
    "artist_unicode": "metadata.artist_unicode",
    "source": "metadata.source",
    "tags": "metadata.tags",
    "background": "metadata.background",
    "preview_time": "metadata.preview",
}

# Their argument and its values, and what says the same here.
SAYS = {
    "super_timing": {"true": "ancestor.timing=super", "false": "ancestor.timing=found"},
    "do_sample": {"true": "ancestor.greedy=false", "false": "ancestor.greedy=true"},
}

# Their argument, the values that say what happens anyway, and why no other can be had.
ALWAYS: dict[str, tuple[tuple[str, ...], str]] = {
    "export_osz": (("true",), "an .osz is always written"),
    "attn_implementation": (("auto", "sdpa"), "attention is our own"),
    "use_server": (("false", "true"), "no server is needed"),
    "pad_sequence": (("false",), "points are never padded"),
    "add_to_beatmap": (("true", "false"), "true or false"),
}

# Their argument, and why it cannot be had.
REFUSED = {
    "compile": "models run as they are loaded",
    "beatmap_id": "no model here knows maps by their number",
    "beatmap_idx": "no model here knows maps by their number",
}
# Their argument with a value that cannot be had, though others can, and why.
REFUSED_VALUES = {
    ("precision", "fp16"): "on a GPU precision=bf16, which no sum overflows; on a CPU fp32 or int8",
    ("precision", "amp"): "weights and sums have one precision: fp32, or bf16 on a GPU",
    ("attn_implementation", "flash_attention_2"): "attention is our own, flash kernels are torch's",
}
KNOWN = (*MEANS, *SAYS, *ALWAYS, *REFUSED)
NEEDS_CHECKPOINT = "the native model writes, which knows no such thing; give model_path=FOLDER"
WHOLE_MAP = "map"  # among the contexts to write: then all of it is, by the native model
UNTIL_THE_END = 1e9  # ms
SAYS_NOTHING = ("preview_time", "-1")  # their default


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", metavar="key=value", nargs="*", help="their arguments")
    parser.add_argument(
        "-cn", "--config-name", metavar="NAME", default=DEFAULT_CONFIG, help="their preset"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")
    parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress, no remarks")


def run(arguments: argparse.Namespace) -> int:
    from beatheritage.commands.generate import fulfil, prepare

    name, words = arguments.config_name, arguments.words
    request = read_request(name, words)
    plan = prepare(replace(request, overwrite=arguments.overwrite or request.overwrite))
    try:
        check_there(request)
    except WeightsError as missing:
        if "model_path" in dict(map(parted, words)):
            raise
        request = read_native_request(name, words)
        plan = prepare(replace(request, overwrite=arguments.overwrite or request.overwrite))
        say(f"{missing}: the native model writes this", quiet=arguments.quiet)
    fulfil(plan, as_json=arguments.json, quiet=arguments.quiet)
    return 0


def check_there(request: "Request") -> None:
    """Raise a WeightsError where the request's checkpoint can't be had."""
    from beatheritage.generate.ancestors.load import usual_preset
    from beatheritage.generate.request import DEFAULT_MODE

    usual_preset(request.model, request.mode or DEFAULT_MODE, request.ancestor, look=True)


def read_request(config: str, words: Sequence[str]) -> "Request":
    """The request that their arguments make of the version's checkpoint. Raises OptionError."""
    from beatheritage.generate.ancestors.load import configured
    from beatheritage.generate.request import Request

    name = preset_of(config)
    ours = [f"model={name}", *filter(None, map(translate, words))]
    return placed(configured(Request(), name, ours), words)


def read_native_request(config: str, words: Sequence[str]) -> "Request":
    """The request that their arguments make of the native model, which draws as the version does.

    Raises OptionError for what only a checkpoint could be told.
    """
    from beatheritage.generate.ancestors.load import configured
    from beatheritage.generate.request import OF_ANCESTORS, UNSAID, Request, value_of

    name = preset_of(config)
    said = {key: value for key, value in map(parted, words) if key not in ("in_context",)}
    given = dict(map(parted, words)).get("in_context", "")
    if contexts_of(given) not in ("", "none", "timing"):
        raise OptionError(f"in_context={given} cannot be had", mend=NEEDS_CHECKPOINT)
    said.pop("generate_positions", None)  # it always places
    if WHOLE_MAP in contexts_of(said.get("output_type", "")).split(","):
        del said["output_type"]
    ours = [word for key, value in said.items() if (word := translate(f"{key}={value}"))]
    request = placed(configured(Request(), name, ours), words, native=True)
    meant = MEANS | {key: each["true"].partition("=")[0] for key, each in SAYS.items()}
    for key, option in meant.items():
        of_theirs = option in (*OF_ANCESTORS, "mapper", "year", "unlike")
        if of_theirs and value_of(request, option) != value_of(UNSAID, option):
            raise OptionError(f"{key}={said[key]} cannot be had", mend=NEEDS_CHECKPOINT)
    return request


def preset_of(config: str) -> str:
    """The preset of one of their configs. Raises OptionError."""
    name = config.removesuffix(".yaml")
    if name not in preset_names():
        raise OptionError(f"no model is called {config!r}", mend=nearest(name, preset_names()))
    return name


def placed(request: "Request", words: Sequence[str], *, native: bool = False) -> "Request":
    """The request with the song beside its map, its output beside the song, and the map as what is
    written in where that was said; the native model writes a range in a map alone."""
    from beatheritage.generate.request import Context

    said = dict(map(parted, words))
    beatmap = request.context.reference
    adds = said.get("add_to_beatmap", "").lower() == "true"
    if adds and beatmap is None:
        raise OptionError("add_to_beatmap needs a map", mend="beatmap_path=FILE.osu")
    if beatmap is not None and (adds or (native and request.end is not None)):
        start = 0.0 if request.start is None else request.start
        end = UNTIL_THE_END if request.end is None else request.end
        request = replace(request, within=beatmap, context=Context(), start=start, end=end)
    audio = request.audio or audio_of(beatmap)
    if "output_path" in said:
        return replace(request, audio=audio)
    return replace(request, audio=audio, output=(beatmap or audio).parent)


def audio_of(beatmap: Path | None) -> Path:
    """The song beside a map. Raises OptionError where there is no map."""
    from beatheritage.osu.parse import read

    if beatmap is None:
        raise OptionError("no audio file was given", mend="audio_path=song.mp3")
    return beatmap.parent / read(beatmap).beatmap.general.audio_filename


def parted(word: str) -> tuple[str, str]:
    """Key and value as Hydra takes them. Raises OptionError for an unknown key."""
    key, equals, value = word.lstrip("+").partition("=")
    if not equals or key not in KNOWN:
        what = f"unknown argument {key!r}" if equals else f"expected key=value, got {word!r}"
        raise OptionError(what, mend=nearest(key, KNOWN))
    value = value.strip().strip("'\"")
    return key, "" if value.lower() in UNSET else value


def contexts_of(value: str) -> str:
    """Names of contexts as we write them."""
    return value.lower().replace("contexttype.", "").replace(" ", "").strip("[]()")


def translate(word: str) -> str:
    """Our word for one of theirs, empty where it says what happens anyway. Raises OptionError."""
    key, value = parted(word)
    if not value or (key, value) == SAYS_NOTHING:
        return ""
    if reason := REFUSED_VALUES.get((key, value.lower())):
        raise OptionError(f"{key}={value} cannot be had", mend=reason)
    if key in MEANS:
        is_contexts = MEANS[key] in ("ancestor.given", "ancestor.written")
        return f"{MEANS[key]}={contexts_of(value) if is_contexts else value}"
    if key in SAYS:
        if value.lower() not in SAYS[key]:
            raise OptionError(f"{key} must be true or false, not {value!r}")
        return SAYS[key][value.lower()]
    accepted, reason = ALWAYS.get(key, ((), REFUSED.get(key, "")))
    if value.lower().replace(" ", "") in accepted:
        return ""
    raise OptionError(f"{key}={value} cannot be had", mend=reason)
