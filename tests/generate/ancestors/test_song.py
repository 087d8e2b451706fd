"""A whole difficulty by an ancestor: told of the timing, on the beat, and as osu! takes it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.ancestors import small_map, song_samples, tokenizer_of, write_tiny

from beatheritage.audio.song import Song
from beatheritage.engine.torch_ancestor import load_ancestor, open_ancestor
from beatheritage.errors import OptionError, WeightsError
from beatheritage.generate.ancestors.grid import DIVISORS, grid_of
from beatheritage.generate.ancestors.load import configured, open_model, usual_preset
from beatheritage.generate.ancestors.options import AncestorOptions
from beatheritage.generate.ancestors.song import (
    Ancestor,
    apart,
    begun_of,
    conditions_of,
    conditions_of_map,
    given_of,
    session_of,
    wanted_of,
    write_map,
)
from beatheritage.generate.drafting import listen
from beatheritage.generate.plan import make_plan
from beatheritage.generate.request import Request, Sampling
from beatheritage.osu.beatmap import Beatmap, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.osu.stars import stars
from beatheritage.osu.write import write
from beatheritage.timing.grid import Timing
from beatheritage.tokens.steps import EOS, Context, Step, Vocabulary
from beatheritage.tokens.steps_encode import encode_map
from beatheritage.tokens.steps_layers import encode_kiai, encode_scroll
from beatheritage.tokens.steps_prompt import class_tokens, descriptor_of

TIMING = Timing(lines=(RedLine(time=100.0, beat_length=400.0),))
WILD = Sampling(temperature=1.0, top_p=1.0)
GREEDY = AncestorOptions(greedy=True)


class Reciter:
    """Knows one map by heart: an engine whose every token is the next of that map's layers."""

    room = 2560
    window_samples = 2047 * 128

    def __init__(self, vocabulary: Vocabulary, beatmap: Beatmap) -> None:
        self.vocabulary = vocabulary
        self.layers = {
            Context.MAP: encode_map(beatmap, vocabulary),
            Context.KIAI: encode_kiai(beatmap, vocabulary),
            Context.SCROLL: encode_scroll(beatmap, vocabulary),
        }

    def hear(self, samples_WS, told):
        return [None] * len(samples_WS)

    def start(self, heard, windows):
        return Recital(self)


class Recital:
    def __init__(self, reciter: Reciter) -> None:
        self.reciter = reciter
        self.tokens: list[int] = []

    def read(self, rows):
        (row,) = rows
        vocabulary = self.reciter.vocabulary
        if len(row) > 1:  # the prompt ends with the mark of the context to write
            (context,) = (name for name, id in vocabulary.sos.items() if id == row[-1])
            events = self.reciter.layers[context]
            self.tokens = [*vocabulary.tokens(events, 0), vocabulary.eos[context]]
        scores = np.full((1, vocabulary.size_out), -10.0, np.float32)
        scores[0, self.tokens.pop(0)] = 10.0
        return scores


def song_of(seconds):
    return Song(path=Path("a.ogg"), samples=song_samples(16_000 * seconds))


def plan_of(mode, **words):
    return make_plan(Request(audio=Path("a.ogg"), model="v", mode=mode, stars=4.0, **words))


@pytest.mark.parametrize("mode", [Mode.STD, Mode.TAIKO, Mode.MANIA])
def test_a_map_known_by_heart_is_written_down(mode):
    vocabulary = Vocabulary(tokenizer_of("v32"))
    known = small_map(mode)
    ancestor = Ancestor(engine=Reciter(vocabulary, known), vocabulary=vocabulary, name="reciter")
    timing = Timing(lines=known.red_lines)
    plan, rng = plan_of(mode, ancestor=GREEDY), np.random.default_rng(0)
    made = write_map(listen(song_of(10), timing), plan, ancestor, rng)
    assert [type(item) for item in made.objects] == [type(item) for item in known.objects]
    assert [item.time for item in made.objects] == pytest.approx(
        [item.time for item in known.objects], abs=1
    )
    if mode is Mode.STD:
        for item, other in zip(made.objects, known.objects, strict=True):
            assert (item.x, item.y) == pytest.approx((other.x, other.y), abs=2)
    assert made.metadata.tags
    assert made.red_lines[0].beat_length == 400


