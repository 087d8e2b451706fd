"""Whole songs, window by window: as the original wrote them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ancestors import (
    GOLDENS,
    TINY,
    golden,
    kept,
    needs_goldens,
    song_samples,
    tokenizer_of,
    write_tiny,
)

from beatheritage.engine.torch_ancestor import load_ancestor, open_ancestor
from beatheritage.errors import OptionError
from beatheritage.generate.ancestors.passes import Task, template_for, write_layers
from beatheritage.generate.ancestors.sample import StepSampling
from beatheritage.generate.ancestors.window import Overlap, cut
from beatheritage.osu.mode import Mode
from beatheritage.tokens.steps import Context, Step, Vocabulary
from beatheritage.tokens.steps_decode import cell_place
from beatheritage.tokens.steps_prompt import Layer, StepConditions

SLOW = pytest.mark.slow
QUICK, OTHERS = ("v29", "v32"), ("v30", "v31", "beatheritage_v1")
LAYERS = {"v29": (Context.TIMING, Context.KIAI, Context.MAP), "v30": (Context.MAP,)}
LAYERS["v32"] = (Context.TIMING, Context.MAP)


@needs_goldens
@pytest.mark.parametrize("helpers", ["bh", "mp"])
def test_windows_are_as_recorded(helpers):
    for name, recorded in golden(f"helpers_{helpers}", "segmentation.json").items():
        _, lookback, lookahead, samples = name.split("|")
        overlap = Overlap(lookback=float(lookback[2:]), lookahead=float(lookahead[2:]))
        windows = cut(np.zeros(int(samples[1:])), recorded["win"], overlap)
        assert len(windows) == recorded["num"]
        assert list(windows.starts[: len(recorded["times"])]) == recorded["times"]
        assert windows.song == pytest.approx(recorded["song_length"])


@given(
    count=st.integers(1, 40_000),
    lookback=st.floats(0, 0.45),
    lookahead=st.floats(0, 0.45),
)
def test_windows_cover_the_song(count, lookback, lookahead):
    samples = np.linspace(0.1, 0.5, count)
    windows = cut(samples, 4096, Overlap(lookback=lookback, lookahead=lookahead))
    heard = np.zeros(count, bool)
    for start in windows.starts:
        heard[start * 16 : start * 16 + 4096 + 16] = True
    assert heard.all()
    assert windows.samples.max() == 1


def test_a_range_keeps_the_windows_that_write_it():
    windows = cut(np.zeros(16 * 60_000), 16 * 8000, Overlap())
    inside = windows.between(20_000, 30_000, Overlap())
    assert inside.starts == tuple(
        start for start in windows.starts if 20_000 - 4800 < start < 30_000 - 4000
    )
    assert len(windows.between(90_000, None, Overlap())) == 1
    assert windows.between(None, 0, Overlap()).starts == (0,)


@needs_goldens
@pytest.mark.parametrize("version", [*QUICK, *(pytest.param(v, marks=SLOW) for v in OTHERS)])
def test_songs_are_as_recorded(version):
    recorded = golden(version, "e2e_processor.json")
    opened = open_ancestor(GOLDENS / version)
    engine, vocabulary = load_ancestor(opened), Vocabulary(opened.tokenizer, opened.width)
    audio = golden("shared", "audio_16k_mono.npy")
    song = np.concatenate([audio, audio])[: round(recorded["song_length"] * 16)]
    # BeatHeritage's code guarded the lookback only where types come first, and cut times.
    is_newer = version == "v32"
    overlap = Overlap(guarded=is_newer or vocabulary.family.types_first)
    windows = cut(song, engine.window_samples, overlap)
    assert list(windows.starts) == recorded["sequence_times"]
    windows = replace(windows, samples=windows.samples * np.abs(song).max())  # was not normalised
    task = Task(
        conditions=conditions_of(recorded["generation_config"]),
        wanted=tuple(Context(name) for name in recorded["out_context"]),
        sampling=sampling_of(golden(version, "inference_config.json")),
        overlap=overlap,
        room=recorded["max_length"],
        half_step=5 if is_newer else 0,
        trained=False,
    )
    layers = write_layers(engine, vocabulary, windows, task, np.random.default_rng(0))
    for name, expected in zip(recorded["out_context"], recorded["results"], strict=True):
        events = layers[Context(name)]
        got = [each for event in events for each in in_pixels(event, vocabulary, name == "map")]
        assert [[kind, value] for kind, value, _ in got] == expected["events"], name
        assert [time for *_, time in got] == expected["event_times"], name


def conditions_of(config):
    return StepConditions(
        mode=Mode(config["gamemode"]),
        stars=config["difficulty"],
        mapper=config["mapper_id"],
        year=config["year"],
        circle_size=config["circle_size"],
        slider_multiplier=config["slider_multiplier"],
    )


def sampling_of(config):
    return StepSampling(
        temperature=config["temperature"],
        timing_temperature=config["timing_temperature"],
        column_temperature=config["mania_column_temperature"],
        hit_temperature=config["taiko_hit_temperature"],
        greedy=True,
    )


def in_pixels(event, vocabulary, is_map):
    """A map's events as the original returned them: positions in pixels."""
    if is_map and event.kind in (Step.X, Step.Y):
        return [(event.kind.value, event.value * vocabulary.precision, event.time)]
    if is_map and event.kind is Step.PLACE:
        place, middle = cell_place(vocabulary, event.value), vocabulary.precision // 2
        return [
            ("pos_x", place.x + middle, event.time),
            ("pos_y", place.y + middle, event.time),
        ]
    return [(event.kind.value, event.value, event.time)]


