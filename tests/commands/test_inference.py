"""The ancestors' arguments mean ours, or are refused with a reason."""

from pathlib import Path

import pytest

from beatheritage.commands.inference import (
    ALWAYS,
    KNOWN,
    MEANS,
    REFUSED,
    REFUSED_VALUES,
    SAYS,
    read_native_request,
    read_request,
    translate,
)
from beatheritage.config import known_keys
from beatheritage.errors import OptionError
from beatheritage.generate.request import Request
from beatheritage.osu.mode import Mode


def test_the_line_of_the_readme():
    words = ["audio_path=song.mp3", "output_path=out", "gamemode=0", "difficulty=5.5"]
    request = read_request("beatheritage_v1", words)
    assert request.audio == Path("song.mp3")
    assert (request.mode, request.stars, request.output) == (Mode.STD, 5.5, Path("out"))
    assert (request.sampling.top_k, request.sampling.repetition_penalty) == (50, 1.1)


def test_without_an_output_it_is_beside_the_song():
    assert read_request("v32", ["audio_path=music/a.mp3"]).output == Path("music")


@pytest.fixture
def beatmap(tmp_path):
    path = tmp_path / "a.osu"
    path.write_text("osu file format v14\n\n[General]\nAudioFilename: b.mp3\n")
    return path


def test_with_a_map_the_song_is_beside_it(beatmap):
    words = [f"beatmap_path={beatmap}", "start_time=0", "end_time=9000"]
    request = read_request("v32", words)
    assert request.audio == beatmap.parent / "b.mp3"
    assert (request.within, request.context.reference) == (None, beatmap)
    assert (request.start, request.end, request.output) == (0, 9000, beatmap.parent)


def test_a_range_is_added_to_a_map(beatmap):
    words = [f"beatmap_path={beatmap}", "end_time=9000"]
    added = read_request("v32", [*words, "add_to_beatmap=true"])
    assert (added.within, added.start, added.end) == (beatmap, 0, 9000)
    assert added.context.reference is None
    native = read_native_request("v32", words)  # which writes a range in a map alone
    assert (native.within, native.model) == (beatmap, "")
    with pytest.raises(OptionError, match="needs a map"):
        read_request("v32", ["audio_path=a.mp3", "add_to_beatmap=true"])


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("title='A Song'", "title=A Song"),
        ("+seed=3", "seed=3"),
        ("seed=null", ""),
        ("preview_time=-1", ""),
        ("preview_time=31000", "metadata.preview=31000"),
        ("tags='drum bass'", "metadata.tags=drum bass"),
        ("year=null", ""),
        ("export_osz=True", ""),
        ("output_type=[TIMING, MAP, SV]", "ancestor.written=timing,map,sv"),
        ("in_context=[ContextType.GD]", "ancestor.given=gd"),
        ("super_timing=True", "ancestor.timing=super"),
        ("do_sample=false", "ancestor.greedy=true"),
        ("keycount=7", "keys=7"),
        ("slider_tick_rate=2", "settings.slider_tick_rate=2"),
        ("generate_positions=false", "placing.diffuses=false"),
        ("timesteps=[10, 0, 0]", "placing.steps=[10, 0, 0]"),
    ],
)
def test_words_as_hydra_writes_them(word, ours):
    assert translate(word) == ours


@pytest.mark.parametrize(("key", "value"), REFUSED_VALUES)
def test_values_that_cannot_be_had_are_refused_with_the_reason(key, value):
    with pytest.raises(OptionError) as refusal:
        translate(f"{key}={value.upper()}")
    assert str(refusal.value).startswith(f"{key}={value.upper()} cannot be had (")
    assert REFUSED_VALUES[key, value] in str(refusal.value)


@pytest.mark.parametrize("key", [*ALWAYS, *REFUSED])
def test_what_cannot_be_had_is_refused_by_name_with_a_reason(key):
    with pytest.raises(OptionError, match=rf"{key}=other cannot be had \(.+\)"):
        translate(f"{key}=other")


@pytest.mark.parametrize("key", ALWAYS)
def test_what_happens_anyway_is_accepted(key):
    for value in ALWAYS[key][0]:
        assert translate(f"{key}={value}") == ""