def test_what_is_written_is_seen_before_the_rest_is_and_changes_nothing():
    """A look at it neither draws from the luck of the map nor waits for its end."""
    vocabulary = Vocabulary(tokenizer_of("v32"))
    known = small_map(Mode.STD)
    ancestor = Ancestor(engine=Reciter(vocabulary, known), vocabulary=vocabulary, name="reciter")
    heard = listen(song_of(10), Timing(lines=known.red_lines))
    plan, looks = plan_of(Mode.STD, ancestor=GREEDY), []

    def look(progress):
        looks.append((progress.share, progress.sketch and progress.sketch()))

    made = write_map(heard, plan, ancestor, np.random.default_rng(0), look)
    assert made == write_map(heard, plan, ancestor, np.random.default_rng(0))
    seen = [beatmap for _, beatmap in looks if beatmap]
    assert seen
    assert seen[-1].objects == made.objects


@pytest.fixture(scope="module")
def tiny_v32(tmp_path_factory):
    opened = open_ancestor(write_tiny("v32", tmp_path_factory.mktemp("v32")))
    vocabulary = Vocabulary(opened.tokenizer, opened.width)
    engine = load_ancestor(opened)
    engine.room = 150  # random weights seldom end a window
    return Ancestor(engine=engine, vocabulary=vocabulary, name="tiny")


@pytest.mark.parametrize("mode", list(Mode))
def test_what_random_weights_write_is_a_map(tiny_v32, mode):
    options = AncestorOptions(lookback=0.3, lookahead=0.3)
    plan, rng = plan_of(mode, sampling=WILD, ancestor=options), np.random.default_rng(2)
    made = write_map(listen(song_of(18), TIMING), plan, tiny_v32, rng)
    again = parse(write(made))
    assert again.warnings == ()
    assert len(again.beatmap.objects) == len(made.objects)
    assert stars(made) >= 0


def test_on_the_grid_every_timed_object_is_on_a_tick(tiny_v32):
    options = AncestorOptions(time_bias=6.0, lookback=0.0, lookahead=0.0)
    plan = plan_of(Mode.MANIA, sampling=WILD, ancestor=options)
    made = write_map(listen(song_of(10), TIMING), plan, tiny_v32, np.random.default_rng(5))
    ticks = TIMING.beat(np.array([item.time for item in made.objects])) * 48
    assert np.abs(ticks - np.rint(ticks)).max(initial=0.0) < 0.1


def test_a_grid_opens_steps_with_ticks_and_their_snaps():
    vocabulary = Vocabulary(tokenizer_of("v32"))
    grid = grid_of(vocabulary, TIMING, 0.0)
    times, snaps = vocabulary.ids(Step.TIME), vocabulary.ids(Step.SNAP)
    scores = np.zeros(vocabulary.size_out, np.float32)
    free = grid(scores, [EOS])
    assert free[times.start + 10] == 0  # 100 ms: the first beat
    assert free[times.start + 11] == -np.inf  # 110 to 120 ms: nothing, not even 1/16
    assert free[times.start + 12] == 0  # 125 ms: 1/16
    on_beat = grid(scores, [times.start + 10])
    assert np.flatnonzero(on_beat[snaps] == 0).tolist() == [1]
    half = grid(scores, [times.start + 30])
    assert np.flatnonzero(half[snaps] == 0).tolist() == [2]
    assert 5 not in DIVISORS


def test_objects_do_not_begin_inside_others():
    std = small_map(0)
    doubled = replace(std, objects=tuple(sorted([*std.objects] * 2, key=lambda item: item.time)))
    assert apart(doubled) == std.objects
    mania = small_map(3)  # a chord stays
    assert apart(mania) == mania.objects