@pytest.mark.parametrize("version", TINY)
def test_tiny_songs_are_as_kept(version, tmp_path):
    assert spoken(tiny_song(version, tmp_path)) == kept()[version]["song"]


def spoken(layers):
    return {
        name.value: [[event.kind.value, event.value, event.time] for event in events]
        for name, events in layers.items()
    }


def tiny_song(version, folder, shares=None):
    opened = open_ancestor(write_tiny(version, folder))
    engine, vocabulary = load_ancestor(opened), Vocabulary(opened.tokenizer, opened.width)
    windows = cut(song_samples(engine.window_samples * 3 // 2), engine.window_samples, Overlap())
    task = Task(
        conditions=StepConditions(stars=4.0),
        wanted=LAYERS[version],
        sampling=StepSampling(greedy=True),
        room=60,
    )
    told = shares if shares is not None else []

    def listen(share, _layers):
        told.append(share)

    return write_layers(engine, vocabulary, windows, task, np.random.default_rng(0), listen)


def test_progress_rises_to_all(tmp_path):
    shares = []
    tiny_song("v32", tmp_path, shares)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_what_is_given_is_not_written_again(tmp_path):
    opened = open_ancestor(write_tiny("v32", tmp_path))
    engine, vocabulary = load_ancestor(opened), Vocabulary(opened.tokenizer, opened.width)
    windows = cut(song_samples(engine.window_samples), engine.window_samples, Overlap())
    shares = []
    task = Task(
        conditions=StepConditions(),
        wanted=(Context.MAP,),
        given=(Layer(context=Context.TIMING),),
        sampling=StepSampling(greedy=True),
        room=30,
    )
    rng = np.random.default_rng(0)
    layers = write_layers(
        engine, vocabulary, windows, task, rng, lambda share, _: shares.append(share)
    )
    assert list(layers) == [Context.MAP]
    assert len(shares) == len(windows)


@pytest.mark.parametrize(
    ("version", "wanted", "given_layers", "expected"),
    [
        ("v29", (Context.MAP,), (), (Context.NONE,)),
        ("v29", (Context.MAP,), (Context.OTHER_DIFFICULTY,), (Context.OTHER_DIFFICULTY,)),
        ("v32", (Context.MAP,), (Context.TIMING,), ()),
    ],
)
def test_the_template_takes_most_of_what_is_given(version, wanted, given_layers, expected):
    layers = tuple(Layer(context=name) for name in given_layers)
    task = Task(conditions=StepConditions(), wanted=wanted, given=layers)
    assert template_for(Vocabulary(tokenizer_of(version)), task).given == expected


def test_a_layer_that_a_version_has_not_is_refused():
    task = Task(conditions=StepConditions(), wanted=(Context.KIAI,))
    with pytest.raises(OptionError, match="kiai"):
        template_for(Vocabulary(tokenizer_of("v30")), task)
