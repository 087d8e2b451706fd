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
from beatheritage.generate.ancestors.load import open_model
from beatheritage.generate.ancestors.sample import StepSampling
from beatheritage.generate.ancestors.song import (
    Ancestor,
    Wish,
    apart,
    begun_of,
    conditions_of_map,
    given_of,
    usual_wish,
    write_map,
)
from beatheritage.generate.ancestors.window import Overlap
from beatheritage.generate.drafting import listen
from beatheritage.generate.plan import make_plan
from beatheritage.generate.request import Request
from beatheritage.osu.beatmap import Beatmap, RedLine
from beatheritage.osu.mode import Mode
from beatheritage.osu.parse import parse
from beatheritage.osu.stars import stars
from beatheritage.osu.write import write
from beatheritage.timing.grid import Timing
from beatheritage.tokens.steps import EOS, Context, Step, Vocabulary
from beatheritage.tokens.steps_encode import encode_map
from beatheritage.tokens.steps_layers import encode_kiai, encode_scroll

TIMING = Timing(lines=(RedLine(time=100.0, beat_length=400.0),))
WILD = StepSampling(temperature=1.0, top_p=1.0)


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
        return None

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
    return make_plan(Request(audio=Path("a.ogg"), mode=mode, stars=4.0, **words))


@pytest.mark.parametrize("mode", [Mode.STD, Mode.TAIKO, Mode.MANIA])
def test_a_map_known_by_heart_is_written_down(mode):
    vocabulary = Vocabulary(tokenizer_of("v32"))
    known = small_map(mode)
    ancestor = Ancestor(engine=Reciter(vocabulary, known), vocabulary=vocabulary, name="reciter")
    timing = Timing(lines=known.red_lines)
    wish = Wish(sampling=StepSampling(greedy=True))
    rng = np.random.default_rng(0)
    made = write_map(listen(song_of(10), timing), plan_of(mode), ancestor, wish, rng)
    assert [type(item) for item in made.objects] == [type(item) for item in known.objects]
    assert [item.time for item in made.objects] == pytest.approx(
        [item.time for item in known.objects], abs=1
    )
    if mode is Mode.STD:
        for item, other in zip(made.objects, known.objects, strict=True):
            assert (item.x, item.y) == pytest.approx((other.x, other.y), abs=2)
    assert made.metadata.tags
    assert made.red_lines[0].beat_length == 400


@pytest.fixture(scope="module")
def tiny_v32(tmp_path_factory):
    opened = open_ancestor(write_tiny("v32", tmp_path_factory.mktemp("v32")))
    vocabulary = Vocabulary(opened.tokenizer, opened.width)
    engine = load_ancestor(opened)
    engine.room = 150  # random weights seldom end a window
    return Ancestor(engine=engine, vocabulary=vocabulary, name="tiny")


@pytest.mark.parametrize("mode", list(Mode))
def test_what_random_weights_write_is_a_map(tiny_v32, mode):
    wish = Wish(sampling=WILD, overlap=Overlap(lookback=0.3, lookahead=0.3))
    rng = np.random.default_rng(2)
    made = write_map(listen(song_of(18), TIMING), plan_of(mode), tiny_v32, wish, rng)
    again = parse(write(made))
    assert again.warnings == ()
    assert len(again.beatmap.objects) == len(made.objects)
    assert stars(made) >= 0


def test_on_the_grid_every_timed_object_is_on_a_tick(tiny_v32):
    plan, song = plan_of(Mode.MANIA), song_of(10)
    wish = Wish(sampling=replace(WILD, time_bias=6.0), overlap=Overlap(lookback=0.0, lookahead=0.0))
    made = write_map(listen(song, TIMING), plan, tiny_v32, wish, np.random.default_rng(5))
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
        write_map(listen(song_of(2), TIMING), plan, ancestor, Wish(), np.random.default_rng(0))


def test_versions_are_run_as_their_authors_did():
    v29, v32 = Vocabulary(tokenizer_of("v29")), Vocabulary(tokenizer_of("v32"))
    v28 = Vocabulary(tokenizer_of("v29"), 512)
    assert usual_wish(v28, 512).sampling.temperature == 1.0
    assert usual_wish(v29, 768).sampling.temperature == 0.9
    assert usual_wish(v32, 768).meets is False


def test_a_folder_is_opened_for_its_mode(tmp_path):
    write_tiny("v32", tmp_path / "model" / "gamemode=3")
    with pytest.raises(WeightsError, match="no checkpoint"):
        open_model(str(tmp_path / "model"), Mode.STD)
    ancestor, wish = open_model(str(tmp_path / "model"), Mode.MANIA)
    assert ancestor.name == "model"
    assert wish == usual_wish(ancestor.vocabulary, 16)
    with pytest.raises(WeightsError, match="there is no model"):
        open_model(str(tmp_path / "nowhere"), Mode.STD)


def test_a_range_goes_on_from_the_map_around_it(tiny_v32, tmp_path):
    known = small_map(0)
    file = tmp_path / "known.osu"
    file.write_text(write(known), encoding="utf-8")
    plan = plan_of(Mode.STD, within=file, start=1000.0, end=3000.0)
    timing = Timing(lines=known.red_lines)
    wish = Wish(sampling=replace(WILD, time_bias=3.0))
    heard = listen(song_of(20), timing)
    made = write_map(heard, plan, tiny_v32, wish, np.random.default_rng(1))
    assert all(990 <= item.time <= 3010 for item in made.objects)
    begun = {layer.context: layer for layer in begun_of(tiny_v32.vocabulary, plan)}
    assert begun[Context.MAP].events
    assert max(event.time for event in begun[Context.MAP].events) < 1000
    assert begun_of(tiny_v32.vocabulary, plan_of(Mode.STD)) == ()


def test_a_reference_is_another_difficulty_or_gets_new_sounds():
    vocabulary = Vocabulary(tokenizer_of("v29"))
    plan = replace(plan_of(Mode.STD), reference=small_map(0))

    def given(wish, plan=plan):
        layers = given_of(vocabulary, TIMING, plan, wish, 20_000)
        return {layer.context: layer for layer in layers}

    other = given(Wish())[Context.OTHER_DIFFICULTY]
    assert other.classes[0] == vocabulary.id(Step.GAMEMODE, 0)
    assert any(event.kind is Step.HITSOUND for event in other.events)
    silent = given(Wish(resounds=True))[Context.WITHOUT_HITSOUNDS]
    assert {event.kind for event in silent.events}.isdisjoint({Step.HITSOUND, Step.VOLUME})
    assert given(Wish(), plan_of(Mode.STD)).keys() == {Context.TIMING}
    assert given(Wish(), replace(plan, mode=Mode.TAIKO)).keys() == {Context.TIMING}
    mania = conditions_of_map(small_map(3))
    assert (mania.keys, mania.hold_share, mania.hitsounded) == (4, 0.5, True)