def test_v30_writes_std_alone():
    vocabulary = Vocabulary(tokenizer_of("v30"))
    ancestor = Ancestor(engine=Reciter(vocabulary, small_map(0)), vocabulary=vocabulary, name="v30")
    plan = plan_of(Mode.TAIKO)
    with pytest.raises(OptionError, match="std alone"):
        write_map(listen(song_of(2), TIMING), plan, ancestor, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("version", "preset", "temperature", "meets"),
    [("v29", "v29", 0.9, True), ("v30", "v30", 0.9, False), ("v32", "v32", 0.9, False)],
)
def test_versions_are_run_as_their_authors_did(version, preset, temperature, meets, tmp_path):
    folder = write_tiny(version, tmp_path / "model")
    assert usual_preset(str(folder), Mode.STD) == preset
    request = configured(Request(), "", [f"model={folder}"])
    assert (request.sampling.temperature, request.ancestor.meets) == (temperature, meets)
    said = configured(Request(), "", [f"model={folder}", "sampling.temperature=1.0"])
    assert said.sampling.temperature == 1.0
    assert configured(Request(), "v28", []) == Request()  # what only checkpoints heed is left out


def test_known_names_need_nothing_downloaded_to_be_configured():
    assert usual_preset("v32_mini", Mode.STD) == "v32-mini"
    assert usual_preset("beatheritage_v1@main", Mode.STD) == "beatheritage_v1"


def test_a_folder_is_opened_for_its_mode(tmp_path):
    write_tiny("v32", tmp_path / "model" / "gamemode=3")
    with pytest.raises(WeightsError, match="no checkpoint"):
        open_model(str(tmp_path / "model"), Mode.STD)
    assert open_model(str(tmp_path / "model"), Mode.MANIA).name == "model"
    with pytest.raises(WeightsError, match="no checkpoint"):
        open_model(str(tmp_path / "model"), Mode.MANIA, AncestorOptions(own_mode=False))
    with pytest.raises(WeightsError, match="there is no model"):
        open_model(str(tmp_path / "nowhere"), Mode.STD)


def test_a_range_goes_on_from_the_map_around_it(tiny_v32, tmp_path):
    known = small_map(0)
    file = tmp_path / "known.osu"
    file.write_text(write(known), encoding="utf-8")
    options = AncestorOptions(time_bias=3.0)
    asked = {"sampling": WILD, "ancestor": options, "start": 1000.0, "end": 3000.0}
    plan = plan_of(Mode.STD, within=file, **asked)
    timing = Timing(lines=known.red_lines)
    heard = listen(song_of(20), timing)
    made = write_map(heard, plan, tiny_v32, np.random.default_rng(1))
    assert all(990 <= item.time <= 3010 for item in made.objects)
    begun = {layer.context: layer for layer in begun_of(tiny_v32.vocabulary, plan)}
    assert begun[Context.MAP].events
    assert max(event.time for event in begun[Context.MAP].events) < 1000
    assert begun_of(tiny_v32.vocabulary, plan_of(Mode.STD)) == ()


def test_a_reference_is_another_difficulty_or_gets_new_sounds():
    vocabulary = Vocabulary(tokenizer_of("v29"))
    plan = replace(plan_of(Mode.STD), reference=small_map(0))

    def given(*names, plan=plan):
        plan = replace(plan, ancestor=AncestorOptions(given=names))
        layers = given_of(vocabulary, TIMING, plan, 20_000)
        return {layer.context: layer for layer in layers}

    other = given()[Context.OTHER_DIFFICULTY]
    assert other.classes[0] == vocabulary.id(Step.GAMEMODE, 0)
    assert any(event.kind is Step.HITSOUND for event in other.events)
    silent = given("no_hs")[Context.WITHOUT_HITSOUNDS]
    assert {event.kind for event in silent.events}.isdisjoint({Step.HITSOUND, Step.VOLUME})
    assert given("kiai", "map").keys() == {Context.TIMING, Context.KIAI, Context.MAP}
    assert given("timing").keys() == {Context.TIMING}
    assert given(plan=plan_of(Mode.STD)).keys() == {Context.TIMING}
    assert given(plan=replace(plan, mode=Mode.TAIKO)).keys() == {Context.TIMING}
    v32 = Vocabulary(tokenizer_of("v32"))
    asked = replace(plan, ancestor=AncestorOptions(given=("gd",)))
    with pytest.raises(OptionError, match=r"can't be given gd \(it can be given timing, map, sv"):
        given_of(v32, TIMING, asked, 20_000)
    mania = conditions_of_map(small_map(3))
    assert (mania.keys, mania.hold_share, mania.hitsounded) == (4, 0.5, True)