def test_every_meaning_is_an_option():
    assert set(MEANS.values()) <= set(known_keys(Request()))


def test_no_argument_stands_twice():
    assert len(set(KNOWN)) == len(KNOWN)


def test_the_preset_names_the_checkpoint():
    assert read_request("v32-mini", ["audio_path=a.mp3"]).model == "v32-mini"
    assert read_request("v30", ["audio_path=a.mp3", "model_path=here"]).model == "here"


VERSIONS = ("v28", "v29", "v30", "v31", "v32", "v32-mini", "beatheritage_v1")


def test_presets_say_which_versions_diffuse_their_places():
    requests = {name: read_request(name, ["audio_path=a.mp3"]) for name in VERSIONS}
    diffusing = {name for name, request in requests.items() if request.placing.diffuses}
    assert diffusing == {"v28", "v29", "beatheritage_v1"}
    counts = {name: sum(request.placing.counts) for name, request in requests.items()}
    assert counts["v29"] == counts["v32"] == 100
    assert (counts["v30"], counts["v31"], counts["beatheritage_v1"]) == (10, 10, 30)
    said = ["audio_path=a.mp3", "generate_positions=true", "timesteps=[3,2,0]"]
    placing = read_request("v30", said).placing
    assert placing.diffuses
    assert placing.counts == (3, 2, 0)


def test_the_native_model_places_whatever_is_said_of_positions():
    said = ["audio_path=a.mp3", "generate_positions=true"]
    assert read_native_request("beatheritage_v1", said).placing == Request().placing


THEIRS = """
    model_path audio_path output_path beatmap_path lora_path auto_select_gamemode_model gamemode
    beatmap_id difficulty mapper_id year hitsounded keycount hold_note_ratio scroll_speed_ratio
    descriptors negative_descriptors hp_drain_rate circle_size overall_difficulty approach_rate
    slider_multiplier slider_tick_rate seed device precision attn_implementation add_to_beatmap
    overwrite_reference_beatmap export_osz start_time end_time lookback lookahead timing_leniency
    in_context output_type cfg_scale temperature timing_temperature mania_column_temperature
    taiko_hit_temperature timeshift_bias top_p top_k do_sample num_beams parallel super_timing
    timer_num_beams timer_bpm_threshold timer_cfg_scale timer_iterations use_server max_batch_size
    resnap_events snap_near_perfect_overlaps bpm offset title title_unicode artist artist_unicode
    creator version source tags background preview_time generate_positions diff_cfg_scale compile
    pad_sequence diff_ckpt diff_refine_ckpt refine_iters random_init timesteps max_seq_len
    overlap_buffer beatmap_idx repetition_penalty
"""


def test_every_argument_of_theirs_is_known():
    assert set(KNOWN) == set(THEIRS.split())


@pytest.mark.parametrize("key", [*SAYS])
def test_flags_are_true_or_false(key):
    with pytest.raises(OptionError, match=f"{key} must be true or false"):
        translate(f"{key}=maybe")


@pytest.mark.parametrize(
    "word",
    [
        *("cfg_scale=2", "mapper_id=3", "year=2020", "negative_descriptors=tech", "lookback=0.2"),
        *("super_timing=true", "in_context=[GD]", "num_beams=2", "hitsounded=false"),
        *("diff_ckpt=someone/else", "diff_cfg_scale=2", "timesteps=[1,0]", "refine_iters=3"),
    ],
)
def test_what_only_a_checkpoint_knows_is_refused_by_name_by_the_native_model(word):
    with pytest.raises(OptionError, match=rf"{word.split('=')[0]}=.+ cannot be had \(the native"):
        read_native_request("v32", ["audio_path=a.mp3", word])


def test_the_native_model_takes_what_it_would_do_anyway():
    words = ["cfg_scale=1.0", "super_timing=false", "in_context=[NONE]", "output_type=[MAP]"]
    request = read_native_request("v29", ["audio_path=a.mp3", *words, "descriptors=[stream]"])
    assert request.model == ""
    assert request.descriptors == ("stream",)
    assert request.ancestor == type(request.ancestor)()
