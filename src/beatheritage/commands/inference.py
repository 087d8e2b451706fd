"""Take the arguments of Mapperatorinator and BeatHeritage V1 (inference.py -cn NAME key=value ...).

Each either means an option of ours, or is refused by its name with the reason.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from beatheritage.commands.console import say
from beatheritage.config import configure, nearest, preset_names
from beatheritage.errors import OptionError

if TYPE_CHECKING:
    from beatheritage.generate.request import Request

DEFAULT_CONFIG = "v32"  # as in Mapperatorinator
UNSET = ("", "null", "none", "~")

# Their argument, our option.
MEANS = {
    "model_path": "model",
    "audio_path": "audio",
    "output_path": "output",
    "beatmap_path": "within",
    "start_time": "start",
    "end_time": "end",
    "gamemode": "mode",
    "difficulty": "stars",
    "seed": "seed",
    "keycount": "keys",
    "hold_note_ratio": "style.hold_share",
    "hp_drain_rate": "settings.hp_drain",
    "circle_size": "settings.circle_size",
    "overall_difficulty": "settings.overall_difficulty",
    "approach_rate": "settings.approach_rate",
    "slider_multiplier": "settings.slider_multiplier",
    "temperature": "sampling.temperature",
    "top_p": "sampling.top_p",
    "top_k": "sampling.top_k",
    "repetition_penalty": "sampling.repetition_penalty",
    "bpm": "bpm",
    "offset": "offset",
    "title": "title",
    "artist": "artist",
    "creator": "creator",
    "version": "version",
}

# Their argument, the values that say what happens anyway, and why no other can be had.
ALWAYS: dict[str, tuple[tuple[str, ...], str]] = {
    "export_osz": (("true",), "an .osz is always written"),
    "hitsounded": (("true",), "hitsounds are always written"),
    "slider_tick_rate": (("1", "1.0"), "sliders always tick once a beat"),
    "do_sample": (("true",), "tokens are always drawn"),
    "num_beams": (("1",), "there is no beam search"),
    "cfg_scale": (("1", "1.0"), "the native model has no guidance scale"),
    "device": (("auto", "cpu"), "the native model runs on the CPU"),
    "precision": (("fp32",), "the native model runs in fp32"),
    "parallel": (("false",), "windows are written one after the other"),
    "use_server": (("false", "true"), "no server is needed"),
    "super_timing": (("false",), "timing is found in one pass; give bpm and offset to pin it"),
    "resnap_events": (("true",), "every object is on a tick by construction"),
    "generate_positions": (("true",), "objects are always placed"),
    "add_to_beatmap": (("false",), "give start_time and end_time to write within a map"),
    "overwrite_reference_beatmap": (("false",), "a map that was given is never changed"),
    "auto_select_gamemode_model": (("true",), "one model writes all modes"),
    "in_context": (("[none]", "[]"), "only a range of a map can be given, by start_time, end_time"),
    "output_type": (
        ("[map]", "[timing,map,sv]", "[timing,kiai,map,sv]"),
        "a whole map is always written",
    ),
}

# Their argument, and why it cannot be had.
REFUSED = {
    "lora_path": "the native model takes no LoRA",
    "attn_implementation": "the native model runs on ONNX Runtime, which has one",
    "compile": "the native model is compiled already",
    "max_batch_size": "windows are written one at a time",
    "beatmap_id": "the native model does not know maps by their number",
    "mapper_id": "the native model does not know mappers",
    "year": "the native model does not know years",
    "descriptors": "the native model knows measured style instead, such as style.density",
    "negative_descriptors": "the native model knows measured style instead, such as style.density",
    "scroll_speed_ratio": "scroll speed is always steady",
    "lookback": "windows are as long as the native model was trained on",
    "lookahead": "windows are as long as the native model was trained on",
    "timing_leniency": "every object is on a tick by construction",
    "snap_near_perfect_overlaps": "the placer writes overlaps exactly",
    "timing_temperature": "timing is measured, not drawn",
    "mania_column_temperature": "sampling has one temperature: temperature",
    "taiko_hit_temperature": "sampling has one temperature: temperature",
    "timeshift_bias": "the density is asked for by stars",
    "timer_num_beams": "timing is measured, not drawn",
    "timer_bpm_threshold": "timing is measured, not drawn",
    "timer_cfg_scale": "timing is measured, not drawn",
    "timer_iterations": "timing is measured, not drawn",
    "title_unicode": "give title as it is written; its romanised form is made from it",
    "artist_unicode": "give artist as it is written; its romanised form is made from it",
    "source": "it is taken from the audio file's tags",
    "tags": "they say how the map was made",
    "background": "it is the cover in the audio file's tags, or drawn",
    "preview_time": "it is found in the song",
    "diff_ckpt": "the native placer needs no other checkpoint",
    "diff_refine_ckpt": "the native placer needs no other checkpoint",
    "diff_cfg_scale": "the native placer does not diffuse",
    "refine_iters": "the native placer does not diffuse",
    "random_init": "the native placer does not diffuse",
    "timesteps": "the native placer does not diffuse",
    "pad_sequence": "the native placer does not diffuse",
    "max_seq_len": "the native placer does not diffuse",
    "overlap_buffer": "the native placer does not diffuse",
    "beatmap_idx": "the native placer does not know maps by their number",
}
KNOWN = (*MEANS, *ALWAYS, *REFUSED)


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

    request = read_request(arguments.config_name, arguments.words)
    plan = prepare(replace(request, overwrite=arguments.overwrite))
    if not plan.model:
        name = arguments.config_name
        say(
            f"the native model writes this; model_path=FOLDER lets {name} do it",
            quiet=arguments.quiet,
        )
    fulfil(plan, as_json=arguments.json, quiet=arguments.quiet)
    return 0


def read_request(config: str, words: Sequence[str]) -> "Request":
    """The request that their arguments make. Raises OptionError."""
    from beatheritage.generate.request import Request

    name = config.removesuffix(".yaml")
    if name not in preset_names():
        raise OptionError(f"no model is called {config!r}", mend=nearest(name, preset_names()))
    ours = [word for word in map(translate, words) if word]
    request = configure(Request(), preset=name, words=ours)
    audio = request.audio or audio_of(request.within)
    if any(word.startswith("output=") for word in ours):
        return replace(request, audio=audio)
    beside = request.within or audio
    return replace(request, audio=audio, output=beside.parent)


def audio_of(beatmap: Path | None) -> Path:
    """The song beside a map. Raises OptionError where there is no map."""
    from beatheritage.osu.parse import read

    if beatmap is None:
        raise OptionError("no audio file was given", mend="audio_path=song.mp3")
    return beatmap.parent / read(beatmap).beatmap.general.audio_filename


def translate(word: str) -> str:
    """Our word for one of theirs, empty where it says what happens anyway. Raises OptionError."""
    key, equals, value = word.lstrip("+").partition("=")
    value = value.strip().strip("'\"")
    if not equals or key not in KNOWN:
        what = f"unknown argument {key!r}" if equals else f"expected key=value, got {word!r}"
        raise OptionError(what, mend=nearest(key, KNOWN))
    if value.lower() in UNSET:
        return ""
    if key in MEANS:
        return f"{MEANS[key]}={value}"
    accepted, reason = ALWAYS.get(key, ((), REFUSED.get(key, "")))
    if value.lower().replace(" ", "") in accepted:
        return ""
    raise OptionError(f"{key}={value} cannot be had", mend=reason)