def test_layers_are_those_that_were_asked_for():
    vocabulary = Vocabulary(tokenizer_of("v29"))

    def wanted(mode, *names):
        return wanted_of(vocabulary, plan_of(mode, ancestor=AncestorOptions(written=names)))

    assert wanted(Mode.STD) == (Context.KIAI, Context.MAP)
    assert wanted(Mode.MANIA) == (Context.KIAI, Context.MAP, Context.SCROLL)
    assert wanted(Mode.STD, "map") == (Context.MAP,)
    assert wanted(Mode.STD, "timing", "map", "sv") == (Context.MAP,)
    v30 = Vocabulary(tokenizer_of("v30"))
    asked = replace(plan_of(Mode.STD), ancestor=AncestorOptions(written=("kiai",)))
    with pytest.raises(OptionError, match="writes no kiai"):
        wanted_of(v30, asked)


PARTS = {"lora", "device", "precision", "cuda_graphs", "own_mode"}  # of opening a checkpoint
PARTS |= {"batch", "timing", "leniency", "iterations", "threshold"}  # of passes
PARTS |= {"timing_guidance", "timing_beams", "resnap", "meets"}  # of what follows
OTHERS = {
    "given": ("kiai",),
    "written": ("map",),
    "hitsounded": False,
    "scroll_share": 0.5,
    "guidance": 2.0,
    "greedy": True,
    "beams": 2,
    "lookback": 0.2,
    "lookahead": 0.1,
    "parallel": True,
    "grid": False,
}


@pytest.mark.parametrize("name", sorted(set(AncestorOptions.__dataclass_fields__) - PARTS))
def test_every_option_changes_what_the_model_is_asked(name):
    vocabulary = Vocabulary(tokenizer_of("v29"))
    known = small_map(Mode.TAIKO)
    ancestor = Ancestor(engine=Reciter(vocabulary, known), vocabulary=vocabulary, name="v29")
    heard = listen(song_of(10), TIMING)

    def asked(**options):
        said = {"ancestor": AncestorOptions(**options), "reference": known}
        plan = replace(plan_of(Mode.TAIKO), **said)
        session = session_of(heard, plan, ancestor, np.random.default_rng(0))
        return session.task, session.windows.starts

    assert asked() == asked()
    assert asked(**{name: OTHERS.get(name, 1.0)}) != asked()


@pytest.mark.parametrize(
    "said", [{"mapper": 1003}, {"year": 2015}, {"descriptors": ("tech",)}, {"unlike": ("clean",)}]
)
def test_the_model_is_told_who_when_and_what(said):
    told, plain = (conditions_of(plan_of(Mode.STD, **each)) for each in (said, {}))
    assert told != plain
    vocabulary = Vocabulary(tokenizer_of("v29"))
    classes = [class_tokens(vocabulary, each, 9000) for each in (told, plain)]
    assert (classes[0] != classes[1]) == ("unlike" not in said)


@pytest.mark.parametrize(
    ("word", "name"), [("jump aim", "jump aim"), ("Tech", "tech"), ("skillset/tech", "tech")]
)
def test_descriptors_go_by_their_last_name(word, name):
    state = tokenizer_of("v29")
    vocabulary = Vocabulary(state)
    assert descriptor_of(vocabulary, word) == vocabulary.descriptors[name]
    grouped = {f"skillset/{each}": index for each, index in state["descriptor_idx"].items()}
    tags = Vocabulary(state | {"descriptor_idx": grouped})
    assert descriptor_of(tags, word) == vocabulary.descriptors[name]


def test_styles_go_by_what_a_vocabulary_calls_them():
    state = tokenizer_of("v29")
    vocabulary = Vocabulary(state | {"descriptor_idx": {"streams": 0, "flow aim": 1, "x": 2}})
    assert descriptor_of(vocabulary, "stream") == 0
    assert descriptor_of(vocabulary, "flow") == 1
    with pytest.raises(OptionError, match="doesn't know the descriptor 'jump aim'"):
        descriptor_of(vocabulary, "jump aim")
